package resample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func plane(w, h int) Plane {
	return Plane{Pix: make([]byte, w*h), Stride: w, Width: w, Height: h}
}

func picture(w, h int) Plane {
	rng := rand.New(rand.NewPCG(3, 4))
	p := plane(w, h)
	for i := range p.Pix {
		x, y := float64(i%w), float64(i/w)
		p.Pix[i] = byte(120 + 80*math.Sin(x*0.07)*math.Cos(y*0.05) + 50*rng.Float64())
	}
	return p
}

// oracle is the definition in float64: every weight of every pixel computed where it is used, nothing separated or kept.
func oracle(dst, src Plane, w Window, k Kernel, x, y int) float64 {
	scaleX, scaleY := w.Width/float64(dst.Width), w.Height/float64(dst.Height)
	centreX, centreY := w.X+(float64(x)+0.5)*scaleX-0.5, w.Y+(float64(y)+0.5)*scaleY-0.5
	var sum, all float64
	weight := func(d, scale float64) float64 {
		if d = math.Abs(d) / max(1, scale); d > k.Support {
			return 0
		}
		return k.At(d)
	}
	for sy := range src.Height {
		wy := weight(float64(sy)-centreY, scaleY)
		if wy == 0 {
			continue
		}
		for sx := range src.Width {
			if wx := weight(float64(sx)-centreX, scaleX); wx != 0 {
				sum += wx * wy * float64(src.Pix[sy*src.Stride+sx])
				all += wx * wy
			}
		}
	}
	return min(255, max(0, sum/all))
}

func TestAgainstOracle(t *testing.T) {
	sizes := [][4]int{{60, 40, 60, 40}, {61, 43, 30, 21}, {64, 64, 7, 5}, {70, 9, 1, 1}, {33, 21, 47, 50}, {5, 5, 64, 3}, {1, 1, 9, 9}, {3, 70, 2, 69}}
	for _, k := range kernels {
		for _, s := range sizes {
			src, dst := picture(s[0], s[1]), plane(s[2], s[3])
			for _, w := range []Window{src.Whole(), {0.5, 0, float64(s[0]) - 0.5, float64(s[1])}, {-0.5, 0.25, float64(s[0]), float64(s[1]) - 0.5}} {
				if k.Name == "box" && (w != src.Whole() || s[0]%s[2] != 0 || s[1]%s[3] != 0) {
					continue // a sample on the kernel's very edge counts or not, as rounding has it
				}
				Scale(dst, src, w, k)
				for i, got := range dst.Pix {
					want := oracle(dst, src, w, k, i%s[2], i/s[2])
					if d := math.Abs(float64(got) - want); d > 0.6 {
						t.Fatalf("%s %v %v: pixel %d is %d, want %.2f", k.Name, s, w, i, got, want)
					}
				}
			}
		}
	}
}

// A constant picture stays constant, at every value and size: weights sum to exactly one.
func TestConstant(t *testing.T) {
	for _, k := range kernels {
		for _, s := range [][4]int{{100, 80, 33, 27}, {31, 17, 77, 90}, {1000, 3, 1, 1}, {50, 50, 49, 51}} {
			src, dst := plane(s[0], s[1]), plane(s[2], s[3])
			for v := range 256 {
				for i := range src.Pix {
					src.Pix[i] = byte(v)
				}
				Scale(dst, src, src.Whole(), k)
				for _, got := range dst.Pix {
					if got != byte(v) {
						t.Fatalf("%s %v: %d became %d", k.Name, s, v, got)
					}
				}
			}
		}
	}
}

func TestSameSizeIsTheSame(t *testing.T) {
	src, dst := picture(57, 31), plane(57, 31)
	for _, k := range kernels {
		if k.Name == "mitchell" {
			continue // it smooths, by its definition
		}
		Scale(dst, src, src.Whole(), k)
		if string(dst.Pix) != string(src.Pix) {
			t.Errorf("%s changes a picture it has nothing to do with", k.Name)
		}
	}
}

