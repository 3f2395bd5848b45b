package resize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math"
	"strings"
	"testing"

	"pixmill/resize/codec"
)

func TestOrientations(t *testing.T) {
	seen := corners(60, 40)
	for o := 1; o <= 8; o++ {
		stored := turnedToBeStored(seen, o)
		pngWithExif := func() []byte {
			src := asPNG(t, stored)
			const behindIHDR = 8 + 25
			chunk := append([]byte("eXIf"), exif(o, big)...)
			return bytes.Join([][]byte{src[:behindIHDR], big.AppendUint32(nil, uint32(len(chunk)-4)), chunk, crc(chunk), src[behindIHDR:]}, nil)
		}
		for name, src := range map[string][]byte{
			"jpeg, II": withExif(asJPEG(t, stored), exif(o, little)),
			"jpeg, MM": withExif(asJPEG(t, stored), exif(o, big)),
			"png":      pngWithExif(),
		} {
			for _, v := range []Variant{{}, {Width: 30}, {Width: 20, Height: 20, Fit: Fill}, {Width: 90, Enlarge: true}} {
				t.Run(fmt.Sprintf("%d, %s, %d", o, name, v.Width), func(t *testing.T) {
					m := processed(t, src, v)
					w, h := m.Bounds().Dx(), m.Bounds().Dy()
					if v.Fit != Fill && 2*w != 3*h {
						t.Fatalf("it is %d×%d, want 3:2", w, h)
					}
					near(t, m, w/8, h/8, red, 20)
					near(t, m, w-1-w/8, h/8, green, 20)
					near(t, m, w/8, h-1-h/8, blue, 20)
					near(t, m, w-1-w/8, h-1-h/8, yellow, 20)
				})
			}
		}
	}
}

func TestOddOrientationsAreUpright(t *testing.T) {
	for name, tiff := range map[string][]byte{
		"0": exif(0, little), "9": exif(9, little), "cut": exif(6, little)[:12], "no TIFF": []byte("hello"), "nothing": nil,
	} {
		m := processed(t, withExif(asJPEG(t, corners(60, 40)), tiff), Variant{})
		if m.Bounds() != image.Rect(0, 0, 60, 40) {
			t.Errorf("%s: turned to %v", name, m.Bounds())
		}
		near(t, m, 5, 5, red, 20)
	}
}

// TestColourModels takes four flat colours through every kind of pixels that a decoder may give.
func TestColourModels(t *testing.T) {
	seen := corners(40, 40)
	grey := image.NewGray(seen.Rect)
	grey16, rgba, rgba64, nrgba64 := image.NewGray16(seen.Rect), image.NewRGBA(seen.Rect), image.NewRGBA64(seen.Rect), image.NewNRGBA64(seen.Rect)
	paletted := image.NewPaletted(seen.Rect, color.Palette{red, green, blue, yellow})
	for y := range 40 {
		for x := range 40 {
			c := seen.NRGBAAt(x, y)
			grey.Set(x, y, c)
			grey16.Set(x, y, c)
			rgba.Set(x, y, c)
			rgba64.Set(x, y, c)
			nrgba64.SetNRGBA64(x, y, color.NRGBA64{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, 0xffff})
			paletted.Set(x, y, c)
		}
	}
	greys := func(c color.NRGBA) color.NRGBA {
		y := color.GrayModel.Convert(c).(color.Gray).Y
		return color.NRGBA{y, y, y, 255}
	}
	plain := func(c color.NRGBA) color.NRGBA { return c }
	for _, c := range []struct {
		name      string
		src       []byte
		want      func(color.NRGBA) color.NRGBA
		tolerance int
		grey      bool
	}{
		{"grey png", asPNG(t, grey), greys, 0, true},
		{"grey jpeg", asJPEG(t, grey), greys, 3, true},
		{"grey 16 png", asPNG(t, grey16), greys, 0, true},
		{"rgb png", asPNG(t, rgba), plain, 0, false},
		{"rgb 16 png", asPNG(t, rgba64), plain, 0, false},
		{"rgba 16 png", asPNG(t, nrgba64), plain, 0, false},
		{"palette png", asPNG(t, paletted), plain, 0, false},
		{"gif", asGIF(t, paletted), plain, 0, false},
		{"tiff", asTIFF(t, rgba), plain, 14, false}, // comes out as JPEG
		{"palette tiff", asTIFF(t, paletted), plain, 14, false},
		{"grey tiff", asTIFF(t, grey), greys, 2, true},
		{"bmp", asBMP(t, rgba), plain, 14, false},
		{"ycbcr jpeg", asJPEG(t, rgba), plain, 14, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := processed(t, c.src, Variant{Width: 20})
			for at, colour := range map[image.Point]color.NRGBA{{3, 3}: red, {16, 3}: green, {3, 16}: blue, {16, 16}: yellow} {
				near(t, m, at.X, at.Y, c.want(colour), c.tolerance)
			}
			if _, isGrey := m.(*image.Gray); isGrey != c.grey {
				t.Errorf("the output is %T", m)
			}
		})
	}
}

