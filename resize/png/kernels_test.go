package png

import (
	"bytes"
	"fmt"
	stdadler "hash/adler32"
	"math/rand/v2"
	"testing"
)

const canary = 0xA5

// guarded returns n bytes with canaries before and behind, and a check that they live.
func guarded(n int) (buf []byte, alive func() bool) {
	const margin = 64
	all := bytes.Repeat([]byte{canary}, n+2*margin)
	return all[margin : margin+n : margin+n], func() bool {
		return bytes.Count(all[:margin], []byte{canary}) == margin && bytes.Count(all[margin+n:], []byte{canary}) == margin
	}
}

// The short form of the predictor is the textbook's, for every a, b and c.
func TestPredict(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			for c := range 256 {
				if got, want := predict(int32(a), int32(b), int32(c)), textbookPaeth(a, b, c); int(got) != want {
					t.Fatalf("a %d, b %d, c %d: %d, want %d", a, b, c, got, want)
				}
			}
		}
	}
}

// filterForms are the filters, in their fastest and their generic form.
var filterForms = []struct {
	name          string
	number        int
	fast, generic func(dst, raw, prev []byte, bpp int)
}{
	{"sub", 1, func(dst, raw, _ []byte, bpp int) { sub(dst, raw, bpp) }, func(dst, raw, _ []byte, bpp int) { subGeneric(dst, raw, bpp, 0) }},
	{"up", 2, func(dst, raw, prev []byte, _ int) { up(dst, raw, prev) }, func(dst, raw, prev []byte, _ int) { upGeneric(dst, raw, prev, 0) }},
	{"average", 3, average, func(dst, raw, prev []byte, bpp int) { averageGeneric(dst, raw, prev, bpp, 0) }},
	{"paeth", 4, paeth, func(dst, raw, prev []byte, bpp int) { paethGeneric(dst, raw, prev, bpp, 0) }},
}

// extremes are rows where differences are large, and small ones.
func extremes(rng *rand.Rand, n int) []byte {
	row := random(rng, n)
	for i := range row {
		switch rng.IntN(4) {
		case 0:
			row[i] = byte(-(rng.IntN(2))) // 0 or 255
		case 1:
			row[i] = 127 + row[i]&3
		}
	}
	return row
}

// Filters undo what the textbook does, at every length, in both forms, and write nothing else.
func TestFilterForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, f := range filterForms {
		for _, bpp := range []int{1, 2, 3, 4, 6, 8} {
			for pixels := range 70 {
				for range 20 {
					n := pixels * bpp
					want, prev := extremes(rng, n), extremes(rng, n)
					raw := filtered(f.number, want, prev, bpp)
					fast, alive := guarded(n)
					f.fast(fast, raw, prev, bpp)
					if !bytes.Equal(fast, want) {
						t.Fatalf("%s, %d pixels of %d bytes: % x, want % x", f.name, pixels, bpp, fast, want)
					}
					if !alive() {
						t.Fatalf("%s, %d pixels of %d bytes: writes outside", f.name, pixels, bpp)
					}
					generic, alive := guarded(n)
					f.generic(generic, raw, prev, bpp)
					if !bytes.Equal(generic, want) {
						t.Fatalf("%s, generic, %d pixels of %d bytes: % x, want % x", f.name, pixels, bpp, generic, want)
					}
					if !alive() {
						t.Fatalf("%s, generic, %d pixels of %d bytes: writes outside", f.name, pixels, bpp)
					}
				}
			}
		}
	}
}

// Paeth's fastest form predicts like the textbook for every a, b and c.
func TestPaethForm(t *testing.T) {
	const n = 8 // pixels that the kernel takes; what it leaves over is the generic form's
	raw, prev, dst := make([]byte, (n+8)*3), make([]byte, (n+8)*3), make([]byte, (n+8)*3)
	for c := range 256 {
		for b := range 256 {
			for a := 0; a < 256; a += 3 {
				for k := range 3 { // three samples a pixel; the first pixel's are a, the second's are predicted
					raw[k], prev[k], prev[3+k] = byte(a+k)-byte(c), byte(c), byte(b)
				}
				paeth(dst, raw, prev, 3)
				for k := range 3 {
					if want := textbookPaeth(int(byte(a+k)), b, c); int(dst[3+k]) != want {
						t.Fatalf("a %d, b %d, c %d: %d, want %d", byte(a+k), b, c, dst[3+k], want)
					}
				}
			}
		}
	}
}

// conversions have so many bytes a pixel in their source and in their result.
var conversions = []struct {
	name          string
	from, to      int
	fast, generic func(dst, src []byte)
}{
	{"to8", 2, 1, to8, to8Generic},
	{"rgbToRGBA", 3, 4, rgbToRGBA, rgbToRGBAGeneric},
	{"grayAlphaToRGBA", 2, 4, grayAlphaToRGBA, grayAlphaToRGBAGeneric},
}

