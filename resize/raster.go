package resize

import (
	"image"
	"image/color"
	"math/bits"
	"sync"

	"github.com/disintegration/imaging"

	"pixmill/resize/codec"
)

// raster is a picture in memory: a layer of grey or of RGBA, or three of Y, Cb and Cr.
type raster struct {
	w, h   int
	layers []layer
}

// layer is a part of a raster's samples; its rows follow each other without a gap.
type layer struct {
	codec.Layer
	pix []byte
}

func (l *layer) stride() int { return l.Width * l.Channels }

// planes returns a raster of grey, or of Y, Cb and Cr of 4:2:0, as an image that shares its memory; nil for any other.
func (r raster) planes() image.Image {
	bounds, first := image.Rect(0, 0, r.w, r.h), &r.layers[0]
	switch {
	case len(r.layers) == 3:
		blue, red := &r.layers[1], &r.layers[2]
		return &image.YCbCr{Y: first.pix, Cb: blue.pix, Cr: red.pix, YStride: first.Width, CStride: blue.Width,
			SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: bounds}
	case len(r.layers) == 1 && first.Channels == 1:
		return &image.Gray{Pix: first.pix, Stride: first.Width, Rect: bounds}
	}
	return nil
}

// pixels returns a raster as RGBA, one of RGBA sharing its memory. A sample of Cb and Cr goes to all its pixels, so that the mean of these
// gives it back to an encoder of 4:2:0.
func (r raster) pixels() *image.NRGBA {
	bounds := image.Rect(0, 0, r.w, r.h)
	if first := &r.layers[0]; first.Channels == 4 {
		return &image.NRGBA{Pix: first.pix, Stride: first.stride(), Rect: bounds}
	}
	out := image.NewNRGBA(bounds)
	if len(r.layers) == 3 {
		planes := r.planes().(*image.YCbCr)
		for y := range r.h {
			row := out.Pix[y*out.Stride : (y+1)*out.Stride]
			for x := range r.w {
				chroma := y/2*planes.CStride + x/2
				p := row[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2] = color.YCbCrToRGB(planes.Y[y*planes.YStride+x], planes.Cb[chroma], planes.Cr[chroma])
				p[3] = 255
			}
		}
		return out
	}
	for i, v := range r.layers[0].pix {
		p := out.Pix[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = v, v, v, 255
	}
	return out
}

// upright applies an EXIF orientation (EXIF 2.32, tag 0x0112).
func (r raster) upright(orientation int) raster {
	if orientation <= 1 {
		return r
	}
	out := raster{w: r.w, h: r.h, layers: make([]layer, len(r.layers))}
	if orientation >= 5 {
		out.w, out.h = r.h, r.w
	}
	for i := range r.layers {
		l := &r.layers[i]
		out.layers[i] = l.turned(orientation)
		release(l.pix)
	}
	return out
}

func (l *layer) turned(orientation int) layer {
	out := layer{Layer: l.Layer}
	if orientation >= 5 {
		out.Width, out.Height, out.PitchX, out.PitchY = l.Height, l.Width, l.PitchY, l.PitchX
	}
	if l.Channels == 4 {
		out.pix = turns[orientation](&image.NRGBA{Pix: l.pix, Stride: l.stride(), Rect: image.Rect(0, 0, l.Width, l.Height)}).Pix
		return out
	}
	// The sample at x, y of the result is at start + x·alongX + y·alongY of l.
	out.pix = slab(len(l.pix))
	right, bottom := l.Width-1, (l.Height-1)*l.Width
	start := []int{2: right, 3: right + bottom, 4: bottom, 5: 0, 6: bottom, 7: right + bottom, 8: right}[orientation]
	alongX := []int{2: -1, 3: -1, 4: 1, 5: l.Width, 6: -l.Width, 7: -l.Width, 8: l.Width}[orientation]
	alongY := []int{2: l.Width, 3: -l.Width, 4: -l.Width, 5: 1, 6: 1, 7: -1, 8: -1}[orientation]
	const tile = 64 // of both, so that neither side's lines leave the cache before they are used up
	for top := 0; top < out.Height; top += tile {
		for left := 0; left < out.Width; left += tile {
			for y := top; y < min(top+tile, out.Height); y++ {
				at := start + y*alongY + left*alongX
				row := out.pix[y*out.Width+left : y*out.Width+min(left+tile, out.Width)]
				for x := range row {
					row[x] = l.pix[at]
					at += alongX
				}
			}
		}
	}
	return out
}

// turns are the orientations by number. imaging turns counter-clockwise.
var turns = [...]func(image.Image) *image.NRGBA{
	2: imaging.FlipH, 3: imaging.Rotate180, 4: imaging.FlipV, 5: imaging.Transpose, 6: imaging.Rotate270, 7: imaging.Transverse, 8: imaging.Rotate90,
}

// free gives the raster's memory to those made after it.
func (r raster) free() {
	for i := range r.layers {
		release(r.layers[i].pix)
	}
}

// slabs are memory for samples, by size class: an image of the same geometry as one before it allocates none.
var slabs [512]sync.Pool

// class rounds n up to a size of three significant bits, and numbers it.
func class(n int) (size, number int) {
	shift := max(bits.Len(uint(max(n-1, 0)))-3, 0)
	units := (n + 1<<shift - 1) >> shift // 0 … 8
	return units << shift, 8*shift + units
}

// slab returns n bytes of any content.
func slab(n int) []byte {
	size, number := class(n)
	if s, ok := slabs[number].Get().(*[]byte); ok {
		return (*s)[:n]
	}
	return make([]byte, n, size)
}

// release takes back what slab returned; other memory is left to the collector.
func release(s []byte) {
	if size, number := class(cap(s)); size == cap(s) && size > 0 {
		s = s[:0]
		slabs[number].Put(&s)
	}
}
