// Package resample scales pictures of 8-bit samples by separable convolution.
//
// Weights are computed once per direction (weights.go), as integers that sum to exactly one, so that a constant picture stays
// constant. The horizontal pass goes over each source row into a ring of intermediate rows of 16 bits, which keep six bits below
// the sample; as soon as the rows that a destination row needs are there, the vertical pass makes it. Nothing here is shared
// between calls but pools of buffers: all functions may run concurrently.
package resample

import "sync"

// Plane is samples of one channel: Height rows of Width bytes, Stride bytes apart.
type Plane struct {
	Pix                   []byte
	Stride, Width, Height int
}

// Window is the part of a source that is scaled, in samples, as real numbers: it may begin and end between samples, and
// reach a little beyond the edge.
type Window struct{ X, Y, Width, Height float64 }

// Whole is the window of all of a plane.
func (p Plane) Whole() Window { return Window{0, 0, float64(p.Width), float64(p.Height)} }

// extra is how many bits intermediate samples have below the unit, one how many bits weights have.
const (
	extra = 6
	one   = 14
)

// buffers are kept for their memory.
var buffers = sync.Pool{New: func() any { return new(ring) }}

// ring holds the intermediate rows that the vertical pass may need, row y at y modulo their number.
type ring struct {
	rows    []int16
	lines   int
	line    []int32
	offsets []int
}

// Scale fills dst with a window of src. Reducing, the kernel is stretched so that nothing aliases; at the edges what is there
// of its weights is made to sum to one.
func Scale(dst, src Plane, w Window, k Kernel) {
	across := k.weights(src.Width, dst.Width, w.X, w.Width)
	down := k.weights(src.Height, dst.Height, w.Y, w.Height)
	r := buffers.Get().(*ring)
	defer buffers.Put(r)
	r.lines = down.most() + 1
	r.rows = grown(r.rows, r.lines*dst.Width)
	r.line = grown(r.line, dst.Width)
	next := 0 // source row that comes into the ring next
	for y := range dst.Height {
		first, taps := down.at(y)
		for next = max(next, int(first)); next < int(first)+len(taps); next++ {
			horizontal(r.row(next, dst.Width), src.Pix[next*src.Stride:][:src.Width], across)
		}
		vertical(dst.Pix[y*dst.Stride:][:dst.Width], r, int(first), taps)
	}
}

func (r *ring) row(y, width int) []int16 {
	at := y % r.lines * width
	return r.rows[at : at+width]
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// horizontalGeneric makes an intermediate row from its sample from on.
func horizontalGeneric(dst []int16, src []byte, w *weights, from int) {
	for x := from; x < len(dst); x++ {
		first, taps := w.at(x)
		sum := int32(1 << (one - extra - 1))
		part := src[first:][:len(taps)]
		for i, t := range taps {
			sum += int32(t) * int32(part[i])
		}
		dst[x] = int16(sum >> (one - extra))
	}
}

// verticalGeneric makes a destination row, from its sample from on, of the intermediate rows from first on.
func verticalGeneric(dst []byte, r *ring, first int, taps []int16, from int) {
	line := r.line[from:len(dst)]
	for x := range line {
		line[x] = 1 << (one + extra - 1)
	}
	for i, t := range taps {
		weight := int32(t)
		for x, v := range r.row(first+i, len(dst))[from:] {
			line[x] += weight * int32(v)
		}
	}
	for x, v := range line {
		dst[from+x] = byte(min(255, max(0, v>>(one+extra))))
	}
}
