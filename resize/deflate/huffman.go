package deflate

import (
	"cmp"
	"math/bits"
	"slices"
)

// bitWriter writes bits, the lowest first.
type bitWriter struct {
	out []byte
	acc uint64
	n   uint
}

func (w *bitWriter) write(v uint64, n uint) {
	w.acc |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.acc))
		w.acc >>= 8
	}
}

// finish fills up the last byte.
func (w *bitWriter) finish() []byte {
	if w.n > 0 {
		w.out = append(w.out, byte(w.acc))
		w.acc, w.n = 0, 0
	}
	return w.out
}

// codes are those of a block, and what it takes with them.
type codes struct {
	literal, distance []uint8 // lengths
	head              []run   // that says so
	headLengths       []uint8
	headCount         int
	size              int // bits
}

// run is a symbol of the alphabet of code lengths, with its extra bits (RFC 1951, section 3.2.7).
type run struct{ symbol, extra, bits uint8 }

// headOrder is the order of that alphabet's own lengths.
var headOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func newCodes(h *histogram) *codes {
	c := &codes{literal: codeLengths(h.literal[:], 15), distance: codeLengths(h.distance[:], 15)}
	c.literal, c.distance = trimmed(c.literal, 257), trimmed(c.distance, 1)
	c.head = runs(slices.Concat(c.literal, c.distance))
	used := make([]uint32, 19)
	for _, r := range c.head {
		used[r.symbol]++
		c.size += int(r.bits)
	}
	c.headLengths = codeLengths(used, 7)
	for i, s := range headOrder {
		if c.headLengths[s] > 0 {
			c.headCount = max(i+1, 4)
		}
	}
	c.size += 3 + 14 + 3*c.headCount + h.extra
	for i, n := range used {
		c.size += int(n) * int(c.headLengths[i])
	}
	for i, n := range c.literal {
		c.size += int(h.literal[i]) * int(n)
	}
	for i, n := range c.distance {
		c.size += int(h.distance[i]) * int(n)
	}
	return c
}

// trimmed is without the zeros at the end, down to so many.
func trimmed(lengths []uint8, least int) []uint8 {
	n := len(lengths)
	for n > least && lengths[n-1] == 0 {
		n--
	}
	return lengths[:n]
}

// runs writes lengths with those that repeat taken together.
func runs(lengths []uint8) (all []run) {
	for i := 0; i < len(lengths); {
		v, n := lengths[i], 1
		for i+n < len(lengths) && lengths[i+n] == v {
			n++
		}
		i += n
		if v > 0 {
			all = append(all, run{symbol: v})
			n--
		}
		for n >= 3 {
			switch {
			case v > 0:
				k := min(n, 6)
				all, n = append(all, run{16, uint8(k - 3), 2}), n-k
			case n <= 10:
				all, n = append(all, run{17, uint8(n - 3), 3}), 0
			default:
				k := min(n, 138)
				all, n = append(all, run{18, uint8(k - 11), 7}), n-k
			}
		}
		for range n {
			all = append(all, run{symbol: v})
		}
	}
	return all
}

// write writes a block.
func (c *codes) write(w *bitWriter, tokens []token, last bool) {
	kind := uint64(2 << 1)
	if last {
		kind |= 1
	}
	w.write(kind, 3)
	w.write(uint64(len(c.literal)-257), 5)
	w.write(uint64(len(c.distance)-1), 5)
	w.write(uint64(c.headCount-4), 4)
	for _, s := range headOrder[:c.headCount] {
		w.write(uint64(c.headLengths[s]), 3)
	}
	head, literal, distance := canonical(c.headLengths), canonical(c.literal), canonical(c.distance)
	for _, r := range c.head {
		w.write(uint64(head[r.symbol]), uint(c.headLengths[r.symbol]))
		w.write(uint64(r.extra), uint(r.bits))
	}
	for _, t := range tokens {
		if t.literal() {
			w.write(uint64(literal[t]), uint(c.literal[t]))
			continue
		}
		length, far := int(t>>16), int(t&0xFFFF)
		symbol, extra := lengthSymbol(length)
		w.write(uint64(literal[symbol]), uint(c.literal[symbol]))
		w.write(uint64(length-leastMatch)&(1<<extra-1), uint(extra))
		symbol, extra = distanceSymbol(far)
		w.write(uint64(distance[symbol]), uint(c.distance[symbol]))
		w.write(uint64(far-1)&(1<<extra-1), uint(extra))
	}
	w.write(uint64(literal[theEnd]), uint(c.literal[theEnd]))
}

// canonical are the codes of some lengths, with their first bit lowest (RFC 1951, section 3.2.2).
func canonical(lengths []uint8) []uint16 {
	var counts, next [17]uint16
	for _, n := range lengths {
		counts[n]++
	}
	counts[0] = 0
	for n := 1; n <= 15; n++ {
		next[n+1] = (next[n] + counts[n]) << 1
	}
	all := make([]uint16, len(lengths))
	for i, n := range lengths {
		if n > 0 {
			all[i] = bits.Reverse16(next[n] << (16 - n))
			next[n]++
		}
	}
	return all
}

// codeLengths are those of a Huffman code in which none is longer than limit. At least two symbols get one, as decoders want it.
func codeLengths(used []uint32, limit uint8) []uint8 {
	lengths := make([]uint8, len(used))
	type node struct {
		weight uint32
		parent int
	}
	var symbols []int
	for i, n := range used {
		if n > 0 {
			symbols = append(symbols, i)
		}
	}
	for i := 0; len(symbols) < 2; i++ {
		if used[i] == 0 {
			symbols = append(symbols, i)
		}
	}
	slices.SortStableFunc(symbols, func(a, b int) int { return cmp.Compare(used[a], used[b]) })
	for flat := uint32(0); ; flat++ { // rare symbols become less so until no code is too long
		nodes := make([]node, 0, 2*len(symbols))
		for _, s := range symbols {
			nodes = append(nodes, node{weight: max(used[s]>>flat, 1)})
		}
		leaf, inner := 0, len(symbols)
		least := func() int {
			if leaf < len(symbols) && (inner >= len(nodes) || nodes[leaf].weight <= nodes[inner].weight) {
				leaf++
				return leaf - 1
			}
			inner++
			return inner - 1
		}
		for len(nodes) < 2*len(symbols)-1 {
			a, b := least(), least()
			nodes[a].parent, nodes[b].parent = len(nodes), len(nodes)
			nodes = append(nodes, node{weight: nodes[a].weight + nodes[b].weight})
		}
		depth, deepest := make([]uint8, len(nodes)), uint8(0)
		for i := len(nodes) - 2; i >= 0; i-- {
			depth[i] = depth[nodes[i].parent] + 1
			deepest = max(deepest, depth[i])
		}
		if deepest <= limit {
			for i, s := range symbols {
				lengths[s] = depth[i]
			}
			return lengths
		}
	}
}
