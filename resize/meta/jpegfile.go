package meta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// jpegPart is a marker segment of a JPEG, or a scan's entropy-coded data behind its SOS.
type jpegPart struct {
	marker byte // 0: entropy-coded data
	whole  []byte
}

func (p jpegPart) payload() []byte { return p.whole[4:] }

// jpegParts walks a JPEG from marker to marker up to its end marker; what follows that is no part of it.
func jpegParts(src []byte, each func(jpegPart)) error {
	if len(src) < 4 || src[0] != 0xff || src[1] != 0xd8 {
		return fmt.Errorf("not a JPEG: %w", io.ErrUnexpectedEOF)
	}
	each(jpegPart{0xd8, src[:2]})
	for off := 2; ; {
		at := nextMarker(src, off)
		if at < 0 {
			return fmt.Errorf("a JPEG without an end: %w", io.ErrUnexpectedEOF)
		}
		if at > off {
			each(jpegPart{0, src[off:at]})
		}
		marker := src[at+1]
		off = at
		if marker == 0xd9 {
			each(jpegPart{marker, src[off : off+2]})
			return nil
		}
		if off+4 > len(src) {
			return fmt.Errorf("a JPEG that ends in a segment: %w", io.ErrUnexpectedEOF)
		}
		n := int(binary.BigEndian.Uint16(src[off+2:]))
		if n < 2 || off+2+n > len(src) {
			return fmt.Errorf("a JPEG that ends in a segment: %w", io.ErrUnexpectedEOF)
		}
		each(jpegPart{marker, src[off : off+2+n]})
		off += 2 + n
	}
}

// nextMarker is the offset of the next marker that ends what lies before it: no restart, and no stuffed byte; -1 if there is none.
func nextMarker(src []byte, off int) int {
	for {
		i := bytes.IndexByte(src[off:], 0xff)
		if i < 0 || off+i+1 >= len(src) {
			return -1
		}
		off += i + 1
		if m := src[off]; m != 0 && m != 0xff && (m < 0xd0 || m > 0xd7) {
			return off - 1
		}
	}
}

// plainJFIF is a JFIF segment: 1.01, square pixels of no size, no thumbnail.
const plainJFIF = "\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"

// strippedJPEG is src without metadata: of application segments JFIF's stays, and Adobe's, which says what the colours are.
func strippedJPEG(src []byte) ([]byte, error) {
	out := make([]byte, 0, len(src))
	err := jpegParts(src, func(p jpegPart) {
		application := 0xe0 <= p.marker && p.marker <= 0xef
		switch {
		case p.marker == 0xe0 && bytes.HasPrefix(p.payload(), []byte(jfifHead)):
			out = append(out, plainJFIF...)
		case p.marker == 0xee && bytes.HasPrefix(p.payload(), []byte("Adobe")), !application && p.marker != 0xfe:
			out = append(out, p.whole...)
		}
	})
	return out, err
}

// maxSegment is the most that a JPEG segment can hold.
const maxSegment = 65533

// insertJPEG puts blocks behind the JFIF segment. What does not fit into a JPEG is left out.
func insertJPEG(data []byte, b Blocks) ([]byte, error) {
	at := 2
	if len(data) > 20 && data[2] == 0xff && data[3] == 0xe0 {
		at = 4 + int(binary.BigEndian.Uint16(data[4:]))
	}
	if at > len(data) {
		return nil, fmt.Errorf("a JPEG that ends in a segment: %w", io.ErrUnexpectedEOF)
	}
	if d := b.Density; d != (Density{}) && at >= 18 && string(data[6:11]) == jfifHead {
		data[13] = byte(d.Unit)
		binary.BigEndian.PutUint16(data[14:], d.X)
		binary.BigEndian.PutUint16(data[16:], d.Y)
	}
	if b.Size() == 0 {
		return data, nil
	}
	out := make([]byte, 0, len(data)+b.Size()+b.Size()/1000+512)
	out = append(out, data[:at]...)
	segment := func(marker byte, head string, payload []byte) {
		if n := len(head) + len(payload); len(payload) > 0 && n <= maxSegment {
			out = binary.BigEndian.AppendUint16(append(out, 0xff, marker), uint16(n+2))
			out = append(append(out, head...), payload...)
		}
	}
	if len(b.GainMap) > 0 {
		b.XMP = withGainMap(b.XMP, len(b.GainMap))
	}
	segment(0xe1, exifHead, b.EXIF)
	segment(0xe1, xmpHead, b.XMP)
	if len(b.IPTC) > 0 {
		segment(0xed, "", photoshopSegment(b.IPTC))
	}
	const most = maxSegment - len(iccHead) - 2
	if n := (len(b.ICC) + most - 1) / most; n < 256 {
		for i := range n {
			segment(0xe2, iccHead+string([]byte{byte(i + 1), byte(n)}), b.ICC[i*most:min((i+1)*most, len(b.ICC))])
		}
	}
	segment(0xe2, isoHead, b.ISO)
	if len(b.GainMap) > 0 { // last of all, for its offsets
		whole := len(out) + 4 + mpfSize + len(data) - at
		header := len(out) + 4 + len(mpfHead)
		segment(0xe2, "", appendMPF(nil, header, whole, len(b.GainMap)))
	}
	return append(append(out, data[at:]...), b.GainMap...), nil
}
