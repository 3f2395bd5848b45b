package jpeg

import "math/bits"

// Between quantisation and writing, a block is a sequence of 16-bit entries:
//
//	number of entries that follow
//	one for the DC difference, then one for each AC symbol:
//		symbol << 8 | the lowest 8 of its extra bits
//		extra bits, if there are more than 8
//
// maxBlock bounds their number: 63 coefficients of 10 bits and a DC difference of 11.
const maxBlock = 1 + 2 + 63*2

// frequencies of the symbols of one table each.
type frequencies struct{ dc, ac [256]uint32 }

// symbols appends the entries of a block to b, which is as long as any block may need. It returns how many there are.
func (f *frequencies) symbols(b *[256]uint16, coefs *[64]int16, nonzero uint64, pred int16) uint8 {
	at := uint8(1)
	size, extra := category(int32(coefs[0]) - int32(pred))
	f.dc[uint8(size)]++
	b[at] = uint16(size<<8 | extra&0xFF)
	at++
	if size > 8 {
		b[at] = uint16(extra)
		at++
	}
	last := uint32(0) // place in the zig-zag sequence
	for rest := nonzero &^ 1; rest != 0; rest &= rest - 1 {
		k := uint32(bits.TrailingZeros64(rest)) & 63
		run := k - last - 1
		last = k
		for ; run > 15; run -= 16 {
			f.ac[0xF0]++
			b[at] = 0xF000
			at++
		}
		size, extra := category(int32(coefs[zigzag[k]&63]))
		symbol := run<<4 | size
		f.ac[uint8(symbol)]++
		b[at] = uint16(symbol<<8 | extra&0xFF)
		at++
		if size > 8 {
			b[at] = uint16(extra)
			at++
		}
	}
	if last != 63 { // end of block
		f.ac[0]++
		b[at] = 0
		at++
	}
	b[0] = uint16(at - 1)
	return at
}

// category is the size of a value and as many of its extra bits, T.81 F.1.2.1.
func category(v int32) (size, extra uint32) {
	sign := v >> 31
	size = uint32(bits.Len32(uint32(v ^ sign - sign)))
	return size, uint32(v+sign) & (1<<size - 1)
}

// empty is a block behind the edge of the image: no difference, no AC.
func (f *frequencies) empty(b *[256]uint16) uint8 {
	f.dc[0]++
	f.ac[0]++
	b[0], b[1], b[2] = 2, 0, 0
	return 3
}
