package crop

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// scene is a dull picture with a patch of something in it.
func scene(w, h int, patch image.Rectangle, paint func(x, y int) color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{uint8(110 + x*5/w), uint8(115 + x*5/w), uint8(118 + x*5/w), 255}
			if image.Pt(x, y).In(patch) {
				c = paint(x, y)
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func noise(x, y int) color.NRGBA {
	v := uint8(rand.New(rand.NewPCG(uint64(x), uint64(y))).IntN(256))
	return color.NRGBA{v, v, v, 255}
}

func plain(c color.NRGBA) func(x, y int) color.NRGBA { return func(int, int) color.NRGBA { return c } }

func TestFind(t *testing.T) {
	left, right := image.Rect(20, 100, 120, 200), image.Rect(660, 100, 760, 200)
	tall := image.Rect(60, 560, 140, 640)
	for _, tt := range []struct {
		name  string
		img   *image.NRGBA
		size  image.Point
		by    Method
		patch image.Rectangle
	}{
		{"detail on the left", scene(800, 300, left, noise), image.Pt(300, 300), Entropy, left},
		{"detail on the right", scene(800, 300, right, noise), image.Pt(300, 300), Entropy, right},
		{"detail below", scene(200, 700, tall, noise), image.Pt(200, 200), Entropy, tall},
		{"edges", scene(800, 300, right, noise), image.Pt(300, 300), Attention, right},
		{"light skin", scene(800, 300, left, plain(color.NRGBA{224, 172, 140, 255})), image.Pt(300, 300), Attention, left},
		{"dark skin", scene(800, 300, right, plain(color.NRGBA{112, 66, 50, 255})), image.Pt(300, 300), Attention, right},
		{"a red thing", scene(800, 300, left, plain(color.NRGBA{220, 20, 30, 255})), image.Pt(300, 300), Attention, left},
		{"in a corner, both sides cut", scene(800, 600, image.Rect(700, 500, 790, 590), noise), image.Pt(300, 300), Attention, image.Rect(700, 500, 790, 590)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := Find(tt.img, tt.size, tt.by)
			window := image.Rectangle{at, at.Add(tt.size)}
			if !window.In(tt.img.Rect) {
				t.Fatalf("window %v leaves the picture %v", window, tt.img.Rect)
			}
			if !tt.patch.In(window) {
				t.Errorf("window %v does not hold what there is to see, %v", window, tt.patch)
			}
		})
	}
}

func TestFindInTheMiddleOfNothing(t *testing.T) {
	img := scene(800, 300, image.Rectangle{}, nil)
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	for _, by := range []Method{Entropy, Attention} {
		if at := Find(img, image.Pt(300, 300), by); at.X < 248 || at.X > 252 || at.Y != 0 {
			t.Errorf("%s: of a picture that is the same everywhere it keeps %v, not its middle", by, at)
		}
	}
}

func TestFindAtOddSizes(t *testing.T) {
	for w := 1; w < 40; w += 3 {
		for h := 1; h < 40; h += 5 {
			img := scene(w, h, image.Rect(0, 0, w/2, h/2), noise)
			for _, size := range []image.Point{{1, 1}, {w, h}, {w, 1}, {max(1, w/2), h}, {w + 5, h + 5}} {
				for _, by := range []Method{Entropy, Attention} {
					at := Find(img, size, by)
					if at.X < 0 || at.Y < 0 || at.X+min(size.X, w) > w || at.Y+min(size.Y, h) > h {
						t.Fatalf("%s of %d×%d in %d×%d: corner %v", by, size.X, size.Y, w, h, at)
					}
				}
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	img := scene(1600, 1200, image.Rect(900, 300, 1200, 600), noise)
	for _, by := range []Method{Entropy, Attention} {
		b.Run("method="+string(by), func(b *testing.B) {
			for b.Loop() {
				Find(img, image.Pt(600, 1200), by)
			}
		})
	}
}
