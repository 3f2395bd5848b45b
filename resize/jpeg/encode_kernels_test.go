package jpeg

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// edgesOf fills samples in one of several ways, extremes among them.
func edgesOf(rng *rand.Rand, kind int, b []byte) {
	for i := range b {
		switch kind % 5 {
		case 0:
			b[i] = byte(rng.Uint32())
		case 1: // black and white
			b[i] = byte(-(rng.Uint32() & 1))
		case 2: // soft
			b[i] = byte(100 + i%16*3 + rng.IntN(9))
		case 3: // one extreme
			b[i] = byte(255 * (kind / 5 & 1))
		case 4: // the signs of one basis function: the largest coefficient there is
			u, v := kind/5&7, kind/40&7
			sign := math.Cos(float64(2*(i&7)+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*(i>>4)+1)*float64(v)*math.Pi/16)
			b[i] = 0
			if sign > 0 != (kind/320&1 == 0) {
				b[i] = 255
			}
		}
	}
}

// The fastest transform gives what the generic one does, at any quality, and writes nothing else.
func TestForwardForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	var q quantizer
	for i := range 20000 {
		if i%20 == 0 {
			q.set([]*[64]byte{&lumaTable, &chromaTable}[i/20&1], 1+rng.IntN(100))
		}
		stride := 16 + rng.IntN(9)
		block := make([]byte, 128)
		edgesOf(rng, i, block)
		src := bytes.Repeat([]byte{canary}, 7*stride+16)
		for y := range 8 {
			copy(src[y*stride:], block[16*y:][:16])
		}
		var guarded struct {
			before [64]byte
			pair   pair
			after  [64]byte
		}
		var generic pair
		forward(&guarded.pair, src, stride, &q)
		forwardGeneric(&generic, src, stride, &q)
		if guarded.pair != generic {
			t.Fatalf("case %d: %v, generic %v", i, guarded.pair, generic)
		}
		if guarded.before != [64]byte{} || guarded.after != [64]byte{} {
			t.Fatalf("case %d: writes outside", i)
		}
	}
}

// The fastest survey finds what the generic one does, in any coefficients, and writes nothing else.
func TestSurveyForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 14))
	for i := range 5000 {
		var guarded struct {
			before [64]byte
			pair   pair
			middle [64]byte
			energy [2]int32
			after  [64]byte
		}
		var most [64]int16
		for k := range most {
			most[k] = int16(rng.IntN(60))
			for side := range 2 {
				c := int16(rng.IntN(201) - 100)
				switch i % 4 {
				case 1: // exactly the most, and one more
					c = (most[k] + int16(rng.IntN(2))) * int16(1-2*rng.IntN(2))
				case 2: // anything at all
					c, most[k] = int16(rng.Uint32()), int16(rng.Uint32())
				case 3: // the ends of the range
					c, most[k] = []int16{math.MinInt16, math.MaxInt16, 0}[rng.IntN(3)], []int16{0, math.MaxInt16}[rng.IntN(2)]
				}
				guarded.pair.coefs[side][k] = c
			}
		}
		generic, energy := guarded.pair, [2]int32{}
		survey(&guarded.pair, &most, &guarded.energy)
		surveyGeneric(&generic, &most, &energy)
		if guarded.pair != generic || guarded.energy != energy {
			t.Fatalf("case %d: %x, energy %d, generic %x, %d", i, guarded.pair.nonzero, guarded.energy, generic.nonzero, energy)
		}
		if guarded.before != [64]byte{} || guarded.middle != [64]byte{} || guarded.after != [64]byte{} {
			t.Fatalf("case %d: writes outside", i)
		}
	}
}

