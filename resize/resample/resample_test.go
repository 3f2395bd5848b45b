package resample

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/disintegration/imaging"
)

func TestConstant(t *testing.T) {
	sizes := [][2]int{{1, 1}, {1, 70}, {70, 1}, {2, 3}, {3, 2}, {7, 61}, {61, 7}, {64, 64}, {64, 32}, {69, 68}, {4000, 1}, {9001, 2}, {1, 500}, {3000, 1920}, {1920, 1280}}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, x := range sizes {
				y := sizes[(x[0]+x[1])%8]
				for _, offset := range []float64{0, 0.25} {
					o := Options{SrcW: x[0], SrcH: y[0], DstW: x[1], DstH: y[1], Channels: 1, Kernel: kernel(t, name), SrcX: offset, SrcY: offset}
					s := New(o)
					row, out := make([]byte, o.SrcW), make([]byte, o.DstW)
					for value := range 256 {
						for i := range row {
							row[i] = byte(value)
						}
						s.Reset()
						for range min(o.DstH, 3) {
							for !s.Next(out) {
								s.Write(row)
							}
							if bytes.Count(out, []byte{byte(value)}) != len(out) {
								t.Fatalf("%v %v %v: %d became %v", x, y, offset, value, out[:min(len(out), 16)])
							}
						}
					}
					s.Close()
				}
			}
		})
	}
}

// Every weight of every axis: they sum to one exactly, lie within the source, and overshoot little enough for int16
// between the passes.
func TestWeights(t *testing.T) {
	for _, name := range names {
		for src := 1; src < 70; src++ {
			for dst := 1; dst < 70; dst++ {
				for _, offset := range []float64{0, -0.25, 0.3} {
					a := newAxis(geometry{src, dst, offset, float64(src)}, kernel(t, name))
					for i, ws := range a.weights {
						sum, positive := 0, 0
						for _, w := range ws {
							sum += int(w)
							positive += max(int(w), 0)
						}
						if sum != one || positive > one*3/2 || len(ws) != int(a.end[i]-a.begin[i]) || a.begin[i] < 0 || int(a.end[i]) > src || len(ws) > a.span {
							t.Fatalf("%s %d to %d at %g: sample %d: weights %v from %d to %d", name, src, dst, offset, i, ws, a.begin[i], a.end[i])
						}
					}
				}
			}
		}
	}
}

func TestIdentity(t *testing.T) {
	for _, name := range names {
		for _, ch := range []int{1, 4} {
			src := picture(37*ch, 23, 5)
			if got := plane(Options{SrcW: 37, SrcH: 23, DstW: 37, DstH: 23, Channels: ch, Kernel: kernel(t, name)}, src); !bytes.Equal(got, src) {
				t.Errorf("%s, %d channels: changed", name, ch)
			}
		}
		// a crop by whole samples is a copy too
		src := picture(37, 23, 5)
		got := plane(Options{SrcW: 37, SrcH: 23, DstW: 20, DstH: 10, Channels: 1, Kernel: kernel(t, name), SrcX: 11, SrcY: 7, SrcWidth: 20, SrcHeight: 10}, src)
		for y := range 10 {
			if !bytes.Equal(got[y*20:][:20], src[(y+7)*37+11:][:20]) {
				t.Errorf("%s: crop: row %d changed", name, y)
			}
		}
	}
}