// TestTestColours: the CMYK, YCCK, RGB and WebP files hold the same picture as others do.
func TestTestColours(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64 // dB between their small variants
	}{
		{"cmyk.jpg", "ycck.jpg", 45},
		{"lossy.webp", "lossless.webp", 38},
		{"alpha.webp", "alpha-lossless.webp", 38},
		{"rgb-components.jpg", "ycck.jpg", 44},
	} {
		v := Variant{Width: 100, Formats: []string{"jpeg"}, Quality: map[string]int{"jpeg": 100}} // flattened: what alpha hides is not compared
		a, b := processed(t, testImage(t, c.a), v), processed(t, testImage(t, c.b), v)
		got := psnr(t, a, b)
		t.Logf("%s and %s: %.1f dB", c.a, c.b, got)
		if got < c.want {
			t.Errorf("%s and %s differ: %.1f dB, want %.0f", c.a, c.b, got, c.want)
		}
	}
}

// TestNoFringe: what is under transparent pixels must not bleed into what is beside them.
func TestNoFringe(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for y := range 100 {
		for x := range 100 {
			c := red
			if x >= 51 {
				c = color.NRGBA{0, 255, 0, 0}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	for _, kernel := range Kernels {
		for _, width := range []int{10, 33, 250} {
			out := processed(t, asPNG(t, m), Variant{Width: width, Kernel: kernel, Enlarge: true})
			for x := range width {
				if c := nrgba(out, x, 5); c.A > 0 && (c.G > 0 || c.R < 255) {
					t.Errorf("%s, %d px: at %d there is %v", kernel, width, x, c)
				}
			}
		}
	}
	flat := processed(t, asPNG(t, m), Variant{Width: 50, Formats: []string{"jpeg"}, Quality: map[string]int{"jpeg": 100}, Background: color.NRGBA{0, 0, 200, 10}})
	near(t, flat, 10, 10, red, 4)
	near(t, flat, 45, 10, color.NRGBA{0, 0, 200, 255}, 4)
	flat = processed(t, asPNG(t, m), Variant{Width: 50, Formats: []string{"jpeg"}})
	near(t, flat, 45, 10, white, 4)
}

// TestQuality: it reaches the encoder, and what is not said is 80.
func TestQuality(t *testing.T) {
	src, last := asPNG(t, scene(200, 150)), 0
	of := func(q map[string]int) []byte {
		return process(t, src, Variant{Formats: []string{"jpeg"}, Quality: q})[0].Data
	}
	for _, q := range []int{1, 20, 50, 76, 80, 95, 100} {
		n := len(of(map[string]int{"jpeg": q}))
		if n <= last {
			t.Errorf("quality %d gives %d bytes, the one before %d", q, n, last)
		}
		last = n
	}
	if !bytes.Equal(of(nil), of(map[string]int{"jpeg": 80})) {
		t.Error("the default is not 80")
	}
}

// TestEffort: it reaches the encoder, and takes off bytes.
func TestEffort(t *testing.T) {
	src, last := asJPEG(t, scene(400, 300)), 1<<30
	for _, effort := range Efforts {
		n := len(process(t, src, Variant{Effort: effort})[0].Data)
		if n >= last {
			t.Errorf("%s takes %d bytes, the one before %d", effort, n, last)
		}
		last = n
	}
	if got, want := len(process(t, src, Variant{})[0].Data), len(process(t, src, Variant{Effort: Efforts[0]})[0].Data); got != want {
		t.Errorf("the default takes %d bytes, %s %d", got, Efforts[0], want)
	}
}

// TestKernels: each keeps what is flat.
func TestKernels(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 50, 40))
	for i := range flat.Pix {
		flat.Pix[i] = []byte{10, 200, 77, 255}[i%4]
	}
	for _, kernel := range Kernels {
		for _, width := range []int{7, 33, 50, 90} {
			m := processed(t, asPNG(t, flat), Variant{Width: width, Kernel: kernel, Enlarge: true})
			for x := range width {
				near(t, m, x, 2, color.NRGBA{10, 200, 77, 255}, 0)
			}
		}
	}
}

func TestFlatten(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	for a := range 256 {
		m.SetNRGBA(0, 0, color.NRGBA{200, 0, 255, uint8(a)})
		f := float64(a) / 255
		want := color.NRGBA{uint8(math.Round(200*f + 10*(1-f))), uint8(math.Round(20 * (1 - f))), uint8(math.Round(255*f + 30*(1-f))), 255}
		if got := flatten(m, color.NRGBA{10, 20, 30, 255}).NRGBAAt(0, 0); got != want {
			t.Errorf("alpha %d: %v, want %v", a, got, want)
		}
	}
}

func TestGreysStayGrey(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 300, 200))
	for i, p := range scene(300, 200).Pix {
		if i%4 == 0 {
			grey.Pix[i/4] = p
		}
	}
	for _, format := range []string{"jpeg", "png", "gif"} {
		for _, kernel := range Kernels {
			m := processed(t, asPNG(t, grey), Variant{Width: 117, Kernel: kernel, Formats: []string{format}})
			for y := range m.Bounds().Dy() {
				for x := range 117 {
					if c := nrgba(m, x, y); c.R != c.G || c.G != c.B {
						t.Fatalf("%s, %s: %v at %d,%d", format, kernel, c, x, y)
					}
				}
			}
		}
	}
	padded := processed(t, asPNG(t, grey), Variant{Width: 100, Height: 100, Fit: Contain, Background: red})
	near(t, padded, 50, 2, red, 0)
}

