package jpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// Whatever the input, there is no panic, and the scales and the pixels agree with the planes in size.
func FuzzDecode(f *testing.F) {
	for _, src := range samples(f) {
		if len(src) < 8000 {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := ReadHeader(src)
		if err != nil || h.Width*h.Height > 1<<18 {
			return
		}
		for _, scale := range []int{1, 2, 4, 8} {
			img, err := DecodeNRGBA(src, Options{Scale: scale, MaxScans: 20})
			if err != nil {
				continue
			}
			if r := img.Rect; r.Dx() != ceil(h.Width, scale) || r.Dy() != ceil(h.Height, scale) {
				t.Fatalf("%d × %d at 1/%d is %v", h.Width, h.Height, scale, r)
			}
			if _, err := DecodePlanes(src, Options{Scale: scale, MaxScans: 20}); err != nil {
				t.Fatalf("as pixels it is whole, as planes: %v", err)
			}
		}
	})
}

// image/jpeg decodes what an encoder makes to the same samples, within 2. (Of streams that no encoder makes it and
// libjpeg-turbo make different things; djpeg_test.go has the exact comparison.)
func FuzzDecodeAgainstStandardLibrary(f *testing.F) {
	f.Add(uint8(20), uint8(13), uint8(80), uint8(0), []byte("some pixels, used again and again"))
	f.Add(uint8(1), uint8(1), uint8(1), uint8(3), []byte{0, 255})
	f.Add(uint8(70), uint8(40), uint8(100), uint8(2), []byte{255, 0, 0, 255, 17})
	f.Fuzz(func(t *testing.T, width, height, quality, sampling uint8, pixels []byte) {
		if len(pixels) == 0 {
			return
		}
		img := image.NewNRGBA(image.Rect(0, 0, int(width)%96+1, int(height)%96+1))
		for i := range img.Pix {
			img.Pix[i] = pixels[i%len(pixels)]
		}
		src, err := EncodeRGBA(nil, img, EncodeOptions{Quality: int(quality)%100 + 1, Sampling: Sampling(sampling % 4)})
		if err != nil {
			t.Fatal(err)
		}
		ours, err := DecodePlanes(src, Options{})
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := jpeg.Decode(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if d, err := farthest(ours, samplesOf(theirs)); err != nil || d > 2 {
			t.Errorf("%d apart, %v", d, err)
		}
	})
}
