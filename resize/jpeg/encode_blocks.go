package jpeg

// encoderComponent is one component, and a row of MCUs of its blocks.
type encoderComponent struct {
	h, v                   int
	table                  byte // of both kinds
	quantizer              *quantizer
	blocksWide, blocksHigh int // that hold image
	paddedWide             int // an even number that no MCU exceeds
	pairs                  []pair
	rowStep                int // rows of pairs from one row of MCUs to the next: none, if they are not kept
	rows                   int // of them that hold image, in the present row of MCUs
	pred                   int16
	edge                   [8 * 16]byte
}

// grow returns a slice of n elements, s itself if it is long enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// transformRow makes the blocks of a row of MCUs from a plane.
func (c *encoderComponent) transformRow(row int, p *Plane) {
	c.rows = min(c.v, c.blocksHigh-row*c.v)
	whole := min(p.Width, 8*c.paddedWide) / 16 // pairs that need no padding
	for i := range c.rows {
		y := (row*c.v+i)*8 - p.Top
		pairs := c.pairs[(row*c.rowStep+i)*c.paddedWide/2:][:c.paddedWide/2]
		n := 0
		if y+8 <= p.Height {
			n = whole
			for j := range pairs[:n] {
				forward(&pairs[j], p.Pix[y*p.Stride+16*j:], p.Stride, c.quantizer)
			}
		}
		for ; 2*n < c.blocksWide; n++ {
			c.pad(p, 16*n, y)
			forward(&pairs[n], c.edge[:], 16, c.quantizer)
		}
	}
}

// pad copies 16×8 samples to c.edge, and repeats those at the edges of the plane.
func (c *encoderComponent) pad(p *Plane, x, y int) {
	n := min(16, p.Width-x)
	for i := range 8 {
		line := c.edge[16*i:][:16]
		copy(line, p.Pix[min(y+i, p.Height-1)*p.Stride+x:][:n])
		for j := n; j < 16; j++ {
			line[j] = line[n-1]
		}
	}
}

// mcuRow makes entries of the blocks of a row of MCUs, and writes them if nothing needs to be kept.
func (e *encoder) mcuRow(row int) {
	perMCU := 0
	for _, c := range e.components {
		perMCU += c.h * c.v
	}
	if need := e.used + e.mcusWide*perMCU*maxBlock + 256; len(e.entries) < need {
		bigger := make([]uint16, max(need, 2*len(e.entries)))
		copy(bigger, e.entries[:e.used])
		e.entries = bigger
	}
	at := e.used
	for mcu := range e.mcusWide {
		for i := range e.components {
			c := &e.components[i]
			f := &e.frequencies[c.table]
			for y := range c.v {
				for x := mcu * c.h; x < (mcu+1)*c.h; x++ {
					b := (*[256]uint16)(e.entries[at:])
					if x >= c.blocksWide || y >= c.rows {
						at += int(f.empty(b))
						continue
					}
					p := &c.pairs[((row*c.rowStep+y)*c.paddedWide+x)/2]
					at += int(f.symbols(b, &p.coefs[x&1], p.nonzero[x&1], c.pred))
					c.pred = p.coefs[x&1][0]
				}
			}
		}
	}
	e.used = at
	if e.fast {
		e.write(1)
		e.used = 0
	}
}

// write writes the entries of some rows of MCUs.
func (e *encoder) write(rows int) {
	entries, w := e.entries[:e.used], &e.sink
	for range rows {
		for range e.mcusWide {
			w.room(10)
			for i := range e.components {
				c := &e.components[i]
				dc, ac := &e.dcCodes[c.table], &e.acCodes[c.table]
				for range c.h * c.v {
					n := int(entries[0])
					w.block(entries[1:1+n], dc, ac)
					entries = entries[1+n:]
				}
			}
		}
	}
}