func TestGIF(t *testing.T) {
	t.Run("first frame on its screen", func(t *testing.T) {
		first := image.NewPaletted(image.Rect(20, 10, 60, 30), color.Palette{red})
		second := image.NewPaletted(image.Rect(0, 0, 80, 40), color.Palette{blue})
		src := encoded(t, func(b *bytes.Buffer) error {
			return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{5, 5}, Config: image.Config{Width: 80, Height: 40}})
		})
		result, err := Process(t.Context(), src, Recipe{Variants: []Variant{{Animation: "first"}}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if want := "animation: only the first of 2 frames is kept"; len(result.Notes) != 1 || result.Notes[0] != want {
			t.Errorf("notes are %q, want %q", result.Notes, want)
		}
		m := decoded(t, result.Outputs[0].Data)
		if m.Bounds() != image.Rect(0, 0, 80, 40) {
			t.Fatalf("it is %v", m.Bounds())
		}
		near(t, m, 5, 5, color.NRGBA{}, 0)
		near(t, m, 30, 20, red, 0)
		near(t, m, 70, 20, color.NRGBA{}, 0)
	})
	t.Run("colours", func(t *testing.T) {
		src := scene(200, 150)
		m := processed(t, asPNG(t, src), Variant{Formats: []string{"gif"}})
		// Dithering trades exact pixels for exact areas: compare what an eye sees from afar.
		afar := Variant{Width: 50, Kernel: "box"}
		if got := psnr(t, processed(t, asPNG(t, src), afar), processed(t, asPNG(t, m), afar)); got < 38 {
			t.Errorf("from afar the picture is %.1f dB off, want 38 or more", got)
		}
	})
	t.Run("few colours are exact", func(t *testing.T) {
		m := processed(t, asPNG(t, corners(64, 64)), Variant{Formats: []string{"gif"}})
		if got := psnr(t, corners(64, 64), m); !math.IsInf(got, 1) {
			t.Errorf("four flat colours are %.1f dB off", got)
		}
	})
	t.Run("nothing but transparency", func(t *testing.T) {
		m := processed(t, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 8, 8))), Variant{Formats: []string{"gif"}})
		near(t, m, 4, 4, color.NRGBA{}, 0)
	})
}

