package resize

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"pixmill/resize/codec"
)

func TestCheck(t *testing.T) {
	usual := Limits{FileSize: 256e6, Width: 32768, Height: 32768, Pixels: 150e6, Frames: 1000, Scans: 200, Time: time.Minute}
	for _, c := range []struct {
		name   string
		limits Limits
		info   Info
		bytes  int64
		want   string
	}{
		{"a photo", usual, Info{Width: 6000, Height: 4000, Frames: 1}, 5e6, ""},
		{"at the limit", Limits{Width: 10, Height: 20, Pixels: 200, FileSize: 5, Frames: 2}, Info{Width: 10, Height: 20, Frames: 1}, 5, ""},
		{"width", Limits{Width: 4000}, Info{Width: 5000, Height: 10}, 1, "image too large: 5000 px wide, limits.width is 4000"},
		{"height", Limits{Height: 4000}, Info{Width: 10, Height: 5000}, 1, "image too large: 5000 px high, limits.height is 4000"},
		{"pixels", Limits{Pixels: 150e6}, Info{Width: 50000, Height: 50000}, 1, "image too large: 2500.0 megapixels, limits.pixels is 150000000"},
		{"file size", Limits{FileSize: 1000}, Info{Width: 10, Height: 10}, 1001, "image too large: 1001 bytes, limits.file_size is 1000 bytes"},
		{"frames", Limits{Frames: 1000}, Info{Width: 64, Height: 64, Frames: 1200}, 1, "image too large: 1200 frames, limits.frames is 1000"},
		{"area of frames", Limits{Pixels: 20e6}, Info{Width: 4096, Height: 4096, Frames: 100}, 1,
			"image too large: 1677.7 megapixels in 100 frames, limits.pixels is 20000000, which allows 4 times as many there"},
		{"all off", Limits{}, Info{Width: 1 << 30, Height: 1 << 30, Frames: 1 << 30}, 1 << 60, ""},
		{"no overflow", Limits{Pixels: 1}, Info{Width: math.MaxInt32, Height: math.MaxInt32, Frames: math.MaxInt32}, 1,
			"image too large: 4611686014132.4 megapixels, limits.pixels is 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.limits.Check(c.info, c.bytes)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || err.Error() != c.want {
				t.Errorf("the error is %v\nwant         %s", err, c.want)
			}
			if !errors.Is(err, ErrTooLarge) {
				t.Error("it is not ErrTooLarge")
			}
		})
	}
}

func TestProcessChecksLimits(t *testing.T) {
	photo := asJPEG(t, scene(200, 100))
	thin := asPNG(t, scene(1000, 1))
	for _, c := range []struct {
		name   string
		src    []byte
		v      Variant
		limits Limits
		want   string
	}{
		{"width", photo, Variant{}, Limits{Width: 199}, "image too large: 200 px wide, limits.width is 199"},
		{"width as seen", withExif(photo, exif(6, little)), Variant{}, Limits{Width: 99}, "image too large: 100 px wide, limits.width is 99"},
		{"scans", testImage(t, "many-scans.jpg"), Variant{}, Limits{Scans: 200}, "image too large: 1000 scans, limits.scans is 200"},
		{"area of scans", testImage(t, "many-scans.jpg"), Variant{}, Limits{Pixels: 20000},
			"image too large: 19.2 megapixels in 1000 scans, limits.pixels is 20000, which allows 20 times as many there"},
		{"enlarged", thin, Variant{Name: "giant", Height: 1000, Enlarge: true}, Limits{Pixels: 1e8},
			`image too large: 1000.0 megapixels in the enlarged variant "giant", limits.pixels is 100000000`},
		{"what a format holds", thin, Variant{Name: "v", Height: 100, Enlarge: true, Formats: []string{"jpeg"}}, Limits{},
			`image too large: variant "v" of 100000×100 px, the longest side of a jpeg is 65535`},
		{"frames", testImage(t, "many-frames.gif"), Variant{}, Limits{Frames: 1000}, "image too large: 1200 frames, limits.frames is 1000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := Process(context.Background(), c.src, Recipe{Variants: []Variant{c.v}}, c.limits)
			if err == nil || err.Error() != c.want || !errors.Is(err, ErrTooLarge) {
				t.Errorf("the error is %v\nwant         %s", err, c.want)
			}
			if len(result.Outputs) > 0 || result.Info.Width == 0 {
				t.Errorf("the result is %+v, want the info alone", result)
			}
		})
	}
}

