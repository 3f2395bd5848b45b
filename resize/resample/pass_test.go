package resample

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const canary = 0xA5

// guarded is n elements with 64 canaries behind them; check fails if one is gone.
func guarded[T byte | int16](t *testing.T, n int) (s []T, check func(what string)) {
	whole := make([]T, n+64)
	for i := range whole {
		whole[i] = canary
	}
	return whole[:n:n], func(what string) {
		t.Helper()
		for i, v := range whole[n:] {
			if v != canary {
				t.Fatalf("%s: byte %d behind %d is gone", what, i, n)
			}
		}
	}
}

// The kernels this machine uses give the bytes of the generic ones, for any weights and samples at all, up to those
// that saturate, and write nothing behind their buffers.
func TestVerticalTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		width, rows := rowUnit*(1+r.IntN(5)), 2*(1+r.IntN(12))
		stride := width + rowUnit*r.IntN(2)
		ring := randomBytes(r, (rows-1)*stride+width) // ends with the last row
		weights := make([]int16, rows)
		for i := range weights {
			weights[i] = int16(r.IntN(1<<15) - 1<<14)
		}
		got, check := guarded[int16](t, width)
		want := make([]int16, width)
		vertical(got, ring, stride, weights)
		verticalGeneric(want, ring, stride, weights)
		if !slices.Equal(got, want) {
			t.Fatalf("%d rows of %d differ", rows, width)
		}
		check("vertical")
	}
}

func TestHorizontalTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for range 300 {
		for _, ch := range []int{1, 4} {
			chunk, kernel, twin := chunkPlanar, horizontal, horizontalGeneric
			if ch == 4 {
				chunk, kernel, twin = chunkRGBA, horizontalRGBA, horizontalRGBAGeneric
			}
			n := 1 + r.IntN(40)
			tab := &table{chunk: chunk, taps: chunk * (1 + r.IntN(6)), begin: make([]int32, roundUp(n, group))}
			srcW := tab.taps + r.IntN(50)
			for i := range tab.begin {
				tab.begin[i] = int32(r.IntN(srcW - tab.taps + 1))
			}
			tab.reach = int(slices.Max(tab.begin)) + tab.taps
			tab.weights = make([]int16, len(tab.begin)*tab.taps)
			for i := range tab.weights {
				tab.weights[i] = int16(r.IntN(1<<13) - 1<<12)
			}
			src := make([]int16, tab.reach*ch)
			for i := range src {
				src[i] = int16(r.IntN(1<<14) - 1<<12)
				if r.IntN(50) == 0 {
					src[i] = []int16{math.MinInt16, math.MaxInt16}[r.IntN(2)]
				}
			}
			got, check := guarded[byte](t, len(tab.begin)*ch)
			want := make([]byte, len(got))
			kernel(got, src, tab)
			twin(want, src, tab)
			if !bytes.Equal(got, want) {
				t.Fatalf("%d channels, %d samples of %d taps differ:\n%v\n%v", ch, n, tab.taps, got, want)
			}
			check("horizontal")
			if ch == 4 {
				got, check := guarded[int16](t, len(tab.begin)*ch)
				want := make([]int16, len(got))
				horizontalWide(got, src, tab)
				horizontalWideGeneric(want, src, tab)
				if !slices.Equal(got, want) {
					t.Fatalf("wide, %d samples of %d taps differ", n, tab.taps)
				}
				check("horizontalWide")
			}
		}
	}
}

func TestPremultiplyTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for n := range 200 {
		got, check := guarded[byte](t, n)
		copy(got, randomBytes(r, n))
		want := bytes.Clone(got)
		Premultiply(got)
		premultiplyGeneric(want)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %v, not %v", n, got, want)
		}
		check("premultiply")
	}
	all := make([]byte, 0, 4*256*256) // every value at every alpha
	for i := range 256 * 256 {
		all = append(all, byte(i), byte(i+1), byte(i+2), byte(i>>8))
	}
	want := bytes.Clone(all)
	Premultiply(all)
	premultiplyGeneric(want)
	if !bytes.Equal(all, want) {
		t.Error("differs")
	}
}

