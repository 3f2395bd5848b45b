package jpeg

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var benchPhotos = []string{"craft-beer-baseline.jpg", "craft-beer-progressive.jpg", "iphone7-12mp-display-p3.jpg",
	"iphone7-12mp-progressive.jpg", "dji-0029-420.jpg", "dji-0032-422.jpg"}

func eachPhoto(b *testing.B, f func(b *testing.B, src []byte)) {
	for _, name := range benchPhotos {
		src, err := os.ReadFile(filepath.Join(photos, name))
		if err != nil {
			b.Skip("the shared photos are not here: " + photos)
		}
		h, err := ReadHeader(src)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("photo="+name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			f(b, src)
			b.ReportMetric(float64(h.Width*h.Height)/1e6*float64(b.N)/b.Elapsed().Seconds(), "MP/s")
		})
	}
}

// Bands of planes, as the resampler reads them.
func BenchmarkBands(b *testing.B) {
	for _, opts := range []Options{{Scale: 1}, {Scale: 2}, {Scale: 4}, {Scale: 8}, {Scale: 2, Lowpass: true}, {Scale: 4, Lowpass: true}, {Scale: 8, Lowpass: true}} {
		b.Run(fmt.Sprintf("scale=%d/lowpass=%t", opts.Scale, opts.Lowpass), func(b *testing.B) {
			eachPhoto(b, func(b *testing.B, src []byte) {
				d := new(Decoder)
				for b.Loop() {
					if err := d.Reset(src, opts); err != nil {
						b.Fatal(err)
					}
					for {
						_, err := d.Next()
						if err == io.EOF {
							break
						}
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		})
	}
}

// Rows of RGBA.
func BenchmarkRGBA(b *testing.B) {
	for _, scale := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprintf("scale=%d", scale), func(b *testing.B) {
			eachPhoto(b, func(b *testing.B, src []byte) {
				d := new(Decoder)
				row := make([]byte, 4*65536)
				for b.Loop() {
					if err := d.Reset(src, Options{Scale: scale}); err != nil {
						b.Fatal(err)
					}
					if err := d.RGBA(func(int) []byte { return row }); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// Go's own decoder, into planes.
func BenchmarkStandardLibrary(b *testing.B) {
	eachPhoto(b, func(b *testing.B, src []byte) {
		for b.Loop() {
			if _, err := jpeg.Decode(bytes.NewReader(src)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkKernels has each kernel in its fastest and its generic form; n is how many samples it makes.
func BenchmarkKernels(b *testing.B) {
	const n = 960
	rows := make([][]byte, 4)
	for i := range rows {
		rows[i] = make([]byte, 4*n)
		for x := range rows[i] {
			rows[i][x] = byte(x*x>>i + x)
		}
	}
	dst, y, cb, cr := make([]byte, 4*n), make([]byte, n), make([]byte, n), make([]byte, n)
	block, quant, most, energy, p := new([64]int16), new([64]int16), new([64]int16), new([2]int32), new(pair)
	for i := range quant {
		quant[i] = 3
	}
	transform := func(f inverse) func() {
		return func() {
			block[0], block[1], block[16], block[18] = 100, -20, 33, 7
			f(dst, 64, block, quant)
		}
	}
	var q quantizer
	q.set(&lumaTable, 80)
	for _, k := range []struct {
		name          string
		samples       int
		fast, generic func()
	}{
		{"idct8", 64, transform(idct8), transform(idct8Generic)},
		{"idct4", 16, transform(reducing(idct4, reductions[4])), transform(reducing(idct4Generic, reductions[4]))},
		{"idct2", 4, transform(reducing(idct2, reductions[2])), transform(reducing(idct2Generic, reductions[2]))},
		{"stretch", 2 * n, func() { stretch(dst, rows[0][:n]) }, func() { stretchGeneric(dst, rows[0][:n]) }},
		{"stretchBlend", 2 * n, func() { stretchBlend(dst, rows[0][:n], rows[1]) }, func() { stretchBlendGeneric(dst, rows[0][:n], rows[1]) }},
		{"ycbcrRow", 4 * n, func() { ycbcrRow(dst, rows[0][:n], rows[1][:n], rows[2][:n]) }, func() { ycbcrRowGeneric(dst, rows[0][:n], rows[1], rows[2]) }},
		{"forward", 128, func() { forward(p, rows[0], 16, &q) }, func() { forwardGeneric(p, rows[0], 16, &q) }},
		{"survey", 128, func() { survey(p, most, energy) }, func() { surveyGeneric(p, most, energy) }},
		{"ycbcr", 3 * n, func() { ycbcr(y, cb, cr, rows[0]) }, func() { ycbcrGeneric(y, cb, cr, rows[0]) }},
		{"halve", n, func() { halve(dst[:n], rows[0]) }, func() { halveGeneric(dst[:n], rows[0]) }},
		{"quarter", n, func() { quarter(dst[:n], rows[0], rows[1]) }, func() { quarterGeneric(dst[:n], rows[0], rows[1]) }},
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
