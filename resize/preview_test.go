package resize

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buckket/go-blurhash"
)

// preview is what Process makes of a test image, which must be the same whatever else is made of it.
func preview(t *testing.T, name string) *Preview {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "testdata", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Process(context.Background(), src, Recipe{Preview: true}, Limits{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.Preview == nil || len(r.Outputs) != 0 {
		t.Fatalf("%s: preview %v, %d outputs", name, r.Preview, len(r.Outputs))
	}
	return r.Preview
}

func inlined(t *testing.T, p *Preview) image.Image {
	t.Helper()
	_, text, found := strings.Cut(p.Inline, ";base64,")
	data, err := base64.StdEncoding.DecodeString(text)
	if !found || err != nil {
		t.Fatalf("%q is no data URI: %v", p.Inline, err)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPreview(t *testing.T) {
	for name, test := range map[string]struct {
		format string
		most   int // bytes of the data URI
	}{
		"scene.jpg": {"jpeg", 800}, "orientation-6.jpg": {"jpeg", 800}, "grey.jpg": {"jpeg", 800}, "rgba.png": {"png", 1500}, "tiny-1x1.jpg": {"jpeg", 600},
		"animated.gif": {"jpeg", 900}, "transparent.gif": {"png", 1500}, "wide-2000x3.jpg": {"jpeg", 600}, "progressive.jpg": {"jpeg", 800},
	} {
		t.Run(name, func(t *testing.T) {
			p := preview(t, name)
			small := inlined(t, p)
			if w, h := small.Bounds().Dx(), small.Bounds().Dy(); max(w, h) > inlineSide || len(p.Inline) > test.most {
				t.Errorf("%d×%d, %d bytes", w, h, len(p.Inline))
			}
			if !strings.HasPrefix(p.Inline, "data:image/"+test.format+";base64,") {
				t.Errorf("is %.30s", p.Inline)
			}
			blurred, err := blurhash.Decode(p.BlurHash, small.Bounds().Dx(), small.Bounds().Dy(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if test.format == "jpeg" { // of what is transparent they differ, as one of them is on white
				if d := meanDifference(small, blurred); d > 50 {
					t.Errorf("BlurHash is %.0f off the inline picture", d)
				}
			}
			hash, err := base64.StdEncoding.DecodeString(p.ThumbHash)
			if err != nil || len(hash) < 5 || len(hash) > 40 || hash[2]>>7 == 1 != (test.format == "png") {
				t.Errorf("ThumbHash %q, %v", p.ThumbHash, err)
			}
			if len(p.Color) != 7 || p.Color[0] != '#' {
				t.Errorf("colour %q", p.Color)
			}
		})
	}
}

// Orientation counts: all eight pictures are the same, seen upright.
func TestPreviewIsUpright(t *testing.T) {
	want := inlined(t, preview(t, "orientation-1.jpg"))
	for _, o := range "2345678" {
		got := inlined(t, preview(t, "orientation-"+string(o)+".jpg"))
		if got.Bounds() != want.Bounds() || meanDifference(got, want) > 12 {
			t.Errorf("orientation %c: %v, %.0f off", o, got.Bounds(), meanDifference(got, want))
		}
	}
}

// Beside variants, the preview comes from the smallest of them: much the same picture, and the variants are what they were.
func TestPreviewBesideVariants(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "testdata", "images", "scene.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	process := func(r Recipe) Result {
		result, err := Process(context.Background(), src, r, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	variants := []Variant{{Name: "l", Width: 800}, {Name: "s", Width: 64}, {Name: "c", Width: 30, Height: 30, Fit: Cover, Formats: []string{"png"}}}
	without, with := process(Recipe{Variants: variants}), process(Recipe{Variants: variants, Preview: true})
	for i := range without.Outputs {
		if !bytes.Equal(without.Outputs[i].Data, with.Outputs[i].Data) {
			t.Errorf("variant %s is another one with a preview", without.Outputs[i].Variant)
		}
	}
	if without.Preview != nil {
		t.Error("a preview that nobody asked for")
	}
	alone := process(Recipe{Preview: true})
	if d := meanDifference(inlined(t, with.Preview), inlined(t, alone.Preview)); d > 6 {
		t.Errorf("it is %.1f off the one that is made alone", d)
	}
}

func meanDifference(a, b image.Image) float64 {
	sum, n := 0.0, 0.0
	for y := range min(a.Bounds().Dy(), b.Bounds().Dy()) {
		for x := range min(a.Bounds().Dx(), b.Bounds().Dx()) {
			r, g, bl, _ := a.At(x, y).RGBA()
			R, G, B, _ := b.At(x, y).RGBA()
			sum += math.Abs(float64(r)-float64(R)) + math.Abs(float64(g)-float64(G)) + math.Abs(float64(bl)-float64(B))
			n += 3
		}
	}
	return sum / n / 257
}

func BenchmarkPreview(b *testing.B) {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i/7) | 3
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	for b.Loop() {
		if _, err := newPreview(img); err != nil {
			b.Fatal(err)
		}
	}
}
