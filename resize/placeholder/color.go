// Package placeholder makes what a page shows before a photo is there: its dominant colour, and a ThumbHash.
//
//	a picture of up to 100 px ─► Color, ThumbHash
//
// Everything may run concurrently.
package placeholder

import (
	"image"
	"image/color"
)

// Color is the picture's dominant colour: the mean of the most frequent among 512 ranges of colours. What is transparent does not
// count; a picture with nothing else is white.
func Color(img *image.NRGBA) color.NRGBA {
	type heap struct{ r, g, b, weight int }
	var heaps [512]heap
	best := 0
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
		for x := 0; x < len(row); x += 4 {
			r, g, b, a := int(row[x]), int(row[x+1]), int(row[x+2]), int(row[x+3])
			i := r>>5<<6 | g>>5<<3 | b>>5
			h := &heaps[i]
			h.r, h.g, h.b, h.weight = h.r+a*r, h.g+a*g, h.b+a*b, h.weight+a
			if h.weight > heaps[best].weight {
				best = i
			}
		}
	}
	h := heaps[best]
	if h.weight == 0 {
		return color.NRGBA{255, 255, 255, 255}
	}
	mean := func(sum int) uint8 { return uint8((sum + h.weight/2) / h.weight) }
	return color.NRGBA{mean(h.r), mean(h.g), mean(h.b), 255}
}
