package crop

import (
	"image"
	"math"
)

// levels of luminance that are told apart.
const levels = 32

// entropy scores a window by the bits a pixel's luminance carries in it (Shannon 1948, section 6). Histograms of all rectangles from
// the corner are kept, so that a window's is four look-ups a level.
func entropy(img *image.NRGBA, window image.Point) func(x, y int) float64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	stride := (w + 1) * levels
	sums := make([]int32, (h+1)*stride)
	for y := range h {
		var row [levels]int32
		for x := range w {
			p := img.Pix[y*img.Stride+4*x:]
			row[luma(p)*levels/256]++
			above, here := sums[y*stride+(x+1)*levels:], sums[(y+1)*stride+(x+1)*levels:]
			for l, n := range row {
				here[l] = above[l] + n
			}
		}
	}
	area := float64(window.X * window.Y)
	return func(x, y int) (bits float64) {
		a, b := y*stride+x*levels, y*stride+(x+window.X)*levels
		c, d := a+window.Y*stride, b+window.Y*stride
		for l := range levels {
			if n := sums[d+l] - sums[c+l] - sums[b+l] + sums[a+l]; n > 0 {
				share := float64(n) / area
				bits -= share * math.Log2(share)
			}
		}
		return bits
	}
}

// luma is that of BT.601, of a pixel of R, G, B and alpha; what is transparent is black.
func luma(p []uint8) int {
	return (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000 * int(p[3]) / 255
}
