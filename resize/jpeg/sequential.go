package jpeg

import "encoding/binary"

// coefficients is a block on its way from the entropy decoder to the inverse DCT: 64 coefficients in the order of
// idct.go, and room for the store of a coefficient that nobody wants, so that every index of a byte is good.
type coefficients [256]int16

// unwanted is where coefficients go that the scale does not need, and those of runs beyond the block.
const unwanted = 255

// places says where in its block the k-th coefficient of the zig-zag sequence goes. The upper three quarters are for
// runs beyond the end of the block.
type places [256]uint8

// perRefill is how many look-ups the 56 bits of a refill are surely enough for.
const perRefill = 56 / lookupBits

// block decodes one block of a sequential scan (T.81 F.2.2) into b, which is zero before. pred is the prediction of its
// DC coefficient. It returns the DC coefficient, and the last place of the zig-zag sequence that holds a coefficient.
//
// It is the place where most time goes: the state of r lives in registers, one look-up does for code, run and value,
// often for the end of block, too, and several look-ups do with one refill.
func (r *bitstream) block(b *coefficients, dc, ac *huffman, by *reduction, pred int32) (sum int32, last int) {
	if r.n < 32 {
		r.refill()
	}
	if act := dc.actions[r.acc>>(64-lookupBits)]; act&63 != 0 {
		r.drop(uint(act & 63))
		pred += int32(act) >> 16
	} else {
		pred += r.difference(dc)
	}
	b[0] = int16(pred)

	acc, n, pos, buf := r.acc, r.n, r.pos, r.buf
	k := uint8(0)
	for k < by.upTo {
		acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		drop := uint(1)
		for i := 0; i < perRefill && k < by.upTo; i++ {
			act := ac.actions[acc>>(64-lookupBits)]
			if drop = uint(act & 63); drop == 0 {
				break
			}
			acc <<= drop
			n -= drop
			k += uint8(act >> 8)
			b[by.where[k]] = int16(act >> 16)
			k += uint8(act) & actionEnd
		}
		if drop != 0 {
			continue
		}
		acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		symbol, length := ac.find(acc)
		if length == 0 {
			r.fail()
			break
		}
		size := uint(symbol & 15)
		if symbol == 0 || endsRun(symbol) {
			k += actionEnd
		} else {
			k += symbol>>4 + 1
			b[by.where[k]] = int16(extend(acc<<(length&63), size))
		}
		acc <<= (length + size) & 63
		n -= length + size
	}
	r.acc, r.n, r.pos = acc, n, pos
	if k < 63 && !r.bad {
		r.skip(ac, uint(k))
		return pred, int(k)
	}
	if k == actionEnd+63 { // a block with a last coefficient has no end of block: that was the beginning of the next
		r.back(ac.endBits)
	}
	if k < actionEnd {
		return pred, 63
	}
	return pred, int(k - actionEnd)
}

// difference decodes the difference of a DC coefficient to the one before. r holds at least 32 bits.
func (r *bitstream) difference(dc *huffman) int32 {
	act := dc.actions[r.acc>>(64-lookupBits)]
	if act&63 != 0 {
		r.drop(uint(act & 63))
		return int32(act) >> 16
	}
	symbol, length := dc.find(r.acc)
	if length == 0 {
		r.fail()
		return 0
	}
	v := extend(r.acc<<(length&63), uint(symbol))
	r.drop(length + uint(symbol))
	return v
}

// skip goes over the coefficients of a block behind the k-th, several with one look-up.
func (r *bitstream) skip(ac *huffman, k uint) {
	acc, n, pos, buf := r.acc, r.n, r.pos, r.buf
	for k < 63 {
		if n < 32 {
			acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
			pos += int((63 - n) >> 3)
			n |= 56
		}
		act := ac.skips[acc>>(64-lookupBits)]
		if drop := uint(act & 63); drop != 0 && k+uint(act>>8&127) < 63 {
			acc <<= drop
			n -= drop
			k += uint(act >> 8)
			continue
		}
		symbol, length := ac.find(acc)
		if length == 0 {
			r.fail()
			break
		}
		length += uint(symbol & 15)
		acc <<= length & 63
		n -= length
		if symbol == 0 || endsRun(symbol) {
			break
		}
		k += uint(symbol>>4) + 1
	}
	r.acc, r.n, r.pos = acc, n, pos
}

// sequentialRow decodes a row of MCUs of the present scan into the planes, whose first row is row top of the
// component. It reports false, and decodes nothing, when nothing of the scan is left.
func (d *Decoder) sequentialRow(row int, streams bool) (bool, error) {
	if err := d.check(); err != nil {
		return false, err
	}
	s := &d.scan
	first := row * s.wide
	if first < s.resume && s.resume >= s.wide*s.high {
		s.lost += s.wide
		return false, nil
	}
	if streams {
		row = 0
	}
	for x := range s.wide {
		ok := d.ready(first + x)
		// First the symbols of all blocks, then the transforms: what was stored in small pieces is in the cache then,
		// and can be loaded in large ones without waiting.
		for i := range d.units {
			u := &d.units[i]
			switch {
			case !ok:
				u.pixels(row, x)[0] = 128
			case u.c.size == 1:
				u.c.pred, _ = d.bits.block(&d.blocks[i], u.dc, u.ac, u.by, u.c.pred)
				u.pixels(row, x)[0] = flat(int16(u.c.pred), u.c.quant[0])
			default:
				u.c.pred, u.last = d.bits.block(&d.blocks[i], u.dc, u.ac, u.by, u.c.pred)
			}
		}
		for i := range d.units {
			u := &d.units[i]
			switch {
			case u.c.size == 1:
			case !ok:
				fill(u.pixels(row, x), u.c.stride, u.c.size, 128)
			default:
				u.c.transform(u.pixels(row, x), (*[64]int16)(d.blocks[i][:]), u.last == 0)
			}
		}
	}
	return true, nil
}

// pixels is where the samples of the unit go, in the MCU of a row and column.
func (u *unit) pixels(row, column int) []byte {
	c := u.c
	return c.pix[(row*u.down+u.y)*c.size*c.stride+(column*u.across+u.x)*c.size:]
}

// transform writes the samples of one block, and leaves it zero.
func (c *component) transform(dst []byte, b *[64]int16, onlyDC bool) {
	if onlyDC {
		fill(dst, c.stride, c.size, flat(b[0], c.quant[0]))
		b[0] = 0
		return
	}
	switch c.size {
	case 8:
		idct8(dst, c.stride, b, &c.quant)
	case 4:
		idct4(dst, c.stride, b, &c.quant, c.by.factors)
	case 2:
		idct2(dst, c.stride, b, &c.quant, c.by.factors)
	}
}

// sequentialScans decodes all scans into whole planes.
func (d *Decoder) sequentialScans() error {
	return d.scans(func() error {
		for row := range d.scan.high {
			if more, err := d.sequentialRow(row, false); err != nil {
				return err
			} else if !more {
				d.scan.lost += d.scan.wide * (d.scan.high - row - 1)
				break
			}
		}
		return nil
	})
}