func TestNoNotesForStills(t *testing.T) {
	result, err := Process(t.Context(), asGIF(t, corners(8, 8)), Recipe{Variants: []Variant{{}}}, Limits{})
	if err != nil || len(result.Notes) > 0 {
		t.Errorf("notes are %q, error %v", result.Notes, err)
	}
}

// replaceDecode puts a decoder in place of JPEG's for one test.
func replaceDecode(t *testing.T, decode func(*codec.Source, Info, codec.Want, codec.Rows) error) {
	c := codec.Find("jpeg")
	real := c.Decode
	c.Decode = decode
	t.Cleanup(func() { c.Decode = real })
}

func TestDecodesOnce(t *testing.T) {
	src := asJPEG(t, scene(400, 300))
	real, count := codec.Find("jpeg").Decode, 0
	replaceDecode(t, func(src *codec.Source, info Info, want codec.Want, to codec.Rows) error {
		count++
		return real(src, info, want, to)
	})
	r := widths(320, 200, 100, 50)
	r.Variants = append(r.Variants, Variant{Name: "square", Width: 30, Height: 30, Fit: Cover, Formats: []string{"jpeg", "png", "gif"}},
		Variant{Name: "hard", Width: 30, Kernel: "nearest"})
	result, err := Process(t.Context(), src, r, Limits{})
	if err != nil || len(result.Outputs) != 8 {
		t.Fatalf("%d outputs, %v", len(result.Outputs), err)
	}
	if count != 1 {
		t.Errorf("decoded %d times", count)
	}
}

func TestPanicsAreContained(t *testing.T) {
	replaceDecode(t, func(*codec.Source, Info, codec.Want, codec.Rows) error { panic("out of cheese") })
	_, err := Process(t.Context(), asJPEG(t, scene(40, 30)), widths(20), Limits{})
	var panicked *PanicError
	if !errors.As(err, &panicked) || err.Error() != "internal error, please report it with the photo: out of cheese" {
		t.Errorf("the error is %v", err)
	}
	if panicked != nil && !bytes.Contains(panicked.Stack, []byte("TestPanicsAreContained")) {
		t.Error("the stack does not lead to the panic")
	}
}

