// Package crop finds which part of a picture to keep: where most happens, or where people look first.
//
//	picture ─► small map (≤ 128 px a side) ─► interest of each of its pixels ─► the window that holds most of it ─► corner
//
// Everything works on a copy reduced to a map, so a picture of any size costs about the same once it is reduced; functions may run concurrently.
package crop

import (
	"image"
	"math"

	"github.com/disintegration/imaging"
)

// Method says what a window is judged by.
type Method string

const (
	Entropy   Method = "entropy"   // the information in its luminance, as Shannon defines it: keeps what has most detail
	Attention Method = "attention" // edges, colours that stand out, and skin, as libvips' smartcrop weighs them: keeps what is looked at first
)

// mapSide is the longest side of the map, in its pixels.
const mapSide = 128

// Find returns the corner of the window of size, in pixels of img, that is to be kept. img has its bounds at 0,0; a size beyond it starts at 0.
func Find(img *image.NRGBA, size image.Point, by Method) image.Point {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	slack := image.Pt(max(w-size.X, 0), max(h-size.Y, 0))
	if slack == (image.Point{}) {
		return slack
	}
	scale := min(1, float64(mapSide)/float64(max(w, h)))
	small := imaging.Resize(img, max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale))), imaging.Box)
	mw, mh := small.Rect.Dx(), small.Rect.Dy()
	window := image.Pt(
		min(max(1, int(math.Round(float64(size.X)*float64(mw)/float64(w)))), mw),
		min(max(1, int(math.Round(float64(size.Y)*float64(mh)/float64(h)))), mh))
	judge := attention
	if by == Entropy {
		judge = entropy
	}
	at := best(judge(small, window), mw-window.X, mh-window.Y)
	return image.Pt(between(at.X, mw-window.X, slack.X), between(at.Y, mh-window.Y, slack.Y))
}

// between carries a place of 0 … steps over to 0 … slack.
func between(at, steps, slack int) int {
	if steps == 0 {
		return slack / 2
	}
	return (2*at*slack + steps) / (2 * steps)
}

// best is the corner with the highest score, the middle one among equals.
func best(score func(x, y int) float64, dx, dy int) image.Point {
	at, top, far := image.Pt(dx/2, dy/2), math.Inf(-1), 0
	for y := 0; y <= dy; y++ {
		for x := 0; x <= dx; x++ {
			s, from := score(x, y), (2*x-dx)*(2*x-dx)+(2*y-dy)*(2*y-dy)
			if s > top+1e-9 || s > top-1e-9 && from < far {
				at, top, far = image.Pt(x, y), max(s, top), from
			}
		}
	}
	return at
}
