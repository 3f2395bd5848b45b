package codec

import (
	"fmt"
	"image"
	"image/color"

	"pixmill/resize/jpeg"
)

// What follows converts rows of the kinds of pixels that decoders make to 8 bits, colours not premultiplied.

func area(size image.Point) float64 { return float64(size.X) * float64(size.Y) }

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

// upsampled converts by JFIF's equations. A pixel's chroma is interpolated between the samples around it (a triangle, which for 4:2:0 gives
// weights of 9, 3, 3 and 1 sixteenths).
func upsampled(m *image.YCbCr) func(d []byte, y int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	sh, sv := halvings(m.SubsampleRatio)
	columns, rows := between(w, sh), between(h, sv)
	cb, cr := make([]byte, w), make([]byte, w)
	line := func(out, plane []byte, r blend) {
		near, far := plane[r.near*m.CStride:], plane[r.far*m.CStride:]
		for x, c := range columns {
			n := int(near[c.near])*r.weight + int(far[c.near])*(8-r.weight)
			f := int(near[c.far])*r.weight + int(far[c.far])*(8-r.weight)
			out[x] = byte((n*c.weight + f*(8-c.weight) + 32) >> 6)
		}
	}
	return func(d []byte, y int) {
		line(cb, m.Cb, rows[y])
		line(cr, m.Cr, rows[y])
		jpeg.RGBA(d, m.Y[y*m.YStride:][:w], cb, cr)
	}
}

// blend is two samples, and the weight of the nearer one in eighths.
type blend struct{ near, far, weight int }

// between says which of the samples, halved so many times, lie around each of n pixels.
func between(n int, halvings uint) []blend {
	all, last := make([]blend, n), (n-1)>>halvings
	pitch := 1 << halvings
	for x := range all {
		near := x >> halvings
		off := 2*(x-near*pitch) + 1 - pitch // from the sample's middle, in half pixels
		far := near
		if off < 0 {
			far, off = max(near-1, 0), -off
		} else if off > 0 {
			far = min(near+1, last)
		}
		all[x] = blend{near, far, 8 - 8*off/(2*pitch)}
	}
	return all
}
