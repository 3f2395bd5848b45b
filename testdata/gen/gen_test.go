package main

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
	gen2brain "github.com/gen2brain/webp"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// The files are judged by decoders that the generator does not share a line with.

func committed(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCommittedFilesAreTheGenerators(t *testing.T) {
	if err := run("..", true); err != nil {
		t.Fatal(err)
	}
}

func TestStatedSizeAndOutcome(t *testing.T) {
	for _, f := range files() {
		t.Run(f.name, func(t *testing.T) {
			data := committed(t, f.name)
			config, _, err := image.DecodeConfig(bytes.NewReader(data))
			if f.outcome == notAnImage {
				if !errors.Is(err, image.ErrFormat) {
					t.Fatalf("got %v, want %v", err, image.ErrFormat)
				}
				return
			}
			if f.name == "truncated.avif" { // libavif looks for the pixels even then
				if err == nil {
					t.Fatal("libavif finds nothing missing")
				}
				return
			}
			if err != nil || config.Width != f.w || config.Height != f.h {
				t.Fatalf("got %d×%d, %v; want %d×%d", config.Width, config.Height, err, f.w, f.h)
			}
			if f.outcome == tooLarge || f.outcome == either || f.outcome == unsupported || f.name == "animated.webp" {
				return // decoding is not to be tried, or may end either way, or is another decoder's, see TestFrames
			}
			m, _, err := image.Decode(bytes.NewReader(data))
			if fails := f.outcome != variants; fails != (err != nil) {
				t.Fatalf("got error %v, want one: %v", err, fails)
			}
			if err == nil && m.Bounds().Size() != image.Pt(f.w, f.h) {
				t.Fatalf("decoded to %v", m.Bounds())
			}
		})
	}
}

func TestColourModels(t *testing.T) {
	tests := map[string]color.Model{
		"scene.jpg": color.YCbCrModel, "progressive.jpg": color.YCbCrModel, "grey.jpg": color.GrayModel,
		"cmyk.jpg": color.CMYKModel, "ycck.jpg": color.CMYKModel, "rgb-components.jpg": color.RGBAModel,
		"rgb.png": color.RGBAModel, "rgba.png": color.NRGBAModel, "rgb16.png": color.RGBA64Model,
		"rgba16.png": color.NRGBA64Model, "grey.png": color.GrayModel, "grey16.png": color.Gray16Model,
		"grey-alpha.png": color.NRGBAModel, "rgb-trns.png": color.NRGBAModel, "one-bit.png": color.GrayModel,
		"lossy.webp": color.YCbCrModel, "lossless.webp": color.NRGBAModel, "alpha.webp": color.NYCbCrAModel,
	}
	for name, want := range tests {
		if got := decoded(t, committed(t, name)).ColorModel(); got != want {
			t.Errorf("%s: got %T %v", name, got, got)
		}
	}
	for name, want := range map[string]int{"palette.png": 252, "palette-trns.png": 253, "palette8.bmp": 256, "still.gif": 256, "transparent.gif": 256} {
		palette, ok := decoded(t, committed(t, name)).ColorModel().(color.Palette)
		if !ok || len(palette) != want {
			t.Errorf("%s: got a palette: %v, of %d colours, want %d", name, ok, len(palette), want)
		}
	}
}

// difference is the mean of the absolute differences of red, green, blue and alpha, premultiplied, in 1/65535, and the
// largest of them.
func difference(a, b image.Image) (mean, most int) {
	sum, n := 0, 0
	for y := range b.Bounds().Dy() {
		for x := range b.Bounds().Dx() {
			r, g, bl, al := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, a2 := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, d := range []int{int(r) - int(r2), int(g) - int(g2), int(bl) - int(b2), int(al) - int(a2)} {
				sum, n, most = sum+max(d, -d), n+1, max(most, d, -d)
			}
		}
	}
	return sum / n, most
}

func TestLosslessPixels(t *testing.T) {
	tests := map[string]image.Image{
		"rgb.png": scene(320, 240), "rgba.png": seeThrough(320, 240), "rgb16.png": ramp16(256, 192, false),
		"rgba16.png": ramp16(256, 192, true), "interlaced.png": scene(203, 151), "interlaced-3x1.png": scene(3, 1),
		"palette.png": dithered(scene(320, 240), cube(), -1), "icc-p3.png": scene(320, 240), "png-inside.jpg": scene(160, 120),
		"still.gif": dithered(scene(320, 240), cube(), -1), "lossless.webp": scene(320, 240), "alpha-lossless.webp": seeThrough(320, 240),
		"rgb.tiff": scene(320, 240), "uncompressed.tiff": scene(160, 120), "rgb24.bmp": scene(161, 120),
		"palette8.bmp":           dithered(scene(161, 120), cube(), -1),
		"transparent.gif":        dithered(seeThrough(320, 240), clearCube(), clearIndex),
		"palette-trns.png":       dithered(seeThrough(320, 240), clearCube(), clearIndex),
		"interlaced-one-bit.png": decoded(t, greyPNG(scene(203, 151), 1).bytes()),
	}
	for name, want := range tests {
		if mean, most := difference(decoded(t, committed(t, name)), want); most != 0 {
			t.Errorf("%s: mean difference %d, largest %d, want none", name, mean, most)
		}
	}
}

// What JPEG loses at these qualities on scenes full of noise and lines was 0.1 to 0.9% of the range (1.7% at quality 50,
// 4% for three rows of noise); a wrong colour, place or coefficient costs more.
func TestLossyJPEGPixels(t *testing.T) {
	tests := map[string]image.Image{
		"scene.jpg": scene(1600, 1200), "portrait.jpg": scene(900, 1200), "progressive.jpg": scene(803, 601),
		"progressive-restart.jpg": scene(400, 300), "cmyk.jpg": scene(400, 300), "ycck.jpg": scene(400, 300),
		"rgb-components.jpg": scene(400, 300), "restart-markers.jpg": scene(400, 300), "subsampling-444.jpg": scene(403, 301),
		"subsampling-422.jpg": scene(403, 301), "subsampling-440.jpg": scene(403, 301), "subsampling-411.jpg": scene(403, 301),
		"many-scans.jpg": scene(160, 120), "tiny-1x1.jpg": scene(1, 1),
		"jpeg-inside.png": scene(640, 480), "trailing-bytes.jpg": scene(640, 480), "gps-icc-p3.jpg": scene(640, 480),
		"wide-2000x3.jpg": scene(2000, 3), "tall-3x2000.jpg": scene(3, 2000),
	}
	for name, want := range tests {
		mean, _ := difference(decoded(t, committed(t, name)), want)
		if mean > 65535*5/100 {
			t.Errorf("%s: mean difference %.1f%%", name, float64(mean)/655.35)
		}
	}
}

// limitedRange is a decoded VP8 picture with its true colours: golang.org/x/image/webp hands out VP8's YCbCr, which is
// of limited range (ITU-R BT.601: 16 to 235 and 240), as an image of full range.
func limitedRange(t *testing.T, m image.Image) image.Image {
	t.Helper()
	out := image.NewNRGBA(m.Bounds())
	for y := range out.Rect.Max.Y {
		for x := range out.Rect.Max.X {
			alpha, c := uint8(255), color.YCbCr{}
			switch m := m.(type) {
			case *image.YCbCr:
				c = m.YCbCrAt(x, y)
			case *image.NYCbCrA:
				c, alpha = m.YCbCrAt(x, y), m.NYCbCrAAt(x, y).A
			default:
				t.Fatalf("not lossy: %T", m)
			}
			luma, cb, cr := (float64(c.Y)-16)*255/219, (float64(c.Cb)-128)*255/224, (float64(c.Cr)-128)*255/224
			level := func(v float64) uint8 { return uint8(min(max(v, 0), 255) + 0.5) }
			out.SetNRGBA(x, y, color.NRGBA{level(luma + 1.402*cr), level(luma - 0.344*cb - 0.714*cr), level(luma + 1.772*cb), alpha})
		}
	}
	return out
}

func TestLossyWebPPixels(t *testing.T) {
	tests := map[string]image.Image{
		"lossy.webp": scene(320, 240), "alpha.webp": seeThrough(320, 240),
		"orientation-6.webp": stored(upright(480, 320, "orientation 6"), 6),
	}
	for name, want := range tests {
		if mean, _ := difference(limitedRange(t, decoded(t, committed(t, name))), want); mean > 65535*2/100 {
			t.Errorf("%s: mean difference %.1f%%", name, float64(mean)/655.35)
		}
	}
}

// The order in which coefficients are written is no matter of pixels: scans, a thousand of them, and restarts give
// exactly what one scan gives.
func TestScansAndRestartsKeepPixels(t *testing.T) {
	tests := map[string]struct {
		sampling image.Point
		scans    []scan
		restart  int
	}{
		"progressive":         {yuv420, progressive(), 0},
		"thousand scans":      {yuv420, thousandScans(), 0},
		"restart":             {yuv420, nil, 4},
		"progressive restart": {yuv444, progressive(), 3}, // image/jpeg miscounts the restarts of 4:2:0
	}
	for name, test := range tests {
		plain := colourJPEG(scene(163, 121), 80, test.sampling)
		f := plain
		f.scans, f.restart = test.scans, test.restart
		if _, most := difference(decoded(t, f.bytes()), decoded(t, plain.bytes())); most != 0 {
			t.Errorf("%s: pixels differ by up to %d", name, most)
		}
	}
	if n := len(thousandScans()); n != 1000 {
		t.Errorf("%d scans", n)
	}
}

func TestOrientationsShowTheUprightPicture(t *testing.T) {
	for o := '1'; o <= '8'; o++ {
		m, err := imaging.Decode(bytes.NewReader(committed(t, "orientation-"+string(o)+".jpg")), imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		want := upright(480, 320, "orientation "+string(o))
		if mean, _ := difference(m, want); m.Bounds() != want.Bounds() || mean > 65535/100 {
			t.Errorf("%c: %v, mean difference %.1f%%", o, m.Bounds(), float64(mean)/655.35)
		}
	}
	for _, name := range []string{"orientation-6.png", "orientation-6.tiff"} {
		want := stored(upright(480, 320, "orientation 6"), 6)
		if _, most := difference(decoded(t, committed(t, name)), want); most != 0 {
			t.Errorf("%s: pixels differ by up to %d", name, most)
		}
	}
}

func TestFrames(t *testing.T) {
	for name, want := range map[string]int{"animated.gif": 5, "many-frames.gif": 1200, "frame-area.gif": 100} {
		g, err := gif.DecodeAll(bytes.NewReader(committed(t, name)))
		if err != nil || len(g.Image) != want {
			t.Errorf("%s: %v, want %d frames", name, err, want)
		}
	}
	g, err := gif.DecodeAll(bytes.NewReader(committed(t, "animated.gif")))
	if err != nil || !slices.Equal(g.Disposal, []byte{1, 2, 3, 1, 2}) || g.Image[2].Rect != image.Rect(24, 30, 50, 56) {
		t.Errorf("animated.gif: %v, disposal %v", err, g.Disposal)
	}
	w, err := gen2brain.DecodeAll(bytes.NewReader(committed(t, "animated.webp")))
	if err != nil || len(w.Image) != 5 {
		t.Errorf("animated.webp: %v, %d frames", err, len(w.Image))
	}
	if n := bytes.Count(committed(t, "animated.png"), []byte("fcTL")); n != 5 {
		t.Errorf("animated.png: %d frames", n)
	}
}
