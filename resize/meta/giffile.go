package meta

import (
	"bytes"
	"errors"
)

var errCutGIF = errors.New("the file ends in one of its blocks")

// strippedGIF leaves out comments, texts and application extensions, but for that of the loop (GIF89a, sections 23 to 27).
func strippedGIF(src []byte) ([]byte, error) {
	if len(src) < 13 {
		return nil, errCutGIF
	}
	table := func(packed byte) int {
		if packed&0x80 == 0 {
			return 0
		}
		return 3 << (1 + packed&7)
	}
	blocks := func(off int) int { // behind a chain of them
		for off < len(src) && src[off] != 0 {
			off += 1 + int(src[off])
		}
		return off + 1
	}
	off := 13 + table(src[10])
	out := append(make([]byte, 0, len(src)), src[:min(off, len(src))]...)
	for off+2 <= len(src) && src[off] != 0x3b {
		end := 0
		keep := true
		switch src[off] {
		case 0x21:
			end = blocks(off + 2)
			loop := bytes.HasPrefix(src[off+2:], []byte("\x0bNETSCAPE2.0")) || bytes.HasPrefix(src[off+2:], []byte("\x0bANIMEXTS1.0"))
			keep = src[off+1] == 0xf9 || src[off+1] == 0xff && loop
		case 0x2c:
			if off+10 > len(src) {
				return nil, errCutGIF
			}
			end = blocks(off + 10 + table(src[off+9]) + 1)
		default: // garbage behind the pictures
			return append(out, 0x3b), nil
		}
		if end > len(src) {
			return nil, errCutGIF
		}
		if keep {
			out = append(out, src[off:end]...)
		}
		off = end
	}
	return append(out, 0x3b), nil
}
