package meta

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// pngColours are the ancillary chunks that pixels, or an animation, cannot be shown right without.
var pngColours = []string{"tRNS", "gAMA", "cHRM", "sRGB", "cICP", "sBIT", "mDCv", "cLLi", "mDCV", "cLLI", "bKGD", "acTL", "fcTL", "fdAT"}

// pngStart is the signature, and the beginning of a header of its only length.
const pngStart = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

// strippedPNG is src without metadata, up to its end marker: critical chunks stay, and those about colours and movement.
func strippedPNG(src []byte) ([]byte, error) {
	if !bytes.HasPrefix(src, []byte(pngStart)) {
		return nil, errors.New("a PNG that does not begin with its header")
	}
	out := append(make([]byte, 0, len(src)), src[:8]...)
	for rest := src[8:]; len(rest) >= 12; {
		n := int64(binary.BigEndian.Uint32(rest)) + 12
		if n > int64(len(rest)) {
			break
		}
		kind := string(rest[4:8])
		if kind[0]&0x20 == 0 || slices.Contains(pngColours, kind) {
			out = append(out, rest[:n]...)
		}
		if kind == "IEND" {
			return out, nil
		}
		rest = rest[n:]
	}
	return nil, fmt.Errorf("a PNG without an end: %w", io.ErrUnexpectedEOF)
}

// insertPNG puts blocks behind the header. There is no place for IPTC in a PNG.
func insertPNG(data []byte, b Blocks) ([]byte, error) {
	const head = 8 + 12 + 13
	if len(data) < head {
		return nil, fmt.Errorf("not a PNG: %w", io.ErrUnexpectedEOF)
	}
	out := append(make([]byte, 0, len(data)+b.Size()+256), data[:head]...)
	chunk := func(kind string, parts ...[]byte) {
		start := len(out)
		out = append(append(out, 0, 0, 0, 0), kind...)
		for _, p := range parts {
			out = append(out, p...)
		}
		binary.BigEndian.PutUint32(out[start:], uint32(len(out)-start-8))
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start+4:]))
	}
	if len(b.ICC) > 0 {
		var z bytes.Buffer
		w, err := zlib.NewWriterLevel(&z, zlib.BestCompression)
		if err == nil {
			_, err = w.Write(b.ICC)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return nil, err
		}
		chunk("iCCP", []byte("icc\x00\x00"), z.Bytes())
	}
	if d := b.Density; d != (Density{}) {
		x, y, unit := d.metres()
		chunk("pHYs", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, x), y), []byte{unit})
	}
	if len(b.EXIF) > 0 {
		chunk("eXIf", b.EXIF)
	}
	if len(b.XMP) > 0 {
		chunk("iTXt", []byte(pngXMP), []byte{0, 0, 0, 0}, b.XMP) // not compressed, as XMP's specification part 3 wants it; no language, no translation
	}
	return append(out, data[head:]...), nil
}

// metres is a density as PNG has it: pixels a metre, or just a ratio.
func (d Density) metres() (x, y uint32, unit byte) {
	factor := map[DensityUnit]float64{NoUnit: 1, PerInch: 1 / 0.0254, PerCM: 100}[d.Unit]
	if d.Unit != NoUnit {
		unit = 1
	}
	return uint32(float64(d.X)*factor + 0.5), uint32(float64(d.Y)*factor + 0.5), unit
}
