package jpeg

import "encoding/binary"

// A bitSink writes entropy-coded data, most significant bits first, with a zero after each byte of ones.
type bitSink struct {
	out  []byte
	acc  uint64 // its lowest 64 - free bits are still to be written
	free int
}

// maxBlockBytes bounds what one block becomes: its entries at 26 bits each, every byte stuffed, and what acc held.
const maxBlockBytes = 64*26/8*2 + 2*8 + 16

// room makes sure that n more blocks can be written.
func (w *bitSink) room(blocks int) {
	if n := blocks * maxBlockBytes; cap(w.out)-len(w.out) < n {
		grown := make([]byte, len(w.out), max(2*cap(w.out), len(w.out)+n))
		copy(grown, w.out)
		w.out = grown
	}
}

// block writes one block's entries, with the codes of its component. There has to be room.
func (w *bitSink) block(entries []uint16, dc, ac *codes) {
	acc, free := w.acc, w.free
	out := w.out[len(w.out):cap(w.out)]
	n := 0
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
		length := int(code & 31)
		value := uint64(code>>5 | extra)
		free -= length
		if free >= 0 {
			acc = acc<<(uint(length)&63) | value
			continue
		}
		acc = acc<<(uint(length+free)&63) | value>>(uint(-free)&63)
		n = put8(out, n, acc)
		acc = value
		free += 64
	}
	w.out = w.out[:len(w.out)+n]
	w.acc, w.free = acc, free
}

// put8 writes eight bytes at out[n:], stuffed, and returns the end.
func put8(out []byte, n int, v uint64) int {
	const low, high = 0x0101010101010101, 0x8080808080808080
	if v&high&^(v+low) == 0 { // no byte of ones: such a byte has its highest bit set, and loses it when one is added
		binary.BigEndian.PutUint64(out[n:], v)
		return n + 8
	}
	for shift := 56; shift >= 0; shift -= 8 {
		b := byte(v >> uint(shift))
		out[n] = b
		n++
		if b == 0xFF {
			out[n] = 0
			n++
		}
	}
	return n
}

// flush writes what is left, filled up with ones.
func (w *bitSink) flush() {
	for w.free&7 != 0 {
		w.acc = w.acc<<1 | 1
		w.free--
	}
	for n := 64 - w.free; n > 0; n -= 8 {
		b := byte(w.acc >> uint(n-8))
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
	}
	w.acc, w.free = 0, 64
}

// put writes the lowest n bits of v, at most 32.
func (w *bitSink) put(v uint64, n int) {
	w.free -= n
	if w.free >= 0 {
		w.acc = w.acc<<uint(n) | v
		return
	}
	w.room(1)
	w.acc = w.acc<<uint(n+w.free) | v>>uint(-w.free)
	out := w.out[len(w.out):cap(w.out)]
	w.out = w.out[:len(w.out)+put8(out, 0, w.acc)]
	w.acc = v
	w.free += 64
}
