package resample

import (
	"math"
	"slices"
	"sync"
)

// Kernel is a function of the distance from a sample's centre, zero from Support on.
type Kernel struct {
	Name    string
	Support float64
	At      func(x float64) float64
}

var kernels = []Kernel{
	{"lanczos3", 3, func(x float64) float64 { return sinc(x) * sinc(x/3) }},
	{"lanczos2", 2, func(x float64) float64 { return sinc(x) * sinc(x/2) }},
	{"mitchell", 2, cubic(1.0/3, 1.0/3)},
	{"cubic", 2, cubic(0, 0.5)},
	{"linear", 1, func(x float64) float64 { return 1 - math.Abs(x) }},
	{"box", 0.5, func(float64) float64 { return 1 }},
}

// ByName returns lanczos3, lanczos2, mitchell, cubic (Catmull and Rom's), linear or box.
func ByName(name string) (Kernel, bool) {
	for _, k := range kernels {
		if k.Name == name {
			return k, true
		}
	}
	return Kernel{}, false
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// cubic is Mitchell and Netravali's family (Reconstruction Filters in Computer Graphics, 1988, eq. 8).
func cubic(b, c float64) func(float64) float64 {
	return func(x float64) float64 {
		if x = math.Abs(x); x < 1 {
			return ((12-9*b-6*c)*x*x*x + (-18+12*b+6*c)*x*x + 6 - 2*b) / 6
		}
		return ((-b-6*c)*x*x*x + (6*b+30*c)*x*x + (-12*b-48*c)*x + 8*b + 24*c) / 6
	}
}

// weights of one direction: for every destination sample the first source sample and taps weights, in units of 1<<one, that
// sum to one.
type weights struct {
	taps   int // kept for each, a multiple of chunk
	first  []int32
	count  []int32
	all    []int16 // those beyond count are zero
	within int     // destination samples before the first whose taps, zeros included, reach beyond the source
}

// chunk is how many weights the assembly takes at once.
const chunk = 16

func (w *weights) at(i int) (first int32, taps []int16) {
	return w.first[i], w.all[i*w.taps:][:w.count[i]]
}

type geometry struct {
	kernel        string
	src, dst      int
	start, length float64
}

// computed keeps the weights of the geometries seen last: photos of one camera have one.
var computed struct {
	sync.Mutex
	of map[geometry]*weights
}

const keptGeometries = 64

func (k Kernel) weights(src, dst int, start, length float64) *weights {
	g := geometry{k.Name, src, dst, start, length}
	computed.Lock()
	w := computed.of[g]
	computed.Unlock()
	if w != nil {
		return w
	}
	w = k.compute(g)
	computed.Lock()
	defer computed.Unlock()
	if computed.of == nil || len(computed.of) >= keptGeometries {
		computed.of = map[geometry]*weights{}
	}
	computed.of[g] = w
	return w
}

func (k Kernel) compute(g geometry) *weights {
	scale := g.length / float64(g.dst)
	stretch := max(scale, 1)
	reach := k.Support * stretch
	most := min(g.src, int(math.Ceil(2*reach))+1)
	w := &weights{taps: (most + chunk - 1) / chunk * chunk, first: make([]int32, g.dst), count: make([]int32, g.dst)}
	w.all = make([]int16, w.taps*g.dst)
	real := make([]float64, most)
	for i := range g.dst {
		centre := g.start + (float64(i)+0.5)*scale // from the source's edge; sample s is at s + 1/2
		low := max(0, int(math.Ceil(centre-reach-0.5)))
		high := min(g.src-1, int(math.Floor(centre+reach-0.5)))
		if high < low { // narrower than a sample, or beyond the edge: the nearest one
			low = min(max(0, int(math.Floor(centre))), g.src-1)
			high = low
		}
		high = min(high, low+most-1)
		sum := 0.0
		for s := low; s <= high; s++ {
			real[s-low] = k.At((float64(s) + 0.5 - centre) / stretch)
			sum += real[s-low]
		}
		if sum == 0 {
			real[0], sum, high = 1, 1, low
		}
		w.first[i], w.count[i] = int32(low), int32(high-low+1)
		quantize(w.all[i*w.taps:][:high-low+1], real, sum)
		if low+w.taps <= g.src && w.within == i {
			w.within++
		}
	}
	return w
}

// quantize rounds weights so that they sum to exactly one: what rounding leaves over goes to the largest.
func quantize(dst []int16, real []float64, sum float64) {
	left, largest := 1<<one, 0
	for i := range dst {
		v := int(math.Round(real[i] / sum * (1 << one)))
		dst[i] = int16(v)
		left -= v
		if dst[i] > dst[largest] {
			largest = i
		}
	}
	dst[largest] += int16(left)
}

// most is the largest number of weights of one sample.
func (w *weights) most() int { return int(slices.Max(w.count)) }
