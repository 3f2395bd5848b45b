package resize

import (
	"image"
	"slices"

	"pixmill/resize/resample"
)

// A JPEG of a JPEG needs no RGB: it is scaled plane by plane in the YCbCr it was decoded to, and encoded from there. Both
// colour conversions are saved, and chroma, which has a quarter of the samples, costs a quarter.

// planar reports whether all that is planned can be made so: whole frames, to JPEG. Crops may begin between two chroma samples.
func (p *plan) planar() bool {
	return p.info.Format == "jpeg" && !slices.ContainsFunc(p.frames, func(f *frame) bool {
		_, known := resample.ByName(f.kernel)
		return !known && f.kernel != "" || slices.ContainsFunc(f.pieces, func(c *piece) bool {
			return c.codec.Name != "jpeg" || c.view != image.Rect(0, 0, f.w, f.h)
		})
	})
}

// resamplePlanes returns the whole picture, upright, at w×h, as *image.Gray, or as *image.YCbCr of 4:2:0; nil where src is
// neither.
func resamplePlanes(src picture, w, h int, kernel string) image.Image {
	k, known := resample.ByName(kernel)
	if !known { // "": the size stays, and any kernel that keeps its samples does
		k, _ = resample.ByName("cubic")
	}
	o := src.orientation
	stored := image.Rect(0, 0, w, h)
	if o >= 5 {
		stored = image.Rect(0, 0, h, w)
	}
	switch m := src.img.(type) {
	case *image.Gray:
		from := resample.Plane{Pix: m.Pix, Stride: m.Stride, Width: m.Rect.Dx(), Height: m.Rect.Dy()}
		made := turned(scaled(from, from.Whole(), stored.Dx(), stored.Dy(), k), o)
		return &image.Gray{Pix: made.Pix, Stride: made.Stride, Rect: image.Rect(0, 0, w, h)}
	case *image.YCbCr:
		size := m.Rect.Size()
		from := resample.Plane{Pix: m.Y, Stride: m.YStride, Width: size.X, Height: size.Y}
		luma := turned(scaled(from, from.Whole(), stored.Dx(), stored.Dy(), k), o)
		cw, ch := (stored.Dx()+1)/2, (stored.Dy()+1)/2
		from.Stride, from.Width, from.Height = m.CStride, chromaSide(m, size).X, chromaSide(m, size).Y
		window := chromaWindow(m, stored.Size(), o)
		from.Pix = m.Cb
		blue := turned(scaled(from, window, cw, ch, k), o)
		from.Pix = m.Cr
		red := turned(scaled(from, window, cw, ch, k), o)
		return &image.YCbCr{Y: luma.Pix, Cb: blue.Pix, Cr: red.Pix, YStride: luma.Stride, CStride: blue.Stride,
			SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h)}
	}
	return nil
}

func scaled(from resample.Plane, window resample.Window, w, h int, k resample.Kernel) resample.Plane {
	to := resample.Plane{Pix: make([]byte, w*h), Stride: w, Width: w, Height: h}
	resample.Scale(to, from, window, k)
	return to
}

// ratios are how many pixels a chroma sample covers.
var ratios = map[image.YCbCrSubsampleRatio]image.Point{
	image.YCbCrSubsampleRatio444: {X: 1, Y: 1},
	image.YCbCrSubsampleRatio422: {X: 2, Y: 1},
	image.YCbCrSubsampleRatio420: {X: 2, Y: 2},
	image.YCbCrSubsampleRatio440: {X: 1, Y: 2},
	image.YCbCrSubsampleRatio411: {X: 4, Y: 1},
	image.YCbCrSubsampleRatio410: {X: 4, Y: 2},
}

func chromaSide(m *image.YCbCr, size image.Point) image.Point {
	by := ratios[m.SubsampleRatio]
	return image.Pt((size.X+by.X-1)/by.X, (size.Y+by.Y-1)/by.Y)
}

// chromaWindow is the part of m's chroma planes that the chroma samples of a picture of size to cover, two pixels each way
// and centred on them (JFIF 1.02). With an odd side the last sample covers half a pixel more than there is, or, where the side
// is mirrored afterwards, the first.
func chromaWindow(m *image.YCbCr, to image.Point, orientation int) resample.Window {
	mirrorX := slices.Contains([]int{2, 3, 7, 8}, orientation)
	mirrorY := slices.Contains([]int{3, 4, 6, 7}, orientation)
	by := ratios[m.SubsampleRatio]
	axis := func(from, to, by int, mirror bool) (start, length float64) {
		pixel := float64(from) / float64(to) / float64(by) // one of the new picture's, in chroma samples of the old one
		if mirror && to%2 == 1 {
			start = -pixel
		}
		return start, float64((to+1)/2*2) * pixel
	}
	var w resample.Window
	w.X, w.Width = axis(m.Rect.Dx(), to.X, by.X, mirrorX)
	w.Y, w.Height = axis(m.Rect.Dy(), to.Y, by.Y, mirrorY)
	return w
}

// turned applies an EXIF orientation to one plane (EXIF 2.32, tag 0x0112).
func turned(p resample.Plane, orientation int) resample.Plane {
	if orientation <= 1 {
		return p
	}
	out := resample.Plane{Stride: p.Width, Width: p.Width, Height: p.Height, Pix: make([]byte, p.Width*p.Height)}
	if orientation >= 5 {
		out.Stride, out.Width, out.Height = p.Height, p.Height, p.Width
	}
	// The pixel at x, y of the result is at start + x·alongX + y·alongY of p.
	right, bottom := p.Width-1, (p.Height-1)*p.Stride
	start := []int{2: right, 3: right + bottom, 4: bottom, 5: 0, 6: bottom, 7: right + bottom, 8: right}[orientation]
	alongX := []int{2: -1, 3: -1, 4: 1, 5: p.Stride, 6: -p.Stride, 7: -p.Stride, 8: p.Stride}[orientation]
	alongY := []int{2: p.Stride, 3: -p.Stride, 4: -p.Stride, 5: 1, 6: 1, 7: -1, 8: -1}[orientation]
	const tile = 64 // of both, so that neither side's lines leave the cache before they are used up
	for top := 0; top < out.Height; top += tile {
		for left := 0; left < out.Width; left += tile {
			for y := top; y < min(top+tile, out.Height); y++ {
				at := start + y*alongY + left*alongX
				row := out.Pix[y*out.Stride+left : y*out.Stride+min(left+tile, out.Width)]
				for x := range row {
					row[x] = p.Pix[at]
					at += alongX
				}
			}
		}
	}
	return out
}
