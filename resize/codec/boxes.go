package codec

import (
	"encoding/binary"
	"errors"
)

// boxes walk the ISO base media file format, ISO/IEC 14496-12, section 4.2: a length, a type, and often more boxes.
type boxes struct {
	h    *Header
	left int // boxes and list entries that may still be looked at
}

const maxBoxes = 1 << 20

// box is one of them: where its content begins and ends.
type box struct {
	kind     string
	from, to int64
}

var errBox = errors.New("a box is larger than what it lies in")

// each calls f for the boxes from an offset up to another one, until it returns an error.
func (b *boxes) each(from, to int64, f func(box) error) error {
	for from < to {
		if b.left--; b.left < 0 {
			return errTooMany
		}
		head, err := b.h.at(from, 8)
		if err != nil {
			return err
		}
		size, x := int64(binary.BigEndian.Uint32(head)), box{kind: string(head[4:8]), from: from + 8}
		switch size {
		case 0: // the rest of the file
			size = to - from
		case 1:
			if head, err = b.h.at(from+8, 8); err != nil {
				return err
			}
			size, x.from = int64(binary.BigEndian.Uint64(head)), from+16
		}
		x.to = from + size
		if x.to < x.from || x.to > to {
			if size > 0 && to == b.h.size {
				return errEnd
			}
			return errBox
		}
		if err := f(x); err != nil {
			return err
		}
		from = x.to
	}
	return nil
}

// reader takes numbers off a box.
type reader struct {
	b   *boxes
	off int64
	to  int64
	err error
}

func (b *boxes) reader(x box) *reader { return &reader{b: b, off: x.from, to: x.to} }

// uint reads a big-endian number of 0 to 8 bytes; 0 after an error.
func (r *reader) uint(n int) uint64 {
	if r.err == nil && r.off+int64(n) > r.to {
		r.err = errBox
	}
	if r.err != nil {
		return 0
	}
	p, err := r.b.h.at(r.off, n)
	if err != nil {
		r.err = err
		return 0
	}
	r.off += int64(n)
	v := uint64(0)
	for _, c := range p {
		v = v<<8 | uint64(c)
	}
	return v
}

// next is one more entry of a list, which may not have very many.
func (r *reader) next() bool {
	if r.b.left--; r.b.left < 0 {
		r.err = errTooMany
	}
	return r.err == nil
}

// full reads the version and the flags of a full box.
func (r *reader) full() (version, flags uint64) {
	v := r.uint(4)
	return v >> 24, v & 0xffffff
}

// wide is 2 or 4, as identifiers grew with a box's version.
func wide(yes bool) int {
	if yes {
		return 4
	}
	return 2
}
