package main

// A huffman table: the code lengths as DHT lists them, and each symbol's code.
type huffman struct {
	counts  [17]int // codes of each length, 1 to 16
	symbols []byte  // by length, then in the order of code
	code    [256]uint32
	length  [256]int
}

// optimal makes the table that writes symbols of these frequencies shortest, no code longer than 16 bits and none of
// only ones (T.81 K.2).
func optimal(freq [256]int) huffman {
	var weight [257]int
	copy(weight[:], freq[:])
	weight[256] = 1 // holds the code of only ones, which no symbol gets
	var depth [257]int
	var group [257][]int // symbols under a node, by the node's first symbol
	for i := range group {
		group[i] = []int{i}
	}
	for {
		a, b := rarest(weight[:], -1), -1
		if a >= 0 {
			b = rarest(weight[:], a)
		}
		if b < 0 {
			break
		}
		weight[a] += weight[b]
		weight[b] = 0
		group[a] = append(group[a], group[b]...)
		for _, s := range group[a] {
			depth[s]++
		}
	}
	return limited(depth)
}

// rarest is the index of the smallest weight above 0 but not's, the last of equals; -1 if there is none.
func rarest(weight []int, not int) int {
	found := -1
	for i, w := range weight {
		if w > 0 && i != not && (found < 0 || w <= weight[found]) {
			found = i
		}
	}
	return found
}

// limited shortens the codes of more than 16 bits by lengthening shorter ones and assigns the codes.
func limited(depth [257]int) (h huffman) {
	var counts [258]int
	deepest := 0
	for _, d := range depth {
		counts[d]++
		deepest = max(deepest, d)
	}
	for i := deepest; i > 16; i-- {
		for counts[i] > 0 {
			j := i - 2
			for counts[j] == 0 {
				j--
			}
			counts[i] -= 2 // two siblings go: one takes their parent's place,
			counts[i-1]++  // the other becomes the sibling of a code of j bits, one longer
			counts[j+1] += 2
			counts[j]--
		}
	}
	longest := min(deepest, 16)
	for counts[longest] == 0 {
		longest--
	}
	counts[longest]-- // the code of only ones
	copy(h.counts[1:], counts[1:17])
	for d := 1; d <= deepest; d++ {
		for s := range 256 {
			if depth[s] == d {
				h.symbols = append(h.symbols, byte(s))
			}
		}
	}
	code, next := uint32(0), 0
	for length := 1; length <= 16; length++ {
		for range h.counts[length] {
			h.code[h.symbols[next]], h.length[h.symbols[next]] = code, length
			code++
			next++
		}
		code <<= 1
	}
	return h
}

// bytes is the scan with its tables: DHT for each that it uses, SOS, and the entropy-coded data.
func (s scan) bytes(c coefficients, f jpegFile) []byte {
	tokens := s.tokenize(c, f)
	var freq [4][256]int
	var used [4]bool
	for _, t := range tokens {
		if t.table >= 0 {
			freq[t.table][t.sym]++
			used[t.table] = true
		}
	}
	var out []byte
	var tables [4]huffman
	for i := range tables {
		if !used[i] {
			continue
		}
		tables[i] = optimal(freq[i])
		body := []byte{byte(i>>1<<4 | i&1)}
		for _, n := range tables[i].counts[1:] {
			body = append(body, byte(n))
		}
		out = append(out, segment(0xc4, append(body, tables[i].symbols...))...)
	}
	header := []byte{byte(len(s.comps))}
	for _, i := range s.comps {
		header = append(header, f.planes[i].id, byte(f.planes[i].tables*0x11))
	}
	header = append(header, byte(s.ss), byte(s.se), byte(s.ah<<4|s.al))
	out = append(out, segment(0xda, header)...)
	w := bitWriter{out: out}
	for _, t := range tokens {
		switch t.table {
		case restart:
			w.pad()
			w.out = append(w.out, 0xff, t.sym)
			continue
		case plain:
		default:
			w.write(tables[t.table].code[t.sym], tables[t.table].length[t.sym])
		}
		w.write(t.value, t.n)
	}
	w.pad()
	return w.out
}

// A bitWriter writes bits from the top of each byte down, with a zero byte stuffed behind each 0xff.
type bitWriter struct {
	out  []byte
	bits uint32
	n    int
}

func (w *bitWriter) write(value uint32, n int) {
	w.bits = w.bits<<n | value
	for w.n += n; w.n >= 8; w.n -= 8 {
		b := byte(w.bits >> (w.n - 8))
		w.out = append(w.out, b)
		if b == 0xff {
			w.out = append(w.out, 0)
		}
	}
}

// pad fills the byte at hand with ones.
func (w *bitWriter) pad() {
	if w.n > 0 {
		w.write(1<<(8-w.n)-1, 8-w.n)
	}
}