func TestWrongPixelsAreRefused(t *testing.T) {
	layer := codec.Layer{Width: 40, Height: 30, Channels: 1, PitchX: 1, PitchY: 1}
	for name, change := range map[string]func(l *codec.Layer, rows *int){
		"too wide":     func(l *codec.Layer, _ *int) { l.Width = 41 },
		"too high":     func(l *codec.Layer, _ *int) { l.Height = 31 },
		"reduced":      func(l *codec.Layer, _ *int) { l.PitchX, l.PitchY = 2, 2 },
		"a row short":  func(_ *codec.Layer, rows *int) { *rows-- },
		"without rows": func(_ *codec.Layer, rows *int) { *rows = 0 },
	} {
		replaceDecode(t, func(_ *codec.Source, _ Info, _ codec.Want, to codec.Rows) error {
			l, rows := layer, 30
			change(&l, &rows)
			if err := to.Begin([]codec.Layer{l}); err != nil {
				return err
			}
			to.Add(0, make([]byte, 41*31), l.Width, rows)
			return nil
		})
		_, err := Process(t.Context(), asJPEG(t, scene(40, 30)), widths(20), Limits{})
		if format := new(*FormatError); !errors.As(err, format) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	replaceDecode(t, func(*codec.Source, Info, codec.Want, codec.Rows) error { return nil })
	if _, err := Process(t.Context(), asJPEG(t, scene(40, 30)), widths(20), Limits{}); err == nil {
		t.Error("no pixels at all are taken")
	}
}

func TestTruncated(t *testing.T) {
	m := scene(120, 90)
	for name, src := range map[string][]byte{
		"jpeg": asJPEG(t, m), "progressive": testImage(t, "progressive.jpg"), "png": asPNG(t, m), "gif": asGIF(t, m),
		"animated gif": testImage(t, "animated.gif"), "tiff": asTIFF(t, m), "bmp": asBMP(t, m),
		"lossy webp": testImage(t, "lossy.webp"), "lossless webp": testImage(t, "lossless.webp"), "alpha webp": testImage(t, "alpha.webp"),
	} {
		if _, err := Process(t.Context(), src, widths(50), Limits{}); err != nil {
			t.Errorf("%s, whole: %v", name, err)
		}
		for _, n := range []int{1, 4, 20, len(src) / 3, len(src) / 2, len(src) * 9 / 10, len(src) - len(src)/50 - 5} {
			_, err := Process(t.Context(), src[:n], widths(50), Limits{})
			var format *FormatError
			if !errors.As(err, &format) {
				t.Errorf("%s, %d of %d bytes: the error is %v", name, n, len(src), err)
			} else if !format.Truncated && n > 20 {
				t.Errorf("%s, %d of %d bytes: not called truncated, but %v", name, n, len(src), err)
			}
		}
	}
}

func TestGarbage(t *testing.T) {
	garbage := noise(64, 64, true).Pix
	for _, head := range []string{"", "\xff\xd8\xff", pngHead, "GIF89a", "RIFF\x00\x10\x00\x00WEBP", "II*\x00", "MM\x00*", "BM\x00\x10\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00"} {
		_, err := Process(t.Context(), append([]byte(head), garbage...), widths(50), Limits{Pixels: 1e6})
		if err == nil || strings.Contains(err.Error(), "internal") {
			t.Errorf("behind %q: %v", head, err)
		}
	}
}

// TestDamagedBytes flips bytes everywhere in small files of every format: each ends as outputs or as an error with a type.
func TestDamagedBytes(t *testing.T) {
	m := corners(24, 16)
	files := map[string][]byte{
		"jpeg": withExif(asJPEG(t, m), exif(6, little)), "png": asPNG(t, m), "gif": asGIF(t, m), "tiff": asTIFF(t, m), "bmp": asBMP(t, m),
		"webp": testImage(t, "orientation-6.webp"),
	}
	for name, src := range files {
		for i := range min(len(src), 500) {
			for _, flip := range []byte{0xff, 0x04} {
				damaged := bytes.Clone(src)
				damaged[i] ^= flip
				_, err := Process(context.Background(), damaged, widths(10), Limits{Width: 2000, Height: 2000, Pixels: 1e6, Frames: 10, Scans: 20})
				var format *FormatError
				var unsupported *UnsupportedError
				if err != nil && !errors.As(err, &format) && !errors.As(err, &unsupported) && !errors.Is(err, ErrTooLarge) {
					t.Errorf("%s, byte %d ^ %#x: %v", name, i, flip, err)
				}
			}
		}
	}
}
