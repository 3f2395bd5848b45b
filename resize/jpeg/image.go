package jpeg

import (
	"errors"
	"image"
)

// DecodeImage decodes a whole image into the standard library's type for it: *image.Gray; *image.YCbCr, its planes as they
// are in the file, where the library has a ratio for their subsampling at this scale; otherwise an opaque *image.NRGBA. Of a
// damaged image it returns what it could decode and a *FormatError.
func DecodeImage(src []byte, opts Options) (image.Image, error) {
	h, err := ReadHeader(src)
	if err != nil {
		return nil, err
	}
	if h.Color != Gray && h.Color != YCbCr {
		return opaque(src, opts)
	}
	d := decoders.Get().(*Decoder)
	if err := d.Reset(src, opts); err != nil {
		d.release()
		return nil, err
	}
	ratio, known := subsampling(d.Layout())
	d.release()
	if !known {
		return opaque(src, opts)
	}
	p, err := DecodePlanes(src, opts)
	if len(p) == 0 {
		return nil, err
	}
	bounds := image.Rect(0, 0, p[0].Width, p[0].Height)
	if len(p) == 1 {
		return &image.Gray{Pix: p[0].Pix, Stride: p[0].Stride, Rect: bounds}, err
	}
	return &image.YCbCr{Y: p[0].Pix, Cb: p[1].Pix, Cr: p[2].Pix, YStride: p[0].Stride, CStride: p[1].Stride,
		SubsampleRatio: ratio, Rect: bounds}, err
}

// opaque is DecodeNRGBA without an image that is nil behind its interface.
func opaque(src []byte, opts Options) (image.Image, error) {
	img, err := DecodeNRGBA(src, opts)
	if img == nil {
		return nil, err
	}
	if damage := (*FormatError)(nil); errors.As(err, &damage) {
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = 255
		}
	}
	return img, err
}

// subsampling is how much smaller than the first plane the two others are.
func subsampling(p []Plane) (image.YCbCrSubsampleRatio, bool) {
	if len(p) == 1 {
		return 0, true
	}
	if len(p) != 3 || p[1].Width != p[2].Width || p[1].Height != p[2].Height {
		return 0, false
	}
	for _, r := range []struct {
		x, y  int
		ratio image.YCbCrSubsampleRatio
	}{
		{1, 1, image.YCbCrSubsampleRatio444}, {2, 2, image.YCbCrSubsampleRatio420}, {2, 1, image.YCbCrSubsampleRatio422},
		{1, 2, image.YCbCrSubsampleRatio440}, {4, 1, image.YCbCrSubsampleRatio411}, {4, 2, image.YCbCrSubsampleRatio410},
	} {
		if (p[0].Width+r.x-1)/r.x == p[1].Width && (p[0].Height+r.y-1)/r.y == p[1].Height {
			return r.ratio, true
		}
	}
	return 0, false
}
