package jpeg

import (
	"math"
	"math/bits"
)

// At the efforts above Fast, each coefficient is rounded, or to the largest value of the next smaller category, or to zero, and
// of all these ways through a block the one is taken that costs least: its bits, and its squared errors in steps of
// the quantizer, weighed by lambda. This is a trellis (Ramchandran and Vetterli 1994; Crouse and Ramchandran 1997): a
// symbol's code depends on the coefficient and on the zeros before it, that is on the last one kept.

// Costs are in bits/256.
const (
	oneBit     = 256
	mostLength = 16 * oneBit            // of a code
	mostBits   = mostLength + 10*oneBit // of a symbol and its extra bits, zeros by the 16 aside
	weightBits = 24                     // of fraction, in weights
)

const (
	lumaLambda   = 48 * oneBit // what an error of a whole step costs, if nothing masks it
	chromaLambda = 16 * oneBit
	masking      = 5 // root mean square of the AC coefficients that halves what errors in luma cost
)

// A symbolCosts knows what the AC symbols of one table cost, from how often they have been written: first, what
// T.81 annex K would have it.
type symbolCosts struct {
	counts [256]uint32
	prior  *[256]byte    // lengths of codes
	run    [16][64]int64 // by size and zeros before; sizes above 10 do not occur
	end    int64         // of a block
}

// priorLengths are those of the codes of Annex K, for luma and for chroma.
var priorLengths = func() (lengths [2][256]byte) {
	for i := range lengths {
		k := 0
		for length, n := range standardTables[i].ac.counts {
			for range n {
				lengths[i][standardTables[i].ac.values[k]] = byte(length + 1)
				k++
			}
		}
	}
	return lengths
}()

// reset forgets what has been written.
func (s *symbolCosts) reset(table int) {
	s.counts = [256]uint32{}
	s.prior = &priorLengths[table]
	s.update()
}

// update makes the costs those of the counts: -log2 of a symbol's share, Annex K being as good as 64 symbols seen.
func (s *symbolCosts) update() {
	total := uint64(64)
	for _, n := range s.counts {
		total += uint64(n)
	}
	all := log2(total << 16)
	var costs [256]int64
	for symbol, n := range s.counts {
		if length := s.prior[symbol]; length > 0 {
			costs[symbol] = min(all-log2(uint64(n)<<16+64<<(16-length)), mostLength)
		}
	}
	for size := 1; size < len(s.run); size++ {
		for zeros := range 63 {
			s.run[size][zeros] = costs[zeros&15<<4|size] + int64(zeros>>4)*costs[0xF0] + int64(size)*oneBit
		}
	}
	s.end = costs[0]
}

// log2 of x ≥ 1, in 1/256, rounded down: as integers, so that no machine can give another file.
func log2(x uint64) int64 {
	whole := bits.Len64(x) - 1
	m := x << (63 - whole) >> 32 // 1 … 2, with 31 bits of fraction
	result := int64(whole)
	for range 8 {
		m = m * m >> 31
		result = result<<1 | int64(m>>32)
		m >>= m >> 32
	}
	return result
}

// A stepTable is a quantization table in zig-zag order, for coefficients times 8.
type stepTable struct {
	step, half [64]int32
	weight     [64]int64 // of a squared error
	most       [64]int16 // natural order: what rounds to zero
	masked     bool
}

func (t *stepTable) set(table *[64]byte, lambda int64, masked bool) {
	t.masked = masked
	for k, natural := range zigzag {
		step := int32(table[natural]) * 8
		t.step[k], t.half[k], t.most[natural] = step, step/2, int16(step/2-1)
		t.weight[k] = lambda << weightBits / (int64(step) * int64(step))
	}
}

// round is the nearest value of DC.
func (t *stepTable) round(dc int16) int16 {
	v := int32(dc)
	sign := v >> 31
	return int16((((v ^ sign - sign) + t.half[0]) / t.step[0]) ^ sign - sign)
}

// visibility is what the weights are worth in a block of this energy of AC, in 1/65536: errors hide in textures.
func (t *stepTable) visibility(energy int32) int64 {
	if !t.masked {
		return 1 << 16
	}
	return 8 * masking << 16 / (8*masking + int64(math.Sqrt(float64(energy/63)))) // a root is exact on every machine
}

