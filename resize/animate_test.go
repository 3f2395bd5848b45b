package resize

import (
	"bytes"
	"context"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"pixmill/resize/codec"
)

// shown decodes an animation.
func shown(t testing.TB, src []byte) (info Info, pictures []*image.NRGBA, delays []time.Duration) {
	t.Helper()
	info = mustProbe(t, src)
	err := codec.Find(info.Format).Frames(&codec.Source{Data: src}, info, func(f codec.Frame) error {
		m := image.NewNRGBA(f.Image.Rect)
		copy(m.Pix, f.Image.Pix)
		pictures, delays = append(pictures, m), append(delays, f.Delay)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return info, pictures, delays
}

// TestAnimations: frames, delays and repetitions are the source's in every format that moves, and each picture is the source's, resized.
func TestAnimations(t *testing.T) {
	for _, name := range []string{"animated.gif", "animated.webp"} {
		src := testImage(t, name)
		from, originals, delays := shown(t, src)
		result, err := Process(t.Context(), src, Recipe{Variants: []Variant{
			{Name: "whole", Formats: []string{"gif", "webp"}, Quality: map[string]int{"webp": 95}},
			{Name: "half", Width: 48, Formats: []string{"webp", "gif"}, Quality: map[string]int{"webp": 95}},
			{Name: "square", Width: 50, Height: 50, Fit: Cover, Formats: []string{"webp"}, Quality: map[string]int{"webp": 100}},
			{Name: "padded", Width: 60, Height: 60, Fit: Contain, Formats: []string{"gif"}},
		}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Notes) > 0 {
			t.Errorf("%s: notes are %q, want none", name, result.Notes)
		}
		for _, o := range result.Outputs {
			info, pictures, got := shown(t, o.Data)
			if info.Format != o.Format || info.Width != o.Width || info.Height != o.Height || info.Frames != from.Frames || info.Plays != from.Plays {
				t.Errorf("%s, %s: %+v of %+v", name, o.Variant, info, from)
			}
			if !slices.Equal(got, delays) {
				t.Errorf("%s, %s in %s: the delays are %v, want %v", name, o.Variant, o.Format, got, delays)
			}
			for i, m := range pictures {
				still := processed(t, asPNG(t, originals[i]), Variant{Width: o.Width, Height: o.Height, Fit: fitOf(o.Variant)})
				least := 24.0 // the sources are dithered, which half the samples of chroma do not hold
				switch {
				case o.Variant == "square":
					least = 60
				case o.Format == "gif":
					least = 21 // half transparency is lost
				}
				if p := psnr(t, overWhite(still), overWhite(m)); p < least {
					t.Errorf("%s, %s in %s: picture %d is %.1f dB from the source's", name, o.Variant, o.Format, i, p)
				}
			}
		}
	}
}

func fitOf(variant string) Fit {
	return map[string]Fit{"square": Cover, "padded": Contain}[variant]
}

func overWhite(m image.Image) *image.NRGBA {
	n := image.NewNRGBA(m.Bounds())
	for y := range n.Rect.Dy() {
		for x := range n.Rect.Dx() {
			n.SetNRGBA(x, y, nrgba(m, x, y))
		}
	}
	return flatten(n, Variant{}.withDefaults().Background)
}

// TestStillsOfAnimations: formats that do not move, and variants that shall not, get the first picture, and a note says so.
func TestStillsOfAnimations(t *testing.T) {
	for _, name := range []string{"animated.gif", "animated.webp"} {
		src := testImage(t, name)
		_, originals, _ := shown(t, src)
		result, err := Process(t.Context(), src, Recipe{Variants: []Variant{
			{Name: "still", Animation: "first", Formats: []string{"webp", "gif", "png"}, Quality: map[string]int{"webp": 100}},
			{Name: "moving", Formats: []string{"gif", "png"}},
		}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Notes) != 1 || result.Notes[0] != "animation: only the first of 5 frames is kept in webp, png" {
			t.Errorf("notes are %q", result.Notes)
		}
		for i, moves := range []bool{false, false, false, true, false} {
			o := result.Outputs[i]
			if info := mustProbe(t, o.Data); (info.Frames > 1) != moves {
				t.Errorf("%s, %s in %s has %d frames", name, o.Variant, o.Format, info.Frames)
			}
		}
		if p := psnr(t, overWhite(originals[0]), overWhite(decoded(t, result.Outputs[4].Data))); p < 60 {
			t.Errorf("%s: the PNG is %.1f dB from the first picture", name, p)
		}
		if !bytes.Equal(result.Outputs[2].Data, result.Outputs[4].Data) {
			t.Errorf("%s: two PNGs of one picture differ", name)
		}
	}
}

// TestDamagedAnimations: a cut or a wrong byte anywhere gives a typed error or outputs.
func TestDamagedAnimations(t *testing.T) {
	for _, name := range []string{"animated.gif", "animated.webp"} {
		src := testImage(t, name)
		r := Recipe{Variants: []Variant{{Width: 24, Formats: []string{"gif"}}}}
		for cut := 20; cut < len(src)-1; cut += 101 {
			_, err := Process(context.Background(), src[:cut], r, Limits{})
			if kind := outcome(err); kind != "rejected: damaged" && !(kind == "variants" && name == "animated.gif") {
				t.Errorf("%s cut at %d: %v", name, cut, err)
			}
			wrong := bytes.Clone(src)
			wrong[cut] ^= 0x55
			_, err = Process(context.Background(), wrong, r, Limits{Pixels: 1e6, Frames: 100})
			if outcome(err) == "something else" {
				t.Errorf("%s with a wrong byte at %d: %v", name, cut, err)
			}
		}
	}
}

// TestEnlargedAnimation: what limits bound for a source holds for what is made of it.
func TestEnlargedAnimation(t *testing.T) {
	r := Recipe{Variants: []Variant{{Width: 960, Enlarge: true}}}
	_, err := Process(t.Context(), testImage(t, "animated.gif"), r, Limits{Pixels: 700e3})
	if outcome(err) != "rejected: too large" || !strings.Contains(err.Error(), "in 5 frames of the enlarged variant") {
		t.Errorf("the error is %v", err)
	}
}
