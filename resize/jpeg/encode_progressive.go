package jpeg

import "math/bits"

// A progressive image keeps all its coefficients, and goes through them once a scan: T.81 G.1.2. The scans, and the
// choices that the standard leaves, are those of the Independent JPEG Group's encoder.

// A pass is a scan of the script: the bits ah … al+1 of coefficients ss … se of some components, of one if ss is not 0.
type pass struct{ first, last, ss, se, ah, al int }

var scripts = map[int][]pass{ // by number of components
	1: {{0, 0, 0, 0, 0, 1}, {0, 0, 1, 5, 0, 2}, {0, 0, 6, 63, 0, 2}, {0, 0, 1, 63, 2, 1}, {0, 0, 0, 0, 1, 0}, {0, 0, 1, 63, 1, 0}},
	3: {
		{0, 2, 0, 0, 0, 1}, {0, 0, 1, 5, 0, 2}, {2, 2, 1, 63, 0, 1}, {1, 1, 1, 63, 0, 1}, {0, 0, 6, 63, 0, 2},
		{0, 0, 1, 63, 2, 1}, {0, 2, 0, 0, 1, 0}, {2, 2, 1, 63, 1, 0}, {1, 1, 1, 63, 1, 0}, {0, 0, 1, 63, 1, 0},
	},
}

// An item of a scan is a symbol, unless it has none, and up to 16 more bits:
//
//	bits  0 … 15  the bits
//	bits 16 … 20  how many
//	bits 21 … 28  symbol
//	bit  29       there is no symbol
type item uint32

const noSymbol item = 1 << 29

// scanItems are those of the present scan.
type scanItems struct {
	items  []item
	counts *[256]uint32 // of symbols

	run     int                   // blocks whose end is still to be written
	pending int                   // correction bits of these blocks
	later   int                   // correction bits of the present block, to follow its next symbol
	bits    [maxPending + 64]byte // pending, then later
}

const (
	maxPending = 937    // so many correction bits may wait for an end of blocks
	maxRun     = 0x7FFF // the longest run of ends of blocks
)

func (s *scanItems) symbol(symbol uint8, n, bits uint32) {
	s.counts[symbol]++
	s.items = append(s.items, item(symbol)<<21|item(n)<<16|item(bits))
}

// corrections writes correction bits.
func (s *scanItems) corrections(all []byte) {
	for len(all) > 0 {
		n := min(16, len(all))
		v := item(0)
		for _, b := range all[:n] {
			v = v<<1 | item(b)
		}
		s.items = append(s.items, noSymbol|item(n)<<16|v)
		all = all[n:]
	}
}

// endRun writes the ends of blocks that wait, and their correction bits.
func (s *scanItems) endRun() {
	if s.run == 0 {
		return
	}
	n := uint32(bits.Len(uint(s.run))) - 1
	s.symbol(uint8(n<<4), n, uint32(s.run)&(1<<n-1))
	s.run = 0
	s.corrections(s.bits[:s.pending])
	copy(s.bits[:], s.bits[s.pending:s.pending+s.later])
	s.pending = 0
}

// first codes a block's coefficients ss … se down to bit al.
func (s *scanItems) first(coefs *[64]int16, nonzero uint64, p *pass) {
	last := p.ss - 1 // coefficient that was coded
	for rest := nonzero & p.band(); rest != 0; rest &= rest - 1 {
		k := bits.TrailingZeros64(rest)
		v := int32(coefs[zigzag[k]])
		sign := v >> 31
		v = (v ^ sign - sign) >> p.al // toward zero
		if v == 0 {
			continue
		}
		s.endRun()
		run := k - last - 1
		for ; run > 15; run -= 16 {
			s.symbol(0xF0, 0, 0)
		}
		size, extra := category(v ^ sign - sign)
		s.symbol(uint8(uint32(run)<<4|size), size, extra)
		last = k
	}
	if last != p.se {
		s.endBlock()
	}
}

func (p *pass) band() uint64 { return ^uint64(0) << p.ss & (^uint64(0) >> (63 - p.se)) }

func (s *scanItems) endBlock() {
	s.run++
	s.pending += s.later
	s.later = 0
	if s.run == maxRun || s.pending > maxPending {
		s.endRun()
	}
}

// refine codes bit al of a block's coefficients ss … se.
func (s *scanItems) refine(coefs *[64]int16, nonzero uint64, p *pass) {
	var magnitude [64]int32
	newest := 0 // the last coefficient whose first bit this is
	band := nonzero & p.band()
	for rest := band; rest != 0; rest &= rest - 1 {
		k := bits.TrailingZeros64(rest)
		v := int32(coefs[zigzag[k]])
		magnitude[k] = max(v, -v) >> p.al
		if magnitude[k] == 1 {
			newest = k
		}
	}
	run, last := 0, p.ss-1
	for rest := band; rest != 0; rest &= rest - 1 {
		k := bits.TrailingZeros64(rest)
		if magnitude[k] == 0 {
			continue
		}
		run += k - last - 1
		last = k
		for ; run > 15 && k <= newest; run -= 16 {
			s.endRun()
			s.symbol(0xF0, 0, 0)
			s.flushLater()
		}
		if magnitude[k] > 1 {
			s.bits[s.pending+s.later] = byte(magnitude[k] & 1)
			s.later++
			continue
		}
		s.endRun()
		positive := uint32(1)
		if coefs[zigzag[k]] < 0 {
			positive = 0
		}
		s.symbol(uint8(run<<4|1), 1, positive)
		s.flushLater()
		run = 0
	}
	if run+p.se-last > 0 || s.later > 0 {
		s.endBlock()
	}
}

