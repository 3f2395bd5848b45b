package resize

import (
	"context"
	"image"
	"math"

	"github.com/disintegration/imaging"
)

// picture is pixels and how they have to be turned to be seen upright.
type picture struct {
	img         image.Image
	orientation int
}

// bandPixels is how many pixels of a source are converted at once: 8 MB of them.
const bandPixels = 2 << 20

// resampled returns the whole picture, upright, at w×h. Rows are first: a source, in whatever form it was decoded, is converted and narrowed
// band by band, so that it is never there as a whole a second time. Turning comes last, when there is less to turn.
func resampled(ctx context.Context, src picture, w, h int, kernel string) (*image.NRGBA, error) {
	if src.orientation >= 5 {
		w, h = h, w
	}
	narrow, err := narrowed(ctx, src.img, w, filters[kernel])
	if err != nil {
		return nil, err
	}
	if err := stopped(ctx); err != nil {
		return nil, err
	}
	out := narrow
	if h != narrow.Rect.Dy() {
		out = imaging.Resize(narrow, w, h, filters[kernel])
	}
	return upright(out, src.orientation), nil
}

// narrowed resamples the rows to w pixels.
func narrowed(ctx context.Context, img image.Image, w int, filter imaging.ResampleFilter) (*image.NRGBA, error) {
	size := img.Bounds()
	if m, ok := img.(*image.NRGBA); ok && w == size.Dx() {
		return m, nil
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, size.Dy()))
	step := bandRows(size.Dx(), size.Dy())
	band := image.NewNRGBA(image.Rect(0, 0, size.Dx(), step))
	for y := 0; y < size.Dy(); y += step {
		if err := stopped(ctx); err != nil {
			return nil, err
		}
		rows := min(step, size.Dy()-y)
		part := &image.NRGBA{Pix: band.Pix[:rows*band.Stride], Stride: band.Stride, Rect: image.Rect(0, 0, size.Dx(), rows)}
		if err := convert(part, img, y); err != nil {
			return nil, err
		}
		if w != size.Dx() {
			part = imaging.Resize(part, w, rows, filter)
		}
		copy(out.Pix[y*out.Stride:], part.Pix)
	}
	return out, nil
}

// bandRows is how many rows of a picture make a band.
func bandRows(w, h int) int { return min(max(bandPixels/w, 16), h) }

// upright applies an EXIF orientation (EXIF 2.32, tag 0x0112). imaging turns counter-clockwise.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img)
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img)
	}
	return img
}

// filters are the kernels by name; "" is for pictures that keep their size. cubic is Catmull and Rom's, as sharp's is.
var filters = map[string]imaging.ResampleFilter{
	"lanczos3": imaging.Lanczos,
	"lanczos2": {Support: 2, Kernel: func(x float64) float64 {
		if x = math.Abs(x); x < 2 {
			return sinc(x) * sinc(x/2)
		}
		return 0
	}},
	"mitchell": imaging.MitchellNetravali,
	"cubic":    imaging.CatmullRom,
	"linear":   imaging.Linear,
	"box":      imaging.Box,
	"nearest":  imaging.NearestNeighbor,
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}
