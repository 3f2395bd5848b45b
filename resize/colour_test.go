package resize

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pixmill/resize/icc"
	"pixmill/resize/meta"
)

// profiled returns an image with a profile in place of its own.
func profiled(t testing.TB, format string, src, profile []byte) []byte {
	t.Helper()
	bare, err := meta.Refilter(format, src, meta.Keep{})
	if err == nil {
		bare, err = meta.Insert(format, bare, meta.Blocks{ICC: profile})
	}
	if err != nil {
		t.Fatal(err)
	}
	return bare
}

func testProfile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("icc", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// difference is the mean and the greatest difference of two pictures' samples of red, green and blue.
func difference(a, b image.Image) (mean, most float64) {
	count := 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := nrgba(a, x, y), nrgba(b, x, y)
			for _, d := range []float64{float64(p.R) - float64(q.R), float64(p.G) - float64(q.G), float64(p.B) - float64(q.B)} {
				mean += math.Abs(d)
				most = max(most, math.Abs(d))
				count++
			}
		}
	}
	return mean / count, most
}

// TestColoursAreConverted: pixels become what the profile says, on every way from decoder to encoder. What is expected is made of the pixels of an
// output that keeps its colours.
func TestColoursAreConverted(t *testing.T) {
	p3 := meta.Find("png", testImage(t, "icc-p3.png")).ICC
	if len(p3) == 0 {
		t.Fatal("the test image has no profile")
	}
	adobe := icc.OfAdobeRGB().Embedded(nil)
	for _, c := range []struct {
		name   string
		src    []byte
		format string
		mean   float64 // of the differences, of 255; lossy formats lose the same twice
		most   float64
	}{
		{"Display P3 png", testImage(t, "icc-p3.png"), "png", 0, 0},
		{"Display P3 png with alpha", profiled(t, "png", testImage(t, "rgba.png"), p3), "png", 0, 0},
		{"Adobe RGB png", profiled(t, "png", testImage(t, "rgb.png"), adobe), "png", 0, 0},
		{"Adobe RGB on grey", profiled(t, "png", testImage(t, "grey.png"), adobe), "png", 0, 0},
		{"Display P3 jpeg as planes", testImage(t, "gps-icc-p3.jpg"), "jpeg", 2.5, 70},
		{"Display P3 jpeg to png", testImage(t, "gps-icc-p3.jpg"), "png", 0, 0},
		{"Adobe RGB webp", profiled(t, "webp", testImage(t, "lossy.webp"), adobe), "png", 0, 0},
		{"Adobe RGB jpeg of an odd size", profiled(t, "jpeg", testImage(t, "subsampling-422.jpg"), adobe), "jpeg", 2.5, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Variant{Name: "v", Width: 151, Formats: []string{c.format}, Quality: map[string]int{"jpeg": 95}}
			kept, converted := v, v
			kept.Name, kept.Color = "kept", "keep"
			result, err := Process(t.Context(), c.src, Recipe{Variants: []Variant{kept, converted}}, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			before, after := result.Outputs[0].Data, result.Outputs[1].Data
			profile := meta.Find(c.format, before).ICC
			if len(profile) == 0 || len(profile) > 550 {
				t.Errorf("kept colours go with a profile of %d bytes", len(profile))
			}
			if profile := meta.Find(c.format, after).ICC; len(profile) > 0 {
				t.Errorf("sRGB goes with a profile of %d bytes", len(profile))
			}
			want := decoded(t, before)
			rgba := image.NewNRGBA(want.Bounds())
			for y := range rgba.Rect.Dy() {
				for x := range rgba.Rect.Dx() {
					rgba.SetNRGBA(x, y, nrgba(want, x, y))
				}
			}
			icc.NewTransform(icc.Parse(profile)).RGBA(rgba.Pix)
			if mean, most := difference(rgba, decoded(t, after)); mean > c.mean || most > c.most {
				t.Errorf("the mean difference is %.2f, the greatest %.0f", mean, most)
			}
			if mean, _ := difference(want, decoded(t, after)); mean < 0.5 {
				t.Errorf("nothing has changed: %.2f", mean)
			}
		})
	}
}

