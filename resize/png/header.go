package png

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ColorType is what the samples of a pixel mean, section 6.1.
type ColorType uint8

// The colour types.
const (
	Gray      ColorType = 0
	RGB       ColorType = 2
	Palette   ColorType = 3
	GrayAlpha ColorType = 4
	RGBA      ColorType = 6
)

// samples is how many there are of a pixel.
func (c ColorType) samples() int {
	switch c {
	case GrayAlpha:
		return 2
	case RGB:
		return 3
	case RGBA:
		return 4
	}
	return 1
}

// Header is what is known of an image before its pixels.
type Header struct {
	Width, Height int
	Depth         int // bits a sample, or a palette's index: 1, 2, 4, 8 or 16
	Color         ColorType
	Interlaced    bool
	Gray          bool // all pixels are grey
	Alpha         bool // pixels may be transparent: there is an alpha channel, or a tRNS chunk
}

// stage is how far a file has been read, for the order of its chunks, section 5.6.
type stage uint8

const (
	seenNothing stage = iota
	seenIHDR
	seenPLTE
	seenTRNS
	seenIDAT
)

// readHeader reads everything up to the data of the first IDAT chunk.
func (d *Decoder) readHeader() error {
	if err := d.chunks.signature(); err != nil {
		return err
	}
	for at := seenNothing; ; {
		if err := d.chunks.next(); err != nil {
			return err
		}
		now, allowed := at, true
		read := func() error { _, err := d.chunks.data(); return err }
		switch d.chunks.kind {
		case "IHDR":
			now, allowed, read = seenIHDR, at == seenNothing, d.ihdr
		case "PLTE":
			now, allowed, read = seenPLTE, at == seenIHDR, d.plte
		case "tRNS":
			color := d.header.Color
			now, read = seenTRNS, d.trns
			allowed = at == seenIHDR && color != Palette || at == seenPLTE && (color == Palette || color == RGB)
		case "IDAT":
			if at != seenNothing && (at != seenIHDR || d.header.Color != Palette) {
				return nil
			}
			allowed = false
		case "IEND":
			allowed = false
		default:
			if d.chunks.left > math.MaxInt32 {
				return damaged("a chunk of %d bytes", d.chunks.left)
			}
		}
		if !allowed {
			return disordered(d.chunks.kind)
		}
		if err := read(); err != nil {
			return err
		}
		at = now
	}
}

func disordered(kind string) error { return damaged("its %s chunk is at a wrong place", kind) }

// depths are the depths allowed with each colour type, table 11.1.
var depths = map[ColorType]string{
	Gray: "\x01\x02\x04\x08\x10", RGB: "\x08\x10", Palette: "\x01\x02\x04\x08", GrayAlpha: "\x08\x10", RGBA: "\x08\x10",
}

// ihdr reads the image header, section 11.2.2.
func (d *Decoder) ihdr() error {
	if d.chunks.left != 13 {
		return damaged("a header of %d bytes", d.chunks.left)
	}
	b, err := d.chunks.data()
	if err != nil {
		return err
	}
	h := &d.header
	w, hgt := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	h.Depth, h.Color, h.Interlaced = int(b[8]), ColorType(b[9]), b[12] == 1
	switch {
	case b[10] != 0:
		return UnsupportedError(fmt.Sprintf("compression method %d", b[10]))
	case b[11] != 0:
		return UnsupportedError(fmt.Sprintf("filter method %d", b[11]))
	case b[12] > 1:
		return damaged("interlace method %d", b[12])
	case w == 0 || hgt == 0 || w > math.MaxInt32 || hgt > math.MaxInt32:
		return damaged("a size of %d × %d", w, hgt)
	case uint64(w)*uint64(hgt) > math.MaxInt/8, uint64(w) > math.MaxInt/64:
		return UnsupportedError(fmt.Sprintf("a size of %d × %d", w, hgt))
	}
	h.Width, h.Height = int(w), int(hgt)
	for _, depth := range []byte(depths[h.Color]) {
		if h.Depth == int(depth) {
			h.Gray, h.Alpha = h.Color == Gray || h.Color == GrayAlpha, h.Color == GrayAlpha || h.Color == RGBA
			return nil
		}
	}
	return UnsupportedError(fmt.Sprintf("colour type %d of %d bits", h.Color, h.Depth))
}

// plte reads the palette, section 11.2.3.
func (d *Decoder) plte() error {
	n := d.chunks.left / 3
	switch {
	case d.chunks.left%3 != 0, n == 0, n > 256, n > 1<<d.header.Depth:
		return damaged("a palette of %d bytes", d.chunks.left)
	case d.header.Gray:
		return damaged("a palette, where pixels are grey")
	}
	b, err := d.chunks.data()
	if err != nil || d.header.Color != Palette { // for other colours it is a suggestion
		return err
	}
	for i := range d.table {
		d.table[i] = [4]byte{3: 255}
	}
	for i := range n {
		copy(d.table[i][:3], b[3*i:])
	}
	return nil
}

// trns reads the transparency, section 11.3.2.1.
func (d *Decoder) trns() error {
	h, n := &d.header, d.chunks.left
	if h.Alpha || h.Color == Palette && n > 256 || h.Color != Palette && n != uint32(2*h.Color.samples()) {
		return damaged("a tRNS chunk of %d bytes, where colours are of type %d", n, h.Color)
	}
	b, err := d.chunks.data()
	if err != nil {
		return err
	}
	h.Alpha = true
	switch {
	case h.Color == Palette:
		for i, a := range b {
			d.table[i][3] = a
		}
	case h.Color == Gray && h.Depth <= 8: // becomes a palette
		scale := grayScale(h.Depth)
		for i := range d.table {
			v := byte(i) * scale
			d.table[i] = [4]byte{v, v, v, 255}
		}
		if int(b[1]) < 1<<h.Depth {
			d.table[b[1]][3] = 0
		}
	case h.Depth == 8: // of 16 bits the lower 8 count
		d.key = append(d.key[:0], b[1], b[3], b[5])
	default:
		d.key = append(d.key[:0], b...)
	}
	return nil
}

// grayScale is what a sample of less than 8 bits is multiplied with.
func grayScale(depth int) byte { return byte(255 / (1<<depth - 1)) }