// BenchmarkKernels has each kernel in its fastest and its generic form; n is how many samples it makes.
func BenchmarkKernels(b *testing.B) {
	const n, rows = 960, 12
	r := rand.New(rand.NewPCG(6, 7))
	ring, weights, mid := randomBytes(r, n*rows), make([]int16, rows), make([]int16, n)
	for i := range weights {
		weights[i] = int16(500 + i)
	}
	tables := map[int]*table{}
	for _, chunk := range []int{chunkPlanar, chunkRGBA} { // a reduction to a half has 12 taps
		tables[chunk] = newTable(newAxis(geometry{2 * n, n, 0, 2 * n}, kernel(b, "lanczos3")), chunk)
	}
	src := make([]int16, 4*2*(n+rows))
	out, wide := make([]byte, 4*n), make([]int16, 4*n)
	for _, k := range []struct {
		name          string
		samples       int
		fast, generic func()
	}{
		{"vertical", n, func() { vertical(mid, ring, n, weights) }, func() { verticalGeneric(mid, ring, n, weights) }},
		{"horizontal", n, func() { horizontal(out, src, tables[chunkPlanar]) }, func() { horizontalGeneric(out, src, tables[chunkPlanar]) }},
		{"horizontalRGBA", 4 * n, func() { horizontalRGBA(out, src, tables[chunkRGBA]) }, func() { horizontalRGBAGeneric(out, src, tables[chunkRGBA]) }},
		{"horizontalWide", 4 * n, func() { horizontalWide(wide, src, tables[chunkRGBA]) }, func() { horizontalWideGeneric(wide, src, tables[chunkRGBA]) }},
		{"premultiply", 4 * n, func() { premultiply(ring[:4*n]) }, func() { premultiplyGeneric(ring[:4*n]) }},
	} {
		for form, run := range map[string]func(){"fast": k.fast, "generic": k.generic} {
			b.Run(fmt.Sprintf("kernel=%s/n=%d/form=%s", k.name, k.samples, form), func(b *testing.B) {
				for b.Loop() {
					run()
				}
			})
		}
	}
}

func randomBytes(r *rand.Rand, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		switch r.IntN(4) {
		case 0:
			p[i] = 255
		case 1:
			p[i] = 0
		default:
			p[i] = byte(r.Uint32())
		}
	}
	return p
}

// generic resamples with the generic kernels alone, on its own reading of rings and tables.
func generic(o Options, src []byte) []byte {
	o = o.window()
	rows := newAxis(geometry{o.SrcH, o.DstH, o.SrcY, o.SrcHeight}, o.Kernel)
	chunk, pass := chunkPlanar, horizontalGeneric
	if o.Channels == 4 {
		chunk, pass = chunkRGBA, horizontalRGBAGeneric
	}
	tab := newTable(newAxis(geometry{o.SrcW, o.DstW, o.SrcX, o.SrcWidth}, o.Kernel), chunk)
	n := o.SrcW * o.Channels
	stride := roundUp(n, rowUnit)
	padded := make([]byte, stride*(o.SrcH+1)) // and a row without weight, where the rows are odd in number
	for y := range o.SrcH {
		copy(padded[y*stride:], src[y*n:][:n])
	}
	mid, out := make([]int16, stride+o.Channels*tab.taps), make([]byte, len(tab.begin)*o.Channels)
	var dst []byte
	for i, ws := range rows.weights {
		even := make([]int16, roundUp(len(ws), 2))
		copy(even, ws)
		verticalGeneric(mid[:stride], padded[int(rows.begin[i])*stride:], stride, even)
		pass(out, mid, tab)
		dst = append(dst, out[:o.DstW*o.Channels]...)
	}
	return dst
}

// FuzzGeometry holds the scaler to the generic kernels on the whole picture, byte for byte, and a constant picture to
// its constant.
func FuzzGeometry(f *testing.F) {
	f.Add(uint16(300), uint8(20), uint8(37), uint8(9), uint8(0), false, uint8(0), uint8(0), uint8(77))
	f.Add(uint16(1), uint8(1), uint8(70), uint8(70), uint8(1), true, uint8(0), uint8(0), uint8(255))
	f.Add(uint16(70), uint8(69), uint8(1), uint8(1), uint8(2), true, uint8(128), uint8(255), uint8(1))
	f.Add(uint16(4000), uint8(2), uint8(3), uint8(3), uint8(5), false, uint8(64), uint8(64), uint8(0))
	f.Add(uint16(64), uint8(64), uint8(64), uint8(64), uint8(6), true, uint8(1), uint8(0), uint8(128))
	f.Fuzz(func(t *testing.T, srcW uint16, srcH, dstW, dstH, name uint8, rgba bool, x, y, value uint8) {
		o := Options{SrcW: 1 + int(srcW)%5000, SrcH: 1 + int(srcH), DstW: 1 + int(dstW), DstH: 1 + int(dstH), Channels: 1,
			Kernel: kernel(t, names[int(name)%len(names)])}
		if rgba {
			o.Channels = 4
		}
		o.SrcX, o.SrcY = float64(x)/256*float64(o.SrcW), float64(y)/256*float64(o.SrcH)
		src := randomBytes(rand.New(rand.NewPCG(uint64(srcW), uint64(value))), o.SrcW*o.SrcH*o.Channels)
		if got := plane(o, src); !bytes.Equal(got, generic(o, src)) {
			t.Fatalf("%+v: not what the generic kernels give", o)
		}
		for i := range src {
			src[i] = value
		}
		for _, v := range plane(o, src) {
			if v != value {
				t.Fatalf("%+v: constant %d became %d", o, value, v)
			}
		}
	})
}
