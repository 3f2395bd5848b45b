package resize

import (
	"fmt"
	"image"
	"image/color"
	"testing"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		name       string
		sw, sh     int
		w, h       int
		fit        Fit
		enlarge    bool
		fw, fh     int // frame
		outW, outH int
	}{
		{"source's own size", 300, 200, 0, 0, Inside, false, 300, 200, 300, 200},
		{"cover without sizes", 300, 200, 0, 0, Cover, true, 300, 200, 300, 200},
		{"width", 300, 200, 150, 0, Inside, false, 150, 100, 150, 100},
		{"width, contain", 300, 200, 150, 0, Contain, false, 150, 100, 150, 100},
		{"width, fill", 300, 200, 150, 0, Fill, false, 150, 100, 150, 100},
		{"height", 300, 200, 0, 50, Inside, false, 75, 50, 75, 50},
		{"width beyond", 300, 200, 600, 0, Inside, false, 300, 200, 300, 200},
		{"width beyond, enlarge", 300, 200, 600, 0, Inside, true, 600, 400, 600, 400},
		{"height beyond, enlarge", 300, 200, 0, 300, Outside, true, 450, 300, 450, 300},
		{"half rounds up", 4, 2, 3, 0, Inside, false, 3, 2, 3, 2},
		{"below half rounds down", 1000, 333, 100, 0, Inside, false, 100, 33, 100, 33},
		{"above half rounds up", 1000, 337, 100, 0, Inside, false, 100, 34, 100, 34},
		{"never zero high", 2000, 3, 100, 0, Inside, false, 100, 1, 100, 1},
		{"never zero wide", 3, 2000, 0, 100, Inside, false, 1, 100, 1, 100},
		{"one pixel", 1, 1, 320, 320, Cover, false, 1, 1, 1, 1},
		{"24 MP", 6000, 4000, 1280, 0, Inside, false, 1280, 853, 1280, 853},

		{"inside, landscape", 600, 400, 300, 300, Inside, false, 300, 200, 300, 200},
		{"inside, portrait", 400, 600, 300, 300, Inside, false, 200, 300, 200, 300},
		{"inside, exact shape", 600, 400, 300, 200, Inside, false, 300, 200, 300, 200},
		{"inside, small", 60, 40, 300, 300, Inside, false, 60, 40, 60, 40},
		{"inside, small, enlarge", 60, 40, 300, 300, Inside, true, 300, 200, 300, 200},
		{"outside, landscape", 600, 400, 300, 300, Outside, false, 450, 300, 450, 300},
		{"outside, portrait", 400, 600, 300, 300, Outside, false, 300, 450, 300, 450},
		{"outside, one side small", 600, 200, 300, 300, Outside, false, 600, 200, 600, 200},
		{"outside, one side small, enlarge", 600, 200, 300, 300, Outside, true, 900, 300, 900, 300},
		{"cover, landscape", 600, 400, 300, 300, Cover, false, 450, 300, 300, 300},
		{"cover, portrait", 400, 600, 300, 300, Cover, false, 300, 450, 300, 300},
		{"cover, one side small", 1000, 200, 400, 300, Cover, false, 1000, 200, 400, 200},
		{"cover, both small", 100, 80, 400, 300, Cover, false, 100, 80, 100, 80},
		{"cover, small, enlarge", 100, 80, 400, 300, Cover, true, 400, 320, 400, 300},
		{"contain, landscape", 600, 400, 300, 300, Contain, false, 300, 200, 300, 300},
		{"contain, portrait", 400, 600, 300, 300, Contain, false, 200, 300, 300, 300},
		{"contain, small", 100, 80, 400, 300, Contain, false, 100, 80, 400, 300},
		{"contain, small, enlarge", 100, 80, 400, 300, Contain, true, 375, 300, 400, 300},
		{"fill", 600, 400, 300, 300, Fill, false, 300, 300, 300, 300},
		{"fill, one side small", 600, 200, 300, 300, Fill, false, 300, 200, 300, 200},
		{"fill, small, enlarge", 100, 80, 400, 300, Fill, true, 400, 300, 400, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := place(c.sw, c.sh, Variant{Width: c.w, Height: c.h, Fit: c.fit, Enlarge: c.enlarge}.withDefaults(), nil)
			if p.w != c.fw || p.h != c.fh {
				t.Errorf("the frame is %d×%d, want %d×%d", p.w, p.h, c.fw, c.fh)
			}
			if p.view.Dx() != c.outW || p.view.Dy() != c.outH {
				t.Errorf("the variant is %d×%d, want %d×%d", p.view.Dx(), p.view.Dy(), c.outW, c.outH)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	for _, c := range []struct {
		position  string
		cut, pad  image.Point // where the view begins in the frame
		oddC, odd image.Point // with an odd pixel left over
	}{
		{"center", image.Pt(50, 30), image.Pt(-50, -30), image.Pt(3, 2), image.Pt(-2, -1)},
		{"top", image.Pt(50, 0), image.Pt(-50, 0), image.Pt(3, 0), image.Pt(-2, 0)},
		{"right top", image.Pt(100, 0), image.Pt(-100, 0), image.Pt(5, 0), image.Pt(-5, 0)},
		{"right", image.Pt(100, 30), image.Pt(-100, -30), image.Pt(5, 2), image.Pt(-5, -1)},
		{"right bottom", image.Pt(100, 60), image.Pt(-100, -60), image.Pt(5, 3), image.Pt(-5, -3)},
		{"bottom", image.Pt(50, 60), image.Pt(-50, -60), image.Pt(3, 3), image.Pt(-2, -3)},
		{"left bottom", image.Pt(0, 60), image.Pt(0, -60), image.Pt(0, 3), image.Pt(0, -3)},
		{"left", image.Pt(0, 30), image.Pt(0, -30), image.Pt(0, 2), image.Pt(0, -1)},
		{"left top", image.Pt(0, 0), image.Pt(0, 0), image.Pt(0, 0), image.Pt(0, 0)},
	} {
		t.Run(c.position, func(t *testing.T) {
			for _, a := range []struct{ got, want image.Point }{
				{anchor(-100, -60, c.position), c.cut},
				{anchor(100, 60, c.position), c.pad},
				{anchor(-5, -3, c.position), c.oddC},
				{anchor(5, 3, c.position), c.odd},
			} {
				if a.got != a.want {
					t.Errorf("the view begins at %v, want %v", a.got, a.want)
				}
			}
		})
	}
}

// TestCutAndPad looks at pixels: what a position keeps, and what lies around a contained picture.
func TestCutAndPad(t *testing.T) {
	src := asPNG(t, corners(200, 100))
	m := processed(t, src, Variant{Width: 50, Height: 50, Fit: Cover, Position: "right"})
	near(t, m, 5, 5, green, 0)
	near(t, m, 45, 45, yellow, 0)
	m = processed(t, src, Variant{Width: 50, Height: 50, Fit: Cover, Position: "left top"})
	near(t, m, 45, 5, red, 0)
	near(t, m, 5, 45, blue, 0)

	behind := color.NRGBA{1, 2, 3, 255}
	m = processed(t, src, Variant{Width: 50, Height: 50, Fit: Contain, Position: "bottom", Background: behind})
	near(t, m, 25, 24, behind, 0)
	near(t, m, 5, 26, red, 0)
	near(t, m, 45, 49, yellow, 0)
	m = processed(t, src, Variant{Width: 50, Height: 50, Fit: Contain})
	near(t, m, 25, 11, white, 0)
	near(t, m, 5, 12, red, 0)
	near(t, m, 25, 37, white, 0)
	m = processed(t, src, Variant{Width: 50, Height: 50, Fit: Contain, Background: color.NRGBA{0, 0, 255, 128}})
	near(t, m, 25, 5, color.NRGBA{0, 0, 255, 128}, 0)
}

func ExamplePlan() {
	info := Info{Format: "tiff", Width: 600, Height: 400, Alpha: true}
	for _, t := range Plan(info, Recipe{Variants: []Variant{
		{Name: "large", Width: 300, Formats: []string{"same", "jpeg", "png"}},
		{Name: "square", Width: 100, Height: 100, Fit: Cover},
	}}) {
		fmt.Println(t.Variant, t.Format, t.Ext, t.Width, t.Height)
	}
	// Output:
	// large png png 300 200
	// large jpeg jpg 300 200
	// square png png 100 100
}
