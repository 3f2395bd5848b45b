package resample

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The textbook, in float64 and with nothing shared with the package: every destination sample is the mean of the
// source weighted by the kernel stretched over the reduction.
func textbook(src []float64, srcW, srcH, dstW, dstH int, name string, window [4]float64) []float64 {
	across := textbookAxis(srcW, dstW, name, window[0], window[2])
	down := textbookAxis(srcH, dstH, name, window[1], window[3])
	half := make([]float64, dstW*srcH)
	for y := range srcH {
		for x := range dstW {
			for j, w := range across[x] {
				half[y*dstW+x] += w * src[y*srcW+j]
			}
		}
	}
	dst := make([]float64, dstW*dstH)
	for y := range dstH {
		for x := range dstW {
			for j, w := range down[y] {
				dst[y*dstW+x] += w * half[j*dstW+x]
			}
		}
	}
	return dst
}

func textbookAxis(src, dst int, name string, offset, length float64) []map[int]float64 {
	if length == 0 {
		length = float64(src) - offset
	}
	all := make([]map[int]float64, dst)
	step := length / float64(dst)
	for i := range all {
		centre := min(max((float64(i)+0.5)*step-0.5+offset, -0.5), float64(src)-0.5)
		m := map[int]float64{}
		sum := 0.0
		reach := textbookSupport[name] * max(step, 1)
		for j := max(0, int(centre-reach)-1); j < min(src, int(centre+reach)+2); j++ {
			if w := textbookKernel(name, (float64(j)-centre)/max(step, 1)); w != 0 {
				m[j] = w
				sum += w
			}
		}
		switch {
		case step == 1 && offset == math.Floor(offset):
			m = map[int]float64{i + int(offset): 1}
		case name == "nearest":
			m = map[int]float64{min(src-1, int(centre+0.5)): 1}
		default:
			for j := range m {
				m[j] /= sum
			}
		}
		all[i] = m
	}
	return all
}

var textbookSupport = map[string]float64{"lanczos3": 3, "lanczos2": 2, "mitchell": 2, "cubic": 2, "linear": 1, "box": 0.5}

func textbookKernel(name string, x float64) float64 {
	x = math.Abs(x)
	sinc := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Sin(math.Pi*x) / (math.Pi * x)
	}
	switch {
	case x > textbookSupport[name]:
		return 0
	case name == "lanczos3":
		return sinc(x) * sinc(x/3)
	case name == "lanczos2":
		return sinc(x) * sinc(x/2)
	case name == "mitchell" && x < 1:
		return (7*x*x*x - 12*x*x + 16./3) / 6
	case name == "mitchell":
		return (-7./3*x*x*x + 12*x*x - 20*x + 32./3) / 6
	case name == "cubic" && x < 1:
		return 1.5*x*x*x - 2.5*x*x + 1
	case name == "cubic":
		return -0.5*x*x*x + 2.5*x*x - 4*x + 2
	case name == "linear":
		return 1 - x
	case name == "box":
		return 1
	}
	return 0
}

var names = []string{"lanczos3", "lanczos2", "mitchell", "cubic", "linear", "box", "nearest"}

func kernel(t testing.TB, name string) Kernel {
	k, ok := ByName(name)
	if !ok {
		t.Fatalf("no kernel %s", name)
	}
	return k
}

// plane resamples with a scaler.
func plane(o Options, src []byte) []byte {
	s := New(o)
	defer s.Close()
	dst := make([]byte, o.DstW*o.DstH*o.Channels)
	y, row := 0, o.SrcW*o.Channels
	for i := range o.DstH {
		for !s.Next(dst[i*o.DstW*o.Channels:]) {
			s.Write(src[y*row:])
			y++
		}
	}
	return dst
}

// picture is smooth with edges and noise: something of everything.
func picture(w, h int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	p := make([]byte, w*h)
	for y := range h {
		for x := range w {
			v := 128 + 90*math.Sin(float64(x)*0.21+float64(seed))*math.Cos(float64(y)*0.13)
			if (x/9+y/7)%3 == 0 {
				v = 255 - v
			}
			p[y*w+x] = byte(min(max(v+40*(r.Float64()-0.5), 0), 255))
		}
	}
	return p
}

func floats(p []byte) []float64 {
	f := make([]float64, len(p))
	for i, v := range p {
		f[i] = float64(v)
	}
	return f
}

// compare gives the sum of squares, the largest and the sum of the differences to the reference rounded to 8 bits.
func compare(got []byte, want []float64) (squares, worst, bias float64) {
	for i, v := range got {
		d := float64(v) - math.Round(min(max(want[i], 0), 255))
		squares += d * d
		worst = max(worst, math.Abs(d))
		bias += d
	}
	return squares, worst, bias
}