// flushLater writes the present block's correction bits. No block before waits.
func (s *scanItems) flushLater() {
	s.corrections(s.bits[s.pending : s.pending+s.later])
	s.later = 0
}

// writeScans writes the image, scan by scan.
func (e *encoder) writeScans() {
	script := scripts[len(e.components)]
	if e.effort == Small {
		script = e.bestScript()
	}
	for i := range script {
		p := &script[i]
		e.scan.items = e.scan.items[:0]
		for i := range e.frequencies {
			e.frequencies[i] = frequencies{}
		}
		if p.ss == 0 {
			e.dcPass(p)
		} else {
			e.acPass(p, 1)
		}
		e.progressiveHeader(p)
		e.writeItems(p)
		e.sink.finish()
	}
}

// acPass makes the items of a scan of one component, row by row of its own blocks, or those of every step-th row.
func (e *encoder) acPass(p *pass, step int) {
	c, s := &e.components[p.first], &e.scan
	s.counts = &e.frequencies[c.table].ac
	for y := 0; y < c.blocksHigh; y += step {
		pairs := c.pairs[y*c.paddedWide/2:]
		for x := range c.blocksWide {
			pair := &pairs[x/2]
			if p.ah == 0 {
				s.first(&pair.coefs[x&1], pair.nonzero[x&1], p)
			} else {
				s.refine(&pair.coefs[x&1], pair.nonzero[x&1], p)
			}
		}
	}
	s.endRun()
}

// dcPass makes the items of a scan of DC: block by block of one component, or MCU by MCU of several. Blocks behind the edge
// of the image, which there are only in MCUs, repeat the one before.
func (e *encoder) dcPass(p *pass) {
	if p.first == p.last {
		c := &e.components[p.first]
		c.pred = 0
		for y := range c.blocksHigh {
			for x := range c.blocksWide {
				e.dcItem(p, c, x, y)
			}
		}
		return
	}
	components := e.components[p.first : p.last+1]
	for i := range components {
		components[i].pred = 0
	}
	for mcu := range e.mcusWide * e.mcusHigh {
		row, column := mcu/e.mcusWide, mcu%e.mcusWide
		for i := range components {
			c := &components[i]
			for y := row * c.v; y < (row+1)*c.v; y++ {
				for x := column * c.h; x < (column+1)*c.h; x++ {
					e.dcItem(p, c, x, y)
				}
			}
		}
	}
}

func (e *encoder) dcItem(p *pass, c *encoderComponent, x, y int) {
	s := &e.scan
	dc := c.pred
	if x < c.blocksWide && y < c.blocksHigh {
		dc = c.pairs[(y*c.paddedWide+x)/2].coefs[x&1][0] >> p.al
	}
	if p.ah == 0 {
		s.counts = &e.frequencies[c.table].dc
		size, extra := category(int32(dc) - int32(c.pred))
		s.symbol(uint8(size), size, extra)
	} else {
		s.items = append(s.items, noSymbol|1<<16|item(dc&1))
	}
	c.pred = dc
}

// progressiveHeader makes the tables of a scan, and appends them and its header.
func (e *encoder) progressiveHeader(p *pass) {
	out, components := e.sink.out, e.components[p.first:p.last+1]
	for i := components[0].table; i <= components[len(components)-1].table; i++ {
		if p.ss == 0 && p.ah == 0 {
			e.dc[i].optimise(&e.frequencies[i].dc)
			e.dc[i].codes(&e.dcCodes[i])
			out = e.dc[i].appendTable(out, 0, int(i))
		}
		if p.ss > 0 {
			e.ac[i].optimise(&e.frequencies[i].ac)
			e.ac[i].codes(&e.acCodes[i])
			out = e.ac[i].appendTable(out, 1, int(i))
		}
	}
	out = append(appendMarker(out, markerSOS, 4+2*len(components)), byte(len(components)))
	for i, c := range components {
		table := c.table << 4
		switch {
		case p.ss > 0:
			table = c.table
		case p.ah > 0:
			table = 0
		}
		out = append(out, byte(p.first+i+1), table)
	}
	e.sink.out = append(out, byte(p.ss), byte(p.se), byte(p.ah<<4|p.al))
}

// writeItems writes the items of a scan. Those of DC come in the order of the blocks of an MCU.
func (e *encoder) writeItems(p *pass) {
	components := e.components[p.first : p.last+1]
	switch {
	case p.ss > 0:
		e.sink.items(e.scan.items, &e.acCodes[components[0].table])
	case len(components) == 1:
		e.sink.items(e.scan.items, &e.dcCodes[components[0].table])
	default:
		for rest := e.scan.items; len(rest) > 0; {
			for _, c := range components {
				e.sink.items(rest[:c.h*c.v], &e.dcCodes[c.table])
				rest = rest[c.h*c.v:]
			}
		}
	}
}

// items writes items with the codes of a table.
func (w *bitSink) items(items []item, table *codes) {
	for _, it := range items {
		w.room(1)
		n, v := uint(it>>16&31), uint64(it&0xFFFF)
		if it&noSymbol == 0 {
			symbol := uint8(it >> 21)
			code := table[symbol]
			v |= uint64(code>>5>>(symbol&15)) << n
			n += uint(code&31) - uint(symbol&15)
		}
		w.put(v, n)
	}
}
