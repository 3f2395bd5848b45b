package jpeg

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// samples returns images of all kinds, small ones.
func samples(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	for i, p := range pictures() {
		all[p.String()], _ = p.encode(rand.New(rand.NewPCG(8, uint64(i))))
	}
	for name := range golden {
		src, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = src
	}
	return all
}

// A truncated image gives an error that says how much is missing: never less than of a longer piece.
func TestTruncated(t *testing.T) {
	for name, src := range samples(t) {
		t.Run(name, func(t *testing.T) {
			for _, scale := range []int{1, 2, 4, 8} {
				before := 1.0
				for n := 0; n < len(src); n += 37 {
					planes, err := DecodePlanes(src[:n], Options{Scale: scale})
					var damage *FormatError
					if !errors.As(err, &damage) {
						t.Fatalf("1/%d, %d of %d bytes: error %v", scale, n, len(src), err)
					}
					if damage.Missing < 0 || damage.Missing > before+1e-9 {
						t.Fatalf("1/%d, %d of %d bytes: %v is missing, and of fewer bytes %v", scale, n, len(src), damage.Missing, before)
					}
					before = damage.Missing
					if planes == nil && damage.Missing != 1 {
						t.Fatalf("1/%d, %d of %d bytes: no planes, but only %v is missing", scale, n, len(src), damage.Missing)
					}
					var unsupported UnsupportedError // two components have no colour
					if _, err := DecodeNRGBA(src[:n], Options{Scale: scale}); !errors.As(err, &damage) && !errors.As(err, &unsupported) {
						t.Fatalf("1/%d, %d of %d bytes as pixels: error %v", scale, n, len(src), err)
					}
				}
				if planes, err := DecodePlanes(src[:len(src)-2], Options{Scale: scale}); planes == nil || err == nil || err.(*FormatError).Missing != 0 {
					t.Fatalf("1/%d without its end marker: %v", scale, err)
				}
			}
		})
	}
}

// Any byte may be wrong: there is an image or an error, and no panic.
func TestDamaged(t *testing.T) {
	for name, src := range samples(t) {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(9, 9))
			for i := range 300 {
				b := slices.Clone(src)
				for range 1 + i%3 {
					b[rng.IntN(len(b))] = byte(rng.Uint32())
				}
				scale := 1 << (i & 3)
				if planes, err := DecodePlanes(b, Options{Scale: scale, Lowpass: i&4 != 0}); err == nil && planes == nil {
					t.Fatal("neither an image nor an error")
				}
				if img, err := DecodeNRGBA(b, Options{Scale: scale}); err == nil && img == nil {
					t.Fatal("neither an image nor an error")
				}
			}
		})
	}
}

// Damage between two restart markers costs what is between them, and no more.
func TestResync(t *testing.T) {
	p := picture{width: 160, height: 160, sampling: [][2]int{{1, 1}, {1, 1}, {1, 1}}, restart: 20, adobe: -1}
	src, oracles := p.encode(rand.New(rand.NewPCG(10, 10)))
	third, fourth := bytes.Index(src, []byte{0xFF, 0xD2}), bytes.Index(src, []byte{0xFF, 0xD3})
	tests := map[string][]byte{
		"cut short":   slices.Concat(src[:third+20], src[fourth:]),
		"bad code":    slices.Concat(src[:third+2], bytes.Repeat([]byte{0xFF, 0}, 100), src[fourth:]),
		"marker lost": slices.Concat(src[:third], src[fourth:]),
	}
	for name, damaged := range tests {
		t.Run(name, func(t *testing.T) {
			planes, err := DecodePlanes(damaged, Options{})
			var damage *FormatError
			if !errors.As(err, &damage) || damage.Missing <= 0 || damage.Missing > 0.051 {
				t.Fatalf("error %v", err)
			}
			for i, plane := range planes {
				for y := range plane.Height {
					if y/8 == 3 { // MCUs 60 … 79: one row
						continue
					}
					for x := range plane.Width {
						want := clampFloat(oracles[i].blocks[y/8*20+x/8][y%8*8+x%8])
						if d := float64(plane.Pix[y*plane.Stride+x]) - want; d > 1 || d < -1 {
							t.Fatalf("component %d, sample (%d,%d) is %v off", i, x, y, d)
						}
					}
				}
			}
		})
	}
}
