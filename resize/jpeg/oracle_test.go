package jpeg

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The textbook: T.81 A.3.3, with one cosine after the other, in float64.
func textbookIDCT(coefs *[64]float64) (samples [64]float64) {
	for y := range 8 {
		for x := range 8 {
			sum := 0.0
			for v := range 8 {
				for u := range 8 {
					c := coefs[v*8+u]
					if u == 0 {
						c *= math.Sqrt2 / 2
					}
					if v == 0 {
						c *= math.Sqrt2 / 2
					}
					sum += c * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
				}
			}
			samples[y*8+x] = sum/4 + 128
		}
	}
	return samples
}

// reduced is the mean of squares of samples, so that size × size are left.
func reduced(samples *[64]float64, size, x, y int) float64 {
	step, sum := 8/size, 0.0
	for dy := range step {
		for dx := range step {
			sum += samples[(y*step+dy)*8+x*step+dx]
		}
	}
	return sum / float64(step*step)
}

func clampFloat(v float64) float64 { return min(max(v, 0), 255) }

func pictures() []picture {
	var all []picture
	samplings := [][][2]int{
		{{1, 1}}, {{2, 2}}, {{1, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}}, {{2, 1}, {1, 1}, {1, 1}}, {{1, 2}, {1, 1}, {1, 1}},
		{{4, 4}, {1, 1}, {2, 2}}, {{3, 2}, {1, 1}, {2, 1}}, {{1, 1}, {2, 2}, {4, 1}}, {{3, 3}, {2, 2}, {1, 1}},
		{{2, 2}, {1, 1}}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}, {2, 2}}, {{4, 4}, {4, 4}, {4, 4}, {4, 4}},
	}
	for i, sampling := range samplings {
		for j, size := range [][2]int{{1, 1}, {7, 19}, {33, 40}, {70, 21}} {
			n := i*4 + j
			if i == 1 { // a lone component is one of 1×1, whatever it says
				sampling = [][2]int{{1, 1}}
			}
			all = append(all, picture{size[0], size[1], sampling, n&1 != 0, n % 3 * 2, n&2 != 0, n&4 != 0, -1, false})
		}
	}
	return all
}

// Every sample is within 1 of the textbook's: half for its own rounding, and the rest for that between the passes.
func TestOracle(t *testing.T) {
	for i, p := range pictures() {
		t.Run(p.String(), func(t *testing.T) {
			src, oracles := p.encode(rand.New(rand.NewPCG(1, uint64(i))))
			for _, scale := range []int{1, 2, 4, 8} {
				checkOracle(t, src, oracles, scale)
			}
		})
	}
}

func checkOracle(t *testing.T, src []byte, oracles []planeOracle, scale int) {
	t.Helper()
	d, err := NewDecoder(src, Options{Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	planes, err := DecodePlanes(src, Options{Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	for i, plane := range planes {
		size := d.components[i].size
		for y := range plane.Height {
			for x := range plane.Width {
				block := &oracles[i].blocks[y/size*oracles[i].blocksWide+x/size]
				want := clampFloat(reduced(block, size, x%size, y%size))
				if got := float64(plane.Pix[y*plane.Stride+x]); math.Abs(got-want) > 1 {
					t.Fatalf("1/%d, component %d, sample (%d,%d): %v, want %.2f", scale, i, x, y, got, want)
				}
			}
		}
	}
}

// A Decoder that is used again gives what a new one gives, whatever it decoded before.
func TestReset(t *testing.T) {
	d := new(Decoder)
	for i, p := range pictures() {
		src, _ := p.encode(rand.New(rand.NewPCG(2, uint64(i))))
		for _, cut := range []int{0, len(src) / 3} {
			for _, scale := range []int{1, 2, 4, 8} {
				src := src[:len(src)-cut]
				err := d.Reset(src, Options{Scale: scale})
				if err != nil {
					continue
				}
				fresh, err := NewDecoder(src, Options{Scale: scale})
				if err != nil {
					t.Fatal(err)
				}
				for {
					got, err1 := d.Next()
					want, err2 := fresh.Next()
					if fmt.Sprint(err1) != fmt.Sprint(err2) {
						t.Fatalf("%v: %v, then %v", p, err2, err1)
					}
					if err1 != nil {
						break
					}
					for j := range got {
						for y := range got[j].Height {
							a, b := got[j].Pix[y*got[j].Stride:][:got[j].Width], want[j].Pix[y*want[j].Stride:][:want[j].Width]
							if !bytes.Equal(a, b) {
								t.Fatalf("%v, cut %d, 1/%d: row %d of component %d differs", p, cut, scale, got[j].Top+y, j)
							}
						}
					}
				}
			}
		}
	}
}
