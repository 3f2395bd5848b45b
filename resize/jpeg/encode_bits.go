package jpeg

import (
	"bytes"
	"encoding/binary"
)

// A bitSink writes entropy-coded data, most significant bits first: at first as it is, eight bytes at a time of which
// the whole ones count, so that no bit is asked about. Later, drain puts a zero behind each byte of ones.
type bitSink struct {
	out  []byte
	raw  []byte // raw[:n] is to be drained
	n    int
	acc  uint64 // its highest used bits are still to be written
	used uint   // fewer than 8, between two calls
}

const (
	maxBlockBytes = (2+64)*27/8 + 8 // bounds what is written for one block, before drain
	drainAt       = 1 << 15
)

// room makes sure that some more blocks can be written.
func (w *bitSink) room(blocks int) {
	if w.n >= drainAt {
		w.drain()
	}
	if need := drainAt + blocks*maxBlockBytes; len(w.raw) < need {
		raw := make([]byte, need)
		copy(raw, w.raw[:w.n])
		w.raw = raw
	}
}

// block writes one block's entries, with the codes of its component. There has to be room.
func (w *bitSink) block(entries []uint16, dc, ac *codes) {
	acc, used, raw, n := w.acc, w.used, w.raw, w.n
	table := dc
	for i := 0; i < len(entries); i++ {
		e := uint32(entries[i])
		code := table[e>>8]
		extra := e & 0xFF
		if e>>8&15 > 8 {
			i++
			extra = uint32(entries[i])
		}
		table = ac
		used += uint(code & 31)
		acc |= uint64(code>>5|extra) << ((64 - used) & 63)
		binary.BigEndian.PutUint64(raw[n:], acc)
		n += int(used >> 3)
		acc <<= used & 56
		used &= 7
	}
	w.acc, w.used, w.n = acc, used, n
}

// put writes the lowest count bits of v, at most 32. There has to be room.
func (w *bitSink) put(v uint64, count uint) {
	w.used += count
	w.acc |= v << ((64 - w.used) & 63)
	binary.BigEndian.PutUint64(w.raw[w.n:], w.acc)
	w.n += int(w.used >> 3)
	w.acc <<= w.used & 56
	w.used &= 7
}

// drain moves the whole bytes to out, a zero behind each of ones.
func (w *bitSink) drain() {
	rest := w.raw[:w.n]
	for {
		i := bytes.IndexByte(rest, 0xFF)
		if i < 0 {
			break
		}
		w.out = append(append(w.out, rest[:i+1]...), 0)
		rest = rest[i+1:]
	}
	w.out = append(w.out, rest...)
	w.n = 0
}

// finish writes the last bits, filled up with ones, and drains.
func (w *bitSink) finish() {
	w.room(1)
	w.put(1<<(-w.used&7)-1, -w.used&7)
	w.drain()
}
