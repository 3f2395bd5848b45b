package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"

	"pixmill/resize/codec/wasm"
)

// webpWork is all the memory that libwebp gets. With loss it was seen to take 10 to 11 bytes a pixel for photos, 49 for noise, and 73
// where it tries hardest; without, 24 to 51 and tables.
func webpWork(size image.Point, s Settings) float64 {
	pixels := area(size.Add(image.Pt(15, 15))) // macroblocks are whole
	switch {
	case s.Quality == lossless:
		return 26<<20 + 44*pixels
	case s.Effort == Small:
		return 20<<20 + 66*pixels
	}
	return 4<<20 + 54*pixels
}

// lossless is the quality at which a WebP loses nothing: libwebp's own 100 with loss would take half the bytes of none.
const lossless = 100

// encodeWebP encodes with loss, or without at quality 100.
func encodeWebP(dst []byte, img image.Image, s Settings) ([]byte, error) {
	size := img.Bounds().Size()
	p, err := webpEncoder.Start(int64(webpWork(size, s)), wasm.Watch{})
	if err != nil {
		return dst, err
	}
	defer p.Close()
	return encodeWebPWith(p, dst, img, s)
}

// encodeWebPWith uses a program that may have encoded before.
func encodeWebPWith(p *wasm.Instance, dst []byte, img image.Image, s Settings) ([]byte, error) {
	const rgba, yuva = 0, 4
	size := img.Bounds().Size()
	method := map[Effort]uint64{Fast: 2, Balanced: 4, Small: 5}[s.Effort] // 6 takes minutes a megapixel where alpha is noise
	quality, exact := uint64(s.Quality), uint64(0)
	if s.Quality == lossless {
		exact = 1
		quality = map[Effort]uint64{Fast: 20, Balanced: 70, Small: 100}[s.Effort] // how hard to try
	}
	colours := uint64(rgba)
	var pixels func(to []byte)
	n := 4 * size.X * size.Y
	switch m := img.(type) {
	case *image.NRGBA:
		pixels = func(to []byte) { copy(to, m.Pix) }
	case *image.Gray:
		pixels = func(to []byte) { grayRGBA(to, m) }
	case *image.YCbCr: // of 4:2:0
		if exact == 1 {
			row := upsampled(m)
			pixels = func(to []byte) {
				for y := range size.Y {
					row(to[4*size.X*y:4*size.X*(y+1)], y)
				}
			}
			break
		}
		colours = yuva
		cw, ch := (size.X+1)/2, (size.Y+1)/2
		n = 2*size.X*size.Y + 2*cw*ch
		pixels = func(to []byte) { limitedRange(to, m) }
	default:
		return dst, fmt.Errorf("pixels of an unexpected kind: %T", img)
	}
	in, err := p.Alloc(n)
	if err != nil {
		return dst, err
	}
	to, err := p.Bytes(in, n)
	if err != nil {
		return dst, err
	}
	pixels(to)
	dst, err = encoded(dst, p, "libwebp", uint64(in), uint64(size.X), uint64(size.Y), colours, quality, method, exact, 0)
	if err == nil {
		_, err = p.Call("free", uint64(in))
	}
	return dst, err
}

// encoded calls an encoder and appends what it made; the address for its length is the fourth argument.
func encoded(dst []byte, p *wasm.Instance, name string, args ...uint64) ([]byte, error) {
	length, err := p.Alloc(8)
	if err != nil {
		return dst, err
	}
	args = append(args[:3:3], append([]uint64{uint64(length)}, args[3:]...)...)
	out, err := p.Call("encode", args...)
	if err != nil {
		return dst, fmt.Errorf("%s: %w", name, err)
	}
	n, err := p.Bytes(length, 4)
	if err != nil {
		return dst, err
	}
	if out == 0 {
		return dst, fmt.Errorf("%s: %w", name, errors.New("it has run out of memory, or does not like the picture"))
	}
	data, err := p.Bytes(uint32(out), int(binary.LittleEndian.Uint32(n)))
	if err != nil {
		return dst, err
	}
	dst = append(dst, data...)
	for _, at := range []uint64{out, uint64(length)} {
		if _, err := p.Call("free", at); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func grayRGBA(to []byte, m *image.Gray) {
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		for x, v := range m.Pix[y*m.Stride:][:w] {
			p := to[4*(y*w+x):][:4:4]
			p[0], p[1], p[2], p[3] = v, v, v, 255
		}
	}
}

// limitedRange writes planes of JFIF's full range as VP8 has them, and an opaque one after them.
func limitedRange(to []byte, m *image.YCbCr) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	cw, ch := (w+1)/2, (h+1)/2
	put := func(plane []byte, stride, w, h, zero, span int) {
		var table [256]byte
		for v := range table {
			table[v] = byte((2*v*span+255)/510 + zero)
		}
		for y := range h {
			for x, v := range plane[y*stride:][:w] {
				to[x] = table[v]
			}
			to = to[w:]
		}
	}
	put(m.Y, m.YStride, w, h, 16, 219)
	put(m.Cb, m.CStride, cw, ch, 16, 224)
	put(m.Cr, m.CStride, cw, ch, 16, 224)
	for i := range to {
		to[i] = 255
	}
}
