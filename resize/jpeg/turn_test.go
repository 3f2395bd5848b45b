package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// noise is a picture in which every coefficient counts.
func noise(w, h int, s Sampling) []Plane {
	r := rand.New(rand.NewPCG(1, 2))
	fx, fy := s.factors()
	sizes := [][2]int{{w, h}}
	if s != SGray {
		sizes = append(sizes, [2]int{ceil(w, fx), ceil(h, fy)}, [2]int{ceil(w, fx), ceil(h, fy)})
	}
	var planes []Plane
	for _, size := range sizes {
		p := Plane{Width: size[0], Height: size[1], Stride: size[0], Pix: make([]byte, size[0]*size[1])}
		for i := range p.Pix {
			p.Pix[i] = byte(r.IntN(256))
		}
		planes = append(planes, p)
	}
	return planes
}

// turnedPlane moves samples as an orientation says.
func turnedPlane(p Plane, orientation int) Plane {
	t := newTurning(orientation)
	out := Plane{Width: p.Width, Height: p.Height, Stride: p.Width, Pix: make([]byte, len(p.Pix))}
	if t.transpose {
		out.Width, out.Height, out.Stride = p.Height, p.Width, p.Height
	}
	for y := range p.Height {
		for x := range p.Width {
			tx, ty := x, y
			if t.flipX {
				tx = p.Width - 1 - x
			}
			if t.flipY {
				ty = p.Height - 1 - y
			}
			if t.transpose {
				tx, ty = ty, tx
			}
			out.Pix[ty*out.Stride+tx] = p.Pix[y*p.Stride+x]
		}
	}
	return out
}

// undo is the orientation that turns back.
var undo = [9]int{0, 1, 2, 3, 4, 5, 8, 7, 6}