// Waves stay where they are: in both directions their phase moves by less than 0.01 of a destination sample.
func TestRegistration(t *testing.T) {
	const w, h, periods = 301, 211, 7
	wave := func(i, n int) float64 { return 2 * math.Pi * periods * (float64(i) + 0.5) / float64(n) }
	src := make([]byte, w*h)
	for y := range h {
		for x := range w {
			src[y*w+x] = byte(math.Round(128 + 60*math.Sin(wave(x, w)) + 60*math.Sin(wave(y, h))))
		}
	}
	// shift is the phase of the wave along one direction of an n long picture, in samples; the window keeps the
	// edges out
	shift := func(n int, mean func(i int) float64) float64 {
		var re, im float64
		for i := range n {
			v := mean(i) * (1 - math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n)))
			re, im = re+v*math.Sin(wave(i, n)), im+v*math.Cos(wave(i, n))
		}
		return math.Atan2(im, re) * float64(n) / (2 * math.Pi * periods)
	}
	for _, name := range names {
		for _, size := range [][2]int{{150, 105}, {151, 106}, {75, 53}, {200, 140}, {299, 209}, {302, 212}, {450, 333}, {61, 211}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				got := plane(Options{SrcW: w, SrcH: h, DstW: size[0], DstH: size[1], Channels: 1, Kernel: kernel(t, name)}, src)
				dx := shift(size[0], func(x int) (sum float64) {
					for y := range size[1] {
						sum += float64(got[y*size[0]+x])
					}
					return sum / float64(size[1])
				})
				dy := shift(size[1], func(y int) (sum float64) {
					for x := range size[0] {
						sum += float64(got[y*size[0]+x])
					}
					return sum / float64(size[0])
				})
				limit := 0.01
				if name == "nearest" || name == "box" {
					limit = 0.03 // they move samples by up to half a sample, all but evenly
				}
				if math.Abs(dx) > limit || math.Abs(dy) > limit {
					t.Errorf("moved by %.4f, %.4f", dx, dy)
				}
			})
		}
	}
}

// A step rings no more than the step response of the kernel itself, kernels without negative lobes not at all, and
// nothing rings beyond the kernel's reach.
func TestRinging(t *testing.T) {
	const low, high, srcW = 50, 200, 400
	src := bytes.Repeat([]byte{low}, srcW)
	for i := srcW / 2; i < srcW; i++ {
		src[i] = high
	}
	for _, name := range names {
		for _, dstW := range []int{40, 133, 200, 399, 401, 700} {
			want := textbook(floats(src), srcW, 1, dstW, 1, name, [4]float64{})
			got := plane(Options{SrcW: srcW, SrcH: 1, DstW: dstW, DstH: 1, Channels: 1, Kernel: kernel(t, name)}, src)
			reach := textbookSupport[name]*max(1, float64(dstW)/srcW) + 1
			for i, v := range got {
				if math.Abs(float64(v)-want[i]) > 0.6 {
					t.Errorf("%s to %d: sample %d is %d, the kernel gives %.2f", name, dstW, i, v, want[i])
				}
				far := math.Abs(float64(i)+0.5-float64(dstW)/2) > reach
				if far && v != low && v != high {
					t.Errorf("%s to %d: sample %d is %d, out of reach of the step", name, dstW, i, v)
				}
				if (name == "linear" || name == "box" || name == "nearest") && (v < low || v > high) {
					t.Errorf("%s to %d: sample %d rings: %d", name, dstW, i, v)
				}
			}
		}
	}
}

func TestStreaming(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 200 {
		ch := 1 + 3*r.IntN(2)
		o := Options{SrcW: 1 + r.IntN(40), SrcH: 1 + r.IntN(90), DstW: 1 + r.IntN(40), DstH: 1 + r.IntN(90), Channels: ch, Kernel: kernel(t, names[r.IntN(len(names))])}
		src := picture(o.SrcW*ch, o.SrcH, r.Uint64N(100))
		want := plane(o, src)
		s := New(o)
		for pass := range 2 {
			// rows are given as soon as there is nothing to take, or taken late, and Next asked in vain now and then
			dst := make([]byte, len(want))
			rest := dst
			take := func() bool {
				if !s.Next(rest) {
					return false
				}
				rest = rest[o.DstW*ch:]
				return true
			}
			for y := range o.SrcH {
				row := bytes.Clone(src[y*o.SrcW*ch:][:o.SrcW*ch])
				s.Write(row)
				clear(row) // it is the caller's again
				for take() {
				}
				if r.IntN(2) == 0 && take() {
					t.Fatal("Next gave a row after it had none")
				}
			}
			if len(rest) != 0 || s.Next(make([]byte, o.DstW*ch)) {
				t.Fatalf("%+v: %d bytes missing, or a row too many", o, len(rest))
			}
			if !bytes.Equal(dst, want) {
				t.Fatalf("%+v: pass %d differs", o, pass)
			}
			s.Write(src) // a row too many is ignored
			s.Reset()
		}
		s.Close()
	}
}

