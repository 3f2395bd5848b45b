package deflate

import (
	"math"
	"math/bits"
	"slices"
)

// token is a literal, which is its value, or a match, its length above its distance.
type token uint32

func (t token) literal() bool { return t < 1<<16 }

// length is how many bytes it stands for.
func (t token) length() int {
	if t.literal() {
		return 1
	}
	return int(t >> 16)
}

const (
	literals  = 286 // symbols of literals, the end and lengths
	distances = 30
	theEnd    = 256
)

// lengthSymbol is the symbol of a length, and how many extra bits it has (RFC 1951, section 3.2.5).
func lengthSymbol(length int) (symbol, extra int) {
	x := length - leastMatch
	switch {
	case x < 8:
		return 257 + x, 0
	case length == mostMatch:
		return 285, 0
	}
	n := bits.Len(uint(x)) - 1
	return 257 + (n-1)*4 + x>>(n-2)&3, n - 2
}

func distanceSymbol(distance int) (symbol, extra int) {
	x := distance - 1
	if x < 4 {
		return x, 0
	}
	n := bits.Len(uint(x)) - 1
	return 2*n + x>>(n-1)&1, n - 1
}

// histogram counts the symbols of a block, and its extra bits.
type histogram struct {
	literal  [literals]uint32
	distance [distances]uint32
	extra    int
}

func count(tokens []token) (h histogram) {
	for _, t := range tokens {
		if t.literal() {
			h.literal[t]++
			continue
		}
		symbol, extra := lengthSymbol(int(t >> 16))
		h.literal[symbol]++
		h.extra += extra
		symbol, extra = distanceSymbol(int(t & 0xFFFF))
		h.distance[symbol]++
		h.extra += extra
	}
	h.literal[theEnd] = 1
	return h
}

func (h *histogram) add(o *histogram) {
	for i, n := range o.literal {
		h.literal[i] += n
	}
	for i, n := range o.distance {
		h.distance[i] += n
	}
	h.extra += o.extra
	h.literal[theEnd] = 1
}

// estimate is about what a block takes, in bits: the entropy of its symbols, and some for each that has a code.
func (h *histogram) estimate() float64 {
	const head, each = 80, 3.5
	cost := head + float64(h.extra)
	for _, symbols := range [][]uint32{h.literal[:], h.distance[:]} {
		all := 0.0
		for _, n := range symbols {
			if n > 0 {
				all += float64(n)
				cost += each - float64(n)*math.Log2(float64(n))
			}
		}
		if all > 0 {
			cost += all * math.Log2(all)
		}
	}
	return cost
}

// costs are what tokens take, in parts of a bit.
type costs struct {
	literal  [256]uint32
	length   [mostMatch + 1]uint32
	distance [distances]uint32
}

const parts = 128

// guess is where nothing is known yet: literals by how often they are there, matches as if all were alike.
func (c *costs) guess(src []byte) {
	h := histogram{}
	for _, v := range src {
		h.literal[v]++
	}
	for i := 257; i < literals; i++ {
		h.literal[i] = uint32(len(src)/100) + 1
	}
	for i := range h.distance {
		h.distance[i] = 1
	}
	c.of(&h)
}

// of are the costs by a histogram.
func (c *costs) of(h *histogram) {
	var literal [literals]uint32
	entropies(literal[:], h.literal[:])
	entropies(c.distance[:], h.distance[:])
	copy(c.literal[:], literal[:])
	for n := leastMatch; n <= mostMatch; n++ {
		symbol, extra := lengthSymbol(n)
		c.length[n] = literal[symbol] + uint32(extra)*parts
	}
	for i := range c.distance {
		c.distance[i] += uint32(max(i/2-1, 0)) * parts
	}
}

// entropies are what symbols take; one that was not there, as if it were there once.
func entropies(cost, symbols []uint32) {
	all := uint32(0)
	for _, n := range symbols {
		all += n
	}
	whole := math.Log2(float64(max(all, 1)))
	for i, n := range symbols {
		cost[i] = uint32((whole - math.Log2(float64(max(n, 1)))) * parts)
	}
}

// parser finds the cheapest tokens for some bytes.
type parser struct {
	costs  costs
	cost   []uint32 // of all bytes up to one
	via    []token  // the last of the tokens that lead there
	tokens []token
}

// parse makes tokens of src, whose first byte is f's byte at first.
func (p *parser) parse(src []byte, f *finder, first int) {
	n := len(src)
	p.cost, p.via = slices.Grow(p.cost[:0], n+1)[:n+1], slices.Grow(p.via[:0], n+1)[:n+1]
	cost, via, c := p.cost, p.via, &p.costs
	for i := range cost {
		cost[i] = math.MaxUint32
	}
	cost[0] = 0
	for i, v := range src {
		here := cost[i]
		if with := here + c.literal[v]; with < cost[i+1] {
			cost[i+1], via[i+1] = with, token(v)
		}
		shorter := leastMatch - 1
		for _, m := range f.at(first + i) {
			longest := min(int(m.length), n-i)
			if longest <= shorter {
				continue
			}
			symbol, _ := distanceSymbol(int(m.distance))
			far := here + c.distance[symbol]
			ends, vias := cost[i:i+longest+1], via[i:i+longest+1]
			if longest >= enough { // none of its beginnings is worth the time
				shorter = longest - 1
			}
			for l := shorter + 1; l <= longest; l++ {
				if with := far + c.length[l]; with < ends[l] {
					ends[l], vias[l] = with, token(l<<16)|token(m.distance)
				}
			}
			shorter = longest
		}
	}
	p.tokens = p.tokens[:0]
	for i := n; i > 0; {
		p.tokens = append(p.tokens, via[i])
		i -= via[i].length()
	}
	slices.Reverse(p.tokens)
}
