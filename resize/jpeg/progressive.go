package jpeg

import (
	"encoding/binary"
	"math/bits"
)

// stored holds the coefficients of a component from scan to scan: those that its inverse DCT reads, and of the others
// only whether they are zero, which the refining scans need to know.
type stored struct {
	dc      []int16  // of each block, blocks in rows of paddedWide
	coefs   []int16  // by.perBlock of each block, without DC
	nonzero []uint64 // one bit a coefficient in zig-zag order, of each block; nil where only DC counts
}

// allocateStored makes room for the coefficients of all components, all zero.
func (d *Decoder) allocateStored() {
	for i := range d.components {
		c := &d.components[i]
		blocks := c.paddedWide * c.paddedHigh
		c.dc = zeroed(c.dc, blocks)
		if c.size > 1 {
			c.coefs = zeroed(c.coefs, blocks*c.by.perBlock)
			c.nonzero = zeroed(c.nonzero, blocks)
		}
	}
}

// zeroed returns n zeros, in the memory of s if it is large enough.
func zeroed[T int16 | uint64](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// progressiveScans decodes all scans into the stored coefficients.
func (d *Decoder) progressiveScans() error {
	return d.scans(func() error {
		s := &d.parser.scan
		// Where only DC counts, AC scans are not even looked at. Elsewhere all of them are needed, as the scans that
		// refine skip over what was zero before.
		if s.ss > 0 && d.units[0].c.size == 1 {
			return nil
		}
		for row := range d.scan.high {
			if err := d.check(); err != nil {
				return err
			}
			switch {
			case s.ss == 0:
				d.dcRow(row)
			case s.ah == 0:
				d.acRow(row, (*bitstream).acFirst)
			default:
				d.acRow(row, (*bitstream).acRefine)
			}
		}
		return nil
	})
}

// dcRow decodes a row of MCUs of a DC scan, T.81 G.1.2.1.
func (d *Decoder) dcRow(row int) {
	al, refine := d.parser.scan.al, d.parser.scan.ah != 0
	for x := range d.scan.wide {
		if !d.ready(row*d.scan.wide + x) {
			continue
		}
		for i := range d.units {
			u := &d.units[i]
			c := u.c
			at := (row*u.down+u.y)*c.paddedWide + x*u.across + u.x
			if d.bits.n < 32 {
				d.bits.refill()
			}
			if refine {
				c.dc[at] |= int16(d.bits.take(1) << al)
			} else {
				c.pred += d.bits.difference(u.dc)
				c.dc[at] = int16(c.pred << al)
			}
		}
	}
}

// acBlock decodes the part of an AC scan that belongs to one block: b are its stored coefficients. It returns how
// many of the blocks that follow have no new ones.
type acBlock func(r *bitstream, s *scanHeader, ac *huffman, kept *places, b []int16, nonzero *uint64, eobRun int) int

// acRow decodes a row of blocks of an AC scan.
func (d *Decoder) acRow(row int, decode acBlock) {
	s, u := &d.parser.scan, &d.units[0]
	c := u.c
	band := s.band()
	for x := range d.scan.wide {
		mcu := row*d.scan.wide + x
		if !d.due(mcu) {
			continue
		}
		at := row*c.paddedWide + x
		if d.scan.eobRun > 0 && (s.ah == 0 || c.nonzero[at]&band == 0) {
			d.scan.eobRun--
			continue
		}
		if !d.ready(mcu) {
			continue
		}
		d.scan.eobRun = decode(&d.bits, s, u.ac, &u.by.kept, c.coefs[at*u.by.perBlock:][:u.by.perBlock], &c.nonzero[at], d.scan.eobRun)
	}
}

// acFirst decodes the first bits of a block's coefficients, T.81 G.1.2.2.
func (r *bitstream) acFirst(s *scanHeader, ac *huffman, kept *places, b []int16, nonzero *uint64, _ int) int {
	set := *nonzero
	k, se := uint(s.ss)-1, uint(s.se)
	for k < se {
		if r.n < 32 {
			r.refill()
		}
		var value int32
		ends := uint(0)
		if act := ac.actions[r.acc>>(64-lookupBits)]; act&63 != 0 {
			r.drop(uint(act & 63))
			if act>>8&actionEnd != 0 {
				break
			}
			k += uint(act >> 8 & 127)
			value = int32(act) >> 16
			ends = uint(act & actionEnd)
		} else {
			symbol, length := ac.find(r.acc)
			if length == 0 {
				r.fail()
				break
			}
			r.drop(length)
			run, size := uint(symbol>>4), uint(symbol&15)
			if size == 0 && run != 15 {
				*nonzero = set
				return r.eobRun(run) - 1
			}
			k += run + 1
			value = extend(r.acc, size)
			r.drop(size)
		}
		if value != 0 && k < 64 {
			set |= 1 << k
			if at := int(kept[uint8(k)]); at < len(b) {
				b[at] = int16(value << s.al)
			}
		}
		if ends != 0 {
			if k == se { // that was not the end of this block, but the beginning of the next
				r.back(ac.endBits)
			}
			break
		}
	}
	*nonzero = set
	return 0
}

// band is the set of the coefficients of the scan.
func (s *scanHeader) band() uint64 { return ^uint64(0) << s.ss & (^uint64(0) >> (63 - s.se)) }

// eobRun decodes the number of blocks of a run that ends them.
func (r *bitstream) eobRun(size uint) int {
	if size == 0 {
		return 1
	}
	return 1<<size + int(r.take(size))
}

// acRefine decodes one more bit of a block's coefficients, T.81 G.1.2.3. Those that were zero before may become
// one; of those that were not, each has a bit that says whether it grows.
func (r *bitstream) acRefine(s *scanHeader, ac *huffman, kept *places, b []int16, nonzero *uint64, eobRun int) int {
	before, one := *nonzero, int16(1)<<s.al
	left := s.band() // the coefficients still to be gone over
	added := uint64(0)
	acc, n, pos, buf := r.acc, r.n, r.pos, r.buf
	for left != 0 {
		at := uint64(0) // the end of what a symbol covers; 0: the end of the band
		value := int16(0)
		if eobRun == 0 {
			acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
			pos += int((63 - n) >> 3)
			n |= 56
			symbol, length := ac.find(acc)
			if length == 0 {
				r.fail()
				break
			}
			acc <<= length & 63
			n -= length
			run, size := uint(symbol>>4), symbol&15
			switch {
			case size != 0:
				value = one - 2*one&^int16(int64(acc)>>63)
				acc <<= 1
				n--
			case run < 15:
				eobRun = 1<<run + int(acc>>1>>(63-run))
				acc <<= run
				n -= run
			}
			if eobRun == 0 {
				at = left & -left << run
				if before&left&(at<<1-1) != 0 || at == 0 { // not simply the next ones
					zeros := left &^ before
					for ; run > 0; run-- {
						zeros &= zeros - 1
					}
					at = zeros & -zeros
				}
				at &= left
			}
		}
		for set := left & before & (at - 1); set != 0; set &= set - 1 {
			if n < 1 {
				acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
				pos += int((63 - n) >> 3)
				n |= 56
			}
			grow := one & int16(int64(acc)>>63)
			acc <<= 1
			n--
			if i := int(kept[bits.TrailingZeros64(set)]); i < len(b) {
				sign := b[i] >> 15
				b[i] += (grow ^ sign) - sign
			}
		}
		if value != 0 && at != 0 {
			added |= at
			if i := int(kept[bits.TrailingZeros64(at)]); i < len(b) {
				b[i] = value
			}
		}
		left &= -at << 1
	}
	*nonzero |= added
	r.acc, r.n, r.pos = acc, n, pos
	return max(eobRun-1, 0)
}

// transformRow makes the samples of a row of MCUs.
func (d *Decoder) transformRow() {
	for i := range d.components {
		c := &d.components[i]
		for y := range min(c.V, c.blocksHigh-d.row*c.V) {
			dst := c.pix[y*c.size*c.stride:]
			first := (d.row*c.V + y) * c.paddedWide
			for x := range c.blocksWide {
				c.transformStored(dst[x*c.size:], first+x, &d.blocks[0])
			}
		}
	}
}

func (c *component) transformStored(dst []byte, block int, work *coefficients) {
	dc := c.dc[block]
	if c.size == 1 {
		dst[0] = flat(dc, c.quant[0])
		return
	}
	if c.nonzero[block] == 0 {
		fill(dst, c.stride, c.size, flat(dc, c.quant[0]))
		return
	}
	b := c.coefs[block*c.by.perBlock:][:c.by.perBlock]
	b[0] = dc
	if c.by.spread != nil {
		for i, at := range c.by.spread {
			work[at] = b[i]
		}
		b = work[:]
	}
	c.transform(dst, (*[64]int16)(b), false)
}
