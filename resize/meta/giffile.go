package meta

import (
	"bytes"
	"errors"
)

var errCutGIF = errors.New("the file ends in one of its blocks")

// GIFXMP begins an application extension that is an XMP packet as it is, without blocks of its own (XMP Specification Part 3, section 1.1.2.3): whoever
// takes it for blocks is led by its bytes into the trailer, and there, from wherever he comes, to the end.
const GIFXMP = "\x21\xff\x0bXMP DataXMP"

// GIFXMPTrailer is how long that is, with the end of the extension.
const GIFXMPTrailer = 258

// gifBlocks tells the blocks behind a GIF's screen and its colours, up to its trailer (GIF89a, appendix B), and returns where the first of them is.
func gifBlocks(src []byte, tell func(at int, block []byte)) (head int, err error) {
	if len(src) < 13 {
		return 0, errCutGIF
	}
	table := func(packed byte) int {
		if packed&0x80 == 0 {
			return 0
		}
		return 3 << (1 + packed&7)
	}
	behind := func(off int) int { // a chain of sub-blocks
		for off < len(src) && src[off] != 0 {
			off += 1 + int(src[off])
		}
		return off + 1
	}
	head = min(13+table(src[10]), len(src))
	for off := head; off+2 <= len(src) && src[off] != 0x3b; {
		end := 0
		switch src[off] {
		case 0x21:
			end = behind(off + 2)
		case 0x2c:
			if off+10 > len(src) {
				return head, errCutGIF
			}
			end = behind(off + 10 + table(src[off+9]) + 1)
		default: // garbage behind the pictures
			return head, nil
		}
		if end > len(src) {
			return head, errCutGIF
		}
		tell(off, src[off:end])
		off = end
	}
	return head, nil
}

// isLoop says whether a block tells how often an animation is to be repeated.
func isLoop(block []byte) bool {
	return bytes.HasPrefix(block, []byte("\x21\xff\x0bNETSCAPE2.0")) || bytes.HasPrefix(block, []byte("\x21\xff\x0bANIMEXTS1.0"))
}

// strippedGIF leaves out comments, texts and application extensions, but for that of the loop (GIF89a, sections 23 to 27).
func strippedGIF(src []byte) ([]byte, error) {
	out := make([]byte, 0, len(src)+1)
	head, err := gifBlocks(src, func(_ int, block []byte) {
		if block[0] == 0x2c || block[1] == 0xf9 || isLoop(block) {
			out = append(out, block...)
		}
	})
	if err != nil {
		return nil, err
	}
	return append(append(src[:head:head], out...), 0x3b), nil
}

// insertGIF puts a packet, and as a comment whose picture it is, before the pictures: behind the loop, which browsers want first. There is no place for
// anything else in a GIF.
func insertGIF(data []byte, b Blocks) ([]byte, error) {
	var more []byte
	if about := Describe(b, Upright); about != nil && about.Copyright != "" {
		more = append(more, 0x21, 0xfe)
		for rest := []byte(about.Copyright); len(rest) > 0; {
			n := min(len(rest), 255)
			more = append(append(more, byte(n)), rest[:n]...)
			rest = rest[n:]
		}
		more = append(more, 0)
	}
	if len(b.XMP) > 0 && !bytes.Contains(b.XMP, []byte{0}) {
		more = append(append(append(more, GIFXMP...), b.XMP...), 1)
		for i := 255; i >= 0; i-- {
			more = append(more, byte(i))
		}
		more = append(more, 0)
	}
	if more == nil {
		return data, nil
	}
	at, first := 0, true
	head, err := gifBlocks(data, func(off int, block []byte) {
		if first = first && isLoop(block); first {
			at = off + len(block)
		}
	})
	if err != nil {
		return nil, err
	}
	at = max(at, head)
	out := append(make([]byte, 0, len(data)+len(more)), data[:at]...)
	copy(out, "GIF89a")
	return append(append(out, more...), data[at:]...), nil
}
