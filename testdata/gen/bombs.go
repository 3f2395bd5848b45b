package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
)

// Bombs are small files that state huge pictures. None holds the pixels, but for bombWebP: their data just stops.

func bombPNG(w, h int) []byte {
	p := pngFile{w: w, h: h, kind: pngRGB, depth: 8}
	out := append([]byte(pngSignature), p.header()...)
	out = append(out, chunk("IDAT", deflate(make([]byte, 4096)))...)
	return append(out, chunk("IEND", nil)...)
}

func bombJPEG(w, h int) []byte {
	f := greyJPEG(scene(16, 16), 50)
	small, large := frameHeader(0xc0, 16, 16, f.planes), frameHeader(0xc0, w, h, f.planes)
	return bytes.Replace(f.bytes(), small, large, 1)
}

// bombGIF states the size twice: of the screen and of the frame.
func bombGIF(w, h int) []byte {
	size := []byte{byte(w), byte(w >> 8), byte(h), byte(h >> 8)}
	out := append([]byte("GIF89a"), size...)
	out = append(out, 0x80, 0, 0, 0, 0, 0, 255, 255, 255) // two colours
	out = append(append(out, 0x2c, 0, 0, 0, 0), size...)
	return append(out, 0, 2, 2, 0x44, 0x01, 0, 0x3b)
}

// framesGIF has n frames of one pixel on a w×h screen.
func framesGIF(n, w, h int) ([]byte, error) {
	g := &gif.GIF{Config: image.Config{Width: w, Height: h, ColorModel: color.Palette{black, white}}}
	for i := range n {
		p := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{black, white})
		p.Rect = p.Rect.Add(image.Pt(i%w, i/w%h))
		p.Pix[0] = byte(i & 1)
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 2)
	}
	return encodeGIF(g)
}

// bombBMP has the header of a 24-bit BMP, and one row of a few pixels.
func bombBMP(w, h uint32) []byte {
	le := binary.LittleEndian
	pixels := make([]byte, 24)
	out := le.AppendUint32([]byte("BM"), uint32(54+len(pixels)))
	out = le.AppendUint32(out, 0)
	out = le.AppendUint32(out, 54) // where the pixels are
	out = le.AppendUint32(out, 40) // BITMAPINFOHEADER
	out = le.AppendUint32(out, w)
	out = le.AppendUint32(out, h)
	out = le.AppendUint16(out, 1)
	out = le.AppendUint16(out, 24)
	out = append(out, make([]byte, 24)...)
	return append(out, pixels...)
}

func bombTIFF(w, h uint32) []byte {
	return intel.tiffImage(w, h, []uint16{8, 8, 8}, uncompressed, 2, make([]byte, 24))
}

// bombWebP is a lossless WebP of one colour, and whole: each of the five prefix codes has one symbol, which takes no
// bits, so that no data is needed for any number of pixels (WebP Lossless Bitstream, 3.7.2.1.1).
func bombWebP(w, h int) []byte {
	var bits uint64
	n := 0
	put := func(v, width int) {
		bits |= uint64(v) << n
		n += width
	}
	put(w-1, 14)
	put(h-1, 14)
	put(0, 1) // no alpha
	put(0, 3) // version
	put(0, 1) // no transform
	put(0, 1) // no colour cache
	put(0, 1) // one group of codes
	for range 5 {
		put(1, 1) // a simple code,
		put(0, 1) // of one symbol,
		put(0, 1) // which fits into one bit:
		put(0, 1) // 0
	}
	return riff(riffChunk("VP8L", binary.LittleEndian.AppendUint64([]byte{0x2f}, bits)))
}
