package jpeg

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

const canary = 0xA5

// guarded returns n bytes with canaries before and behind, and a check that they live.
func guarded(n int) (buf []byte, alive func() bool) {
	const margin = 64
	all := bytes.Repeat([]byte{canary}, n+2*margin)
	return all[margin : margin+n : margin+n], func() bool {
		return bytes.Count(all[:margin], []byte{canary}) == margin && bytes.Count(all[margin+n:], []byte{canary}) == margin
	}
}

type inverse = func(dst []byte, stride int, b, quant *[64]int16)

// reducing is f with the factors of a reduction.
func reducing(f func(dst []byte, stride int, b, quant *[64]int16, f *factors), r *reduction) inverse {
	return func(dst []byte, stride int, b, quant *[64]int16) { f(dst, stride, b, quant, r.factors) }
}

// The fastest form of each inverse DCT gives the bytes of the generic one, for any input, and writes nothing else.
func TestIDCTForms(t *testing.T) {
	forms := []struct {
		size          int
		fast, generic inverse
	}{
		{8, idct8, idct8Generic},
		{4, reducing(idct4, reductions[4]), reducing(idct4Generic, reductions[4])},
		{4, reducing(idct4, lowpass[4]), reducing(idct4Generic, lowpass[4])},
		{2, reducing(idct2, reductions[2]), reducing(idct2Generic, reductions[2])},
		{2, reducing(idct2, lowpass[2]), reducing(idct2Generic, lowpass[2])},
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for _, form := range forms {
		for i := range 20000 {
			var b, quant [64]int16
			for k := range b {
				quant[k] = int16(1 + rng.IntN(255))
				switch i % 4 {
				case 0: // like an image
					if rng.IntN(6) == 0 {
						b[k] = int16(rng.IntN(41) - 20)
					}
				case 1:
					b[k] = int16(rng.IntN(2048) - 1024)
				case 2: // anything at all
					b[k], quant[k] = int16(rng.Uint32()), int16(rng.Uint32())
				case 3: // the ends of the range
					b[k], quant[k] = []int16{math.MinInt16, math.MaxInt16, 0}[rng.IntN(3)], 1
				}
			}
			stride := 8 + rng.IntN(9)
			size := (form.size-1)*stride + form.size
			fast, alive := guarded(size)
			generic := bytes.Repeat([]byte{canary}, size)
			b1, b2 := b, b
			form.fast(fast, stride, &b1, &quant)
			form.generic(generic, stride, &b2, &quant)
			if !bytes.Equal(fast, generic) {
				t.Fatalf("%d×%d: % x, generic % x, of %v, %v", form.size, form.size, fast, generic, b, quant)
			}
			if !alive() {
				t.Fatalf("%d×%d writes outside", form.size, form.size)
			}
			if b1 != [64]int16{} || b2 != [64]int16{} {
				t.Fatalf("%d×%d leaves coefficients", form.size, form.size)
			}
		}
	}
}

// The generic forms are within 1 of the textbook's, where no sample is near the end of what 16 bits hold.
func TestIDCTTextbook(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		var b, quant [64]int16
		var natural [64]float64
		for k := range 64 {
			quant[k] = int16(1 + rng.IntN(30))
			if rng.IntN(4) == 0 {
				b[place(k>>3, k&7)] = int16(rng.IntN(21) - 10)
			}
		}
		for k := range 64 {
			at := place(k>>3, k&7)
			natural[k] = float64(b[at]) * float64(quant[at])
		}
		want := textbookIDCT(&natural)
		for size, f := range map[int]inverse{8: idct8Generic, 4: reducing(idct4Generic, reductions[4]), 2: reducing(idct2Generic, reductions[2])} {
			got, b := make([]byte, 64), b
			f(got, 8, &b, &quant)
			for y := range size {
				for x := range size {
					if w := clampFloat(reduced(&want, size, x, y)); math.Abs(float64(got[y*8+x])-w) > 1 {
						t.Fatalf("%d×%d at (%d,%d): %d, want %.2f", size, size, x, y, got[y*8+x], w)
					}
				}
			}
		}
	}
}

// lowpassTextbook is the inverse DCT of the lowest size × size coefficients: the cosines of the 8×8 form, at the
// centres of the larger samples.
func lowpassTextbook(coefs *[64]float64, size, x, y int) float64 {
	sum := 0.0
	for v := range size {
		for u := range size {
			c := coefs[v*8+u]
			if u == 0 {
				c *= math.Sqrt2 / 2
			}
			if v == 0 {
				c *= math.Sqrt2 / 2
			}
			angle := math.Pi / float64(2*size)
			sum += c * math.Cos(float64((2*x+1)*u)*angle) * math.Cos(float64((2*y+1)*v)*angle)
		}
	}
	return sum/4 + 128
}

