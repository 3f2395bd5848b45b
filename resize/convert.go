package resize

import (
	"fmt"
	"image"
	"image/color"
)

// convert fills dst with the rows of src from top on, as 8-bit pixels that are not premultiplied. This is where decoded pixels are
// checked: what comes out is safe for any code that trusts an *image.NRGBA. src begins at 0,0 and is as wide as dst.
func convert(dst *image.NRGBA, src image.Image, top int) error {
	var row func(d []byte, y int) // converts one row
	switch m := src.(type) {
	case *image.NRGBA:
		row = func(d []byte, y int) { copy(d, m.Pix[y*m.Stride:]) }
	case *image.YCbCr:
		row = func(d []byte, y int) { rowYCbCr(d, m, y) }
	case *image.NYCbCrA:
		row = func(d []byte, y int) {
			rowYCbCr(d, &m.YCbCr, y)
			for x, a := range m.A[y*m.AStride:][:len(d)/4] {
				d[4*x+3] = a
			}
		}
	case *image.Gray:
		row = func(d []byte, y int) { rowGray(d, m.Pix[y*m.Stride:]) }
	case *image.Gray16:
		row = func(d []byte, y int) { rowGray16(d, m.Pix[y*m.Stride:]) }
	case *image.RGBA:
		row = func(d []byte, y int) { rowRGBA(d, m.Pix[y*m.Stride:]) }
	case *image.RGBA64:
		row = func(d []byte, y int) { rowRGBA64(d, m.Pix[y*m.Stride:]) }
	case *image.NRGBA64:
		row = func(d []byte, y int) { rowNRGBA64(d, m.Pix[y*m.Stride:]) }
	case *image.CMYK:
		row = func(d []byte, y int) { rowCMYK(d, m.Pix[y*m.Stride:]) }
	case *image.Paletted:
		return rowsPaletted(dst, m, top)
	default:
		return fmt.Errorf("pixels of an unexpected kind: %T", src)
	}
	for y := range dst.Rect.Dy() {
		row(dst.Pix[y*dst.Stride:][:4*dst.Rect.Dx()], top+y)
	}
	return nil
}

// to8 rounds 16 bits to 8: v/257, to the nearest.
func to8(hi, lo byte) byte { return byte(((uint32(hi)<<8|uint32(lo))*255 + 32895) >> 16) }

// divided is c/a as 8 bits, rounded; for colours premultiplied with their alpha.
func divided(c, a uint32) byte { return byte(min((c*255+a/2)/a, 255)) }

func rowGray(d, s []byte) {
	for x, v := range s[:len(d)/4] {
		p := d[4*x : 4*x+4 : 4*x+4]
		p[0], p[1], p[2], p[3] = v, v, v, 255
	}
}

func rowGray16(d, s []byte) {
	for x := range len(d) / 4 {
		v := to8(s[2*x], s[2*x+1])
		p := d[4*x : 4*x+4 : 4*x+4]
		p[0], p[1], p[2], p[3] = v, v, v, 255
	}
}

func rowRGBA(d, s []byte) {
	for i := 0; i < len(d); i += 4 {
		q, p := s[i:i+4:i+4], d[i:i+4:i+4]
		switch a := uint32(q[3]); a {
		case 255:
			copy(p, q)
		case 0:
			clear(p)
		default:
			p[0], p[1], p[2], p[3] = divided(uint32(q[0]), a), divided(uint32(q[1]), a), divided(uint32(q[2]), a), q[3]
		}
	}
}

func rowRGBA64(d, s []byte) {
	for i := 0; i < len(d); i += 4 {
		q, p := s[2*i:2*i+8:2*i+8], d[i:i+4:i+4]
		a := uint32(q[6])<<8 | uint32(q[7])
		for k := range 3 {
			switch a {
			case 0xffff:
				p[k] = to8(q[2*k], q[2*k+1])
			case 0:
				p[k] = 0
			default:
				p[k] = divided(uint32(q[2*k])<<8|uint32(q[2*k+1]), a)
			}
		}
		p[3] = to8(q[6], q[7])
	}
}

func rowNRGBA64(d, s []byte) {
	for i := range d {
		d[i] = to8(s[2*i], s[2*i+1])
	}
}

func rowCMYK(d, s []byte) {
	for i := 0; i < len(d); i += 4 {
		q, p := s[i:i+4:i+4], d[i:i+4:i+4]
		light := 255 - uint32(q[3])
		for k := range 3 {
			p[k] = byte(((255-uint32(q[k]))*light + 127) / 255)
		}
		p[3] = 255
	}
}

// rowsPaletted checks every index: a palette may be shorter than its pixels believe (CVE-2023-36308).
func rowsPaletted(dst *image.NRGBA, m *image.Paletted, top int) error {
	colours := make([]color.NRGBA, len(m.Palette))
	for i, c := range m.Palette {
		colours[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	for y := range dst.Rect.Dy() {
		row := m.Pix[(top+y)*m.Stride:][:dst.Rect.Dx()]
		for x, i := range row {
			if int(i) >= len(colours) {
				return &FormatError{Format: "image", Reason: fmt.Sprintf("a pixel of colour %d, where the palette has %d", i, len(colours))}
			}
			c := &colours[i]
			p := dst.Pix[y*dst.Stride+4*x:][:4:4]
			p[0], p[1], p[2], p[3] = c.R, c.G, c.B, c.A
		}
	}
	return nil
}

// halvings is by how many halvings the chroma planes are smaller than luma.
func halvings(ratio image.YCbCrSubsampleRatio) (h, v uint) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 1, 0
	case image.YCbCrSubsampleRatio420:
		return 1, 1
	case image.YCbCrSubsampleRatio440:
		return 0, 1
	case image.YCbCrSubsampleRatio411:
		return 2, 0
	case image.YCbCrSubsampleRatio410:
		return 2, 1
	}
	return 0, 0
}

// rowYCbCr converts by JFIF's equations in 16-bit fixed point. The part that chroma adds is computed once for all pixels that share it.
func rowYCbCr(d []byte, m *image.YCbCr, y int) {
	sh, sv := halvings(m.SubsampleRatio)
	w := len(d) / 4
	luma := m.Y[y*m.YStride:][:w]
	at := (y >> sv) * m.CStride
	n := (w + 1<<sh - 1) >> sh
	cbs, crs := m.Cb[at:][:n], m.Cr[at:][:n]
	for c, cb := range cbs {
		b, r := int32(cb)-128, int32(crs[c])-128
		red := 91881*r + 1<<15
		green := -22554*b - 46802*r + 1<<15
		blue := 116130*b + 1<<15
		for x := c << sh; x < min((c+1)<<sh, w); x++ {
			l := int32(luma[x]) << 16
			p := d[4*x : 4*x+4 : 4*x+4]
			p[0] = clamp(l + red)
			p[1] = clamp(l + green)
			p[2] = clamp(l + blue)
			p[3] = 255
		}
	}
}

// clamp is v, in 16-bit fixed point, as a byte.
func clamp(v int32) byte {
	if uint32(v)&0xff000000 == 0 {
		return byte(v >> 16)
	}
	return byte(^(v >> 31))
}
