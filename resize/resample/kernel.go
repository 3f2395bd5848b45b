package resample

import (
	"math"
	"sync"
)

// Kernel is a reconstruction filter: an even function, zero beyond Support source samples (or destination samples,
// on reduction). The zero Kernel, Support 0, takes the nearest sample. Of the weights of one sample, which sum to one, the
// positive ones must not sum to more than two; the named kernels stay below 1.5.
type Kernel struct {
	Support float64
	At      func(x float64) float64

	name string // identifies At in the cache of weights; "" is not cached
}

var kernels = map[string]Kernel{
	"lanczos3": {Support: 3, At: tabulated(3)},
	"lanczos2": {Support: 2, At: tabulated(2)},
	"mitchell": {Support: 2, At: func(x float64) float64 { return cubic(x, 1./3, 1./3) }},
	"cubic":    {Support: 2, At: func(x float64) float64 { return cubic(x, 0, 0.5) }}, // Catmull-Rom
	"linear":   {Support: 1, At: func(x float64) float64 { return max(0, 1-math.Abs(x)) }},
	"box":      {Support: 0.5, At: box},
	"nearest":  {},
}

// ByName knows lanczos3, lanczos2, mitchell, cubic (Catmull-Rom), linear, box and nearest.
func ByName(name string) (Kernel, bool) {
	k, ok := kernels[name]
	k.name = name
	return k, ok
}

// tabulated is lanczos by linear interpolation in a table, since two sines a weight cost as much as the convolution.
// It is 6e-7 off at most, a hundredth of the unit of the weights.
func tabulated(n int) func(x float64) float64 {
	const steps = 1024 // per sample
	table := sync.OnceValue(func() []float64 {
		t := make([]float64, n*steps+1)
		for i := range t {
			t[i] = lanczos(float64(i)/steps, float64(n))
		}
		return t
	})
	return func(x float64) float64 {
		x = math.Abs(x) * steps
		if x >= float64(n*steps) {
			return 0
		}
		t, i := table(), int(x)
		return t[i] + (x-float64(i))*(t[i+1]-t[i])
	}
}

// lanczos is sinc windowed by its own main lobe stretched to n samples.
func lanczos(x, n float64) float64 {
	if x == 0 {
		return 1
	}
	if math.Abs(x) >= n {
		return 0
	}
	p := math.Pi * x
	return n * math.Sin(p) * math.Sin(p/n) / (p * p)
}

// cubic is the family of Mitchell and Netravali, "Reconstruction Filters in Computer Graphics", 1988.
func cubic(x, b, c float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (((12-9*b-6*c)*x+(-18+12*b+6*c))*x*x + (6 - 2*b)) / 6
	case x < 2:
		return ((((-b-6*c)*x+(6*b+30*c))*x+(-12*b-48*c))*x + (8*b + 24*c)) / 6
	}
	return 0
}

func box(x float64) float64 {
	if math.Abs(x) <= 0.5 {
		return 1
	}
	return 0
}