func TestLowpassTextbook(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	for range 300 {
		var b, quant [64]int16
		var natural [64]float64
		for k := range 64 {
			at := place(k>>3, k&7)
			quant[at] = int16(1 + rng.IntN(30))
			if rng.IntN(4) == 0 {
				b[at] = int16(rng.IntN(21) - 10)
			}
			natural[k] = float64(b[at]) * float64(quant[at])
		}
		for size, f := range map[int]inverse{4: reducing(idct4Generic, lowpass[4]), 2: reducing(idct2Generic, lowpass[2])} {
			got, b := make([]byte, 64), b
			f(got, 8, &b, &quant)
			for y := range size {
				for x := range size {
					if w := clampFloat(lowpassTextbook(&natural, size, x, y)); math.Abs(float64(got[y*8+x])-w) > 1 {
						t.Fatalf("%d×%d at (%d,%d): %d, want %.2f", size, size, x, y, got[y*8+x], w)
					}
				}
			}
		}
	}
}

// Each place is used once, and the pairs are as the vector forms want them.
func TestPlaces(t *testing.T) {
	seen := map[int]bool{}
	for row := range 8 {
		for column := range 8 {
			p := place(row, column)
			if p < 0 || p > 63 || seen[p] {
				t.Errorf("place(%d, %d) = %d is used twice or outside", row, column, p)
			}
			seen[p] = true
			if place(row^4, column) != p^1 {
				t.Errorf("rows %d and %d are no neighbours in column %d", row, row^4, column)
			}
			if place(row, column^4) != p^2 {
				t.Errorf("columns %d and %d are no neighbours in row %d", column, column^4, row)
			}
		}
	}
}

func TestUpsamplingForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for n := 2; n < 150; n++ {
		near, far := make([]byte, n), make([]byte, n)
		for i := range near {
			near[i], far[i] = byte(rng.Uint32()), byte(rng.Uint32())
			if n%3 == 0 { // the ends of the range
				near[i], far[i] = byte(rng.IntN(2)*255), byte(rng.IntN(2)*255)
			}
		}
		want := make([]byte, 2*n)
		got, alive := guarded(2 * n)
		stretchGeneric(want, near)
		stretch(got, near)
		if !bytes.Equal(got, want) || !alive() {
			t.Fatalf("stretch of %d: % d, want % d, canaries alive: %t", n, got, want, alive())
		}
		stretchBlendGeneric(want, near, far)
		stretchBlend(got, near, far)
		if !bytes.Equal(got, want) || !alive() {
			t.Fatalf("stretchBlend of %d: % d, want % d, canaries alive: %t", n, got, want, alive())
		}
	}
}

// All colours there are.
func TestColorForms(t *testing.T) {
	y, cb, cr := make([]byte, 256), make([]byte, 256), make([]byte, 256)
	for i := range y {
		y[i] = byte(i)
	}
	want := make([]byte, 4*256)
	for u := range 256 {
		for v := range 256 {
			for i := range y {
				cb[i], cr[i] = byte(u), byte(v)
			}
			n := 256 - v&31
			got, alive := guarded(4 * n)
			ycbcrRowGeneric(want, y, cb, cr)
			ycbcrRow(got, y[:n], cb[:n], cr[:n])
			if !bytes.Equal(got, want[:4*n]) || !alive() {
				t.Fatalf("cb %d, cr %d, %d pixels: differs, or canaries dead", u, v, n)
			}
		}
	}
}

// The colours are those of the definition, rounded: 1 apart where two parts of green meet in the middle.
func TestColors(t *testing.T) {
	for y := 0; y < 256; y += 5 {
		for u := 0; u < 256; u += 3 {
			for v := 0; v < 256; v += 3 {
				r, g, b := rgb(byte(y), byte(u), byte(v))
				cb, cr := float64(u-128), float64(v-128)
				want := [3]float64{float64(y) + 1.402*cr, float64(y) - 0.344136*cb - 0.714136*cr, float64(y) + 1.772*cb}
				for i, got := range []byte{r, g, b} {
					if math.Abs(float64(got)-clampFloat(want[i])) > 0.51 {
						t.Fatalf("(%d,%d,%d): channel %d is %d, want %.2f", y, u, v, i, got, want[i])
					}
				}
			}
		}
	}
}