func psnr(squares float64, n int) float64 { return 10 * math.Log10(255*255*float64(n)/squares) }

func TestTextbook(t *testing.T) {
	type size struct{ srcW, srcH, dstW, dstH int }
	sizes := []size{
		{4000, 3, 1, 1}, {3, 4000, 1, 1}, {4000, 9, 7, 9}, {1, 1, 70, 70}, {2, 3, 61, 67}, {300, 200, 192, 128},
		{192, 128, 128, 85}, {640, 427, 64, 43}, {64, 64, 32, 32}, {33, 35, 33, 35}, {33, 35, 33, 17}, {35, 33, 70, 33},
		{97, 89, 96, 88}, {96, 88, 97, 89}, {1999, 5, 333, 4}, {257, 255, 64, 64},
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		sizes = append(sizes, size{1 + r.IntN(70), 1 + r.IntN(70), 1 + r.IntN(70), 1 + r.IntN(70)})
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			k := kernel(t, name)
			var squares, bias float64
			samples := 0
			for i, s := range sizes {
				src := picture(s.srcW, s.srcH, uint64(i))
				want := textbook(floats(src), s.srcW, s.srcH, s.dstW, s.dstH, name, [4]float64{})
				got := plane(Options{SrcW: s.srcW, SrcH: s.srcH, DstW: s.dstW, DstH: s.dstH, Channels: 1, Kernel: k}, src)
				sq, worst, b := compare(got, want)
				if worst > 1 {
					t.Errorf("%v: off by %g", s, worst)
				}
				if p := psnr(sq, len(got)); len(got) > 64 && p < 55 {
					t.Errorf("%v: %.1f dB", s, p)
				}
				squares, bias, samples = squares+sq, bias+b, samples+len(got)
			}
			if b := bias / float64(samples); math.Abs(b) > 0.002 {
				t.Errorf("bias %g", b)
			}
			t.Logf("%.1f dB, bias %.5f over %d samples", psnr(squares, samples), bias/float64(samples), samples)
		})
	}
}

func TestTextbookWindow(t *testing.T) {
	windows := map[string]struct {
		srcW, srcH, dstW, dstH int
		window                 [4]float64
	}{
		"half of an odd picture":  {51, 34, 40, 27, [4]float64{0, 0, 50.5, 33.5}},
		"chroma cosited to left":  {60, 40, 33, 22, [4]float64{0.25, 0, 59.5, 40}},
		"crop":                    {60, 40, 30, 20, [4]float64{10, 5, 30, 20}},
		"crop between samples":    {60, 40, 30, 20, [4]float64{10.3, 5.7, 30, 20}},
		"sliver":                  {60, 40, 7, 5, [4]float64{59.5, 39.25, 0.5, 0.75}},
		"chroma cosited to right": {60, 40, 33, 22, [4]float64{-0.25, 0.25, 60, 40}},
		"rest":                    {60, 40, 25, 13, [4]float64{7.5, 3, 0, 0}},
		"enlarged with an offset": {20, 20, 61, 59, [4]float64{0.25, 0.25, 19.25, 19.5}},
	}
	for name, w := range windows {
		t.Run(name, func(t *testing.T) {
			src := picture(w.srcW, w.srcH, 9)
			for _, k := range names {
				want := textbook(floats(src), w.srcW, w.srcH, w.dstW, w.dstH, k, w.window)
				got := plane(Options{SrcW: w.srcW, SrcH: w.srcH, DstW: w.dstW, DstH: w.dstH, Channels: 1, Kernel: kernel(t, k),
					SrcX: w.window[0], SrcY: w.window[1], SrcWidth: w.window[2], SrcHeight: w.window[3]}, src)
				sq, worst, _ := compare(got, want)
				if worst > 1 || len(got) > 64 && psnr(sq, len(got)) < 55 {
					t.Errorf("%s: %.1f dB, off by %g", k, psnr(sq, len(got)), worst)
				}
			}
		})
	}
}

func TestKernels(t *testing.T) {
	for _, name := range names[:6] {
		k := kernel(t, name)
		if k.Support != textbookSupport[name] {
			t.Errorf("%s: support %g", name, k.Support)
		}
		for x := -4.0; x < 4; x += 0.00037 {
			if got, want := k.At(x), textbookKernel(name, x); math.Abs(got-want) > 6e-7 {
				t.Fatalf("%s at %g: %g, not %g", name, x, got, want)
			}
		}
	}
}
