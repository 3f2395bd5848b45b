package jpeg

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// eachVariant runs f with pictures as variants are: photos, reduced to 1/2 or 1/4. Their sizes name the benchmarks.
func eachVariant(b *testing.B, f func(b *testing.B, src []byte, scale int)) {
	for _, photo := range []struct {
		name  string
		scale int
	}{{"iphone7-12mp-display-p3.jpg", 8}, {"iphone7-12mp-display-p3.jpg", 4}, {"craft-beer-baseline.jpg", 4}, {"dji-0029-420.jpg", 2}} {
		src, err := os.ReadFile(filepath.Join(photos, photo.name))
		if err != nil {
			b.Skip("the shared photos are not here: " + photos)
		}
		h, err := ReadHeader(src)
		if err != nil {
			b.Fatal(err)
		}
		width, height := ceil(h.Width, photo.scale), ceil(h.Height, photo.scale)
		b.Run(fmt.Sprintf("size=%dx%d/q=80", width, height), func(b *testing.B) {
			b.ReportAllocs()
			f(b, src, photo.scale)
			pixels := float64(width*height) / 1e6 * float64(b.N)
			b.ReportMetric(pixels/b.Elapsed().Seconds(), "MP/s")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/pixels, "ns/MP")
		})
	}
}

// Planes of 4:2:0, as they come from the resampler.
func BenchmarkEncode(b *testing.B) {
	for _, o := range []EncodeOptions{{}, {FastTables: true}} {
		b.Run(fmt.Sprintf("fast=%t", o.FastTables), func(b *testing.B) {
			eachVariant(b, func(b *testing.B, src []byte, scale int) {
				img, err := DecodeNRGBA(src, Options{Scale: scale})
				if err != nil {
					b.Fatal(err)
				}
				once, err := EncodeRGBA(nil, img, EncodeOptions{Quality: 98})
				if err != nil {
					b.Fatal(err)
				}
				planes, err := DecodePlanes(once, Options{})
				if err != nil {
					b.Fatal(err)
				}
				var out []byte
				for b.Loop() {
					if out, err = Encode(out[:0], planes, o); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(out)), "bytes")
			})
		})
	}
}

func BenchmarkEncodeRGBA(b *testing.B) {
	for _, s := range samplingNames {
		b.Run("sampling="+s.args[len(s.args)-1], func(b *testing.B) {
			eachVariant(b, func(b *testing.B, src []byte, scale int) {
				img, err := DecodeNRGBA(src, Options{Scale: scale})
				if err != nil {
					b.Fatal(err)
				}
				var out []byte
				for b.Loop() {
					if out, err = EncodeRGBA(out[:0], img, EncodeOptions{Sampling: s.sampling}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// Go's own encoder: 4:2:0, the tables of the standard.
func BenchmarkEncodeStandardLibrary(b *testing.B) {
	eachVariant(b, func(b *testing.B, src []byte, scale int) {
		img, err := DecodeNRGBA(src, Options{Scale: scale})
		if err != nil {
			b.Fatal(err)
		}
		opaque := (*image.RGBA)(img)
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			if err := jpeg.Encode(&out, opaque, &jpeg.Options{Quality: 80}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
