package resize

import (
	"fmt"
	"image"
	"runtime"
	"runtime/debug"
	"testing"

	"pixmill/resize/codec"
)

// ramps is a picture of Y, Cb and Cr whose planes rise steadily, so that a plane that is shifted by half a sample is off by a known amount.
// It has w×h pixels; a sample of luma has pitch pixels each way, one of chroma so many times as many.
func ramps(w, h int, pitch float64, chroma image.Point) raster {
	m := raster{w: w, h: h}
	for i := range 3 {
		l := codec.Layer{Channels: 1, PitchX: pitch, PitchY: pitch}
		if i > 0 {
			l.PitchX, l.PitchY = pitch*float64(chroma.X), pitch*float64(chroma.Y)
		}
		l.Width, l.Height = samples(w, l.PitchX), samples(h, l.PitchY)
		pix := make([]byte, l.Width*l.Height)
		for y := range l.Height {
			for x := range l.Width { // taken at the middle of the pixels that the sample covers
				px, py := (float64(x)+0.5)*l.PitchX, (float64(y)+0.5)*l.PitchY
				pix[y*l.Width+x] = byte([]float64{40 + px/2 + py/2, 30 + 1.5*px, 30 + 1.5*py}[i] + 0.5)
			}
		}
		m.layers = append(m.layers, layer{l, pix})
	}
	return m
}

// scaled makes what a view shows of a picture that is lying as orientation says.
func scaled(t *testing.T, src raster, orientation, w, h int, view image.Rectangle) raster {
	t.Helper()
	var layers []codec.Layer
	for _, l := range src.layers {
		layers = append(layers, l.Layer)
	}
	s := newScaling(&frame{w: w, h: h, view: view, kernel: "linear"}, src.w, src.h, orientation, layers)
	for i, l := range src.layers {
		s.add(i, l.pix, l.stride(), l.Height)
	}
	made, whole := s.finish()
	if !whole {
		t.Fatal("rows are missing")
	}
	return made
}

// Luma and chroma stay where they were, to a tenth of a pixel: in every orientation, at odd sizes, in cuts, whatever the subsampling, and from a
// picture that was decoded to a half, whose last samples reach beyond its edge.
func TestAligned(t *testing.T) {
	for _, ratio := range []image.Point{{X: 1, Y: 1}, {X: 2, Y: 1}, {X: 2, Y: 2}, {X: 1, Y: 2}, {X: 4, Y: 1}, {X: 4, Y: 2}} {
		for _, pitch := range []float64{1, 2} {
			for orientation := 1; orientation <= 8; orientation++ {
				w, h := 121, 93 // as stored
				if orientation >= 5 {
					w, h = h, w
				}
				src := ramps(w, h, pitch, ratio)
				for _, size := range []image.Point{{X: 60, Y: 44}, {X: 61, Y: 45}, {X: 33, Y: 27}} {
					whole := image.Rectangle{Max: size}
					for _, view := range []image.Rectangle{whole, whole.Inset(5), image.Rect(7, 4, 28, 24)} {
						name := fmt.Sprintf("%v at 1/%.0f/orientation=%d/to=%v of %v", ratio, pitch, orientation, view, size)
						made := scaled(t, src, orientation, size.X, size.Y, view)
						aligned(t, name, made, position{w, h, orientation, size}, view)
					}
				}
			}
		}
	}
}

func aligned(t *testing.T, name string, made raster, want position, view image.Rectangle) {
	t.Helper()
	if made.w != view.Dx() || made.h != view.Dy() {
		t.Fatalf("%s: made %d×%d", name, made.w, made.h)
	}
	for i, l := range made.layers {
		pitch := 1
		if i > 0 {
			pitch = 2
		}
		if l.Width != (view.Dx()+pitch-1)/pitch || l.Height != (view.Dy()+pitch-1)/pitch {
			t.Fatalf("%s: layer %d is %+v", name, i, l.Layer)
		}
		worst := 0.0
		for y := range l.Height {
			for x := range l.Width {
				px, py := float64(view.Min.X)+(float64(x)+0.5)*float64(pitch), float64(view.Min.Y)+(float64(y)+0.5)*float64(pitch)
				if px < 4 || py < 4 || px > float64(want.size.X)-4 || py > float64(want.size.Y)-4 {
					continue // a ramp bends where the picture ends
				}
				d := float64(l.pix[y*l.Width+x]) - want.at(px, py)[i]
				worst = max(worst, d, -d)
			}
		}
		// Both pictures are rounded, half a step each; a tenth of a pixel of the smallest is 0.55 of chroma's steps.
		if worst > 1.6 {
			t.Fatalf("%s: layer %d is %.1f off", name, i, worst)
		}
	}
}

