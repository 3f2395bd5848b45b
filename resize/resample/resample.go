// Package resample changes the size of 8-bit pictures by separable convolution. It knows nothing of files.
//
// Rows go in from the top through [Scaler.Write] into a ring that holds just the rows the kernel spans. As soon as the
// ring has all rows of a destination row, [Scaler.Next] sums them down the columns, each times its weight (the
// vertical pass, 8 bits in, 16 out), and then convolves that one row along x (the horizontal pass, 16 bits in, 8 out).
// In this order the costlier pass has fewer rows to do (BenchmarkPasses has both). Arithmetic is fixed point, the same on
// every machine: weights have 14 fractional bits and sum to exactly one, so a constant picture stays constant, whatever
// the geometry.
//
// A Scaler belongs to one goroutine at a time; different scalers may run concurrently and share their weights.
package resample

import (
	"fmt"
	"math"
	"sync"
)

// Options is the geometry of a Scaler. The zero values of the source window mean the whole source.
type Options struct {
	SrcW, SrcH int // source samples per row, rows
	DstW, DstH int
	Channels   int // 1 planar, 4 interleaved RGBA
	Kernel     Kernel

	// Alpha says that rows are RGBA whose alpha is not premultiplied: the scaler multiplies on the way in and divides
	// on the way out, before anything is cut to 0 … 255. Otherwise the fourth channel is like the others.
	Alpha bool

	// The part of the source, in source samples from its top left corner, that the destination covers. It may begin
	// and end between samples and, for chroma that is not centred, hang over an edge; samples outside it, as far
	// as there are any, still count where the kernel reaches them. SrcWidth 0: the rest of the row from SrcX on;
	// SrcHeight likewise.
	SrcX, SrcY, SrcWidth, SrcHeight float64
}

// Scaler resamples pictures of one geometry, row by row.
type Scaler struct {
	o       Options
	rows    *axis
	keep    []int32 // keep[i]: the first row that destination rows i, i+1, … need
	columns *table

	*buffers
	stride  int // bytes between the rows of the ring
	slots   int // rows of the ring, even
	written int // source rows seen
	done    int // destination rows given out
}

// buffers are a scaler's rows; they go from scaler to scaler through a pool.
type buffers struct {
	ring    []byte
	weights []int16 // of the rows of the ring, in ring order
	mid     []int16 // between the passes
	out     []byte  // one destination row, filled up to whole groups
	wide    []int16 // the same before alpha is divided out
	rowKeep []int32
}

var pool = sync.Pool{New: func() any { return new(buffers) }}

// New prepares a scaler. It panics if a size is not positive, if Channels is neither 1 nor 4 (with Alpha: not 4), or if
// the window is empty.
func New(o Options) *Scaler {
	o = o.window()
	x := geometry{o.SrcW, o.DstW, o.SrcX, o.SrcWidth}
	y := geometry{o.SrcH, o.DstH, o.SrcY, o.SrcHeight}
	chunk := chunkPlanar
	if o.Channels == 4 {
		chunk = chunkRGBA
	}
	s := &Scaler{o: o, rows: axisOf(y, o.Kernel), columns: tableOf(x, o.Kernel, chunk), buffers: pool.Get().(*buffers)}
	s.keep = grow(&s.rowKeep, o.DstH)
	keep := int32(o.SrcH)
	for i := o.DstH - 1; i >= 0; i-- {
		keep = min(keep, s.rows.begin[i])
		s.keep[i] = keep
		s.slots = max(s.slots, int(s.rows.end[i]-keep))
	}
	s.slots = roundUp(s.slots, 2)
	width := roundUp(o.SrcW*o.Channels, rowUnit)
	s.stride = width | rowUnit // an odd number of cache lines, so that the rows do not share cache sets
	grow(&s.ring, s.slots*s.stride)
	grow(&s.weights, s.slots)
	grow(&s.mid, max(width, o.Channels*s.columns.reach))
	grow(&s.out, len(s.columns.begin)*o.Channels)
	if o.Alpha {
		grow(&s.wide, len(s.out))
	}
	return s
}

