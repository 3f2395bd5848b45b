package jpeg

import (
	"errors"
	"io"
)

// Turn appends the JPEG that src is when it is turned upright from an EXIF orientation (EXIF 2.32, tag 0x0112), 1 to 8, without loss: blocks
// change places, and within a block coefficients change places and signs. Pixels that lie mirrored to the stored ones begin a block
// only where the side that they are mirrored along is whole MCUs: see Turns. What is no part of the picture, metadata too, is left behind. The
// result is progressive where src is, or if small is set, which tries which scans take the fewest bytes.
//
// A file that lacks anything is a *FormatError, one whose blocks cannot be written so an UnsupportedError.
func Turn(dst, src []byte, orientation int, small bool, check func() error) ([]byte, error) {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	err := Using(src, Options{Check: check}, func(d *Decoder) error {
		h := d.Header()
		if mcu := h.turns(&d.parser.quant); mcu == [2]int{} || !Turns(mcu, h.Width, h.Height, orientation) {
			return UnsupportedError("turning its blocks")
		}
		t := newTurning(orientation)
		e.startTurned(d, t, small)
		return d.coefficients(func(component, x, y int, b *[64]int16) {
			c := &e.components[component]
			source := &d.components[component]
			if x >= source.blocksWide || y >= source.blocksHigh {
				return
			}
			if t.flipX {
				x = source.blocksWide - 1 - x
			}
			if t.flipY {
				y = source.blocksHigh - 1 - y
			}
			if t.transpose {
				x, y = y, x
			}
			t.block(&c.pairs[(y*c.paddedWide+x)/2], x&1, b)
		})
	})
	if err != nil {
		return dst, err
	}
	if !e.progressive {
		for row := range e.mcusHigh {
			for i := range e.components {
				c := &e.components[i]
				c.rows = min(c.v, c.blocksHigh-row*c.v)
			}
			e.mcuRow(row)
		}
	}
	return append(dst, e.finish()...), nil
}

// Turns says whether a picture of w×h pixels, as stored, with MCUs of that many, can be turned without loss.
func Turns(mcu [2]int, w, h, orientation int) bool {
	t := newTurning(orientation)
	return !(t.flipX && w%mcu[0] != 0) && !(t.flipY && h%mcu[1] != 0)
}

// mostLuma is how many blocks of luma an MCU may have, T.81 B.2.3, with one of each chroma.
const mostLuma = 8

// turns is the size of an MCU, in pixels, or zero where the encoder could not write the same blocks: it has two tables of 8 bits, and one block
// of chroma an MCU.
func (h *Header) turns(tables *[4][64]uint16) (mcu [2]int) {
	if h.Color != Gray && h.Color != YCbCr || h.Components[0].H*h.Components[0].V > mostLuma {
		return mcu
	}
	for i, c := range h.Components {
		for _, step := range tables[c.tq] {
			if step < 1 || step > 255 {
				return mcu
			}
		}
		if i > 0 && (c.H != 1 || c.V != 1 || tables[c.tq] != tables[h.Components[1].tq]) {
			return mcu
		}
	}
	return [2]int{8 * h.Components[0].H, 8 * h.Components[0].V}
}

// turning is what an orientation does: mirror along the stored sides, then exchange rows and columns.
type turning struct {
	flipX, flipY, transpose bool
	to                      [64]uint8 // where a coefficient goes, natural order
	sign                    [64]int16
}

func newTurning(orientation int) *turning {
	t := &turning{transpose: orientation >= 5}
	switch orientation {
	case 2, 8:
		t.flipX = true
	case 4, 6:
		t.flipY = true
	case 3, 7:
		t.flipX, t.flipY = true, true
	}
	for at := range t.to {
		row, column := at>>3, at&7
		t.sign[at] = 1
		if (t.flipX && column&1 == 1) != (t.flipY && row&1 == 1) { // cosines of odd frequencies are odd
			t.sign[at] = -1
		}
		if t.transpose {
			row, column = column, row
		}
		t.to[at] = uint8(row<<3 | column)
	}
	return t
}

// block writes one block of a pair. Values that only a damaged file has are brought to what can be written, T.81 tables F.1 and F.2.
func (t *turning) block(p *pair, side int, b *[64]int16) {
	out := &p.coefs[side]
	for at, v := range b {
		out[t.to[at]] = t.sign[at] * min(max(v, -1023), 1023)
	}
	out[0] = min(max(b[0], -1024), 1023)
	p.nonzero[side] = 0
	for k, at := range zigzag {
		if out[at] != 0 {
			p.nonzero[side] |= 1 << k
		}
	}
}

// startTurned makes e ready for the blocks of d, turned.
func (e *encoder) startTurned(d *Decoder, t *turning, small bool) {
	h := d.Header()
	o := EncodeOptions{Progressive: h.Progressive || small, whole: true}
	if len(h.Components) == 1 {
		o.Sampling = SGray
	}
	luma := h.Components[0]
	s := shape{h.Width, h.Height, luma.H, luma.V}
	if t.transpose {
		s = shape{h.Height, h.Width, luma.V, luma.H}
	}
	e.startShape(s, &o, func() {
		for i := range e.tables() {
			table := &d.parser.quant[h.Components[i].tq]
			for k, natural := range zigzag {
				e.quantizers[i].table[t.to[natural]] = byte(table[k])
			}
		}
	})
	if small {
		e.effort = Small
	}
}

// coefficients decodes all blocks, and shows each, in natural order, with its component and its place there. Damage is an error.
func (d *Decoder) coefficients(show func(component, x, y int, b *[64]int16)) error {
	d.state = finished
	for i := range d.components {
		d.components[i].by = inNaturalOrder
	}
	if d.parser.header.Progressive {
		return d.storedCoefficients(show)
	}
	index := func(c *component) int {
		for i := range d.components {
			if c == &d.components[i] {
				return i
			}
		}
		panic("a component of another image")
	}
	err := d.scans(func() error {
		for row := range d.scan.high {
			if err := d.check(); err != nil {
				return err
			}
			for x := range d.scan.wide {
				if !d.ready(row*d.scan.wide + x) {
					continue
				}
				for i := range d.units {
					u := &d.units[i]
					b := &d.blocks[i]
					u.c.pred, _ = d.bits.block(b, u.dc, u.ac, u.by, u.c.pred)
					show(index(u.c), x*u.across+u.x, row*u.down+u.y, (*[64]int16)(b[:]))
					clear(b[:64])
				}
			}
		}
		return nil
	})
	return d.whole(err)
}

func (d *Decoder) storedCoefficients(show func(component, x, y int, b *[64]int16)) error {
	d.allocateStored()
	if err := d.whole(d.progressiveScans()); err != nil {
		return err
	}
	for i := range d.components {
		c := &d.components[i]
		for at, dc := range c.dc {
			b := (*[64]int16)(c.coefs[64*at:])
			b[0] = dc
			show(i, at%c.paddedWide, at/c.paddedWide, b)
		}
	}
	return nil
}

// whole is err, or the damage that was met; a file that lacks only its end is whole.
func (d *Decoder) whole(err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if d.damage == nil {
		return nil
	}
	if d.damage.Missing = d.missing(); d.damage.Missing == 0 {
		return nil
	}
	return d.damage
}

// inNaturalOrder keeps all coefficients as they are.
var inNaturalOrder = func() *reduction {
	r := &reduction{size: 8, upTo: 63, perBlock: 64}
	for k := range r.where {
		r.where[k], r.kept[k] = unwanted, unwanted
	}
	for k, natural := range zigzag {
		r.where[k], r.kept[k] = natural, natural
	}
	return r
}()