// The forms of each conversion give the same bytes at every length, and write nothing else.
func TestConversionForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, c := range conversions {
		for pixels := range 150 {
			src := random(rng, pixels*c.from)
			fast, alive := guarded(pixels * c.to)
			c.fast(fast, src)
			generic, genericAlive := guarded(pixels * c.to)
			c.generic(generic, src)
			if !bytes.Equal(fast, generic) {
				t.Fatalf("%s, %d pixels: % x, generic % x", c.name, pixels, fast, generic)
			}
			if !alive() || !genericAlive() {
				t.Fatalf("%s, %d pixels: writes outside", c.name, pixels)
			}
		}
	}
}

// All 16-bit samples are rounded to the nearest.
func TestTo8(t *testing.T) {
	src := make([]byte, 2<<16)
	for v := range 1 << 16 {
		src[2*v], src[2*v+1] = byte(v>>8), byte(v)
	}
	for name, f := range map[string]func(dst, src []byte){"fast": to8, "generic": to8Generic} {
		dst := make([]byte, 1<<16)
		f(dst, src)
		for v, got := range dst {
			if want := (v + 128) / 257; int(got) != want {
				t.Fatalf("%s: %d becomes %d, want %d", name, v, got, want)
			}
		}
	}
}

func TestAdler(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	full := bytes.Repeat([]byte{255}, 300_000)
	for name, f := range map[string]func(sum uint32, p []byte) uint32{"fast": adler32, "generic": adler32Generic} {
		for n := range 200 {
			p := random(rng, n)
			if got, want := f(1, p), stdadler.Checksum(p); got != want {
				t.Fatalf("%s, %d bytes: %#x, want %#x", name, n, got, want)
			}
		}
		for _, n := range []int{5551, 5552, 5553, 65535, 65536, 65537, 131072, 300_000} { // where sums are largest
			at := rng.IntN(n)
			if got, want := f(f(1, full[:at]), full[at:n]), stdadler.Checksum(full[:n]); got != want {
				t.Fatalf("%s, %d bytes of 255 in two parts: %#x, want %#x", name, n, got, want)
			}
			if got, want := f(65520<<16|65520, full[:n]), f(f(65520<<16|65520, full[:at]), full[at:n]); got != want {
				t.Fatalf("%s, %d bytes of 255 behind the largest sums: %#x, in two parts %#x", name, n, got, want)
			}
		}
	}
}

// unpack gives the samples of a row, whatever number of them is in its last byte.
func TestUnpack(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, depth := range []int{1, 2, 4} {
		for width := range 40 {
			src := random(rng, (width*depth+7)/8)
			dst, alive := guarded(width)
			unpack(dst, src, depth, grayScale(depth))
			for x, got := range dst {
				v := 0
				for bit := range depth {
					at := x*depth + bit
					v = 2*v + int(src[at/8]>>(7-at%8)&1)
				}
				if want := v * 255 / (1<<depth - 1); int(got) != want {
					t.Fatalf("%d bits, pixel %d of %d: %d, want %d", depth, x, width, got, want)
				}
			}
			if !alive() {
				t.Fatalf("%d bits, %d pixels: writes outside", depth, width)
			}
		}
	}
}

// BenchmarkKernels has each kernel in its fastest and its generic form; n is how many bytes it makes, or adds up.
func BenchmarkKernels(b *testing.B) {
	const width = 960
	compare := func(name string, n int, fast, generic func()) {
		for form, run := range map[string]func(){"fast": fast, "generic": generic} {
			b.Run(fmt.Sprintf("kernel=%s/n=%d/form=%s", name, n, form), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					run()
				}
			})
		}
	}
	rng := rand.New(rand.NewPCG(10, 10))
	longest, above := random(rng, 8*width), random(rng, 8*width)
	for _, f := range filterForms {
		for _, bpp := range []int{1, 2, 3, 4, 6, 8} {
			raw, prev, dst := longest[:width*bpp], above[:width*bpp], make([]byte, width*bpp)
			compare(fmt.Sprintf("%s/bpp=%d", f.name, bpp), len(dst), func() { f.fast(dst, raw, prev, bpp) }, func() { f.generic(dst, raw, prev, bpp) })
		}
	}
	for _, c := range conversions {
		src, dst := make([]byte, width*c.from), make([]byte, width*c.to)
		compare(c.name, len(dst), func() { c.fast(dst, src) }, func() { c.generic(dst, src) })
	}
	p := make([]byte, 3*width+1)
	compare("adler", len(p), func() { adler32(1, p) }, func() { adler32Generic(1, p) })
}
