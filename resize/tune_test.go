package resize

import (
	"context"
	"errors"
	"image"
	"math"
	"testing"

	"pixmill/resize/codec"
	"pixmill/resize/perceptual"
)

// TestSearch: on whatever curve, the score is reached, by little, and in few attempts.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name  string
		score func(q float64) float64
		want  int // the lowest quality that reaches the goal
	}{
		{"usual", func(q float64) float64 { return 40 + q/2 }, 80},
		{"easy", func(q float64) float64 { return 95 + q/25 }, 1},
		{"hard", func(q float64) float64 { return 80 + (q-97)/3 }, 97},
		{"out of reach", func(q float64) float64 { return 60 + q/10 }, 78}, // 69.8 is the best
		{"out of reach, just so", func(q float64) float64 { return 79.5 - (98-q)/100 }, 1},
		{"bent", func(q float64) float64 { return 100 - 1500/(q+1) }, 74},
		{"a step", func(q float64) float64 { return 70 + 20*math.Floor(q/60) }, 60},
	} {
		attempts := 0
		got, err := search(context.Background(), func(q int) (float64, error) { attempts++; return c.score(float64(q)), nil })
		if err != nil || got < c.want {
			t.Errorf("%s: quality %d, %v, want %d", c.name, got, err, c.want)
		}
		if over := c.score(float64(got)) - c.score(float64(c.want)); got > c.want && over > nearEnough {
			t.Errorf("%s: quality %d is %.1f points above that of %d", c.name, got, over, c.want)
		}
		if attempts > 14 {
			t.Errorf("%s: %d attempts", c.name, attempts)
		}
	}
	fault := errors.New("fault")
	if _, err := search(context.Background(), func(int) (float64, error) { return 0, fault }); err != fault {
		t.Errorf("got %v", err)
	}
}

// TestAuto: every format gets near the score, of the sample at least.
func TestAuto(t *testing.T) {
	src := testImage(t, "scene.jpg")
	for _, format := range []string{"jpeg", "webp", "avif"} {
		v := Variant{Width: 640, Formats: []string{format}, Quality: map[string]int{format: Auto}}
		o := result(t, src, v).Outputs[0]
		if o.Quality < 20 || o.Quality >= bestAuto {
			t.Errorf("%s: quality %d", format, o.Quality)
		}
		pixels := decoded(t, result(t, src, Variant{Width: 640, Formats: []string{"png"}}).Outputs[0].Data)
		seen, err := codec.Find(format).Seen(o.Data)
		if err != nil {
			t.Fatal(err)
		}
		reference, err := codec.Pixels(overBlack(pixels))
		if err != nil {
			t.Fatal(err)
		}
		score := perceptual.NewReference(reference).Score(seen)
		t.Logf("%s: quality %d, %d bytes, score %.1f", format, o.Quality, len(o.Data), score)
		if math.Abs(score-looksAlike) > 5 {
			t.Errorf("%s: quality %d gives %.1f", format, o.Quality, score)
		}
		v.MaxBytes = int64(len(o.Data)) / 2
		if small := result(t, src, v).Outputs[0]; int64(len(small.Data)) > v.MaxBytes || small.Quality >= o.Quality {
			t.Errorf("%s: %d bytes at quality %d, at most %d", format, len(small.Data), small.Quality, v.MaxBytes)
		}
	}
}

func overBlack(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(m.Bounds())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

// TestAutoOfKinds: grey, transparent, tiny, thin and animated pictures.
func TestAutoOfKinds(t *testing.T) {
	all := map[string]int{"jpeg": Auto, "webp": Auto, "avif": Auto}
	for _, c := range []struct {
		src     string
		formats []string
	}{
		{"grey.jpg", []string{"webp", "avif"}}, {"alpha.webp", []string{"webp", "avif", "jpeg"}}, {"tiny-1x1.jpg", []string{"webp"}},
		{"wide-2000x3.jpg", []string{"webp"}}, {"animated.gif", []string{"webp", "avif"}}, {"wide-2000x3.jpg", []string{"jpeg"}},
	} {
		for _, o := range result(t, testImage(t, c.src), Variant{Formats: c.formats, Quality: all}).Outputs {
			if !o.Kept && (o.Quality < 1 || o.Quality > bestAuto) {
				t.Errorf("%s as %s: quality %d", c.src, o.Format, o.Quality)
			}
		}
	}
}

// TestSample: the parts are where they say, of all kinds.
func TestSample(t *testing.T) {
	m := scene(1001, 707)
	got := sample(m).(*image.NRGBA)
	if got.Rect != image.Rect(0, 0, sampled, sampled) {
		t.Fatalf("it is %v", got.Rect)
	}
	xs, ys := spans(1001), spans(707)
	for _, p := range []image.Point{{0, 0}, {159, 200}, {160, 479}, {479, 479}, {320, 160}} {
		x, y := xs[p.X/tile].start+p.X%tile, ys[p.Y/tile].start+p.Y%tile
		if got.NRGBAAt(p.X, p.Y) != m.NRGBAAt(x, y) {
			t.Errorf("the pixel at %v is not that at %d, %d", p, x, y)
		}
	}
	if small := scene(480, 300); sample(small) != image.Image(small) {
		t.Error("a small picture is not its own sample")
	}
	planes := image.NewYCbCr(image.Rect(0, 0, 1001, 301), image.YCbCrSubsampleRatio420)
	for i := range planes.Cb {
		planes.Cb[i] = byte(i)
	}
	part := sample(planes).(*image.YCbCr)
	if part.Rect != image.Rect(0, 0, sampled, 301) || part.Cb[part.COffset(479, 300)] != planes.Cb[planes.COffset(spans(1001)[2].start+159, 300)] {
		t.Errorf("planes of %v", part.Rect)
	}
	gray := image.NewGray(image.Rect(0, 0, 5000, 20))
	if part := sample(gray).(*image.Gray); part.Rect != image.Rect(0, 0, sampled, 20) {
		t.Errorf("grey of %v", part.Rect)
	}
}