// The transform is within 0.5 of the textbook's, T.81 A.3.3, before quantisation: divided by 4 instead of 8.
func TestForwardTextbook(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	var q quantizer
	for i := range q.table {
		q.divide(i, 4) // the coefficients times 2
	}
	for kind := range 400 {
		src := make([]byte, 128)
		edgesOf(rng, kind, src)
		var p pair
		forwardGeneric(&p, src, 16, &q)
		for u := range 8 {
			for v := range 8 {
				sum := 0.0
				for y := range 8 {
					for x := range 8 {
						sum += (float64(src[16*y+x]) - 128) * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
					}
				}
				for _, w := range [2]int{u, v} {
					if w == 0 {
						sum *= math.Sqrt2 / 2
					}
				}
				if got := float64(p.coefs[0][v*8+u]) / 2; math.Abs(got-sum/4) > 0.5 {
					t.Fatalf("kind %d: coefficient (%d,%d) is %.3f, want %.3f", kind, u, v, got, sum/4)
				}
			}
		}
	}
}

// Products with reciprocals are divisions, halves rounded away from zero, for all values and divisors that occur.
func TestQuantize(t *testing.T) {
	var q quantizer
	for table := 1; table <= 255; table++ {
		divisor := 8 * table
		q.divide(0, uint32(divisor))
		for v := 0; v <= 16384; v++ {
			want := (v + divisor/2) / divisor
			if got := int(q.quantize(0, int16(v))); got != want {
				t.Fatalf("%d / %d is %d, want %d", v, divisor, got, want)
			}
			if got := int(q.quantize(0, int16(-v))); got != -want {
				t.Fatalf("%d / %d is %d, want %d", -v, divisor, got, -want)
			}
		}
	}
}

// The fastest conversions give what the generic ones do, at any width, and write nothing else.
func TestColorStripForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	random := func(n int) []byte {
		b := make([]byte, n)
		edgesOf(rng, rng.IntN(2), b)
		return b
	}
	for n := 1; n <= 150; n++ {
		compare := func(name string, outputs int, fast, generic func(dst [][]byte)) {
			var got, want [][]byte
			var alive []func() bool
			for range outputs {
				b, ok := guarded(n)
				got, alive, want = append(got, b), append(alive, ok), append(want, make([]byte, n))
			}
			fast(got)
			generic(want)
			for i := range got {
				if !bytes.Equal(got[i], want[i]) {
					t.Fatalf("%s of %d: % x, generic % x", name, n, got[i], want[i])
				}
				if !alive[i]() {
					t.Fatalf("%s of %d writes outside", name, n)
				}
			}
		}
		a, b := random(4*n), random(4*n)
		compare("ycbcr", 3, func(d [][]byte) { ycbcr(d[0], d[1], d[2], a) }, func(d [][]byte) { ycbcrGeneric(d[0], d[1], d[2], a) })
		compare("halve", 1, func(d [][]byte) { halve(d[0], a[:2*n]) }, func(d [][]byte) { halveGeneric(d[0], a[:2*n]) })
		compare("quarter", 1, func(d [][]byte) { quarter(d[0], a[:2*n], b[:2*n]) }, func(d [][]byte) { quarterGeneric(d[0], a[:2*n], b[:2*n]) })
	}
}

// The conversion is within 1 of the formula, and greys stay grey.
func TestYCbCr(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	for i := range 20000 {
		p := []byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), 0}
		if i < 256 {
			p = []byte{byte(i), byte(i), byte(i), 0}
		}
		r, g, b := float64(p[0]), float64(p[1]), float64(p[2])
		var got [3][1]byte
		ycbcr(got[0][:], got[1][:], got[2][:], p)
		want := [3]float64{0.299*r + 0.587*g + 0.114*b, 128 - 0.168736*r - 0.331264*g + 0.5*b, 128 + 0.5*r - 0.418688*g - 0.081312*b}
		for j, w := range want {
			if math.Abs(float64(got[j][0])-w) > 0.51 && w < 255 {
				t.Fatalf("%v: component %d is %d, want %.2f", p, j, got[j][0], w)
			}
		}
		if i < 256 && (int(got[0][0]) != i || got[1][0] != 128 || got[2][0] != 128) {
			t.Fatalf("grey %d is %v", i, got)
		}
	}
}