func TestTimeLimit(t *testing.T) {
	src := asJPEG(t, scene(400, 300))
	ctx, _, leave := Limits{Time: 20 * time.Millisecond}.clock(t.Context())
	defer leave()
	for begun := time.Now(); stopped(ctx) == nil; { // works until its time is up
		if time.Since(begun) > time.Minute {
			t.Fatal("20 ms do not end")
		}
	}
	in := &codec.Source{Data: src, Stop: func() error { return stopped(ctx) }}
	_, err := in.Read(make([]byte, 10))
	want := "image too large: not done after 0.02 s, limits.seconds is 0.02"
	if err == nil || err.Error() != want || !errors.Is(err, ErrTooLarge) {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if runtime.GOOS == "windows" {
		t.Skip("its clock ticks every 16 ms, or more finely: too coarse for what follows")
	}
	if _, err := Process(t.Context(), src, widths(100), Limits{Time: 1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("the error is %v, want ErrTooLarge", err)
	}
	if _, err := Process(t.Context(), testImage(t, "lossy.avif"), widths(100), Limits{Time: 1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("the error is %v, want ErrTooLarge", err)
	}
}

// TestTimeLimitCountsWork: it is the time that an image's goroutines work, and not the time that they wait while others do.
func TestTimeLimitCountsWork(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a thread's CPU time without C")
	}
	ctx, clock, leave := Limits{Time: 100 * time.Millisecond}.clock(t.Context())
	defer leave()
	time.Sleep(300 * time.Millisecond)
	if err := stopped(ctx); err != nil {
		t.Errorf("while it slept: %v", err)
	}
	done := make(chan error)
	go func() {
		defer clock.join()()
		for begun := time.Now(); stopped(ctx) == nil && time.Since(begun) < time.Minute; {
		}
		done <- stopped(ctx)
	}()
	if err := <-done; !errors.Is(err, ErrTooLarge) {
		t.Errorf("while another one worked for it: %v", err)
	}
	if err := stopped(ctx); !errors.Is(err, ErrTooLarge) {
		t.Errorf("afterwards: %v", err)
	}
}

// countdown is cancelled after it has been looked at some times: in the middle of things, wherever that is.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

func (c countdown) Done() <-chan struct{} { return nil }

func TestCancelled(t *testing.T) {
	for name, src := range map[string][]byte{
		"jpeg": asJPEG(t, scene(800, 600)), "png": asPNG(t, scene(300, 200)), "gif": asGIF(t, scene(300, 200)),
		"tiff": asTIFF(t, scene(300, 200)), "bmp": asBMP(t, scene(300, 200)), "webp": testImage(t, "lossless.webp"),
	} {
		t.Run(name, func(t *testing.T) {
			cancelled, cancel := context.WithCancel(context.Background())
			cancel()
			if _, err := Process(cancelled, src, widths(100), Limits{}); !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v, want context.Canceled", err)
			}
			done := false
			for looks := 1; !done; looks++ {
				left := looks
				ctx := countdown{context.Background(), &left}
				in := &codec.Source{Data: src, Stop: func() error { return stopped(ctx) }}
				_, err := newPlan(mustProbe(t, src), widths(100)).decode(in)
				done = err == nil
				if !done && !errors.Is(err, context.Canceled) {
					t.Fatalf("cancelled at look %d: the error is %v, want context.Canceled", looks, err)
				}
				if looks == 1 && done {
					t.Error("decoding does not look at its context while it reads")
				}
			}
		})
	}
}

func mustProbe(t testing.TB, src []byte) Info {
	t.Helper()
	info, err := probe(src)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