// TestColoursByOtherMeans: colours are known without a profile, too, and a profile that is not one of the picture's samples says nothing.
func TestColoursByOtherMeans(t *testing.T) {
	withChunk := func(kind string, data ...byte) []byte {
		src := testImage(t, "rgb.png")
		return slices.Concat(src[:33], chunk(kind, data), src[33:])
	}
	r03 := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x69\x87\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00" +
		"\x01\x00\x05\xa0\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x00\x00\x00" +
		"\x01\x00\x01\x00\x02\x00\x04\x00\x00\x00R03\x00\x00\x00\x00\x00")
	inks, p3 := testProfile(t, "inks.icc"), meta.Find("png", testImage(t, "icc-p3.png")).ICC
	hidden := bytes.Clone(p3)
	copy(hidden[36:], "....")
	for _, c := range []struct {
		name string
		src  []byte
		want icc.Kind
	}{
		{"nothing", testImage(t, "rgb.png"), ""},
		{"EXIF's Adobe RGB", withExif(asJPEG(t, scene(40, 30)), r03), icc.Matrix},
		{"cICP of Display P3", withChunk("cICP", 12, 13, 0, 1), icc.Matrix},
		{"cICP of sRGB", withChunk("cICP", 1, 13, 0, 1), ""},
		{"a gamma of 1", withChunk("gAMA", 0, 1, 0x86, 0xa0), icc.Matrix},
		{"a gamma of 1/2.2", withChunk("gAMA", 0, 0, 0xb1, 0x8f), ""},
		{"four inks on red, green and blue", profiled(t, "png", testImage(t, "rgb.png"), inks), ""},
		{"four inks", profiled(t, "jpeg", testImage(t, "cmyk.jpg"), inks), icc.Inks},
		{"red, green and blue on four inks", profiled(t, "jpeg", testImage(t, "cmyk.jpg"), p3), ""},
		{"no profile at all", profiled(t, "jpeg", testImage(t, "scene.jpg"), hidden), ""},
	} {
		if info, err := probe(c.src); err != nil || info.Color.Kind != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, info.Color.Kind, err, c.want)
		}
	}
	for name, data := range map[string][]byte{"PQ": {9, 16, 0, 1}, "HLG": {9, 18, 0, 1}} {
		want := "PNG in HDR (" + name + ") is not supported yet: export it in standard dynamic range"
		if _, err := probe(withChunk("cICP", data...)); err == nil || err.Error() != want {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestInks: four inks become what their profile says, and by the usual formula without one. Both kinds of JPEG hold the same picture.
func TestInks(t *testing.T) {
	inks := testProfile(t, "inks.icc")
	v := Variant{Formats: []string{"png"}}
	cmyk := processed(t, profiled(t, "jpeg", testImage(t, "cmyk.jpg"), inks), v)
	ycck := processed(t, profiled(t, "jpeg", testImage(t, "ycck.jpg"), inks), v)
	if mean, _ := difference(cmyk, ycck); mean > 3 {
		t.Errorf("CMYK and YCCK differ by %.1f", mean)
	}
	plain := processed(t, testImage(t, "cmyk.jpg"), v)
	if mean, _ := difference(cmyk, plain); mean < 5 {
		t.Errorf("the profile changes %.1f", mean)
	}
	white := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	icc.NewTransform(icc.Parse(inks)).Inks(white.Pix) // of no ink at all
	if paper := white.NRGBAAt(0, 0); paper != (color.NRGBA{250, 248, 246, 255}) && paper.R < 240 {
		t.Errorf("paper is %v", paper)
	}
}

// TestTablesAreKept: a profile of tables goes along, with a word about it, but for formats that have no place for one.
func TestTablesAreKept(t *testing.T) {
	tables := testProfile(t, "inks.icc") // made one of red, green and blue, which nobody looks into
	copy(tables[16:], "RGB ")
	src := profiled(t, "jpeg", testImage(t, "scene.jpg"), tables)
	result, err := Process(t.Context(), src, Recipe{Variants: []Variant{{Width: 100, Formats: []string{"jpeg", "png", "webp", "gif"}}}}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range result.Outputs {
		if got := meta.Find(o.Format, o.Data).ICC; o.Format != "gif" && !bytes.Equal(got, tables) {
			t.Errorf("%s: a profile of %d bytes", o.Format, len(got))
		}
	}
	if want := []string{`colours: they stay as they are, with their profile "", but for gif, where they will look wrong`}; !slices.Equal(result.Notes, want) {
		t.Errorf("the notes are %q", result.Notes)
	}
}