func TestTurn(t *testing.T) {
	for _, s := range []Sampling{S420, S422, S444, SGray} {
		for _, progressive := range []bool{false, true} {
			src, err := Encode(nil, noise(96, 64, s), EncodeOptions{Quality: 70, Sampling: s, Progressive: progressive})
			if err != nil {
				t.Fatal(err)
			}
			before, err := DecodePlanes(src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for orientation := 1; orientation <= 8; orientation++ {
				for _, small := range []bool{false, true} {
					t.Run(fmt.Sprintf("sampling=%d/progressive=%t/orientation=%d/small=%t", s, progressive, orientation, small), func(t *testing.T) {
						turned, err := Turn(nil, src, orientation, small, nil)
						if err != nil {
							t.Fatal(err)
						}
						after, err := DecodePlanes(turned, Options{})
						if err != nil {
							t.Fatal(err)
						}
						for i := range before {
							want := turnedPlane(before[i], orientation)
							// The inverse DCT takes columns first: transposed blocks round in other places.
							if d := farthestOf(t, want, after[i]); d > 1 {
								t.Errorf("component %d is up to %d from the turned samples", i, d)
							}
						}
						back, err := Turn(nil, turned, undo[orientation], small, nil)
						if err != nil {
							t.Fatal(err)
						}
						same, err := DecodePlanes(back, Options{})
						if err != nil {
							t.Fatal(err)
						}
						for i := range before {
							if d := farthestOf(t, before[i], same[i]); d != 0 {
								t.Errorf("component %d is up to %d from itself, turned and turned back", i, d)
							}
						}
					})
				}
			}
		}
	}
}

func farthestOf(t *testing.T, a, b Plane) (most int) {
	t.Helper()
	if a.Width != b.Width || a.Height != b.Height {
		t.Fatalf("a plane of %d×%d is %d×%d", a.Width, a.Height, b.Width, b.Height)
	}
	for y := range a.Height {
		for x := range a.Width {
			d := int(a.Pix[y*a.Stride+x]) - int(b.Pix[y*b.Stride+x])
			most = max(most, d, -d)
		}
	}
	return most
}

// Only sides along which nothing is mirrored may end in the middle of an MCU.
func TestTurnsWholeMCUs(t *testing.T) {
	for _, c := range []struct{ w, h, orientation int }{
		{90, 64, 1}, {90, 60, 5}, {90, 64, 4}, {90, 64, 6}, {96, 60, 2}, {96, 60, 8},
	} {
		src, err := Encode(nil, noise(c.w, c.h, S420), EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		before, err := DecodePlanes(src, Options{})
		if err != nil {
			t.Fatal(err)
		}
		turned, err := Turn(nil, src, c.orientation, false, nil)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		after, err := DecodePlanes(turned, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if d := farthestOf(t, turnedPlane(before[i], c.orientation), after[i]); d > 1 {
				t.Errorf("%+v: component %d is up to %d from the turned samples", c, i, d)
			}
		}
	}
	for _, c := range []struct{ w, h, orientation int }{{90, 64, 2}, {90, 64, 3}, {96, 60, 4}, {96, 60, 6}, {90, 64, 8}, {90, 64, 7}} {
		src, err := Encode(nil, noise(c.w, c.h, S420), EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var unsupported UnsupportedError
		if _, err := Turn(nil, src, c.orientation, false, nil); !errors.As(err, &unsupported) {
			t.Errorf("%+v: %v, want an UnsupportedError", c, err)
		}
	}
}

func TestTurnOfDamage(t *testing.T) {
	src, err := Encode(nil, noise(96, 64, S420), EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	prefix := []byte("kept")
	var damage *FormatError
	if got, err := Turn(prefix, src[:len(src)/2], 6, false, nil); !errors.As(err, &damage) || !bytes.Equal(got, prefix) {
		t.Errorf("half a file: %q, %v", got, err)
	}
	if _, err := Turn(nil, src[:len(src)-2], 6, false, nil); err != nil {
		t.Errorf("without its end marker: %v", err)
	}
	stop := errors.New("stop")
	if _, err := Turn(nil, src, 6, false, func() error { return stop }); err != stop {
		t.Errorf("stopped: %v", err)
	}
}

func TestQuality(t *testing.T) {
	for quality := 1; quality <= 100; quality++ {
		var q quantizer
		q.set(&lumaTable, quality)
		sum := 0
		for _, step := range q.table {
			sum += int(step)
		}
		if got := Quality(sum); got > quality || quality <= 97 && quality >= 10 && got != quality {
			t.Errorf("quality %d is taken for %d", quality, got)
		}
		if got := Quality(sum - 1); quality < 100 && quality > 2 && got <= quality && slices.Max(q.table[:]) < 255 {
			t.Errorf("a finer table than that of quality %d is taken for %d", quality, got)
		}
	}
}

// FuzzTurn: what is turned is whole and of the size it should be, and turned back it is what it was.
func FuzzTurn(f *testing.F) {
	for _, src := range samples(f) {
		if len(src) < 8000 {
			f.Add(src, uint8(6), false)
			f.Add(src, uint8(1), true)
		}
	}
	for i, s := range []Sampling{S420, S422, S444, SGray} {
		src, err := Encode(nil, noise(48, 32, s), EncodeOptions{Sampling: s, Progressive: i%2 == 0})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src, uint8(3+i), i > 1)
	}
	f.Fuzz(func(t *testing.T, src []byte, orientation uint8, small bool) {
		h, err := ReadHeader(src)
		if err != nil || h.Width*h.Height > 1<<16 {
			return
		}
		o := 1 + int(orientation)%8
		turned, err := Turn(nil, src, o, small, nil)
		if err != nil {
			return
		}
		want := [2]int{h.Width, h.Height}
		if o >= 5 {
			want = [2]int{h.Height, h.Width}
		}
		once, err := DecodePlanes(turned, Options{})
		if err != nil || [2]int{once[0].Width, once[0].Height} != want {
			t.Fatalf("turned by %d: %v", o, err)
		}
		back, err := Turn(nil, turned, undo[o], small, nil)
		var unsupported UnsupportedError
		if errors.As(err, &unsupported) { // what was mirrored along one side is now along the other, which need not be whole MCUs
			return
		}
		again, err2 := Turn(nil, back, o, small, nil)
		if err != nil || err2 != nil || !bytes.Equal(again, turned) {
			t.Fatalf("turned by %d, back, and again, it is another file: %v, %v", o, err, err2)
		}
	})
}

func BenchmarkTurn(b *testing.B) {
	src, err := Encode(nil, noise(2048, 1536, S420), EncodeOptions{Quality: 50})
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	b.SetBytes(2048 * 1536)
	for b.Loop() {
		if dst, err = Turn(dst[:0], src, 6, false, nil); err != nil {
			b.Fatal(err)
		}
	}
}