// A blob stays where it is: its centre of gravity moves by less than a hundredth of a destination pixel.
func TestRegistration(t *testing.T) {
	const w, h = 400, 300
	src := plane(w, h)
	for i := range src.Pix {
		dx, dy := (float64(i%w)+0.5-171.3)/25, (float64(i/w)+0.5-142.8)/25
		src.Pix[i] = byte(math.Round(250 * math.Exp(-dx*dx-dy*dy)))
	}
	for _, k := range kernels {
		for _, to := range [][2]int{{200, 150}, {133, 100}, {97, 71}, {640, 480}} {
			if k.Name == "box" && (to[0] > w || w%to[0] != 0) {
				continue // it has a pixel or has it not: its own error is larger
			}
			dst := plane(to[0], to[1])
			Scale(dst, src, src.Whole(), k)
			var sum, x, y float64
			for i, v := range dst.Pix {
				sum += float64(v)
				x += float64(v) * (float64(i%to[0]) + 0.5)
				y += float64(v) * (float64(i/to[0]) + 0.5)
			}
			dx, dy := x/sum-171.3*float64(to[0])/w, y/sum-142.8*float64(to[1])/h
			if math.Hypot(dx, dy) > 0.01 {
				t.Errorf("%s to %v: moved by %.4f, %.4f", k.Name, to, dx, dy)
			}
		}
	}
}

func TestStride(t *testing.T) {
	src, dst := picture(40, 30), plane(20, 15)
	Scale(dst, src, src.Whole(), kernels[0])
	wideSrc := Plane{Pix: make([]byte, 55*30), Stride: 55, Width: 40, Height: 30}
	wideDst := Plane{Pix: make([]byte, 31*15), Stride: 31, Width: 20, Height: 15}
	for y := range 30 {
		copy(wideSrc.Pix[y*55:], src.Pix[y*40:][:40])
		for x := 40; x < 55; x++ {
			wideSrc.Pix[y*55+x] = 0xee
		}
	}
	for i := range wideDst.Pix {
		wideDst.Pix[i] = 0xdd
	}
	Scale(wideDst, wideSrc, wideSrc.Whole(), kernels[0])
	for y := range 15 {
		if string(wideDst.Pix[y*31:][:20]) != string(dst.Pix[y*20:][:20]) {
			t.Fatalf("row %d differs", y)
		}
		for _, canary := range wideDst.Pix[y*31+20 : (y+1)*31] {
			if canary != 0xdd {
				t.Fatalf("row %d: written beyond its width", y)
			}
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	src, dst := picture(300, 200), plane(120, 80)
	if n := testing.AllocsPerRun(20, func() { Scale(dst, src, src.Whole(), kernels[0]) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzScale(f *testing.F) {
	f.Add(uint8(40), uint8(30), uint8(7), uint8(50), uint8(0), int8(0))
	f.Add(uint8(1), uint8(1), uint8(255), uint8(1), uint8(3), int8(-20))
	f.Fuzz(func(t *testing.T, sw, sh, dw, dh, kernel uint8, shift int8) {
		src, dst := picture(int(sw)+1, int(sh)+1), plane(int(dw)+1, int(dh)+1)
		w := src.Whole()
		w.X = float64(shift) / 16
		Scale(dst, src, w, kernels[int(kernel)%len(kernels)])
	})
}

func BenchmarkScale(b *testing.B) {
	k, _ := ByName("lanczos3")
	for _, c := range [][4]int{{3000, 2000, 1920, 1280}, {1920, 1280, 1280, 853}, {1500, 1000, 1200, 800}, {640, 427, 320, 213}} {
		b.Run(fmt.Sprintf("from=%dx%d/to=%d", c[0], c[1], c[2]), func(b *testing.B) {
			src, dst := picture(c[0], c[1]), plane(c[2], c[3])
			b.SetBytes(int64(c[0] * c[1]))
			for b.Loop() {
				Scale(dst, src, src.Whole(), k)
			}
		})
	}
}
