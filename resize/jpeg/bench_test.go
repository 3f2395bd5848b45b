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

func BenchmarkIDCT(b *testing.B) {
	dst := make([]byte, 64*8)
	quant := new([64]int16)
	for i := range quant {
		quant[i] = 3
	}
	for name, f := range map[string]inverse{
		"8": idct8, "4": reducing(idct4, reductions[4]), "2": reducing(idct2, reductions[2]),
		"8 generic": idct8Generic, "4 generic": reducing(idct4Generic, reductions[4]), "2 generic": reducing(idct2Generic, reductions[2]),
	} {
		b.Run("size="+name, func(b *testing.B) {
			block := new([64]int16)
			for b.Loop() {
				block[0], block[1], block[16], block[18] = 100, -20, 33, 7
				f(dst, 64, block, quant)
			}
		})
	}
}
