package png

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"sync"
	"testing"
)

// photo is a 24 MP photo, as 8-bit RGB, encoded by image/png, nil where the shared photos are not; and as 16-bit RGB.
var (
	photo   = sync.OnceValue(func() []byte { return encodedPhoto(false) })
	photo16 = sync.OnceValue(func() []byte { return encodedPhoto(true) })
)

func encodedPhoto(wide bool) []byte {
	src, err := os.ReadFile(photos + "/craft-beer-baseline.jpg")
	if err != nil {
		return nil
	}
	img, err := jpeg.Decode(bytes.NewReader(src))
	if err != nil {
		return nil
	}
	if !wide { // otherwise image/png makes 16 bits of an *image.YCbCr
		rgb := image.NewNRGBA(img.Bounds())
		draw.Draw(rgb, rgb.Rect, img, image.Point{}, draw.Src)
		img = rgb
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil
	}
	return b.Bytes()
}

// Rows of the photo, by this package and by image/png; bytes are those of the filtered rows.
func BenchmarkDecode(b *testing.B) {
	for _, depth := range []struct {
		name    string
		photo   func() []byte
		samples int64
	}{{"8", photo, 3}, {"16", photo16, 6}} {
		src := depth.photo()
		if src == nil {
			b.Skip("the shared photos are not here: " + photos)
		}
		b.Run("depth="+depth.name+"/impl=rows", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := NewDecoder(src, Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(depth.samples * int64(d.header.Width) * int64(d.header.Height))
				if err := drain(b, d); err != nil {
					b.Fatal(err)
				}
				d.Release()
			}
		})
		b.Run("depth="+depth.name+"/impl=image-png", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				img, err := png.Decode(bytes.NewReader(src))
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(depth.samples * int64(img.Bounds().Dx()) * int64(img.Bounds().Dy()))
			}
		})
	}
}

// The whole picture of small images, where what is done once an image counts.
func BenchmarkSmall(b *testing.B) {
	src, err := os.ReadFile("../../testdata/images/rgb.png")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("impl=image", func(b *testing.B) {
		b.SetBytes(3 * 320 * 240)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := DecodeImage(src, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("impl=image-png", func(b *testing.B) {
		b.SetBytes(3 * 320 * 240)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := png.Decode(bytes.NewReader(src)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