func TestRingHoldsTheSpan(t *testing.T) {
	k := kernel(t, "lanczos3")
	s := New(Options{SrcW: 10, SrcH: 4000, DstW: 10, DstH: 400, Channels: 1, Kernel: k})
	defer s.Close()
	if s.slots > 60 {
		t.Errorf("%d rows for a kernel of 60", s.slots)
	}
	defer func() {
		if recover() == nil {
			t.Error("rows were dropped without a word")
		}
	}()
	for range 4000 {
		s.Write(make([]byte, 10))
	}
}

func TestRGBAIsFourPlanes(t *testing.T) {
	for _, name := range names {
		for _, g := range [][4]int{{37, 23, 20, 17}, {5, 70, 66, 3}, {300, 9, 31, 9}, {1, 1, 9, 9}} {
			src := picture(g[0]*4, g[1], 2)
			o := Options{SrcW: g[0], SrcH: g[1], DstW: g[2], DstH: g[3], Channels: 4, Kernel: kernel(t, name)}
			got := plane(o, src)
			o.Channels = 1
			for c := range 4 {
				one := make([]byte, g[0]*g[1])
				for i := range one {
					one[i] = src[4*i+c]
				}
				for i, v := range plane(o, one) {
					if got[4*i+c] != v {
						t.Fatalf("%s %v: channel %d, pixel %d: %d, alone %d", name, g, c, i, got[4*i+c], v)
					}
				}
			}
		}
	}
}

func TestPlaneStrides(t *testing.T) {
	const srcW, srcH, dstW, dstH, srcStride, dstStride = 30, 20, 17, 11, 41, 23
	src := picture(srcStride, srcH, 1)
	packed := make([]byte, 0, srcW*srcH)
	for y := range srcH {
		packed = append(packed, src[y*srcStride:][:srcW]...)
	}
	dst := bytes.Repeat([]byte{canary}, dstStride*dstH)
	k := kernel(t, "lanczos3")
	Plane(dst, dstStride, dstW, dstH, src, srcStride, srcW, srcH, 1, k)
	want := plane(Options{SrcW: srcW, SrcH: srcH, DstW: dstW, DstH: dstH, Channels: 1, Kernel: k}, packed)
	for y := range dstH {
		row := dst[y*dstStride:][:dstStride]
		if !bytes.Equal(row[:dstW], want[y*dstW:][:dstW]) {
			t.Errorf("row %d differs", y)
		}
		if bytes.Count(row[dstW:], []byte{canary}) != dstStride-dstW {
			t.Errorf("row %d wrote past its width", y)
		}
	}
}

