package perceptual

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	stdjpeg "image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pixmill/resize/jpeg"
)

var dump = flag.String("dump", "", "a `FOLDER` to write TestReference's pairs of pictures to")

// scene is testdata's photo-like picture.
func scene(t testing.TB) *image.NRGBA {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "images", "scene.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return cut(m, m.Bounds())
}

func cut(m image.Image, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

// asJPEG is a picture after a way through a JPEG.
func asJPEG(t testing.TB, m *image.NRGBA, quality int) *image.NRGBA {
	t.Helper()
	data, err := jpeg.EncodeRGBA(nil, m, jpeg.EncodeOptions{Quality: quality})
	if err != nil {
		t.Fatal(err)
	}
	back, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return cut(back, back.Bounds())
}

func changed(m *image.NRGBA, change func(x, y int, c color.NRGBA) color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetNRGBA(x, y, change(x, y, m.NRGBAAt(x, y)))
		}
	}
	return out
}

// TestReference holds scores to those of the reference program, version 2.1, built on 2026-11-27 from
// https://github.com/cloudinary/ssimulacra2 by its build_ssimulacra, with Debian 12's libraries:
//
//	go test ./resize/perceptual -run Reference -dump DIR
//	for f in DIR/*-a.png; do echo $f $(ssimulacra2 $f ${f%-a.png}-b.png); done
//
// As it comes its blur is a recursion in 32-bit floats, whose rounding adds up along each row and counts as lost structure: program. The
// same with its FastGaussian's recursion in doubles, and nothing else changed: exact.
func TestReference(t *testing.T) {
	whole := scene(t)
	large := cut(whole, image.Rect(300, 200, 1100, 840))
	odd := cut(whole, image.Rect(500, 300, 713, 401))
	small := cut(whole, image.Rect(500, 300, 561, 340))
	noise := rand.New(rand.NewPCG(3, 4))
	noisy := func(_, _ int, c color.NRGBA) color.NRGBA {
		d := noise.IntN(17) - 8
		at := func(v uint8) uint8 { return uint8(min(max(int(v)+d, 0), 255)) }
		return color.NRGBA{at(c.R), at(c.G), at(c.B), 255}
	}
	lighter := func(_, _ int, c color.NRGBA) color.NRGBA {
		return color.NRGBA{c.R, uint8(min(int(c.G)+9, 255)), c.B, 255}
	}
	banded := func(_, _ int, c color.NRGBA) color.NRGBA { return color.NRGBA{c.R &^ 15, c.G &^ 15, c.B &^ 15, 255} }
	for _, c := range []struct {
		name string
		a, b *image.NRGBA

		program, exact float64
	}{
		{"same", large, large, 100, 100},
		{"jpeg-10", large, asJPEG(t, large, 10), -25.40622474, -25.37632447},
		{"jpeg-30", large, asJPEG(t, large, 30), 40.60891623, 40.64724748},
		{"jpeg-60", large, asJPEG(t, large, 60), 61.97566803, 62.01219737},
		{"jpeg-80", large, asJPEG(t, large, 80), 77.36575116, 77.62770799},
		{"jpeg-95", large, asJPEG(t, large, 95), 89.17166537, 90.03171808},
		{"noise", large, changed(large, noisy), 51.64404942, 51.73666388},
		{"greener", large, changed(large, lighter), 86.47718902, 87.09396408},
		{"banded", large, changed(large, banded), -5.4809189, -5.4507374},
		{"odd", odd, asJPEG(t, odd, 70), 86.52146506, 86.64306762},
		{"small", small, asJPEG(t, small, 70), 79.35519288, 79.42844063},
	} {
		t.Run(c.name, func(t *testing.T) {
			if *dump != "" {
				for side, m := range map[string]image.Image{"a": c.a, "b": c.b} {
					var file bytes.Buffer
					if err := png.Encode(&file, m); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(*dump, fmt.Sprintf("%s-%s.png", c.name, side)), file.Bytes(), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			got := NewReference(c.a).Score(c.b)
			if math.Abs(got-c.exact) > 0.06 || math.Abs(got-c.program) > 0.9 {
				t.Errorf("%.4f, the reference program says %.4f, and %.4f in doubles", got, c.program, c.exact)
			}
		})
	}
}

// TestTransparent: what is below counts where it shows, and not where it does not.
func TestTransparent(t *testing.T) {
	m := cut(scene(t), image.Rect(500, 300, 713, 401))
	with := func(alpha uint8) func(_, _ int, c color.NRGBA) color.NRGBA {
		return func(_, _ int, c color.NRGBA) color.NRGBA { c.A = alpha; return c }
	}
	bad := asJPEG(t, m, 30)
	opaque := NewReference(m).Score(bad)
	half := NewReference(changed(m, with(128))).Score(changed(bad, with(128)))
	none := NewReference(changed(m, with(0))).Score(changed(bad, with(0)))
	if !(opaque < half && half < none && none == 100) {
		t.Errorf("opaque %.1f, half transparent %.1f, transparent %.1f", opaque, half, none)
	}
}

func TestTiny(t *testing.T) {
	m := scene(t)
	tiny := cut(m, image.Rect(0, 0, 7, 300))
	if got := NewReference(tiny).Score(tiny); got != 100 {
		t.Errorf("got %f", got)
	}
}

func TestDifferentSizes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("pictures of different sizes were compared")
		}
	}()
	m := scene(t)
	NewReference(cut(m, image.Rect(0, 0, 20, 20))).Score(cut(m, image.Rect(0, 0, 20, 21)))
}

func TestCubeRoot(t *testing.T) {
	for x := 1e-6; x < 2; x *= 1.01 {
		if got, want := float64(cubeRoot(float32(x))), math.Cbrt(float64(float32(x))); math.Abs(got/want-1) > 3e-7 {
			t.Errorf("of %g: %g, want %g", x, got, want)
		}
	}
}

// TestBytes: memory is what Bytes says.
func TestBytes(t *testing.T) {
	m := cut(scene(t), image.Rect(0, 0, 513, 515))
	got := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			NewReference(m).Score(m)
		}
	}).AllocedBytesPerOp() // more than is held at any time
	if limit := 2 * Bytes(513, 515); float64(got) > limit {
		t.Errorf("%d bytes are allocated, at most %.0f are said to be held", got, limit)
	}
}

func BenchmarkScore(b *testing.B) {
	m := cut(scene(b), image.Rect(0, 0, 512, 512))
	r := NewReference(m)
	b.SetBytes(512 * 512)
	for b.Loop() {
		r.Score(m)
	}
}

func BenchmarkNewReference(b *testing.B) {
	m := cut(scene(b), image.Rect(0, 0, 512, 512))
	b.SetBytes(512 * 512)
	for b.Loop() {
		NewReference(m)
	}
}