// position tells what ramps show at a point of the upright, scaled picture; w and h are as stored.
type position struct {
	w, h        int
	orientation int
	size        image.Point
}

func (p position) at(x, y float64) [3]float64 {
	x, y = x/float64(p.size.X), y/float64(p.size.Y) // 0 to 1, upright
	switch p.orientation {
	case 2:
		x = 1 - x
	case 3:
		x, y = 1-x, 1-y
	case 4:
		y = 1 - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, 1-x
	case 7:
		x, y = 1-y, 1-x
	case 8:
		x, y = 1-y, x
	}
	x, y = x*float64(p.w), y*float64(p.h)
	return [3]float64{40 + x/2 + y/2, 30 + 1.5*x, 30 + 1.5*y}
}

// JPEGs of real photos, made plane by plane, are as close to the reference as quality 95 and 4:2:0 allow.
func TestPlanarAgainstReference(t *testing.T) {
	for _, name := range []string{"dji-0032-422.jpg", "portrait-orientation-6.jpg", "book-beside-flowers-baseline.jpg"} {
		t.Run(name, func(t *testing.T) {
			src := photo(t, name)
			for _, v := range []Variant{{Width: 640}, {Width: 501, Height: 333, Fit: Cover, Position: "right bottom"}} {
				v.Formats = []string{"png"}
				want := processed(t, src, v)
				v.Formats, v.Quality = []string{"jpeg"}, map[string]int{"jpeg": 95}
				if !newPlan(mustProbe(t, src), Recipe{Variants: []Variant{v}}).planes {
					t.Fatal("not made plane by plane")
				}
				if got := psnr(t, processed(t, src, v), want); got < 34 { // what a baseline JPEG of this quality loses on grass and foliage
					t.Errorf("%.1f dB", got)
				} else {
					t.Logf("%.1f dB", got)
				}
			}
		})
	}
}

func TestPlanes(t *testing.T) {
	info := Info{Format: "jpeg", Width: 100, Height: 80, Orientation: 1}
	for name, test := range map[string]struct {
		v    Variant
		want bool
	}{
		"jpeg":     {Variant{Width: 50}, true},
		"own size": {Variant{}, true},
		"png":      {Variant{Width: 50, Formats: []string{"png"}}, false},
		"both":     {Variant{Width: 50, Formats: []string{"jpeg", "png"}}, false},
		"cut":      {Variant{Width: 50, Height: 50, Fit: Cover}, true},
		"padded":   {Variant{Width: 50, Height: 50, Fit: Contain}, false},
		"nearest":  {Variant{Width: 50, Kernel: "nearest"}, true},
		"deformed": {Variant{Width: 50, Height: 10, Fit: Fill}, true},
	} {
		if got := newPlan(info, Recipe{Variants: []Variant{test.v}}).planes; got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestSlabs(t *testing.T) {
	last := 0
	for n := 1; n < 1<<20; n += 1 + n/50 {
		size, number := class(n)
		if again, same := class(size); size < n || size > n+n/4+1 || again != size || same != number || number >= len(slabs) {
			t.Fatalf("%d bytes: class %d of %d bytes", n, number, size)
		}
		if number < last {
			t.Fatalf("%d bytes: class %d after class %d", n, number, last)
		}
		last = number
	}
	if _, number := class(1<<62 - 1); number >= len(slabs) {
		t.Error("too few slabs")
	}
	release(make([]byte, 100, 1001)) // of no class: left alone
	if s := slab(1001); cap(s) == 1001 {
		t.Error("memory that slab did not make was taken")
	}
}

// Once an image was processed, the next of its kind needs no more memory than its outputs, tables and small change.
func TestSteadyStateAllocatesNoPixels(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it empties the pools
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))  // whose memory belongs to processors
	for name, src := range map[string][]byte{"jpeg": asJPEG(t, scene(1400, 1000)), "turned": withExif(asJPEG(t, scene(1400, 1000)), exif(6, little)),
		"progressive": testImage(t, "progressive.jpg")} {
		r := widths(900, 600, 300)
		outputs := 0
		run := func() {
			result, err := Process(t.Context(), src, r, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			outputs = 0
			for _, o := range result.Outputs {
				outputs += cap(o.Data)
			}
		}
		run()
		run()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run()
		runtime.ReadMemStats(&after)
		took := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes, %d of them outputs", name, took, outputs)
		if took > uint64(outputs)+64<<10 {
			t.Errorf("%s: %d bytes for outputs of %d", name, took, outputs)
		}
	}
}
