package codec

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/bits"

	"pixmill/resize/deflate"
)

// pngLevels are how hard to compress: on photos of 1 to 1.5 MP, zlib's fastest takes 80 ms a megapixel and 4 to 12 % more bytes, its default 160 to
// 280 ms, its best up to 550 ms for less than 0.5 % fewer. A variant is written once and sent many times.
var pngLevels = map[Effort]png.CompressionLevel{Fast: png.DefaultCompression, Balanced: png.BestCompression, Small: png.BestCompression}

// encodePNG writes the smallest kind of PNG that holds the picture: grey as grey, 256 colours or fewer as a palette, opaque pictures without
// alpha. With Settings.Colors it gets so few.
func encodePNG(dst []byte, img image.Image, s Settings) ([]byte, error) {
	img = pngKind(img, s)
	b := bytes.NewBuffer(dst)
	e := png.Encoder{CompressionLevel: pngLevels[s.Effort]}
	if err := e.Encode(b, img); err != nil || s.Effort != Small {
		return b.Bytes(), err
	}
	out := b.Bytes()
	if small := filteredPNG(img, bestStrategy(img)); len(small) < len(out)-len(dst) { // of a handful of pixels it may not be
		out = append(out[:len(dst)], small...)
	}
	return out, nil
}

// pngKind converts to the kind of image whose PNG is smallest.
func pngKind(img image.Image, s Settings) image.Image {
	m, ok := img.(*image.NRGBA)
	if !ok {
		if g, ok := img.(*image.Gray); ok {
			if n := grayLevels(g); n <= 16 || s.Colors > 0 && n > s.Colors { // 4 bits a pixel, or as asked
				return quantize(g, min(paletteSize(s), 255), true)
			}
		}
		return img
	}
	gray := isGrayOpaque(m)
	if exact := withOwnColours(m, paletteSize(s)); exact != nil {
		if gray && len(exact.Palette) > 16 { // a byte a pixel either way
			return grayOf(m)
		}
		return opaqueFirst(exact)
	}
	if s.Colors > 0 {
		return opaqueFirst(quantize(m, s.Colors, true))
	}
	if gray {
		return grayOf(m)
	}
	return m
}

func grayLevels(m *image.Gray) int {
	var seen [256]bool
	n := 0
	for y := range m.Rect.Dy() {
		for _, v := range m.Pix[y*m.Stride:][:m.Rect.Dx()] {
			if !seen[v] {
				seen[v], n = true, n+1
			}
		}
	}
	return n
}

func isGrayOpaque(m *image.NRGBA) bool {
	for i := 0; i+3 < len(m.Pix); i += 4 {
		if p := m.Pix[i : i+4 : i+4]; p[0] != p[1] || p[1] != p[2] || p[3] != 255 {
			return false
		}
	}
	return true
}

func grayOf(m *image.NRGBA) *image.Gray {
	out := image.NewGray(m.Rect)
	for i := range out.Pix {
		out.Pix[i] = m.Pix[4*i]
	}
	return out
}

// opaqueFirst orders a palette so that transparent colours come first: tRNS ends with the last of them (section 11.3.2.1).
func opaqueFirst(m *image.Paletted) *image.Paletted {
	var order [256]uint8
	var sorted color.Palette
	for _, opaque := range []bool{false, true} {
		for i, c := range m.Palette {
			if (c.(color.NRGBA).A == 255) == opaque {
				order[i] = uint8(len(sorted))
				sorted = append(sorted, c)
			}
		}
	}
	for i, p := range m.Pix {
		m.Pix[i] = order[p]
	}
	m.Palette = sorted
	return m
}

// filteredPNG writes a picture whose rows are filtered by a strategy.
func filteredPNG(img image.Image, strategy pngStrategy) []byte {
	size := img.Bounds().Size()
	rows := pngRows(img)
	out := []byte("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(size.X)), uint32(size.Y))
	out = pngChunk(out, "IHDR", append(header, rows.depth, rows.colour, 0, 0, 0))
	if p, ok := img.(*image.Paletted); ok {
		out = palettePNG(out, p.Palette)
	}
	lines := make([]byte, 0, (1+rows.bytes)*size.Y)
	above, row := make([]byte, rows.bytes), make([]byte, rows.bytes)
	f := newPNGFilter(strategy, rows)
	for y := range size.Y {
		rows.read(row, y)
		lines = append(lines, f.line(row, above)...)
		above, row = row, above
	}
	return pngChunk(pngChunk(out, "IDAT", deflate.Zlib(nil, lines)), "IEND", nil)
}

// rowsOfPNG are a picture's rows as a PNG has them; step is how many bytes lie between a byte and its like in the pixel before.
type rowsOfPNG struct {
	colour, depth byte
	bytes, step   int
	read          func(row []byte, y int)
}

func pngRows(img image.Image) rowsOfPNG {
	w := img.Bounds().Dx()
	switch m := img.(type) {
	case *image.Gray:
		return rowsOfPNG{pngGray, 8, w, 1, func(row []byte, y int) { copy(row, m.Pix[y*m.Stride:]) }}
	case *image.Paletted:
		depth := 1 << bits.Len(uint(bits.Len(uint(max(len(m.Palette), 2)-1))-1)) // 1, 2, 4 or 8
		return rowsOfPNG{pngPalette, byte(depth), (w*depth + 7) / 8, 1, func(row []byte, y int) {
			clear(row)
			for x, p := range m.Pix[y*m.Stride:][:w] {
				row[x*depth/8] |= p << (8 - depth - x*depth%8)
			}
		}}
	}
	m := img.(*image.NRGBA)
	if !m.Opaque() {
		return rowsOfPNG{pngRGBAlpha, 8, 4 * w, 4, func(row []byte, y int) { copy(row, m.Pix[y*m.Stride:]) }}
	}
	return rowsOfPNG{pngRGB, 8, 3 * w, 3, func(row []byte, y int) {
		for x := range w {
			copy(row[3*x:3*x+3], m.Pix[y*m.Stride+4*x:])
		}
	}}
}

func palettePNG(out []byte, palette color.Palette) []byte {
	var colours, alphas []byte
	for _, c := range palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		colours = append(colours, n.R, n.G, n.B)
		if n.A < 255 {
			alphas = append(alphas, n.A)
		}
	}
	out = pngChunk(out, "PLTE", colours)
	if len(alphas) > 0 {
		out = pngChunk(out, "tRNS", alphas)
	}
	return out
}

func pngChunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	start := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}

// pngWork bounds what encoding takes besides its output: the compressor's window and tables, indexes and their tables, and, where several
// outputs are compared, one more of them.
func pngWork(size image.Point, s Settings) float64 {
	pixels := area(size)
	work := 4<<20 + 2*pixels
	if s.Colors > 0 {
		work += 16<<20 + 4*pixels
	}
	if s.Effort == Small { // rows as they are filtered, the output, and as it is put together
		work += 4*pngBytes(pixels) + deflate.Bytes
	}
	return work
}

func pngBytes(pixels float64) float64 { return 4.1*pixels + 4<<10 }
