package finish

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func plain(w, h int, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	return img
}

var (
	blue  = color.NRGBA{20, 40, 200, 255}
	white = color.NRGBA{255, 255, 255, 255}
)

func TestZeroFinishLeavesThePicture(t *testing.T) {
	img := plain(5, 4, blue)
	if out := new(Finish).Apply(img); out != img {
		t.Error("a finish of nothing made another picture")
	}
}

func TestApplyLeavesItsInput(t *testing.T) {
	mark := &Mark{Text: "©", Color: white, Position: "center", Opacity: 1, Size: 0.5}
	for _, f := range []Finish{{Blur: 2}, {Sharpen: 1}, {Tone: Grayscale}, {Tone: Sepia}, {Mark: mark}, {Border: 3, Color: white}, {Corners: 9}} {
		img := plain(40, 30, blue)
		before := bytes.Clone(img.Pix)
		out := f.Apply(img)
		if !bytes.Equal(img.Pix, before) {
			t.Errorf("%+v changed the picture it was given", f)
		}
		if want := f.Size(image.Pt(40, 30)); out.Rect.Size() != want {
			t.Errorf("%+v: %v, Size says %v", f, out.Rect.Size(), want)
		}
	}
}

func TestSharpenWidensAnEdgeAndBlurSoftensIt(t *testing.T) {
	img := plain(40, 9, color.NRGBA{100, 100, 100, 255})
	for y := range 9 {
		for x := 20; x < 40; x++ {
			img.SetNRGBA(x, y, color.NRGBA{150, 150, 150, 255})
		}
	}
	step := func(f Finish) int {
		out := f.Apply(img)
		return int(out.NRGBAAt(20, 4).R) - int(out.NRGBAAt(19, 4).R)
	}
	if s := step(Finish{Sharpen: 0.5}); s <= 50 {
		t.Errorf("sharpened, an edge of 50 is one of %d", s)
	}
	if s := step(Finish{Blur: 1.5}); s >= 50 {
		t.Errorf("blurred, an edge of 50 is one of %d", s)
	}
}

func TestTones(t *testing.T) {
	g := (&Finish{Tone: Grayscale}).Apply(plain(2, 2, blue)).NRGBAAt(0, 0)
	if g.R != g.G || g.G != g.B {
		t.Errorf("grayscale of blue is %v", g)
	}
	// By the matrix of Filter Effects: 0.393·200 + 0.769·100 + 0.189·50 = 164.95 and so on.
	if s := (&Finish{Tone: Sepia}).Apply(plain(2, 2, color.NRGBA{200, 100, 50, 77})).NRGBAAt(1, 1); s != (color.NRGBA{165, 147, 114, 77}) {
		t.Errorf("sepia of (200,100,50) is %v", s)
	}
}

func TestBorder(t *testing.T) {
	out := (&Finish{Border: 3, Color: white}).Apply(plain(10, 6, blue))
	for _, at := range []image.Point{{0, 0}, {2, 5}, {15, 11}, {8, 2}} {
		if c := out.NRGBAAt(at.X, at.Y); c != white {
			t.Errorf("at %v there is %v, not the border", at, c)
		}
	}
	for _, at := range []image.Point{{3, 3}, {12, 8}} {
		if c := out.NRGBAAt(at.X, at.Y); c != blue {
			t.Errorf("at %v there is %v, not the picture", at, c)
		}
	}
}

func TestCornersAreRoundAndSymmetric(t *testing.T) {
	const w, h, r = 61, 40, 12
	out := (&Finish{Corners: r}).Apply(plain(w, h, blue))
	missing := 0.0
	for y := range h {
		for x := range w {
			a := out.NRGBAAt(x, y).A
			missing += float64(255-a) / 255
			for _, twin := range []image.Point{{w - 1 - x, y}, {x, h - 1 - y}} {
				if b := out.NRGBAAt(twin.X, twin.Y).A; a != b {
					t.Fatalf("alpha at %d,%d is %d, at its mirror %v %d", x, y, a, twin, b)
				}
			}
		}
	}
	// Four corners of a square less its quarter circle: (4 − π) r².
	if want := 0.8584 * r * r; missing < want*0.97 || missing > want*1.03 {
		t.Errorf("%.1f pixels are missing in all corners, a circle leaves out %.1f", missing, want)
	}
}

func TestMarkOfAPicture(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, plain(50, 20, white)); err != nil {
		t.Fatal(err)
	}
	f := &Finish{Mark: &Mark{Image: file.Bytes(), Position: "right bottom", Opacity: 0.5, Size: 0.25, Margin: 0.1}}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	out := f.Apply(plain(200, 100, color.NRGBA{0, 0, 0, 255}))
	mark := image.Rect(140, 70, 190, 90) // a quarter of 200 wide, 10 from both sides
	for y := range 100 {
		for x := range 200 {
			want := uint8(0)
			if image.Pt(x, y).In(mark) {
				want = 128
			}
			if c := out.NRGBAAt(x, y); c.R != want || c.A != 255 {
				t.Fatalf("at %d,%d there is %v, want a grey of %d", x, y, c, want)
			}
		}
	}
}

func TestMarkOfAText(t *testing.T) {
	for _, size := range []image.Point{{400, 300}, {40, 30}, {1, 1}, {3000, 8}, {8, 3000}} {
		img := plain(size.X, size.Y, color.NRGBA{128, 128, 128, 255})
		out := (&Finish{Mark: &Mark{Text: "© Jane Doe", Color: white, Position: "left bottom", Opacity: 1, Size: 0.5, Margin: 0.03}}).Apply(img)
		light := image.Rectangle{}
		for y := range size.Y {
			for x := range size.X {
				if out.NRGBAAt(x, y).R > 200 {
					light = light.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if size.X != 400 {
			continue // that it neither panics nor loops is all that can be asked for
		}
		if light.Dx() < 180 || light.Dx() > 205 || light.Min.X > 20 || light.Max.Y > 300-4 || light.Min.Y < 240 {
			t.Errorf("in %v a text of half the width, at the left and below, covers %v", size, light)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		f    Finish
		want string
	}{
		{Finish{Blur: -1}, "blur is -1: write 0 to 100, in pixels"},
		{Finish{Sharpen: 1000}, "sharpen is 1000"},
		{Finish{Tone: "blue"}, `tone "blue" is not known`},
		{Finish{Border: -2}, "border is -2"},
		{Finish{Corners: 1 << 20}, "corners is 1048576"},
		{Finish{Mark: &Mark{Position: "center", Size: 0.2}}, "either an image or a text"},
		{Finish{Mark: &Mark{Text: "x", Position: "nowhere", Size: 0.2}}, `position "nowhere"`},
		{Finish{Mark: &Mark{Text: "x", Position: "center", Size: 2}}, "size is 2: write 0.001 to 1"},
	} {
		if err := tt.f.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.f, err, tt.want)
		}
	}
}

func TestMarksImageIsRefused(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "half a PNG": []byte("\x89PNG\r\n\x1a\n\x00\x00")} {
		if _, err := decode(data); err == nil {
			t.Errorf("%s was taken for a picture", name)
		}
	}
}
