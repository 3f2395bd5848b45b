package resize

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"pixmill/resize/codec"
	"pixmill/resize/finish"
)

// peak runs f and returns by how much it raised the live heap at most. While f runs, the collector is run again and again; what
// is in use right after a collection is what was reachable when it began, and what was allocated meanwhile. So a peak shorter than a
// collection can be missed, and what died during one counts once more; for the long-lived buffers that matter here the
// figure is a fair one.
func peak(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	for {
		select {
		case <-done:
			return int64(most - before)
		default:
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
}

// warm compiles the programs of package wasm, once for all tests.
var warm = sync.OnceFunc(func() {
	for _, name := range []string{"webp", "avif"} {
		src, err := codec.Find(name).Encode(nil, image.NewNRGBA(image.Rect(0, 0, 8, 8)), codec.Settings{Quality: 80})
		if err == nil {
			_, err = Process(context.Background(), src, Recipe{Variants: []Variant{{}}}, Limits{})
		}
		if err != nil {
			panic(err)
		}
	}
})

func TestCost(t *testing.T) {
	warm()
	m := scene(1400, 1000)
	five := widths(1280, 960, 640, 480, 320)
	turned := withExif(asJPEG(t, m), exif(6, little))
	everything := widths(1200, 300)
	for i := range everything.Variants {
		everything.Variants[i].Formats = []string{"jpeg", "png", "gif"}
	}
	everything.Variants = append(everything.Variants, Variant{Name: "pad", Width: 1500, Height: 1500, Fit: Contain, Enlarge: true})
	mark := &finish.Mark{Text: "pixmill", Color: color.NRGBA{255, 255, 255, 255}, Position: "right bottom", Opacity: 0.5, Size: 0.5}
	finished := widths(1280, 600)
	for i := range finished.Variants {
		finished.Variants[i].Finish = &finish.Finish{Blur: 2, Sharpen: 1, Tone: finish.Sepia, Mark: mark, Border: 10, Corners: 40}
	}
	gray := image.NewGray(m.Rect)
	for i := range gray.Pix {
		gray.Pix[i] = m.Pix[4*i]
	}
	for _, c := range []struct {
		name string
		src  []byte
		r    Recipe
	}{
		{"jpeg", asJPEG(t, m), five},
		{"jpeg, turned", turned, five},
		{"jpeg, all formats", asJPEG(t, m), everything},
		{"jpeg, its own size", turned, effort("fast", 50)},
		{"progressive", testImage(t, "progressive.jpg"), five},
		{"cmyk", testImage(t, "cmyk.jpg"), five},
		{"grey", asJPEG(t, gray), five},
		{"balanced", asJPEG(t, m), effort("balanced", 50)},
		{"small", asJPEG(t, m), effort("small", 50)},
		{"small, of noise", asPNG(t, noise(1000, 800, false)), inFormats(effort("small", 100), "jpeg")},
		{"png", asPNG(t, m), five},
		{"png of noise", asPNG(t, noise(1000, 800, true)), Recipe{Variants: []Variant{{Formats: []string{"png", "jpeg", "gif"}, Quality: map[string]int{"jpeg": 100}}}}},
		{"gif", asGIF(t, m), five},
		{"tiff", asTIFF(t, m), five},
		{"bmp", asBMP(t, m), five},
		{"webp", testImage(t, "alpha.webp"), five},
		{"lossless webp", testImage(t, "alpha-lossless.webp"), five},
		{"jpeg to webp", asJPEG(t, m), inFormats(five, "webp")},
		{"jpeg to webp without loss", asJPEG(t, m), Recipe{Variants: []Variant{{Width: 700, Formats: []string{"webp"}, Quality: map[string]int{"webp": 100}}}}},
		{"jpeg to avif", asJPEG(t, m), Recipe{Variants: []Variant{{Width: 700, Formats: []string{"avif"}}}}},
		{"avif", testImage(t, "alpha.avif"), inFormats(five, "png")},
		{"animated gif", testImage(t, "animated.gif"), inFormats(five, "gif", "webp")},
		{"animated webp", testImage(t, "animated.webp"), inFormats(five, "gif", "jpeg")},
		{"kept", asJPEG(t, m), effort("fast", 95)},
		{"turned", turned, effort("small", 95)},
		{"turned, 4:4:4 noise", withExif(encoded(t, func(b *bytes.Buffer) error {
			return jpeg.Encode(b, noise(1008, 800, false), &jpeg.Options{Quality: 100})
		}), exif(6, little)), effort("small", 100)},
		{"jpeg of max_bytes", asPNG(t, m), Recipe{Variants: []Variant{{Formats: []string{"jpeg"}, MaxBytes: 20e3}}}},
		{"webp of max_bytes", asJPEG(t, m), Recipe{Variants: []Variant{{Width: 700, Formats: []string{"webp"}, Quality: map[string]int{"webp": 100}, MaxBytes: 20e3}}}},
		{"avif of max_bytes", asJPEG(t, m), Recipe{Variants: []Variant{{Width: 500, Formats: []string{"avif"}, MaxBytes: 9e3}}}},
		{"jpeg of auto", asPNG(t, m), Recipe{Variants: []Variant{{Formats: []string{"jpeg"}, Quality: map[string]int{"jpeg": Auto}}}}},
		{"webp and avif of auto", asJPEG(t, m), Recipe{Variants: []Variant{{Width: 600, Formats: []string{"webp", "avif"}, Quality: map[string]int{"webp": Auto, "avif": Auto}}}}},
		{"animation of max_bytes", testImage(t, "animated.gif"), Recipe{Variants: []Variant{{Formats: []string{"webp"}, MaxBytes: 900}}}},
		{"enlarged", asJPEG(t, scene(100, 80)), Recipe{Variants: []Variant{{Width: 2000, Enlarge: true}}}},
		{"finished", asJPEG(t, m), finished},
		{"finished png", asPNG(t, m), finished},
		{"sought", asJPEG(t, m), inFormats(Recipe{Variants: []Variant{{Width: 500, Height: 900, Fit: Cover, Position: "entropy"}, {Name: "b", Width: 300, Height: 700, Fit: Cover, Position: "attention"}}}, "jpeg", "png")},
		{"animated gif, finished", testImage(t, "animated.gif"), inFormats(finished, "gif", "webp")},
		{"thin", asPNG(t, scene(20000, 2)), Recipe{Variants: []Variant{{Width: 1000}, {Name: "b", Width: 300, Height: 300, Fit: Fill, Enlarge: true}}}},
	} {
		t.Run(c.name, func(t *testing.T) { holdToCost(t, c.src, c.r) })
	}
}

// effort is a variant of the source's own size.
func effort(name string, quality int) Recipe {
	return Recipe{Variants: []Variant{{Effort: name, Quality: map[string]int{"jpeg": quality}}}}
}

func TestCostOfPhotos(t *testing.T) {
	for _, name := range []string{"craft-beer-baseline.jpg", "craft-beer-progressive.jpg", "portrait-orientation-6.jpg"} {
		t.Run(name, func(t *testing.T) { holdToCost(t, photo(t, name), widths(320, 640, 960, 1280, 1920)) })
	}
}

func inFormats(r Recipe, formats ...string) Recipe {
	for i := range r.Variants {
		r.Variants[i].Formats = formats
	}
	return r
}

// holdToCost fails if Process takes more than Cost said.
func holdToCost(t *testing.T, src []byte, r Recipe) {
	cost := Cost(mustProbe(t, src), r)
	used := int64(math.MaxInt64)
	for range 3 { // peak may count garbage twice, which is not so every time
		var err error
		used = min(used, peak(func() { _, err = Process(context.Background(), src, r, Limits{}) }))
		if err != nil {
			t.Fatal(err)
		}
		if used <= cost {
			break
		}
	}
	t.Logf("%.1f MB of %.1f MB (%.0f%%)", float64(used)/1e6, float64(cost)/1e6, 100*float64(used)/float64(cost))
	if used > cost {
		t.Errorf("Process used %d bytes, Cost said %d", used, cost)
	}
}

func TestCostDoesNotOverflow(t *testing.T) {
	info := Info{Format: "tiff", Width: math.MaxInt32, Height: math.MaxInt32, Orientation: 6, DecodePeak: [4]int64{1 << 62}}
	for _, r := range []Recipe{widths(65535, 100), widths(0)} { // the second holds 16 billion GB more
		if got := Cost(info, r); got < 1<<60 {
			t.Errorf("the cost is %d", got)
		}
	}
	if small := Cost(Info{Format: "jpeg", Width: 10, Height: 10, Orientation: 1}, widths(5)); small > 32<<20 {
		t.Errorf("a picture of 10×10 costs %d", small)
	}
}

// TestEncodedBytes: noise, which nothing compresses, stays below what Cost reckons with.
func TestEncodedBytes(t *testing.T) {
	for _, name := range codec.Written() {
		for _, alpha := range []bool{false, true} {
			c := codec.Find(name)
			if alpha && !c.Alpha {
				continue
			}
			m := noise(700, 500, alpha)
			data, err := c.Encode(nil, m, codec.Settings{Quality: 100})
			if err != nil {
				t.Fatal(err)
			}
			pixels := 700 * 500.0
			t.Logf("%s: %.2f bytes a pixel", name, float64(len(data))/pixels)
			if float64(len(data)) > c.EncodedBytes(pixels) {
				t.Errorf("%s, alpha %t: %d bytes, EncodedBytes says %.0f", name, alpha, len(data), c.EncodedBytes(pixels))
			}
		}
	}
}

func ExampleTooLargeError() {
	err := Limits{Width: 4000}.Check(Info{Width: 5000, Height: 100}, 1000)
	fmt.Println(err)
	// Output: image too large: 5000 px wide, limits.width is 4000
}
