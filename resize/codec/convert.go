package codec

import (
	"fmt"
	"image"
	"image/color"

	"pixmill/resize/jpeg"
)

// RGBA converts len(y) samples each of Y, Cb and Cr to opaque RGBA, by JFIF's equations.
func RGBA(dst, y, cb, cr []byte) { jpeg.RGBA(dst, y, cb, cr) }

// What follows converts rows of the kinds of pixels that decoders make to 8 bits, colours not premultiplied.

// to8 rounds 16 bits to 8: v/257, to the nearest.
func to8(hi, lo byte) byte { return byte(((uint32(hi)<<8|uint32(lo))*255 + 32895) >> 16) }

// divided is c/a as 8 bits, rounded; for colours premultiplied with their alpha.
func divided(c, a uint32) byte { return byte(min((c*255+a/2)/a, 255)) }

func rowGray16(d, s []byte) {
	for x := range d {
		d[x] = to8(s[2*x], s[2*x+1])
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

// paletted checks every index: a palette may be shorter than its pixels believe (CVE-2023-36308).
func paletted(m *image.Paletted) func(d []byte, y int) error {
	colours := make([]color.NRGBA, len(m.Palette))
	for i, c := range m.Palette {
		colours[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	return func(d []byte, y int) error {
		for x, i := range m.Pix[y*m.Stride:][:len(d)/4] {
			if int(i) >= len(colours) {
				return &FormatError{Format: "image", Reason: fmt.Sprintf("a pixel of colour %d, where the palette has %d", i, len(colours))}
			}
			c := &colours[i]
			p := d[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = c.R, c.G, c.B, c.A
		}
		return nil
	}
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
