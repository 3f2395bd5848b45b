package watcher

import (
	"bytes"
	"encoding/binary"
	"io"
)

// tailSize is how many bytes at a file's end are read. Some cameras and programs pad with zero bytes after the end
// marker; more than that is not looked for.
const tailSize = 64

// endOf asks the file's own format whether its end is there. It reads a few bytes at known places, and never says whole
// of a file that its name's format does not even begin: it goes by content.
func endOf(r io.ReaderAt, size int64) end {
	head := read(r, 0, 32, size)
	tail := read(r, max(0, size-tailSize), tailSize, size)
	unpadded := bytes.TrimRight(tail, "\x00")
	le := binary.LittleEndian
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return jpegEnd(r, size, unpadded)
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return marked(unpadded, "\x00\x00\x00\x00IEND\xaeB`\x82") // an empty chunk and its CRC
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return marked(unpadded, "\x00;") // the last block's terminator, and the trailer
	case len(head) >= 16 && bytes.HasPrefix(head, []byte("RIFF")) && string(head[8:12]) == "WEBP":
		// The size counts what follows it. One too small for a chunk is a place holder, filled in at the end.
		return sized(int64(le.Uint32(head[4:]))+8, 20, size, unpadded)
	case len(head) >= 18 && bytes.HasPrefix(head, []byte("BM")) && le.Uint32(head[6:]) == 0:
		return sized(int64(le.Uint32(head[2:])), 26, size, unpadded) // 14 + 12: the smallest header there is
	case len(head) >= 16 && string(head[4:8]) == "ftyp":
		return boxesEnd(r, size, unpadded)
	}
	return unclear
}

// read returns the n bytes at offset, or what there is of them.
func read(r io.ReaderAt, offset int64, n int, size int64) []byte {
	b := make([]byte, max(0, min(int64(n), size-offset)))
	n, _ = r.ReadAt(b, offset)
	return b[:n]
}

func marked(tail []byte, marker string) end {
	if bytes.HasSuffix(tail, []byte(marker)) {
		return whole
	}
	return cut
}

// sized compares a file's size with the one it declares. A file may be given its size before its content, as Windows
// does when it copies to a server: where it ends in zero bytes only, the size says nothing.
func sized(declared, least, size int64, unpadded []byte) end {
	switch {
	case declared < least:
		return unclear
	case size < declared:
		return cut
	case len(unpadded) == 0:
		return unclear
	}
	return whole
}

// jpegEnd looks for EOI at the end, after the headers: an embedded preview has an EOI of its own, and a file cut there
// is not whole. Marker segments as in ITU-T T.81, B.1.1.4.
func jpegEnd(r io.ReaderAt, size int64, unpadded []byte) end {
	const startOfScan, segments = 0xDA, 1000
	offset := int64(2)
	for range segments {
		b := read(r, offset, 4, size)
		if len(b) < 4 {
			return cut
		}
		if b[0] != 0xFF {
			return unclear
		}
		if b[1] == 0xFF { // a fill byte
			offset++
			continue
		}
		offset += 2 + int64(binary.BigEndian.Uint16(b[2:]))
		if b[1] == startOfScan {
			if offset > size-2 {
				return cut
			}
			return marked(unpadded, "\xff\xd9")
		}
	}
	return unclear
}

// boxesEnd adds up the top-level boxes of ISO/IEC 14496-12, 4.2 (AVIF, HEIC). A file cut between two boxes adds up too:
// only one with both a directory and its data is whole.
func boxesEnd(r io.ReaderAt, size int64, unpadded []byte) end {
	const boxes = 1000
	var directory, data bool
	offset := int64(0)
	for range boxes {
		if offset == size {
			if !directory || !data || len(unpadded) == 0 {
				return unclear
			}
			return whole
		}
		b := read(r, offset, 16, size)
		if len(b) < 8 {
			return cut
		}
		length, header := int64(binary.BigEndian.Uint32(b)), int64(8)
		if length == 1 { // the length has 64 bits, and follows the type
			if len(b) < 16 {
				return cut
			}
			length, header = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		switch {
		case length == 0: // to the end of the file, wherever that will be
			return unclear
		case length < header:
			return unclear
		case length > size-offset:
			return cut
		}
		switch string(b[4:8]) {
		case "meta", "moov":
			directory = true
		case "mdat":
			data = true
		}
		offset += length
	}
	return unclear
}
