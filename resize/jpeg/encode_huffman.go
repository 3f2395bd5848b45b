package jpeg

// A huffmanSpec is a Huffman table as a DHT segment has it.
type huffmanSpec struct {
	counts [16]byte // of codes, by length less one
	values [256]byte
	n      int // of values
}

// codes of a table by symbol: code << size | 0 …, above 5 bits that hold the length of all that. The lowest size bits
// are for the extra bits that follow the code (T.81 F.1.2), so that both are written at once.
type codes [256]uint32

// codes assigns the codes, T.81 C.2.
func (s *huffmanSpec) codes(c *codes) {
	*c = codes{}
	code, k := uint32(0), 0
	for length := range s.counts {
		for range s.counts[length] {
			symbol := s.values[k]
			size := uint32(symbol & 15)
			c[symbol] = code<<(size+5) | (uint32(length) + 1 + size)
			code++
			k++
		}
		code <<= 1
	}
}

// optimise makes the table that writes symbols of these counts in the fewest bits, T.81 K.2, with the Independent
// JPEG Group's choice among equal counts: the larger symbol goes first.
func (s *huffmanSpec) optimise(counts *[256]uint32) {
	const reserved = 256 // a symbol that takes the code of all ones, which must not be used
	var (
		symbols [257]uint16
		freq    [257]uint64
		next    [257]int16 // of the same tree
		length  [257]uint8
	)
	n := 0
	for symbol, count := range counts {
		if count > 0 {
			symbols[n], freq[n] = uint16(symbol), uint64(count)
			n++
		}
	}
	s.n = n
	symbols[n], freq[n] = reserved, 1
	n++
	for i := range n {
		next[i] = -1
	}
	for range n - 1 {
		a, b := -1, -1 // the least frequent, and the second
		for i, f := range freq[:n] {
			switch {
			case f == 0: // merged
			case a < 0 || f <= freq[a]:
				a, b = i, a
			case b < 0 || f <= freq[b]:
				b = i
			}
		}
		freq[a] += freq[b]
		freq[b] = 0
		length[a]++
		for next[a] >= 0 {
			a = int(next[a])
			length[a]++
		}
		next[a] = int16(b)
		for length[b]++; next[b] >= 0; length[b]++ {
			b = int(next[b])
		}
	}
	s.assign(symbols[:n-1], length[:n-1], length[n-1])
}

// assign shortens the codes to 16 bits, T.81 figure K.3, and sorts the symbols by length. The last code given is the
// reserved symbol's, one of the longest.
func (s *huffmanSpec) assign(symbols []uint16, length []uint8, reserved uint8) {
	var counts [257]int
	for _, l := range length {
		counts[l]++
	}
	counts[reserved]++
	for l := 256; l > 16; l-- {
		for counts[l] > 0 {
			shorter := l - 2
			for counts[shorter] == 0 {
				shorter--
			}
			counts[l] -= 2
			counts[l-1]++
			counts[shorter+1] += 2
			counts[shorter]--
		}
	}
	longest := 16
	for counts[longest] == 0 {
		longest--
	}
	counts[longest]--
	for l := range s.counts {
		s.counts[l] = byte(counts[l+1])
	}
	k := 0
	for l := 1; k < len(symbols); l++ {
		for i, symbol := range symbols {
			if int(length[i]) == l {
				s.values[k] = byte(symbol)
				k++
			}
		}
	}
}
