package resize

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// addSeeds gives a fuzz target small files of every format: the smallest of testdata/images, and some made here.
func addSeeds(f *testing.F) {
	m := corners(16, 12)
	for _, src := range [][]byte{asJPEG(f, m), withExif(asJPEG(f, m), exif(6, little)), asPNG(f, noise(5, 4, true)), asGIF(f, m), asTIFF(f, m), asBMP(f, m)} {
		f.Add(src)
	}
	files, err := filepath.Glob(filepath.Join("..", "testdata", "images", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) < 10_000 {
			f.Add(data)
		}
	}
}

// typed fails unless an error is one of those that the package promises for bad input.
func typed(t *testing.T, err error) {
	t.Helper()
	var format *FormatError
	var unsupported *UnsupportedError
	if err != nil && !errors.As(err, &format) && !errors.As(err, &unsupported) && !errors.Is(err, ErrTooLarge) {
		t.Errorf("an error of type %T: %v", err, err)
	}
}

// family is one for AVIF and HEIC: which of the two a file is, the picture in it decides, whatever its brand is.
func family(format string) string {
	if format == "avif" {
		return "heic"
	}
	return format
}

func FuzzProbe(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		info, err := Probe(bytes.NewReader(src), int64(len(src)))
		typed(t, err)
		if err != nil {
			return
		}
		if info.Width < 1 || info.Height < 1 || info.Frames < 1 || info.Orientation < 1 || info.Orientation > 8 || family(Sniff(src)) != family(info.Format) {
			t.Errorf("probed as %+v", info)
		}
		for _, o := range Plan(info, widths(0, 100)) {
			if o.Width < 1 || o.Height < 1 {
				t.Errorf("planned %+v", o)
			}
		}
		if Cost(info, widths(0, 100)) < info.DecodePeak[0] {
			t.Error("costs less than its decoding")
		}
	})
}

// compileAll has the WebAssembly programs compiled, which takes longer here than a fuzz target may.
func compileAll(f *testing.F) {
	var v []Variant
	for _, format := range []string{"webp", "avif"} {
		v = append(v, Variant{Name: format, Width: 9, Formats: []string{format}})
	}
	if _, err := Process(f.Context(), testImage(f, "lossy.avif"), Recipe{Variants: v}, Limits{}); err != nil {
		f.Fatal(err)
	}
	heic := heifHeader("heic", nil, item{"hvc1", [][]byte{ispe(16, 16), isoBox("hvcC", make([]byte, 23))}})
	if _, err := Process(f.Context(), heic, widths(9), Limits{}); err == nil {
		f.Fatal("a HEIC without pixels was made")
	}
}

func FuzzProcess(f *testing.F) {
	compileAll(f)
	addSeeds(f)
	limits := Limits{FileSize: 1 << 20, Width: 2000, Height: 2000, Pixels: 500_000, Frames: 50, Scans: 30, Time: 10 * time.Second}
	r := Recipe{Variants: []Variant{
		{Name: "inside", Width: 9},
		{Name: "cover", Width: 5, Height: 7, Fit: Cover, Formats: []string{"jpeg", "png", "gif"}},
		{Name: "contain", Width: 20, Height: 20, Fit: Contain, Kernel: "box", Background: color.NRGBA{1, 2, 3, 4}},
		{Name: "own", Formats: []string{"png"}},
	}}
	f.Fuzz(func(t *testing.T, src []byte) {
		result, err := Process(context.Background(), src, r, limits)
		typed(t, err)
		if err != nil {
			return
		}
		for i, want := range Plan(result.Info, r) {
			o := result.Outputs[i]
			info, err := Probe(bytes.NewReader(o.Data), int64(len(o.Data)))
			if o.Target != want || err != nil || info.Width != o.Width || info.Height != o.Height || info.Format != o.Format {
				t.Errorf("planned %+v, made %+v: %+v, %v", want, o.Target, info, err)
			}
		}
	})
}
