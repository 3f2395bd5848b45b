package resize

import (
	"bytes"
	"context"
	"image/jpeg"
	"strings"
	"testing"
)

// jpegOf is a scene at a quality, with a comment and an orientation.
func jpegOf(t testing.TB, w, h, quality, orientation int) []byte {
	src := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, scene(w, h), &jpeg.Options{Quality: quality}) })
	return withExif(withSegment(src, 0xfe, []byte("a secret")), exif(orientation, little))
}

// result is Process, without limits.
func result(t testing.TB, src []byte, variants ...Variant) Result {
	t.Helper()
	got, err := Process(context.Background(), src, Recipe{Variants: variants}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func jpegQuality(q int) map[string]int { return map[string]int{"jpeg": q} }

// TestKept: what is not scaled, and asked for at no lower quality, is not encoded again.
func TestKept(t *testing.T) {
	animation := result(t, testImage(t, "animated.gif"), Variant{}).Outputs[0].Data
	for _, c := range []struct {
		name   string
		src    []byte
		v      Variant
		kept   bool
		remark string // the first one's beginning
	}{
		{"a JPEG of the quality asked for", jpegOf(t, 320, 240, 80, 1), Variant{Quality: jpegQuality(80)}, true, "v.jpg: the photo as it is: it is a JPEG of quality 80 already"},
		{"of a lower one, smaller than the variant", jpegOf(t, 320, 240, 60, 1), Variant{Width: 1000}, true, "v.jpg: the photo as it is: it is a JPEG of quality 60"},
		{"of a lower one, turned", jpegOf(t, 320, 240, 60, 6), Variant{}, true, "v.jpg: the photo as it is, turned upright without loss: it is"},
		{"of a higher one", jpegOf(t, 320, 240, 95, 1), Variant{}, false, ""},
		{"of a higher one, turned", jpegOf(t, 320, 240, 95, 6), Variant{}, false, ""},
		{"scaled", jpegOf(t, 320, 240, 60, 1), Variant{Width: 300}, false, ""},
		{"cut", jpegOf(t, 320, 240, 60, 1), Variant{Width: 240, Height: 240, Fit: Cover}, false, ""},
		{"padded", jpegOf(t, 320, 240, 60, 1), Variant{Width: 320, Height: 320, Fit: Contain}, false, ""},
		{"in another format", jpegOf(t, 320, 240, 60, 1), Variant{Formats: []string{"png"}}, false, ""},
		{"would not be smaller", jpegOf(t, 320, 240, 83, 1), Variant{Quality: jpegQuality(82), MinSavings: 0}, false, ""},
		{"would save too little", jpegOf(t, 320, 240, 83, 1), Variant{Quality: jpegQuality(82), MinSavings: 0.2}, true, "v.jpg: the photo as it is: encoded again it would save less than 20 %"},
		{"would save too little, turned", jpegOf(t, 320, 240, 83, 3), Variant{Quality: jpegQuality(82), MinSavings: 0.2}, true, "v.jpg: the photo as it is: encoded again"},
		{"a PNG that would be larger", testImage(t, "one-bit.png"), Variant{}, true, "v.png: the photo as it is: encoded again it would not be smaller"},
		{"an animation that would not be smaller", animation, Variant{}, true, "v.gif: the photo as it is: encoded again"},
		{"of which only the first frame is wanted", testImage(t, "animated.gif"), Variant{Animation: "first"}, false, ""},
		{"inks", testImage(t, "cmyk.jpg"), Variant{}, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.v.Name = "v"
			got := result(t, c.src, c.v)
			o := got.Outputs[0]
			if o.Kept != c.kept {
				t.Fatalf("kept: %t, %d of %d bytes, %q", o.Kept, len(o.Data), len(c.src), got.Remarks)
			}
			remarks := strings.Join(got.Remarks, "\n")
			if !strings.HasPrefix(remarks, c.remark) || c.remark == "" && remarks != "" {
				t.Errorf("remarks: %q", remarks)
			}
			if c.kept && (len(o.Data) > len(c.src) || bytes.Contains(o.Data, []byte("a secret"))) {
				t.Errorf("%d bytes of %d, or its metadata are there", len(o.Data), len(c.src))
			}
			info := mustProbe(t, o.Data)
			if info.Orientation != 1 || info.Width != o.Width || info.Height != o.Height || c.kept && info.Frames != got.Info.Frames {
				t.Errorf("%d×%d in orientation %d, %d frames, of %d×%d", info.Width, info.Height, info.Orientation, info.Frames, o.Width, o.Height)
			}
		})
	}
}

// TestKeptPixels: what is kept looks exactly as its source does, and upright.
func TestKeptPixels(t *testing.T) {
	for orientation := 1; orientation <= 8; orientation++ {
		m := turnedToBeStored(corners(320, 240), orientation)
		src := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 80}) })
		o := result(t, withExif(src, exif(orientation, little)), Variant{}).Outputs[0]
		if !o.Kept {
			t.Errorf("orientation %d is encoded again", orientation)
		}
		if db := psnr(t, corners(320, 240), decoded(t, o.Data)); db < 30 {
			t.Errorf("orientation %d: %.1f dB", orientation, db)
		}
	}
}

// TestNeverLarger: where pixels have to be turned and encoded again, the result has no more bytes than the source.
func TestNeverLarger(t *testing.T) {
	src := jpegOf(t, 325, 243, 70, 6) // no whole MCUs
	got := result(t, src, Variant{Name: "v", Quality: jpegQuality(95)})
	o := got.Outputs[0]
	if o.Kept || len(o.Data) > len(src) || o.Width != 243 || o.Quality == 0 || o.Quality > 70 {
		t.Errorf("%d bytes of %d, %d wide, kept: %t, quality %d", len(o.Data), len(src), o.Width, o.Kept, o.Quality)
	}
	if info := mustProbe(t, o.Data); info.Width != 243 || info.Orientation != 1 {
		t.Errorf("it is %d wide in orientation %d", info.Width, info.Orientation)
	}
}

// TestDamageIsNotKept: a file is decoded before it is passed on.
func TestDamageIsNotKept(t *testing.T) {
	for _, orientation := range []int{1, 6} {
		src := jpegOf(t, 320, 240, 60, orientation)
		if _, err := Process(context.Background(), src[:len(src)/2], Recipe{Variants: []Variant{{}}}, Limits{}); err == nil {
			t.Errorf("half a file in orientation %d is passed on", orientation)
		}
	}
}
