package jpeg

import "errors"

// scan is where the decoding of one scan stands. MCUs are numbered from 0, in their order in the scan.
type scan struct {
	wide, high int // in MCUs, T.81 A.2: those of a scan of one component are blocks
	interval   int // MCUs between two restart markers; 0: none
	restart    int // the MCU before which the next restart marker is due
	resume     int // MCUs before this one are lost
	lost       int // how many were
	eobRun     int // blocks to come that have no more coefficients in this scan, T.81 G.1.2.2
}

// unit is one block of an MCU. Distances are in blocks.
type unit struct {
	c            *component
	x, y         int // in the MCU
	across, down int // from an MCU to the next
	dc, ac       *huffman
	by           *reduction
	last         int // place in the zig-zag sequence of the last coefficient of the present block
}

// startScan prepares for the scan whose header was read last.
func (d *Decoder) startScan() error {
	s := &d.parser.scan
	if d.opts.MaxScans > 0 && d.parser.scans > d.opts.MaxScans {
		return ErrScans
	}
	d.units = d.units[:0]
	for i := range s.n {
		c := &d.components[s.component[i]]
		if err := d.latch(c); err != nil {
			return err
		}
		u := unit{c: c, across: c.H, down: c.V, by: c.by}
		u.dc, u.ac = &d.parser.huff[0][s.dc[i]], &d.parser.huff[1][s.ac[i]]
		needsDC, needsAC := s.ss == 0 && s.ah == 0, s.se > 0
		if needsDC && !u.dc.defined || needsAC && !u.ac.defined {
			return d.parser.fail("scan without its Huffman table")
		}
		if needsDC {
			u.dc.prepare()
		}
		if needsAC {
			u.ac.prepare()
		}
		if needsAC && needsDC && c.by.upTo < 63 {
			u.ac.prepareSkips()
		}
		if s.n == 1 {
			u.across, u.down = 1, 1
		}
		for u.y = range u.down {
			for u.x = range u.across {
				d.units = append(d.units, u)
			}
		}
	}
	if len(d.blocks) < len(d.units) {
		d.blocks = make([]coefficients, len(d.units))
	}
	d.scan = scan{wide: d.mcusWide, high: d.mcusHigh, interval: d.parser.header.RestartInterval, restart: -1}
	if s.n == 1 {
		d.scan.wide, d.scan.high = d.units[0].c.blocksWide, d.units[0].c.blocksHigh
	}
	if d.scan.interval > 0 {
		d.scan.restart = d.scan.interval
	}
	d.startInterval()
	return nil
}

// startInterval begins to read the entropy-coded data that comes next.
func (d *Decoder) startInterval() {
	d.bits.start(&d.in, d.parser.at, len(d.units))
	d.scan.eobRun = 0
	for i := range d.units {
		d.units[i].c.pred = 0
	}
}

// latch fixes the quantisation table of a component at its first scan.
func (d *Decoder) latch(c *component) error {
	if c.latched {
		return nil
	}
	if !d.parser.quantOK[c.tq] {
		return d.parser.fail("component %d without its quantisation table", c.ID)
	}
	for k, q := range d.parser.quant[c.tq] {
		c.quant[full.where[k]] = int16(q)
	}
	c.latched = true
	return nil
}

// due is called before each MCU. It goes over the restart marker, where there is one, and reports whether
// the MCU is to be decoded, or lost.
func (d *Decoder) due(mcu int) bool {
	s := &d.scan
	if mcu == s.restart {
		if d.bits.overrun() {
			s.lost++
			d.damaged("data ends in an MCU")
		}
		d.resync()
	}
	if mcu < s.resume {
		s.lost++
		return false
	}
	return true
}

// ready is due for MCUs that hold at least one bit.
func (d *Decoder) ready(mcu int) bool {
	if !d.due(mcu) {
		return false
	}
	if d.bits.ready() {
		return true
	}
	if d.bits.overrun() { // noticed only now
		d.scan.lost++
	}
	d.scan.lost++
	d.damaged("%d MCUs of %d are followed by no others", mcu, d.scan.wide*d.scan.high)
	d.resync()
	return false
}

// resync goes to the next restart marker, and on with the MCU that follows it, T.81 E.2.4. Where there is no such
// marker, all that is left of the scan is lost.
func (d *Decoder) resync() {
	s := &d.scan
	d.parser.at = d.bits.next
	for s.interval > 0 {
		marker := d.parser.nextMarker()
		if marker < markerRST0 || marker > markerRST7 {
			if marker != 0 {
				d.parser.at -= 2
			}
			break
		}
		ahead := (int(marker-markerRST0) - (s.restart/s.interval - 1)) & 7
		if ahead > 5 { // one or two behind: it comes from elsewhere
			continue
		}
		s.resume = s.restart + ahead*s.interval
		s.restart = s.resume + s.interval
		if ahead > 0 {
			d.damaged("%d restart markers are missing", ahead)
		}
		d.startInterval()
		return
	}
	s.resume, s.restart = s.wide*s.high, -1
	d.damaged("restart marker is missing")
	d.bits.next = d.parser.at
}

// endScan counts what was decoded, and goes to the data behind the scan.
func (d *Decoder) endScan() {
	s := &d.scan
	if d.bits.overrun() {
		s.lost++
		d.damaged("data ends in the last MCU")
	}
	h := &d.parser.scan
	share := 1 - float64(s.lost)/float64(s.wide*s.high)
	for _, i := range h.component[:h.n] {
		for k := h.ss; k <= h.se; k++ {
			if h.al == 0 {
				d.components[i].known[k] = max(share, 0)
			}
		}
	}
	d.parser.at = d.bits.next
}

// missing is the share of the coefficients that were not decoded to their last bit.
func (d *Decoder) missing() float64 {
	missing, all := 0.0, 0.0
	for i := range d.components {
		c := &d.components[i]
		blocks := float64(c.blocksWide * c.blocksHigh)
		all += blocks
		for _, known := range c.known {
			missing += blocks * (1 - known) / 64
		}
	}
	return missing / all
}

// scans decodes one scan after the other with the function given, up to the end of the image. Damage is noted, and
// ends the image where its markers can't be read any more.
func (d *Decoder) scans(decode func() error) error {
	decoded := false
	for {
		err := d.startScan()
		if err == nil {
			err = decode()
			d.endScan()
			decoded = true
		}
		marker := byte(0)
		if err == nil {
			marker, err = d.parser.markers()
		}
		var damage *FormatError
		switch {
		case err == nil && marker == markerEOI:
			for i := range d.components {
				if c := &d.components[i]; !c.latched {
					d.damaged("component %d has no scan", c.ID)
				}
			}
			return nil
		case errors.As(err, &damage) && decoded:
			d.damaged("%s", damage.Reason)
			return nil
		case err != nil:
			return err
		}
	}
}
