package resize

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pixmill/resize/codec"
)

// TestFit: whatever the sizes, the result is the highest quality that fits, and it takes few attempts.
func TestFit(t *testing.T) {
	curves := map[string]func(q int) int{
		"like photos": func(q int) int { return int(1000 * math.Exp(float64(q)/40)) },
		"linear":      func(q int) int { return 1000 + 100*q },
		"a step":      func(q int) int { return 1000 + 5000*(q/70) },
		"steep":       func(q int) int { return 10 * q * q * q },
		"flat":        func(q int) int { return 2000 },
	}
	for name, size := range curves {
		for _, top := range []int{1, 2, 80, 100} {
			for _, most := range []int64{1, 1500, 2500, 5000, 9000, 1e9} {
				attempts := 0
				data, quality, err := fit(context.Background(), codec.Settings{Quality: top}, most, func(s codec.Settings) ([]byte, error) {
					attempts++
					return make([]byte, size(s.Quality)), nil
				})
				want := 1
				for q := 1; q <= top; q++ {
					if int64(size(q)) <= most {
						want = q
					}
				}
				if err != nil || quality != want || len(data) != size(want) {
					t.Errorf("%s up to %d in %d bytes: quality %d, %d bytes, %v, want %d", name, top, most, quality, len(data), err, want)
				}
				if attempts > 12 {
					t.Errorf("%s up to %d in %d bytes: %d attempts", name, top, most, attempts)
				}
			}
		}
	}
	fault := errors.New("fault")
	if _, _, err := fit(context.Background(), codec.Settings{Quality: 80}, 1, func(codec.Settings) ([]byte, error) { return nil, fault }); err != fault {
		t.Errorf("got %v", err)
	}
}

func TestMaxBytes(t *testing.T) {
	src := asPNG(t, scene(320, 240))
	for _, format := range []string{"jpeg", "webp", "avif"} {
		plain := result(t, src, Variant{Formats: []string{format}, Quality: map[string]int{format: 90}}).Outputs[0]
		most := int64(len(plain.Data)) * 2 / 3
		v := Variant{Name: "v", Formats: []string{format}, Quality: map[string]int{format: 90}, MaxBytes: most}
		o := result(t, src, v).Outputs[0]
		if int64(len(o.Data)) > most || o.Quality == 0 || o.Quality >= 90 {
			t.Errorf("%s: %d of %d bytes at quality %d", format, len(o.Data), most, o.Quality)
		}
		v.Quality, v.MaxBytes = map[string]int{format: o.Quality + 1}, 0
		if next := result(t, src, v).Outputs[0]; int64(len(next.Data)) <= most {
			t.Errorf("%s: quality %d would fit too, in %d of %d bytes", format, o.Quality+1, len(next.Data), most)
		}
	}
}

func TestMaxBytesThatNothingFits(t *testing.T) {
	src := asPNG(t, scene(320, 240))
	got := result(t, src, Variant{Name: "v", Formats: []string{"jpeg", "png"}, MaxBytes: 500})
	if o := got.Outputs[0]; o.Quality != 1 {
		t.Errorf("quality %d", o.Quality)
	}
	for i, want := range []string{"v.jpg: ", "v.png: "} {
		end := []string{"more than max_bytes (500 B), at the lowest quality", "more than max_bytes (500 B), and a png has no quality to lower"}[i]
		if !strings.HasPrefix(got.Notes[i], want) || !strings.HasSuffix(got.Notes[i], end) {
			t.Errorf("note %q", got.Notes[i])
		}
	}
	if fits := result(t, src, Variant{Formats: []string{"jpeg"}, MaxBytes: 1e6}); fits.Outputs[0].Quality != 0 || len(fits.Notes) > 0 {
		t.Errorf("what fits: quality %d, %q", fits.Outputs[0].Quality, fits.Notes)
	}
}

// TestMaxBytesOfAnimations: an animation is made as often as it takes, with all its frames.
func TestMaxBytesOfAnimations(t *testing.T) {
	src := testImage(t, "animated.gif")
	v := Variant{Width: 64, Formats: []string{"webp", "jpeg"}}
	plain := result(t, src, v)
	v.MaxBytes = int64(len(plain.Outputs[0].Data)) * 3 / 4
	got := result(t, src, v)
	moving, still := got.Outputs[0], got.Outputs[1]
	if info := mustProbe(t, moving.Data); int64(len(moving.Data)) > v.MaxBytes || info.Frames != 5 || moving.Quality == 0 {
		t.Errorf("%d of %d bytes, %d frames, quality %d", len(moving.Data), v.MaxBytes, info.Frames, moving.Quality)
	}
	if len(still.Data) != len(plain.Outputs[1].Data) {
		t.Errorf("the still picture has %d bytes, and had %d", len(still.Data), len(plain.Outputs[1].Data))
	}
}

func TestWrongGoals(t *testing.T) {
	for _, c := range []struct {
		v    Variant
		want string
	}{
		{Variant{MaxBytes: -1}, "max_bytes is -1"},
		{Variant{MinSavings: 1.5}, "min_savings is 1.5"},
		{Variant{MinSavings: math.NaN()}, "min_savings is NaN"},
		{Variant{Quality: map[string]int{"jpeg": 0}}, `quality for jpeg is 0: write 1 to 100, or "auto"`},
	} {
		if err := (Recipe{Variants: []Variant{c.v}}).Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func BenchmarkMaxBytes(b *testing.B) {
	m := scene(640, 480)
	for _, format := range []string{"jpeg", "webp", "avif"} {
		c := codec.Find(format)
		b.Run(fmt.Sprintf("format=%s", format), func(b *testing.B) {
			attempts := 0
			for b.Loop() {
				_, _, err := fit(context.Background(), codec.Settings{Quality: 90}, 10e3, func(s codec.Settings) ([]byte, error) {
					attempts++
					return c.Encode(nil, m, s)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(attempts)/float64(b.N), "attempts")
		})
	}
}
