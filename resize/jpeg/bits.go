package jpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	bufferSize = 32 << 10 // of unstuffed data, besides what one MCU can need
	blockBytes = 256      // more than one block can need: (16+15) bits for each of 64 coefficients
)

// bitstream reads the entropy-coded data between two markers. The stuffed zeros (T.81 B.1.1.5) are taken out ahead of the
// reading, a buffer at a time, so that the readers see plain bits, eight bytes a load.
//
// Readers load and drop bits without asking whether there are any: ready, called before each MCU, promises as
// many as an MCU can need. Behind the data they are zeros, and the next call of ready finds out.
type bitstream struct {
	acc uint64 // the next bits, from the top
	n   uint   // how many of them count; those below are right, too, or zero
	pos int    // in buf, of the first byte that is not counted in n
	buf []byte

	end   int  // of the data in buf
	slack int  // bytes that an MCU can need
	guard int  // from this pos on, ready has something to do
	final bool // the data ends at buf[:end]
	bad   bool // a code that is none was met: set by fail

	in   *input
	next int // in in, of the first byte that is not in buf; when final, of the marker
}

// start begins to read the data from at on, which comes in MCUs of at most the given number of blocks.
func (r *bitstream) start(in *input, at, blocks int) {
	r.slack = blocks*blockBytes + 16
	if size := bufferSize + r.slack; len(r.buf) < size {
		r.buf = make([]byte, size)
	}
	r.in, r.next = in, at
	r.acc, r.n, r.pos, r.end, r.guard = 0, 0, 0, 0, 0
	r.final, r.bad = false, false
}

// ready prepares the reading of one MCU. It reports false when the data before was damaged or is used up.
func (r *bitstream) ready() bool {
	if r.pos < r.guard {
		return true
	}
	return r.more()
}

func (r *bitstream) more() bool {
	if r.bad {
		return false
	}
	if !r.final {
		r.unstuff()
		r.guard = r.end - r.slack
		return true
	}
	return r.pos*8-int(r.n) < r.end*8
}

// overrun tells whether more was read than there was.
func (r *bitstream) overrun() bool {
	return r.bad || r.final && r.pos*8-int(r.n) > r.end*8
}

// fail notes a code that is none, and makes the next call of ready see it.
func (r *bitstream) fail() {
	r.bad, r.guard = true, 0
}

// unstuff fills the buffer.
func (r *bitstream) unstuff() {
	bit := r.pos*8 - int(r.n)
	end := copy(r.buf, r.buf[bit>>3:r.end])
	limit := len(r.buf) - r.slack
	for end < limit && !r.final {
		src := r.in.at(r.next, 1)
		if len(src) > limit-end {
			src = src[:limit-end]
		}
		plain := bytes.IndexByte(src, 0xFF)
		if plain < 0 {
			plain = len(src)
			r.final = plain == 0
		}
		end += copy(r.buf[end:], src[:plain])
		r.next += plain
		if plain == len(src) {
			continue
		}
		switch two := r.in.at(r.next, 2); {
		case len(two) < 2:
			r.final = true
		case two[1] == 0:
			r.buf[end] = 0xFF
			end++
			r.next += 2
		case two[1] == 0xFF: // fill bytes may come before a marker, T.81 B.1.1.2
			r.next++
		default:
			r.final = true
		}
	}
	r.end = end
	clear(r.buf[end:min(end+r.slack, len(r.buf))])
	r.acc, r.n, r.pos = 0, 0, 0
	r.refill()
	r.drop(uint(bit & 7))
}

// refill makes n at least 56.
func (r *bitstream) refill() {
	r.acc |= binary.BigEndian.Uint64(r.buf[r.pos:]) >> (r.n & 63)
	r.pos += int((63 - r.n) >> 3)
	r.n |= 56
}

// back goes back by a few bits.
func (r *bitstream) back(n uint) {
	bit := r.pos*8 - int(r.n) - int(n)
	r.pos, r.n, r.acc = bit>>3, 0, 0
	r.refill()
	r.drop(uint(bit & 7))
}

func (r *bitstream) drop(n uint) {
	r.acc <<= n & 63
	r.n -= n
}

// take returns the next n bits, of 1 … 16.
func (r *bitstream) take(n uint) uint32 {
	if r.n < 32 {
		r.refill()
	}
	v := uint32(r.acc >> ((64 - n) & 63))
	r.drop(n)
	return v
}
