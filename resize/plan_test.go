package resize

import (
	"fmt"
	"image"
	"image/color"
	"testing"
)

// TestPlanAgreesWithProcess for every fit, enlargement, kind of size and format, on sources of every format.
func TestPlanAgreesWithProcess(t *testing.T) {
	m := scene(60, 40)
	alpha := noise(40, 60, true)
	sources := map[string][]byte{
		"jpeg": asJPEG(t, m), "turned": withExif(asJPEG(t, m), exif(6, big)), "png": asPNG(t, alpha), "gif": asGIF(t, m), "tiff": asTIFF(t, m),
		"tiff with alpha": asTIFF(t, alpha), "bmp": asBMP(t, m), "thin": asPNG(t, scene(300, 1)), "pixel": asPNG(t, scene(1, 1)),
		"webp": testImage(t, "lossy.webp"), "webp with alpha": testImage(t, "alpha.webp"),
	}
	var r Recipe
	for _, fit := range Fits {
		for _, size := range []image.Point{{0, 0}, {30, 0}, {0, 30}, {30, 30}, {17, 80}, {100, 20}, {55, 100}} {
			for _, enlarge := range []bool{false, true} {
				for _, formats := range [][]string{nil, {"same", "jpeg", "png"}, {"gif", "gif"}} {
					r.Variants = append(r.Variants, Variant{Name: fmt.Sprint(len(r.Variants)), Width: size.X, Height: size.Y, Fit: Fit(fit), Enlarge: enlarge, Formats: formats})
				}
			}
		}
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			result, err := Process(t.Context(), src, r, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			targets := Plan(mustProbe(t, src), r)
			if len(targets) != len(result.Outputs) || len(targets) < len(r.Variants) {
				t.Fatalf("%d targets, %d outputs", len(targets), len(result.Outputs))
			}
			for i, o := range result.Outputs {
				if o.Target != targets[i] {
					t.Errorf("planned %+v, made %+v", targets[i], o.Target)
				}
				if got := Sniff(o.Data); got != o.Format {
					t.Errorf("%+v is a %s", o.Target, got)
				}
				info := mustProbe(t, o.Data)
				if info.Width != o.Width || info.Height != o.Height || info.Width < 1 || info.Height < 1 {
					t.Errorf("%+v is %d×%d", o.Target, info.Width, info.Height)
				}
			}
		})
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		format string
		alpha  bool
		want   string
	}{
		{"jpeg", false, "jpeg"}, {"png", false, "png"}, {"png", true, "png"}, {"gif", true, "gif"},
		{"webp", true, "webp"}, {"avif", false, "avif"}, {"heic", false, "jpeg"}, {"tiff", false, "jpeg"}, {"tiff", true, "png"}, {"bmp", false, "jpeg"}, {"bmp", true, "png"},
	} {
		targets := Plan(Info{Format: c.format, Alpha: c.alpha, Width: 10, Height: 10}, Recipe{Variants: []Variant{{Formats: []string{"same", c.want}}}})
		if len(targets) != 1 || targets[0].Format != c.want {
			t.Errorf("%s, alpha %t: %v, want one %s", c.format, c.alpha, targets, c.want)
		}
	}
}

func TestNoHeaderNoPlan(t *testing.T) {
	r := Recipe{Variants: []Variant{{Width: 100, Enlarge: true}}}
	if got := Plan(Info{}, r); len(got) > 0 {
		t.Errorf("planned %+v", got)
	}
	if got := Cost(Info{}, r); got < 0 {
		t.Errorf("costs %d", got)
	}
}

