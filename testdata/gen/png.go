package main

import (
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"slices"
)

// A pngFile is written by hand: image/png writes neither interlaced images nor animations, and its bytes change with
// the Go version.
type pngFile struct {
	w, h       int
	kind       byte
	depth      int // bits a sample
	interlaced bool
	before     [][]byte                // chunks between IHDR and IDAT
	samples    func(x, y int) []uint16 // of one pixel, as many as the kind has
}

// Colour types of IHDR (PNG, 11.2.1).
const (
	pngGrey      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGreyAlpha = 4
	pngRGBA      = 6
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// rgbPNG and those below are m in a kind of PNG; callers add what else they want.
func rgbPNG(m *image.NRGBA) pngFile {
	return pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: pngRGB, depth: 8, samples: func(x, y int) []uint16 {
		c := m.NRGBAAt(x, y)
		return []uint16{uint16(c.R), uint16(c.G), uint16(c.B)}
	}}
}

func rgbaPNG(m *image.NRGBA) pngFile {
	return pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: pngRGBA, depth: 8, samples: func(x, y int) []uint16 {
		c := m.NRGBAAt(x, y)
		return []uint16{uint16(c.R), uint16(c.G), uint16(c.B), uint16(c.A)}
	}}
}

func deepPNG(m *image.NRGBA64, kind byte) pngFile {
	return pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: kind, depth: 16, samples: func(x, y int) []uint16 {
		c := m.NRGBA64At(x, y)
		switch kind {
		case pngGrey:
			return []uint16{c.R/2 + c.G/2}
		case pngRGB:
			return []uint16{c.R, c.G, c.B}
		}
		return []uint16{c.R, c.G, c.B, c.A}
	}}
}

// greyPNG has 1 or 8 bits a pixel; of 1, white is what is lighter than a hashed threshold.
func greyPNG(m *image.NRGBA, depth int) pngFile {
	return pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: pngGrey, depth: depth, samples: func(x, y int) []uint16 {
		grey := luma(m.NRGBAAt(x, y))
		if depth == 1 {
			return []uint16{uint16((uint32(grey) + hash(x, y, 5)&127 + 64) >> 8)}
		}
		return []uint16{grey}
	}}
}

func greyAlphaPNG(m *image.NRGBA) pngFile {
	return pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: pngGreyAlpha, depth: 8, samples: func(x, y int) []uint16 {
		c := m.NRGBAAt(x, y)
		return []uint16{luma(c), uint16(c.A)}
	}}
}

func luma(c color.NRGBA) uint16 {
	y, _, _ := color.RGBToYCbCr(c.R, c.G, c.B)
	return uint16(y)
}

// palettePNG writes the palette, and a tRNS chunk as long as the last colour that is not opaque.
func palettePNG(m *image.Paletted) pngFile {
	var plte, trns []byte
	for i, c := range m.Palette {
		c := c.(color.NRGBA)
		plte = append(plte, c.R, c.G, c.B)
		if c.A != 255 {
			for len(trns) < i {
				trns = append(trns, 255)
			}
			trns = append(trns, c.A)
		}
	}
	p := pngFile{w: m.Rect.Dx(), h: m.Rect.Dy(), kind: pngPalette, depth: 8, samples: func(x, y int) []uint16 {
		return []uint16{uint16(m.ColorIndexAt(x, y))}
	}}
	p.before = [][]byte{chunk("PLTE", plte)}
	if trns != nil {
		p.before = append(p.before, chunk("tRNS", trns))
	}
	return p
}

// bytes is the whole file.
func (p pngFile) bytes() []byte {
	out := append([]byte(pngSignature), p.header()...)
	out = append(out, slices.Concat(p.before...)...)
	out = append(out, chunk("IDAT", p.data())...)
	return append(out, chunk("IEND", nil)...)
}

func (p pngFile) header() []byte {
	interlace := byte(0)
	if p.interlaced {
		interlace = 1
	}
	body := binary.BigEndian.AppendUint32(nil, uint32(p.w))
	body = binary.BigEndian.AppendUint32(body, uint32(p.h))
	return chunk("IHDR", append(body, byte(p.depth), p.kind, 0, 0, interlace))
}

func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// data is the compressed rows: of the whole image, or of Adam7's seven passes one after the other (PNG, 8.2).
func (p pngFile) data() []byte {
	type pass struct{ x0, y0, dx, dy int }
	passes := []pass{{0, 0, 1, 1}}
	if p.interlaced {
		passes = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var rows []byte
	for _, s := range passes {
		var above []byte
		for y := s.y0; y < p.h; y += s.dy {
			row := p.row(s.x0, y, s.dx)
			if len(row) > 0 {
				rows = append(rows, p.filtered(row, above)...)
			}
			above = row
		}
	}
	return deflate(rows)
}

// row packs every dx-th pixel of a row, from x0 on.
func (p pngFile) row(x0, y, dx int) []byte {
	var out []byte
	bits := 0
	for x := x0; x < p.w; x += dx {
		for _, v := range p.samples(x, y) {
			switch {
			case p.depth == 16:
				out = append(out, byte(v>>8), byte(v))
			case bits%8 == 0:
				out = append(out, byte(v<<(8-p.depth)))
			default:
				out[len(out)-1] |= byte(v << (8 - p.depth - bits%8))
			}
			bits += p.depth
		}
	}
	return out
}

// filtered is the row behind its filter type: the one of five with the smallest sum of magnitudes (PNG, 12.7), none for
// palettes and less than 8 bits.
func (p pngFile) filtered(row, above []byte) []byte {
	if p.kind == pngPalette || p.depth < 8 {
		return append([]byte{0}, row...)
	}
	pixel := p.depth / 8 * len(p.samples(0, 0))
	if above == nil {
		above = make([]byte, len(row))
	}
	var best []byte
	least := -1
	for filter := range 5 {
		out, sum := []byte{byte(filter)}, 0
		for i, v := range row {
			var a, c byte
			if i >= pixel {
				a, c = row[i-pixel], above[i-pixel]
			}
			b := above[i]
			v -= [5]byte{0, a, b, byte((int(a) + int(b)) / 2), paeth(a, b, c)}[filter]
			out = append(out, v)
			sum += min(int(v), 256-int(v))
		}
		if least < 0 || sum < least {
			best, least = out, sum
		}
	}
	return best
}

// paeth is whichever of left, above and above left is nearest to left + above - above left (PNG, 9.4).
func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	away := func(v byte) int { return max(p-int(v), int(v)-p) }
	switch {
	case away(a) <= away(b) && away(a) <= away(c):
		return a
	case away(b) <= away(c):
		return b
	}
	return c
}
