package meta

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// VP8X's flags, RFC 9649, section 2.7.1.
const (
	webpXMP   = 1 << 2
	webpEXIF  = 1 << 3
	webpAlpha = 1 << 4
	webpICC   = 1 << 5
)

type riffChunk struct {
	id   string
	data []byte
}

func riffChunks(src []byte) ([]riffChunk, error) {
	bad := fmt.Errorf("a WebP that ends in a chunk: %w", io.ErrUnexpectedEOF)
	if len(src) < 20 {
		return nil, bad
	}
	var all []riffChunk
	end := min(int64(len(src)), 8+int64(binary.LittleEndian.Uint32(src[4:])))
	for rest := src[12:max(12, end)]; len(rest) >= 8; {
		n := int64(binary.LittleEndian.Uint32(rest[4:]))
		if n > int64(len(rest))-8 {
			return nil, bad
		}
		all = append(all, riffChunk{string(rest[:4]), rest[8 : 8+n]})
		rest = rest[min(8+n+n&1, int64(len(rest))):]
	}
	if len(all) == 0 {
		return nil, bad
	}
	return all, nil
}

// insertWebP writes src's picture with the blocks of b in place of its own. There is no place for IPTC, and none for a resolution, in a WebP.
func insertWebP(src []byte, b Blocks) ([]byte, error) {
	chunks, err := riffChunks(src)
	if err != nil {
		return nil, err
	}
	head, err := webpExtended(chunks, b)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(src)+b.Size()+64), "RIFF\x00\x00\x00\x00WEBP"...)
	chunk := func(id string, data []byte) {
		if len(data) > 0 {
			out = append(binary.LittleEndian.AppendUint32(append(out, id...), uint32(len(data))), data...)
			out = append(out, make([]byte, len(data)&1)...)
		}
	}
	chunk("VP8X", head)
	chunk("ICCP", b.ICC)
	start := len(out)
	for _, c := range chunks {
		switch c.id {
		case "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L":
			chunk(c.id, c.data)
		}
	}
	if len(out) == start {
		return nil, errors.New("a WebP without a picture")
	}
	chunk("EXIF", b.EXIF)
	chunk("XMP ", b.XMP)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

// webpExtended is the VP8X that the file needs, nil where it needs none.
func webpExtended(chunks []riffChunk, b Blocks) ([]byte, error) {
	flags := byte(0)
	for _, f := range []struct {
		block []byte
		flag  byte
	}{{b.EXIF, webpEXIF}, {b.XMP, webpXMP}, {b.ICC, webpICC}} {
		if len(f.block) > 0 {
			flags |= f.flag
		}
	}
	first := chunks[0]
	switch {
	case first.id == "VP8X" && len(first.data) >= 10:
		head := append([]byte{}, first.data[:10]...)
		head[0] = head[0]&^(webpEXIF|webpXMP|webpICC) | flags
		return head, nil
	case flags == 0:
		return nil, nil
	case first.id == "VP8 " && len(first.data) >= 10: // RFC 6386, section 9.1
		w, h := binary.LittleEndian.Uint16(first.data[6:])&0x3fff, binary.LittleEndian.Uint16(first.data[8:])&0x3fff
		return webpCanvas(flags, int(w), int(h)), nil
	case first.id == "VP8L" && len(first.data) >= 5: // RFC 9649, section 3.4
		bits := binary.LittleEndian.Uint32(first.data[1:])
		if bits>>28&1 != 0 {
			flags |= webpAlpha
		}
		return webpCanvas(flags, 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)), nil
	}
	return nil, fmt.Errorf("a WebP that begins with %q", first.id)
}

func webpCanvas(flags byte, w, h int) []byte {
	b := []byte{flags, 0, 0, 0}
	for _, v := range []int{w - 1, h - 1} {
		b = append(b, byte(v), byte(v>>8), byte(v>>16))
	}
	return b
}
