package watcher

import (
	"bytes"
	"encoding/binary"
	"io"
)

// endOf judges by a file's first and last bytes whether its format's end is there. A file that is cut can look whole by
// chance only if it was cut at a byte that looks like its end; that is what the kernel is asked for first.
func endOf(r io.ReaderAt, size int64) ending {
	head := make([]byte, min(16, size))
	if n, _ := r.ReadAt(head, 0); n < len(head) || n < 12 {
		return unknownEnd
	}
	tail := make([]byte, min(64, size))
	if n, _ := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return unknownEnd
	}
	verdict := func(ok bool) ending {
		if ok {
			return whole
		}
		return cut
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xd8, 0xff}): // JPEG: EOI, and zeros that some cameras pad with
		return verdict(bytes.HasSuffix(bytes.TrimRight(tail, "\x00"), []byte{0xff, 0xd9}))
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return verdict(bytes.HasSuffix(tail, []byte("\x00\x00\x00\x00IEND\xaeB`\x82")))
	case bytes.HasPrefix(head, []byte("GIF8")):
		return verdict(tail[len(tail)-1] == 0x3b)
	case bytes.HasPrefix(head, []byte("RIFF")): // its length does not count itself and the four letters; odd ones are padded
		length := int64(binary.LittleEndian.Uint32(head[4:])) + 8
		return verdict(size >= length)
	case bytes.HasPrefix(head, []byte("BM")) && binary.LittleEndian.Uint32(head[6:]) == 0: // two reserved fields are zero
		return verdict(size >= int64(binary.LittleEndian.Uint32(head[2:])))
	case string(head[4:8]) == "ftyp":
		return verdict(boxesEnd(r, size))
	}
	return unknownEnd
}

// boxesEnd walks the top-level boxes of an ISO base media file (ISO/IEC 14496-12, 4.2) and reports whether they fill it.
func boxesEnd(r io.ReaderAt, size int64) bool {
	var b [16]byte
	pos := int64(0)
	for range 1000 {
		if pos == size {
			return true
		}
		n, _ := r.ReadAt(b[:], pos)
		if n < 8 {
			return false
		}
		length, header := int64(binary.BigEndian.Uint32(b[:])), int64(8)
		switch {
		case length == 0: // to the end of the file, wherever that will be
			return false
		case length == 1 && n == 16:
			length, header = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		if length < header || length > size-pos {
			return false
		}
		pos += length
	}
	return false
}
