package placeholder

import (
	"encoding/base64"
	"image"
	"image/color"
	"testing"
)

// pattern is a picture by formula: the same one was given to npm's thumbhash 0.1.1, the algorithm's own implementation.
func pattern(w, h int, alpha bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{uint8(3*x + x*y + 7), uint8(x*x + 5*y*y), uint8(x*x + 3*y), 255}
			if alpha {
				c.A = uint8(5*x + 3*y)
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func TestThumbHash(t *testing.T) {
	for _, test := range []struct {
		w, h  int
		alpha bool
		want  string
	}{
		{100, 75, false, "3/cBDYISIhMRASJSVDV3ZRLvK0B2"},
		{75, 100, false, "H/gBDQIBEUVEBAFSd3NkdmZ3H2Bl"},
		{64, 64, true, "4PeBBQAXZTgEA5ZlqCDfJqCneXR1gFh4hw=="},
		{100, 3, false, "HAgGEYgBUBh2tYeHBHY5cJg="},
		{1, 1, false, "AQgCDwQI9wiIh4hwj3CI+AiIgIAICIgA"},
		{33, 20, true, "HviBA4ImAEN2yXX9OQVmdXB3dYiIeHg="},
		{100, 100, false, "H/gBDwIREQNFREUREVJoKGdmZ3X4AGQF"},
		{2, 90, true, "XEWFGQR3dJC4qHeEnwN4i3gHdYiHiHc="},
	} {
		if got := base64.StdEncoding.EncodeToString(ThumbHash(pattern(test.w, test.h, test.alpha))); got != test.want {
			t.Errorf("%d×%d, alpha %t: got %s, want %s", test.w, test.h, test.alpha, got, test.want)
		}
	}
	for _, size := range []image.Point{{101, 1}, {1, 101}, {0, 0}} {
		if got := ThumbHash(image.NewNRGBA(image.Rectangle{Max: size})); got != nil {
			t.Errorf("%v has a hash", size)
		}
	}
}

func TestColor(t *testing.T) {
	red, green, nothing := color.NRGBA{200, 10, 10, 255}, color.NRGBA{10, 200, 10, 255}, color.NRGBA{0, 0, 255, 0}
	for name, test := range map[string]struct {
		most, rest color.NRGBA
		want       color.NRGBA
	}{
		"most frequent":            {red, green, red},
		"transparent is not there": {nothing, green, green},
		"mean of the like":         {red, color.NRGBA{204, 14, 14, 255}, color.NRGBA{201, 11, 11, 255}},
		"nothing":                  {nothing, nothing, color.NRGBA{255, 255, 255, 255}},
	} {
		img := image.NewNRGBA(image.Rect(0, 0, 4, 4))
		for i := range 16 {
			c := test.most
			if i%4 == 0 {
				c = test.rest
			}
			img.SetNRGBA(i%4, i/4, c)
		}
		if got := Color(img); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func BenchmarkThumbHash(b *testing.B) {
	img := pattern(100, 75, false)
	for b.Loop() {
		ThumbHash(img)
	}
}
