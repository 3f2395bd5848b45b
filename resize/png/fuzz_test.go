package png

import (
	"bytes"
	"testing"
)

// Whatever the input, this package and image/png agree on whether it is an image and on its pixels, and nothing panics.
func FuzzDecode(f *testing.F) {
	for _, src := range samples() {
		f.Add(src, false)
	}
	f.Fuzz(func(t *testing.T, src []byte, hashed bool) {
		if hashed { // to get behind the checksums
			src = bytes.Clone(src)
			rehash(src)
		}
		if huge(src) {
			return
		}
		if err := agree(src); err != nil {
			t.Error(err)
		}
	})
}

// The same for data that is compressed with a stored zlib stream around it: filters and pixels.
func FuzzPixels(f *testing.F) {
	f.Add(uint8(3), uint8(2), uint8(8), uint8(2), false, []byte{}, []byte("\x01some pixels\x04more of them"))
	f.Add(uint8(9), uint8(2), uint8(1), uint8(3), true, []byte{1}, []byte("\x03some pixels\x02more of them"))
	f.Fuzz(func(t *testing.T, width, height, depth, color uint8, interlaced bool, transparency, data []byte) {
		head := chunk{"IHDR", []byte{0, 0, 0, width, 0, 0, 0, height, depth, color, 0, 0, 0}}
		if interlaced {
			head.data[12] = 1
		}
		chunks := []chunk{head}
		if ColorType(color) == Palette {
			chunks = append(chunks, chunk{"PLTE", []byte("abcdef")})
		}
		if len(transparency) > 0 {
			chunks = append(chunks, chunk{"tRNS", transparency})
		}
		// Enough of data for any image of this size, and not a byte too much.
		n := 0
		for _, p := range adam7 {
			if !interlaced {
				p = pass{0, 0, 1, 1}
			}
			w, h := (int(width)-p.x+p.dx-1)/p.dx, (int(height)-p.y+p.dy-1)/p.dy
			if w > 0 {
				n += h * (1 + (w*int(depth)*ColorType(color).samples()+7)/8)
			}
			if !interlaced {
				break
			}
		}
		pixels := make([]byte, n)
		for i := range pixels {
			if len(data) > 0 {
				pixels[i] = data[i%len(data)]
			}
		}
		chunks = append(chunks, chunk{"IDAT", deflated(pixels, stored)}, chunk{kind: "IEND"})
		if err := agree(file(chunks...)); err != nil {
			t.Error(err)
		}
	})
}

// The same for deflate streams, in chunks of size bytes, behind headers and checksums that are right.
func FuzzInflate(f *testing.F) {
	for _, stream := range streams(f, 50) {
		f.Add(stream, uint16(3))
		f.Add(stream, uint16(1000))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size uint16) {
		if err := agree(rowOf(stream, int(size))); err != nil {
			t.Error(err)
		}
	})
}