func (o Options) window() Options {
	if o.SrcW <= 0 || o.SrcH <= 0 || o.DstW <= 0 || o.DstH <= 0 ||
		o.Channels != 4 && (o.Channels != 1 || o.Alpha) {
		panic(fmt.Sprintf("resample: no such geometry: %d×%d to %d×%d, %d channels", o.SrcW, o.SrcH, o.DstW, o.DstH, o.Channels))
	}
	if o.SrcWidth == 0 {
		o.SrcWidth = float64(o.SrcW) - o.SrcX
	}
	if o.SrcHeight == 0 {
		o.SrcHeight = float64(o.SrcH) - o.SrcY
	}
	if !(o.SrcWidth > 0 && o.SrcHeight > 0) {
		panic(fmt.Sprintf("resample: empty window: %g×%g", o.SrcWidth, o.SrcHeight))
	}
	return o
}

// Bytes is an upper bound on the memory of a scaler of this geometry, its weights included. New panics where it does.
func (o Options) Bytes() float64 {
	o = o.window()
	taps := func(length float64, dst int) float64 {
		return 2*math.Ceil(max(1, length/float64(dst))*o.Kernel.Support) + 1 + chunkPlanar
	}
	across, down := taps(o.SrcWidth, o.DstW), taps(o.SrcHeight, o.DstH)
	channels, groups, height := float64(o.Channels), float64(o.DstW)+group, float64(o.DstH)
	src, dst := float64(o.SrcW)*channels+2*rowUnit, groups*channels
	const header = 2*4 + 24                                                                         // of the weights of one destination sample: begin, end, slice
	axis := func(dst, taps float64) float64 { return dst*(2*taps+header) + 2*max(2*64*taps, 1024) } // in slabs, the last nearly empty
	buffers := down*(src+2) + 2*(src+across*channels) + 3*dst + 4*height
	return buffers + 2*groups*across + 4*groups + axis(groups, across) + axis(height, down)
}

// grow makes *s n elements long, with room from an earlier use if it has any.
func grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}

// Write takes the next source row, Channels*SrcW bytes, and keeps a copy as long as it is needed. Call it when Next
// has returned false: it panics rather than drop a row that a waiting destination row needs. Rows past the last
// that is needed are ignored.
func (s *Scaler) Write(row []byte) {
	n := s.o.SrcW * s.o.Channels
	row = row[:n]
	y := s.written
	s.written++
	if s.done == s.o.DstH || y < int(s.keep[s.done]) {
		return
	}
	if y-int(s.keep[s.done]) >= s.slots {
		panic("resample: Write before Next took the finished rows")
	}
	kept := s.ring[y%s.slots*s.stride:][:n]
	copy(kept, row)
	if s.o.Alpha {
		Premultiply(kept)
	}
}

// Next fills dst, Channels*DstW bytes, with the next destination row and reports true, or reports false if that
// needs more source rows or there is none left.
func (s *Scaler) Next(dst []byte) bool {
	i := s.done
	if i == s.o.DstH || s.written < int(s.rows.end[i]) {
		return false
	}
	clear(s.weights)
	slot := int(s.rows.begin[i]) % s.slots
	for _, w := range s.rows.weights[i] {
		s.weights[slot] = w
		if slot++; slot == s.slots {
			slot = 0
		}
	}
	vertical(s.mid[:roundUp(s.o.SrcW*s.o.Channels, rowUnit)], s.ring, s.stride, s.weights)
	switch {
	case s.o.Alpha:
		horizontalWide(s.wide, s.mid, s.columns)
		divideAlpha(s.out, s.wide)
	case s.o.Channels == 4:
		horizontalRGBA(s.out, s.mid, s.columns)
	default:
		horizontal(s.out, s.mid, s.columns)
	}
	copy(dst[:s.o.DstW*s.o.Channels], s.out)
	s.done++
	return true
}

// Reset readies the scaler for another picture of the same geometry.
func (s *Scaler) Reset() { s.written, s.done = 0, 0 }

// Close gives the scaler's buffers to those made after it. The scaler can not be used again.
func (s *Scaler) Close() {
	pool.Put(s.buffers)
	s.buffers = nil
}

// Plane resamples a whole picture; strides are in bytes.
func Plane(dst []byte, dstStride, dstW, dstH int, src []byte, srcStride, srcW, srcH, channels int, k Kernel) {
	s := New(Options{SrcW: srcW, SrcH: srcH, DstW: dstW, DstH: dstH, Channels: channels, Kernel: k})
	defer s.Close()
	y := 0
	for i := range dstH {
		for !s.Next(dst[i*dstStride:]) {
			s.Write(src[y*srcStride:])
			y++
		}
	}
}