// surveyGeneric tells which coefficients of a pair are above most, in zig-zag order, and the sums of their squares.
func surveyGeneric(p *pair, most *[64]int16, energy *[2]int32) {
	for side := range p.coefs {
		above, sum := uint64(0), int32(0)
		for i, c := range p.coefs[side] {
			sum += int32(c) * int32(c)
			if max(c, -c) > most[i] {
				above |= 1 << (sequence[i] & 63)
			}
		}
		p.nonzero[side], energy[side] = above, sum
	}
}

// A trellis has a state for each coefficient that may be kept, in zig-zag order, after one for the beginning.
type trellis struct {
	place [64]uint8 // in the sequence
	from  [64]uint8 // the state before
	value [64]int16
	cost  [64]int64 // of the best way here, less that of leaving out all coefficients up to here
}

// quantize does so with a pair of blocks, times 8 as they come from the transform, and counts the symbols.
func (t *trellis) quantize(p *pair, q *stepTable, s *symbolCosts, blocks int) {
	var energy [2]int32
	survey(p, &q.most, &energy)
	for side := range blocks {
		coefs := &p.coefs[side]
		visibility := q.visibility(energy[side] - int32(coefs[0])*int32(coefs[0]))
		last := t.search(coefs, p.nonzero[side]&^1, q, s, visibility)
		*coefs = [64]int16{q.round(coefs[0])}
		p.nonzero[side] = t.keep(coefs, last, s)
	}
}

// search finds the best way to the end of a block, through some of the places that do not round to zero, and returns the last
// state on it.
func (t *trellis) search(coefs *[64]int16, places uint64, q *stepTable, s *symbolCosts, visibility int64) (last int) {
	t.place[0], t.cost[0] = 0, 0
	n, first := 1, 0 // states, and the first that the next one may follow
	best := s.end
	for ; places != 0; places &= places - 1 {
		k := bits.TrailingZeros64(places) & 63
		x := int32(coefs[zigzag[k]&63])
		sign := x >> 31
		x = x ^ sign - sign
		step, weight := q.step[k], q.weight[k]*visibility>>16
		v := (x + q.half[k]) / step
		size := bits.Len32(uint32(v))
		rounded := loss(x-v*step, weight)
		low, from := t.reach(k, first, n, &s.run[size&15])
		low += rounded
		if smaller := int32(1)<<(size-1) - 1; smaller > 0 {
			if loss := loss(x-smaller*step, weight); loss < rounded+mostBits {
				if cost, state := t.reach(k, first, n, &s.run[(size-1)&15]); cost+loss < low {
					low, from, v = cost+loss, state, smaller
				}
			}
		}
		omitted := loss(x, weight)
		low -= omitted
		if omitted-rounded > 2*mostBits { // more than its own symbol and the next could cost: no best way leaves it out
			first, best = n, math.MaxInt64
		}
		n &= 63
		t.place[n], t.from[n], t.value[n], t.cost[n] = uint8(k), uint8(from), int16(v^sign-sign), low
		if k < 63 {
			low += s.end
		}
		if low < best {
			best, last = low, n
		}
		n++
	}
	return last
}

// loss is what an error costs.
func loss(off int32, weight int64) int64 { return int64(off) * int64(off) * weight >> weightBits }

// reach is the cheapest way to place k in the sequence from one of the states first … n-1, and which that is. The costs are
// those of the category, by zeros before.
func (t *trellis) reach(k, first, n int, costs *[64]int64) (low int64, from int) {
	low = math.MaxInt64
	for i := first; i < n; i++ {
		if cost := t.cost[i&63] + costs[(k-1-int(t.place[i&63]))&63]; cost < low {
			low, from = cost, i
		}
	}
	return low, from
}

// keep writes the values on the way to a state, counts their symbols, and tells where they are.
func (t *trellis) keep(coefs *[64]int16, last int, s *symbolCosts) (nonzero uint64) {
	if last == 0 || t.place[last&63] < 63 {
		s.counts[0]++
	}
	for last > 0 {
		v, k := t.value[last&63], t.place[last&63]&63
		last = int(t.from[last&63])
		coefs[zigzag[k]&63] = v
		nonzero |= 1 << k
		size, _ := category(int32(v))
		zeros := k - t.place[last&63] - 1
		s.counts[zeros&15<<4|uint8(size)]++
		s.counts[0xF0] += uint32(zeros >> 4)
	}
	if coefs[0] != 0 {
		nonzero |= 1
	}
	return nonzero
}
