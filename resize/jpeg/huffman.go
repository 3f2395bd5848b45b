package jpeg

// lookupBits is how many bits of the stream one look-up sees.
const lookupBits = 11

// An action is what a look-up tells to do with the stream, all of it at once:
//
//	bits  0 …  5  number of bits to drop; 0: the code or its value is too long for the look-up
//	bit   7       the end of block follows, and is counted in the number of bits
//	bits  8 … 15  how far to go in the zig-zag sequence before storing; 128: this is the end of block
//	bits 16 … 31  the value to store
//
// In the actions of a DC table only the number of bits and the value are used.
type action = uint32

const actionEnd = 0x80 // added to a position in the zig-zag sequence, it says that the block is over

// huffman is one Huffman table, in the forms that the stages of decoding need.
type huffman struct {
	defined bool
	dc      bool

	symbol  [1 << lookupBits]uint16 // code length << 8 | symbol; 0: longer than lookupBits
	values  [256]byte
	maxCode [18]uint32 // the largest code of a length, left-aligned to 16 bits, plus one; [17] stops every search
	offset  [17]int32  // of a length's first symbol in values, less its first code

	actions  [1 << lookupBits]action // sequential mode
	skips    [1 << lookupBits]action // AC only: over as many coefficients as the look-up sees, without their values
	prepared bool                    // actions are made of the present codes
	skipping bool                    // skips are
	endBits  uint                    // length of the code of symbol 0, of AC tables the end of block
}

// define takes the numbers of codes of each length and their symbols. It tells whether such a code can be.
func (h *huffman) define(counts, values []byte, dc bool) bool {
	*h = huffman{defined: true, dc: dc}
	copy(h.values[:], values)
	code, k := uint32(0), 0
	for length := 1; length <= 16; length++ {
		n := int(counts[length-1])
		h.offset[length] = int32(k) - int32(code)
		if n > 0 && code+uint32(n) > 1<<length {
			h.defined = false
			return false
		}
		for _, v := range values[k : k+n] {
			if dc && v > 15 {
				h.defined = false
				return false
			}
			if v == 0 {
				h.endBits = uint(length)
			}
			if length <= lookupBits {
				first := code << (lookupBits - length)
				for i := range uint32(1) << (lookupBits - length) {
					h.symbol[first+i] = uint16(length)<<8 | uint16(v)
				}
			}
			code++
		}
		k += n
		h.maxCode[length] = code << (16 - length)
		code <<= 1
	}
	h.maxCode[17] = 1 << 16
	return true
}

// find returns the code at the top of acc: its symbol and its length, 0 if there is no such code.
func (h *huffman) find(acc uint64) (symbol byte, length uint) {
	if s := h.symbol[acc>>(64-lookupBits)]; s != 0 {
		return byte(s), uint(s >> 8)
	}
	top := uint32(acc >> 48)
	length = lookupBits + 1
	for top >= h.maxCode[length] {
		length++
	}
	if length > 16 {
		return 0, 0
	}
	i := h.offset[length] + int32(top>>(16-length))
	return h.values[byte(i)], length
}

// extend turns the size bits at the top of acc into the value they stand for, T.81 F.2.2.1. size is 0 … 15.
func extend(acc uint64, size uint) int32 {
	v := int32(acc >> 1 >> ((63 - size) & 63))
	if int64(acc) >= 0 {
		v -= int32(1)<<(size&31) - 1
	}
	return v
}

// endsRun tells an AC symbol that ends a run of blocks in a progressive scan. In a sequential one it ends the block.
func endsRun(symbol byte) bool { return symbol&15 == 0 && symbol != 0 && symbol != 0xF0 }

// prepare makes the look-ups of sequential mode, once a table.
func (h *huffman) prepare() {
	if h.prepared {
		return
	}
	h.prepared = true
	for i := range h.actions {
		h.actions[i] = 0
		acc := uint64(i) << (64 - lookupBits)
		symbol, length := uint(h.symbol[i]&0xFF), uint(h.symbol[i]>>8)
		size := symbol & 15
		if length == 0 || length+size > lookupBits || !h.dc && endsRun(byte(symbol)) {
			continue
		}
		total := length + size
		step := symbol>>4 + 1
		value := extend(acc<<length, size)
		switch {
		case h.dc:
			step = 0
		case symbol == 0:
			step = actionEnd
		case size != 0:
			if rest, n := h.find(acc << total); rest == 0 && n != 0 && total+n <= lookupBits {
				total += n | actionEnd
			}
		}
		h.actions[i] = uint32(total) | uint32(step)<<8 | uint32(value)<<16
	}
}

// prepareSkips makes the look-up that goes over the AC coefficients of a block.
func (h *huffman) prepareSkips() {
	if h.skipping {
		return
	}
	h.skipping = true
	for i := range h.skips {
		acc := uint64(i) << (64 - lookupBits)
		total, step := uint(0), uint(0)
		for total < lookupBits {
			symbol, length := h.find(acc << total)
			if length == 0 || total+length > lookupBits || endsRun(symbol) {
				break
			}
			total += length + uint(symbol&15)
			if symbol == 0 {
				step += actionEnd
				break
			}
			step += uint(symbol>>4) + 1
			if step > 63 { // only the beginning of a block can hold so much: leave the rest to the next look-up
				break
			}
		}
		h.skips[i] = uint32(total) | uint32(step)<<8
	}
}
