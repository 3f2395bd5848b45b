package crop

import (
	"image"
	"math"
)

// The shares of what makes a pixel interesting; edges are what remains when there is no colour.
const (
	edgeWeight       = 1.0
	saturationWeight = 0.6
	skinWeight       = 1.4
)

// attention scores a window by the interest of its pixels, those in its middle counting most: what is looked at should not end up at the rim.
func attention(img *image.NRGBA, window image.Point) func(x, y int) float64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	interest := salience(img)
	// A window is weighed by a pyramid, 1 in its middle and 1/3 at its rim: the same as the mean of three boxes, nested in each other.
	sums := summed(interest, w, h)
	return func(x, y int) (score float64) {
		for _, part := range []float64{1, 0.75, 0.5} {
			dx, dy := int(float64(window.X)*(1-part)/2), int(float64(window.Y)*(1-part)/2)
			score += sums.in(image.Rect(x+dx, y+dy, x+window.X-dx, y+window.Y-dy))
		}
		return score
	}
}

// salience is how much each pixel of a map draws the eye.
func salience(img *image.NRGBA) []float64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	at := func(x, y int) []uint8 {
		i := min(max(y, 0), h-1)*img.Stride + 4*min(max(x, 0), w-1)
		return img.Pix[i : i+4]
	}
	out := make([]float64, w*h)
	for y := range h {
		for x := range w {
			p := at(x, y)
			if p[3] < 128 {
				continue // nothing to see
			}
			l := luma(p)
			laplacian := math.Abs(float64(4*l - luma(at(x-1, y)) - luma(at(x+1, y)) - luma(at(x, y-1)) - luma(at(x, y+1))))
			bright := math.Sqrt(float64(l) / 255) // colour in the dark is not seen
			out[y*w+x] = edgeWeight*min(laplacian/255, 1) + bright*(saturationWeight*vivid(p)+skinWeight*skin(p))
		}
	}
	return out
}

// vivid is how far a colour stands out, 0 to 1: HSV's saturation, squared, since most of a photo has a little.
func vivid(p []uint8) float64 {
	high, low := max(p[0], p[1], p[2]), min(p[0], p[1], p[2])
	if high == 0 {
		return 0
	}
	s := float64(high-low) / float64(high)
	return s * s
}

// skin is how near a colour is to human skin of any tone, 0 to 1: tones differ in brightness and hardly in direction, so directions
// are compared, as libvips does.
func skin(p []uint8) float64 {
	r, g, b := float64(p[0]), float64(p[1]), float64(p[2])
	length := math.Sqrt(r*r + g*g + b*b)
	if length < 40 {
		return 0
	}
	// The direction of the mean of light and dark skin in sRGB.
	dr, dg, db := r/length-0.78, g/length-0.49, b/length-0.39
	return max(0, 1-math.Sqrt(dr*dr+dg*dg+db*db)/0.15)
}

// table is a summed-area table (Crow 1984).
type table struct {
	sums   []float64
	stride int
}

func summed(values []float64, w, h int) table {
	t := table{make([]float64, (w+1)*(h+1)), w + 1}
	for y := range h {
		row := 0.0
		for x := range w {
			row += values[y*w+x]
			t.sums[(y+1)*t.stride+x+1] = t.sums[y*t.stride+x+1] + row
		}
	}
	return t
}

func (t table) in(r image.Rectangle) float64 {
	top, bottom := r.Min.Y*t.stride, r.Max.Y*t.stride
	return t.sums[bottom+r.Max.X] - t.sums[bottom+r.Min.X] - t.sums[top+r.Max.X] + t.sums[top+r.Min.X]
}
