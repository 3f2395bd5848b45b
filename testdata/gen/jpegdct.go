package main

import "math"

// A block is 8×8 quantized coefficients in natural order.
type block [64]int32

// coefficients are all blocks of a picture, component by component.
type coefficients struct {
	quant      [2][64]int32 // in natural order
	hmax, vmax int
	mcux, mcuy int // MCUs across and down when the components are interleaved
	comps      []component
}

type component struct {
	blocks []block
	stride int // blocks in a row, padded to whole MCUs
	across int // blocks that hold pixels: what a scan of this component alone has
	down   int
}

var zigzag = [64]int{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// T.81 Annex K.1, the example tables, in natural order.
var annexK = [2][64]int32{{
	16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
}, {
	17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
	24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
}}

// scaled is the quantization table for a quality of 1 to 100, on the scale that libjpeg made usual.
func scaled(table [64]int32, quality int) [64]int32 {
	percent := int32(200 - 2*quality)
	if quality < 50 {
		percent = int32(5000 / quality)
	}
	for i := range table {
		table[i] = min(255, max(1, (table[i]*percent+50)/100))
	}
	return table
}

func (f jpegFile) coefficients() coefficients {
	c := coefficients{quant: [2][64]int32{scaled(annexK[0], f.quality), scaled(annexK[1], f.quality)}}
	for _, p := range f.planes {
		c.hmax, c.vmax = max(c.hmax, p.h), max(c.vmax, p.v)
	}
	c.mcux, c.mcuy = ceil(f.w, 8*c.hmax), ceil(f.h, 8*c.vmax)
	for _, p := range f.planes {
		k := component{
			stride: c.mcux * p.h,
			across: ceil(ceil(f.w*p.h, c.hmax), 8),
			down:   ceil(ceil(f.h*p.v, c.vmax), 8),
		}
		for by := range c.mcuy * p.v {
			for bx := range k.stride {
				samples := f.samples(p, bx, by, c.hmax/p.h, c.vmax/p.v)
				k.blocks = append(k.blocks, transform(samples, c.quant[p.tables]))
			}
		}
		c.comps = append(c.comps, k)
	}
	return c
}

func ceil(a, b int) int { return (a + b - 1) / b }

// samples is one block's 64 samples, each the mean of dx×dy pixels; past the edge the last pixel repeats.
func (f jpegFile) samples(p plane, bx, by, dx, dy int) [64]int32 {
	var out [64]int32
	for i := range out {
		x0, y0 := (bx*8+i%8)*dx, (by*8+i/8)*dy
		sum := 0
		for j := range dx * dy {
			x, y := min(x0+j%dx, f.w-1), min(y0+j/dx, f.h-1)
			sum += int(p.pix[y*f.w+x])
		}
		out[i] = int32((sum + dx*dy/2) / (dx * dy))
	}
	return out
}

// cosines[u][x] is C(u)/2·cos((2x+1)uπ/16) of T.81 A.3.3, times 2^13.
var cosines = func() (t [8][8]int64) {
	for u := range 8 {
		for x := range 8 {
			v := math.Cos(float64((2*x+1)*u)*math.Pi/16) / 2
			if u == 0 {
				v = math.Sqrt2 / 4
			}
			t[u][x] = int64(math.Round(v * (1 << 13)))
		}
	}
	return t
}()

// transform is the forward DCT and the quantization, in fixed point: exactly the same on every processor.
func transform(samples [64]int32, quant [64]int32) (out block) {
	var rows [64]int64 // rows[y*8+u], times 2^13
	for y := range 8 {
		for u := range 8 {
			for x := range 8 {
				rows[y*8+u] += cosines[u][x] * int64(samples[y*8+x]-128)
			}
		}
	}
	for v := range 8 {
		for u := range 8 {
			var sum int64 // times 2^26
			for y := range 8 {
				sum += cosines[v][y] * rows[y*8+u]
			}
			step := int64(quant[v*8+u]) << 26
			if sum < 0 {
				out[v*8+u] = -int32((-sum + step/2) / step)
			} else {
				out[v*8+u] = int32((sum + step/2) / step)
			}
		}
	}
	return out
}