func TestCascade(t *testing.T) {
	parents := func(w, h int, variants ...Variant) map[string]string {
		p := newPlan(Info{Format: "jpeg", Width: w, Height: h}, Recipe{Variants: variants})
		got := map[string]string{}
		for _, f := range p.frames {
			from := "source"
			if f.parent != nil {
				from = fmt.Sprintf("%d×%d", f.parent.w, f.parent.h)
			}
			name := fmt.Sprintf("%d×%d %s", f.w, f.h, f.kernel)
			if !f.whole() {
				name += fmt.Sprintf(" %v", f.view)
			}
			got[name] = from
		}
		return got
	}
	for _, c := range []struct {
		name     string
		w, h     int
		variants []Variant
		want     map[string]string
	}{
		{"each from the nearest larger one, whatever the order", 3000, 2000, []Variant{{Width: 300}, {Width: 1200}, {Width: 600}},
			map[string]string{"1200×800 lanczos3": "source", "600×400 lanczos3": "1200×800", "300×200 lanczos3": "600×400"}},
		{"a frame for what is cut", 3000, 2000, []Variant{{Width: 600}, {Width: 200, Height: 200, Fit: Cover}},
			map[string]string{"600×400 lanczos3": "source", "300×200 lanczos3 (50,0)-(250,200)": "600×400"}},
		{"one frame for several, and what is cut is cut from it", 3000, 2000, []Variant{{Width: 200, Height: 200, Fit: Cover}, {Width: 300}, {Height: 200}},
			map[string]string{"300×200 lanczos3": "source", "300×200 lanczos3 (50,0)-(250,200)": "300×200"}},
		{"not from what is cut", 3000, 2000, []Variant{{Width: 1000, Height: 1000, Fit: Cover}, {Width: 300}},
			map[string]string{"1500×1000 lanczos3 (250,0)-(1250,1000)": "source", "300×200 lanczos3": "source"}},
		{"kernels are kept apart", 3000, 2000, []Variant{{Width: 600}, {Width: 300, Kernel: "box"}, {Width: 150, Kernel: "box"}},
			map[string]string{"600×400 lanczos3": "source", "300×200 box": "source", "150×100 box": "300×200"}},
		{"nearest picks from the source", 3000, 2000, []Variant{{Width: 600, Kernel: "nearest"}, {Width: 300, Kernel: "nearest"}},
			map[string]string{"600×400 nearest": "source", "300×200 nearest": "source"}},
		{"the source's size serves all", 3000, 2000, []Variant{{}, {Width: 9999}, {Width: 300, Kernel: "nearest"}},
			map[string]string{"3000×2000 ": "source", "300×200 nearest": "3000×2000"}},
		{"not from what was enlarged", 300, 200, []Variant{{Width: 600, Enlarge: true}, {Width: 150}},
			map[string]string{"600×400 lanczos3": "source", "150×100 lanczos3": "source"}},
		{"not from what is too low", 3000, 2000, []Variant{{Width: 2000, Height: 100, Fit: Fill}, {Width: 300}},
			map[string]string{"2000×100 lanczos3": "source", "300×200 lanczos3": "source"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parents(c.w, c.h, c.variants...); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestEqualPicturesAreEncodedOnce(t *testing.T) {
	small := asJPEG(t, scene(100, 80))
	outputs := process(t, small, Variant{Name: "a", Width: 1000}, Variant{Name: "b", Width: 2000, Kernel: "box"}, Variant{Name: "c"},
		Variant{Name: "d", Quality: map[string]int{"jpeg": 60}}, Variant{Name: "e", Width: 50}, Variant{Name: "f", Background: color.NRGBA{1, 1, 1, 255}})
	shared := func(i, j int) bool { return &outputs[i].Data[0] == &outputs[j].Data[0] }
	if !shared(0, 1) || !shared(0, 2) {
		t.Error("equal outputs were encoded more than once")
	}
	if shared(0, 3) || shared(0, 4) || shared(0, 5) {
		t.Error("different outputs share their data")
	}
}

// TestCascadeQuality compares every variant of a cascade with the same one made straight from the source.
func TestCascadeQuality(t *testing.T) {
	src := asPNG(t, scene(1500, 1000))
	sizes := []int{1200, 1000, 800, 600, 400, 200, 100}
	all := widths(sizes...)
	result, err := Process(t.Context(), src, all, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range sizes {
		straight := processed(t, src, Variant{Width: w})
		got := psnr(t, decoded(t, result.Outputs[i].Data), straight)
		t.Logf("%d px: %.1f dB", w, got)
		if got < 48 {
			t.Errorf("%d px: %.1f dB from the one made straight from the source, want 48", w, got)
		}
	}
}
