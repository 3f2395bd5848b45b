package resize

import (
	"image"
	"math"
	"strings"
)

// placement is where a variant lies: the whole picture is scaled to a frame of w×h, and view is the variant's rectangle in that
// frame's coordinates. A view inside of the frame cuts it, one beyond pads it.
type placement struct {
	w, h int
	view image.Rectangle
}

// place computes a variant's geometry for a source of sw×sh. v has its defaults; focus may be nil.
func place(sw, sh int, v Variant, focus *Focus) placement {
	p := scale(sw, sh, v)
	width, height := p.w, p.h
	if v.Width > 0 && v.Height > 0 {
		switch v.Fit {
		case Cover:
			width, height = min(v.Width, p.w), min(v.Height, p.h)
		case Contain:
			width, height = max(v.Width, p.w), max(v.Height, p.h)
		}
	}
	at := anchor(width-p.w, height-p.h, v.Position)
	if focus != nil && v.Fit == Cover {
		at = image.Pt(around(focus.X, width, p.w), around(focus.Y, height, p.h))
	}
	p.view = image.Rect(0, 0, width, height).Add(at)
	return p
}

// around begins a view of a length that has a point, 0 to 1, in its middle, as near as the sides allow.
func around(point float64, length, whole int) int {
	return min(max(int(math.Round(point*float64(whole)-float64(length)/2)), 0), whole-length)
}

// scale computes the frame: the source times a factor of its own for each direction, or of the same for both.
func scale(sw, sh int, v Variant) placement {
	w, h := v.Width, v.Height
	switch {
	case w == 0 && h == 0:
		return placement{w: sw, h: sh}
	case h == 0:
		return byWidth(sw, sh, w, v.Enlarge)
	case w == 0:
		return byWidth(sh, sw, h, v.Enlarge).transposed()
	case v.Fit == Fill && v.Enlarge:
		return placement{w: w, h: h}
	case v.Fit == Fill:
		return placement{w: min(w, sw), h: min(h, sh)}
	}
	// The direction that decides: the one that shrinks more for Inside and Contain, less for Outside and Cover.
	widthShrinksMore := int64(sw)*int64(h) > int64(sh)*int64(w)
	if widthShrinksMore == (v.Fit == Inside || v.Fit == Contain) {
		return byWidth(sw, sh, w, v.Enlarge)
	}
	return byWidth(sh, sw, h, v.Enlarge).transposed()
}

// byWidth scales to a width; the height is rounded half up, and at least 1.
func byWidth(sw, sh, w int, enlarge bool) placement {
	if w >= sw && !enlarge {
		return placement{w: sw, h: sh}
	}
	h := (2*int64(sh)*int64(w) + int64(sw)) / (2 * int64(sw))
	return placement{w: w, h: int(max(h, 1))}
}

func (p placement) transposed() placement { return placement{w: p.h, h: p.w} }

// anchor is the corner of a view that is larger than its frame by dx and dy, or smaller where these are negative. In the middle
// the odd pixel goes where sharp lets it go: to the left and top of what is cut off, to the right and bottom of a padding.
func anchor(dx, dy int, position string) image.Point {
	at := image.Pt(-(dx / 2), -(dy / 2))
	if dx < 0 {
		at.X = (1 - dx) / 2
	}
	if dy < 0 {
		at.Y = (1 - dy) / 2
	}
	for _, side := range strings.Fields(position) {
		switch side {
		case "left":
			at.X = 0
		case "right":
			at.X = -dx
		case "top":
			at.Y = 0
		case "bottom":
			at.Y = -dy
		}
	}
	return at
}