func TestImaging(t *testing.T) {
	filters := map[string]imaging.ResampleFilter{"lanczos3": imaging.Lanczos, "mitchell": imaging.MitchellNetravali,
		"cubic": imaging.CatmullRom, "linear": imaging.Linear, "box": imaging.Box, "nearest": imaging.NearestNeighbor}
	for name, filter := range filters {
		for _, g := range [][4]int{{300, 200, 192, 128}, {300, 200, 33, 21}, {100, 80, 170, 131}} {
			t.Run(fmt.Sprintf("%s/%dto%d", name, g[0], g[2]), func(t *testing.T) {
				src := image.NewNRGBA(image.Rect(0, 0, g[0], g[1]))
				copy(src.Pix, picture(g[0]*4, g[1], 7))
				for i := 3; i < len(src.Pix); i += 4 {
					src.Pix[i] = 255
				}
				want := imaging.Resize(src, g[2], g[3], filter).Pix
				got := plane(Options{SrcW: g[0], SrcH: g[1], DstW: g[2], DstH: g[3], Channels: 4, Kernel: kernel(t, name)}, src.Pix)
				squares, _, _ := compare(got, floats(want))
				p := psnr(squares, len(got))
				t.Logf("%.1f dB", p)
				if p < 45 {
					t.Errorf("%.1f dB", p)
				}
			})
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	src := picture(300*4, 200, 1)
	dst := make([]byte, 100*4)
	s := New(Options{SrcW: 300, SrcH: 200, DstW: 100, DstH: 66, Channels: 4, Kernel: kernel(t, "lanczos3")})
	defer s.Close()
	n := testing.AllocsPerRun(20, func() {
		s.Reset()
		for y := range 200 {
			s.Write(src[y*1200:][:1200])
			for s.Next(dst) {
			}
		}
	})
	if n != 0 {
		t.Errorf("%g allocations a picture", n)
	}
}

func TestBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	var m0, m1 runtime.MemStats
	for i := range 60 {
		k := kernel(t, names[i%len(names)])
		k.name = "" // not cached
		o := Options{SrcW: 1 + r.IntN(3000), SrcH: 1 + r.IntN(3000), DstW: 1 + r.IntN(2000), DstH: 1 + r.IntN(900), Channels: 1 + i&1*3, Alpha: i&1 == 1, Kernel: k}
		for pool.Get().(*buffers).ring != nil { // what other tests left would not count
		}
		runtime.ReadMemStats(&m0)
		s := New(o)
		runtime.ReadMemStats(&m1)
		used := int(m1.TotalAlloc - m0.TotalAlloc)
		promised := int(o.Bytes())
		if limit := promised + promised/8 + 16<<10; used > limit { // the allocator rounds up to size classes
			t.Errorf("%+v: allocates %d, promises %d", o, used, promised)
		}
		held := len(s.ring) + 2*(len(s.weights)+len(s.mid)+len(s.wide)) + len(s.out) + 4*len(s.rowKeep) +
			2*len(s.columns.weights) + 4*len(s.columns.begin) + 8*len(s.rows.begin)
		if held > promised || promised > 4*held+64<<10 {
			t.Errorf("%+v: holds %d, promises %d", o, held, promised)
		}
	}
}

func TestConcurrentScalersShareWeights(t *testing.T) {
	src := picture(90, 60, 4)
	o := Options{SrcW: 90, SrcH: 60, DstW: 43, DstH: 29, Channels: 1, Kernel: kernel(t, "lanczos3")}
	want := plane(o, src)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if !bytes.Equal(plane(o, src), want) {
					t.Error("differs")
				}
			}
		})
	}
	wg.Wait()
	a, b := New(o), New(o)
	if a.rows != b.rows || a.columns != b.columns {
		t.Error("weights computed twice")
	}
	own := o
	own.Kernel = Kernel{Support: 1, At: func(x float64) float64 { return max(0, 1-math.Abs(x)) }}
	c, _ := ByName("linear")
	named := o
	named.Kernel = c
	if !bytes.Equal(plane(own, src), plane(named, src)) {
		t.Error("a kernel of one's own gives other bytes")
	}
}

func TestCacheIsBounded(t *testing.T) {
	k := kernel(t, "lanczos3")
	for i := range 400 {
		axisOf(geometry{3000 + i, 400, 0, float64(3000 + i)}, k)
	}
	cache.Lock()
	defer cache.Unlock()
	if cache.size > cacheLimit || len(cache.entries) == 0 {
		t.Errorf("%d weights in %d entries", cache.size, len(cache.entries))
	}
}

func TestImpossibleGeometry(t *testing.T) {
	good := Options{SrcW: 4, SrcH: 4, DstW: 2, DstH: 2, Channels: 1}
	for name, change := range map[string]func(*Options){
		"no source":      func(o *Options) { o.SrcW = 0 },
		"no destination": func(o *Options) { o.DstH = 0 },
		"three channels": func(o *Options) { o.Channels = 3 },
		"planar alpha":   func(o *Options) { o.Alpha = true },
		"empty window":   func(o *Options) { o.SrcX = 4 },
		"backwards":      func(o *Options) { o.SrcHeight = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			New(o)
		})
	}
	New(good)
	if _, ok := ByName("lanczos5"); ok {
		t.Error("there is no lanczos5")
	}
}
