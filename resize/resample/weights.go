package resample

import (
	"math"
	"slices"
	"sync"
)

// Weights are fixed point: those of one destination sample sum to exactly one.
const (
	weightBits = 14
	one        = 1 << weightBits
)

// axis holds the weights of one direction of one geometry. It is immutable once made and shared by scalers.
type axis struct {
	begin   []int32 // first source sample of each destination sample
	end     []int32 // one past the last
	weights [][]int16
	span    int // most source samples behind one destination sample
}

// geometry says where the dst samples of an axis lie over its src samples: they divide the stretch of length
// samples that starts at offset.
type geometry struct {
	src, dst       int
	offset, length float64
}

// newAxis computes the weights. The kernel is stretched by the scale on reduction, cut at the edges of the source
// and renormalised there; destination samples that lie beyond an edge are those on it.
func newAxis(g geometry, k Kernel) *axis {
	a := &axis{
		begin:   make([]int32, g.dst),
		end:     make([]int32, g.dst),
		weights: make([][]int16, g.dst),
	}
	step := g.length / float64(g.dst)
	scale := max(1, step)
	radius := math.Ceil(scale * k.Support)
	still := step == 1 && g.offset == math.Floor(g.offset) // no resampling: copy, whatever the kernel
	var taps []float64
	var slab []int16
	for i := range g.dst {
		at := (float64(i)+0.5)*step - 0.5 + g.offset
		at = min(max(at, -0.5), float64(g.src)-0.5)
		begin, end := int(math.Ceil(at-radius)), int(math.Floor(at+radius))+1
		begin, end = max(begin, 0), min(end, g.src)
		taps = taps[:0]
		sum := 0.0
		if k.Support > 0 && !still {
			for j := begin; j < end; j++ {
				w := k.At((float64(j) - at) / scale)
				taps = append(taps, w)
				sum += w
			}
		}
		if sum == 0 { // the nearest sample
			begin = min(max(int(math.Floor(at+0.5)), 0), g.src-1)
			taps, sum = append(taps[:0], 1), 1
		}
		if cap(slab)-len(slab) < len(taps) {
			slab = make([]int16, 0, max(len(taps)*64, 1024))
		}
		quantized := slab[len(slab) : len(slab)+len(taps)]
		lead, n := quantize(quantized, taps, sum)
		slab = slab[:len(slab)+lead+n]
		a.begin[i], a.end[i] = int32(begin+lead), int32(begin+lead+n)
		a.weights[i] = quantized[lead : lead+n]
		a.span = max(a.span, n)
	}
	return a
}

// quantize rounds the running sum of the weights rather than each weight: the result sums to one exactly, and what
// rounding does to neighbours cancels, so that neither brightness nor position drifts however many weights there are.
// It returns how many leading weights are zero and how many follow up to the last that is not.
func quantize(dst []int16, taps []float64, sum float64) (lead, n int) {
	var running float64
	before := 0
	lead = -1
	for i, w := range taps {
		running += w
		now := int(math.Round(running / sum * one))
		dst[i] = int16(now - before)
		before = now
		if dst[i] != 0 {
			if lead < 0 {
				lead = i
			}
			n = i + 1 - lead
		}
	}
	return lead, n
}

// A table is the weights of an axis in the order in which the horizontal kernels read them: destination samples in
// groups of eight, the group's weights in chunks, chunk k of all eight before chunk k+1 of the first.
type table struct {
	begin   []int32 // a multiple of 8: the last group is filled up with samples without weight
	weights []int16
	taps    int // per destination sample, a multiple of chunk
	chunk   int
	reach   int // source samples that are read, those without weight behind the last included
}

const group = 8

func newTable(a *axis, chunk int) *table {
	t := &table{chunk: chunk, taps: roundUp(a.span, chunk)}
	t.begin = make([]int32, roundUp(len(a.begin), group))
	copy(t.begin, a.begin)
	t.reach = int(slices.Max(t.begin)) + t.taps
	t.weights = make([]int16, len(t.begin)*t.taps)
	for i, ws := range a.weights {
		base := t.base(i)
		for j, w := range ws {
			t.weights[base+j/chunk*chunk*group+j%chunk] = w
		}
	}
	return t
}

// base is the index of the first weight of destination sample i.
func (t *table) base(i int) int { return i/group*group*t.taps + i%group*t.chunk }

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// The cache of weights: a picture stream has few geometries, and sines cost more than convolving with them.
// It holds at most cacheLimit weights (two bytes each), whichever came last.
const cacheLimit = 2 << 20

type cacheKey struct {
	geometry
	kernel string
	chunk  int // 0: the axis itself
}

var cache struct {
	sync.Mutex
	entries map[cacheKey]any
	size    int
}

// cached returns what the key names, made by build unless there.
func cached[T any](key cacheKey, build func() (T, int)) T {
	if key.kernel == "" {
		v, _ := build()
		return v
	}
	cache.Lock()
	v, ok := cache.entries[key]
	cache.Unlock()
	if ok {
		return v.(T)
	}
	made, size := build()
	cache.Lock()
	defer cache.Unlock()
	if _, ok := cache.entries[key]; ok || size > cacheLimit/4 {
		return made
	}
	if cache.entries == nil || cache.size+size > cacheLimit {
		cache.entries, cache.size = map[cacheKey]any{}, 0
	}
	cache.entries[key] = made
	cache.size += size
	return made
}

func axisOf(g geometry, k Kernel) *axis {
	return cached(cacheKey{g, k.name, 0}, func() (*axis, int) {
		a := newAxis(g, k)
		return a, g.dst * (a.span + 16)
	})
}

func tableOf(g geometry, k Kernel, chunk int) *table {
	return cached(cacheKey{g, k.name, chunk}, func() (*table, int) {
		t := newTable(newAxis(g, k), chunk)
		return t, len(t.weights) + 2*len(t.begin)
	})
}
