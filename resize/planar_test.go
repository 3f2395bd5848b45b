package resize

import (
	"context"
	"fmt"
	"image"
	"testing"
)

// ramps is a picture whose planes rise steadily, so that a plane that is shifted by half a sample is off by a known amount.
func ramps(w, h int, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	for y := range h {
		for x := range w {
			m.Y[m.YOffset(x, y)] = byte(40 + x/2 + y/2)
		}
	}
	size, by := chromaSide(m, image.Pt(w, h)), ratios[ratio]
	for y := range size.Y {
		for x := range size.X { // 1.5 a pixel, taken at the middle of those that the sample covers
			m.Cb[y*m.CStride+x] = byte(30 + 1.5*(float64(x)+0.5)*float64(by.X))
			m.Cr[y*m.CStride+x] = byte(30 + 1.5*(float64(y)+0.5)*float64(by.Y))
		}
	}
	return m
}

// Scaled as planes or as RGB, a picture is the same: chroma stays where it was, in every orientation and at odd sizes, whatever its
// subsampling.
func TestPlanarIsAligned(t *testing.T) {
	for ratio := range ratios {
		for orientation := 1; orientation <= 8; orientation++ {
			for _, size := range []image.Point{{X: 60, Y: 44}, {X: 61, Y: 45}, {X: 33, Y: 27}} {
				t.Run(fmt.Sprintf("%v/orientation=%d/to=%d×%d", ratio, orientation, size.X, size.Y), func(t *testing.T) {
					src := picture{ramps(121, 93, ratio), orientation}
					if orientation >= 5 {
						src.img = ramps(93, 121, ratio)
					}
					made, ok := resamplePlanes(src, size.X, size.Y, "linear").(*image.YCbCr)
					if !ok || made.SubsampleRatio != image.YCbCrSubsampleRatio420 || made.Rect.Size() != size {
						t.Fatalf("made %v", made)
					}
					want := position{src, size}
					for y := 3; y < size.Y-3; y++ {
						for x := 3; x < size.X-3; x++ {
							c := made.YCbCrAt(x, y)
							luma, cb, cr := want.at(float64(x)+0.5, float64(y)+0.5)
							// A chroma sample stands for the middle of two pixels each way.
							_, cb2, cr2 := want.at(float64(x/2*2)+1, float64(y/2*2)+1)
							if off(c.Y, luma) > 1.6 || off(c.Cb, cb2) > 2.1 || off(c.Cr, cr2) > 2.1 {
								t.Fatalf("at %d,%d: %v, want %.1f %.1f %.1f (pixel itself %.1f %.1f)", x, y, c, luma, cb2, cr2, cb, cr)
							}
						}
					}
				})
			}
		}
	}
}

func off(got byte, want float64) float64 { return max(float64(got)-want, want-float64(got)) }

// position tells what a ramp shows at a point of the upright, scaled picture.
type position struct {
	src  picture
	size image.Point
}

func (p position) at(x, y float64) (luma, cb, cr float64) {
	x, y = x/float64(p.size.X), y/float64(p.size.Y) // 0 to 1, upright
	switch p.src.orientation {
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
	b := p.src.img.Bounds()
	x, y = x*float64(b.Dx()), y*float64(b.Dy())
	return 40 + (x-0.5)/2 + (y-0.5)/2, 30 + 1.5*x, 30 + 1.5*y
}

// JPEGs of real photos, made plane by plane, are as close to the reference as quality 95 and 4:2:0 allow.
func TestPlanarAgainstReference(t *testing.T) {
	for _, name := range []string{"dji-0032-422.jpg", "portrait-orientation-6.jpg", "book-beside-flowers-baseline.jpg"} {
		t.Run(name, func(t *testing.T) {
			src := photo(t, name)
			v := Variant{Width: 640, Formats: []string{"png"}}
			want := processed(t, src, v)
			v.Formats, v.Quality = []string{"jpeg"}, map[string]int{"jpeg": 95}
			if p := newPlan(mustProbe(t, src), Recipe{Variants: []Variant{v}}); !p.planar() {
				t.Fatal("not made plane by plane")
			}
			if got := psnr(t, processed(t, src, v), want); got < 34 { // what a baseline JPEG of this quality loses on grass and foliage
				t.Errorf("%.1f dB", got)
			} else {
				t.Logf("%.1f dB", got)
			}
		})
	}
}

func TestPlanarOnlyWhereItCan(t *testing.T) {
	jpeg := Info{Format: "jpeg", Width: 100, Height: 80, Orientation: 1}
	for name, test := range map[string]struct {
		info Info
		v    Variant
		want bool
	}{
		"jpeg to jpeg":   {jpeg, Variant{Width: 50}, true},
		"own size":       {jpeg, Variant{}, true},
		"to png":         {jpeg, Variant{Width: 50, Formats: []string{"png"}}, false},
		"cropped":        {jpeg, Variant{Width: 50, Height: 50, Fit: Cover}, false},
		"padded":         {jpeg, Variant{Width: 50, Height: 50, Fit: Contain}, false},
		"nearest":        {jpeg, Variant{Width: 50, Kernel: "nearest"}, false},
		"png to jpeg":    {Info{Format: "png", Width: 100, Height: 80, Orientation: 1}, Variant{Width: 50, Formats: []string{"jpeg"}}, false},
		"stretched jpeg": {jpeg, Variant{Width: 50, Height: 10, Fit: Fill}, true},
	} {
		if got := newPlan(test.info, Recipe{Variants: []Variant{test.v}}).planar(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if resamplePlanes(picture{image.NewNRGBA(image.Rect(0, 0, 4, 4)), 1}, 2, 2, "box") != nil {
		t.Error("pixels taken for planes")
	}
	if _, err := resampled(context.Background(), picture{ramps(40, 30, image.YCbCrSubsampleRatio420), 1}, 20, 15, "box"); err != nil {
		t.Error(err)
	}
}
