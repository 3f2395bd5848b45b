package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"github.com/gen2brain/webp"
)

// encodeWebP is m by libwebp, compiled to WebAssembly, so that every machine makes the same bytes. Quality 0 is
// lossless.
func encodeWebP(m *image.NRGBA, quality int) ([]byte, error) {
	if webp.Dynamic() == nil {
		return nil, errors.New("the WebP encoder would use this machine's own libwebp: build with -tags nodynamic")
	}
	var out bytes.Buffer
	err := webp.Encode(&out, m, webp.Options{Quality: quality, Lossless: quality == 0, Method: 4, Exact: true})
	return out.Bytes(), err
}

// Flags of a VP8X chunk.
const (
	hasAnimation = 0x02
	hasExif      = 0x08
	hasAlpha     = 0x10
)

// animatedWebP shows the frames for 120 ms each, for ever: the first lossy, the others lossless, blended, and left or
// cleared in turn.
func animatedWebP(frames []patch) ([]byte, error) {
	canvas := frames[0].Rect
	body := append(vp8x(hasAnimation|hasAlpha, canvas.Dx(), canvas.Dy()),
		riffChunk("ANIM", []byte{0, 0, 0, 0, 0, 0})...)
	for i, f := range frames {
		quality := 0
		if i == 0 {
			quality = 80
		}
		file, err := encodeWebP(f.NRGBA, quality)
		if err != nil {
			return nil, err
		}
		var frame []byte
		for _, v := range []int{f.at.X / 2, f.at.Y / 2, f.Rect.Dx() - 1, f.Rect.Dy() - 1, 120} {
			frame = append(frame, uint24(v)...)
		}
		frame = append(frame, byte(i%2)) // blend; dispose to the background every second one
		body = append(body, riffChunk("ANMF", append(frame, imageChunks(file)...))...)
	}
	return riff(body), nil
}

// orientedWebP is m, stored with that EXIF orientation.
func orientedWebP(m *image.NRGBA, orientation int) ([]byte, error) {
	m = stored(m, orientation)
	file, err := encodeWebP(m, 80)
	if err != nil {
		return nil, err
	}
	body := append(vp8x(hasExif, m.Rect.Dx(), m.Rect.Dy()), imageChunks(file)...)
	return riff(append(body, riffChunk("EXIF", intel.orientationExif(orientation))...)), nil
}

// imageChunks is a file's chunks without RIFF header and VP8X.
func imageChunks(file []byte) []byte {
	body := file[12:]
	if string(body[:4]) == "VP8X" {
		body = body[18:]
	}
	return body
}

func riff(body []byte) []byte { return riffChunk("RIFF", append([]byte("WEBP"), body...)) }

func riffChunk(name string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	return append(append(out, body...), make([]byte, len(body)%2)...)
}

func vp8x(flags byte, w, h int) []byte {
	body := append([]byte{flags, 0, 0, 0}, uint24(w-1)...)
	return riffChunk("VP8X", append(body, uint24(h-1)...))
}

func uint24(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }
