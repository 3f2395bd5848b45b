package codec

import (
	"fmt"
	"image"
)

// Layer is a part of a picture's samples: all of them, interleaved, or those of one component.
type Layer struct {
	Width, Height int  // samples
	Channels      int  // 1, or 4: red, green, blue and alpha, colours not multiplied by it
	Alpha         bool // alpha may be less than 255

	// PitchX and PitchY are how many pixels of the picture, as stored and at full size, a sample covers; the first one begins
	// at the picture's edge, the last one may reach beyond it.
	PitchX, PitchY float64
}

// Rows takes a picture while it is decoded, each layer from top to bottom.
type Rows interface {
	// Begin comes before all rows: one layer, of grey or RGBA, or three, of Y, Cb and Cr, if planes are wanted.
	Begin(layers []Layer) error
	// Add brings the next rows of a layer, stride bytes apart. They are the decoder's again afterwards.
	Add(layer int, pix []byte, stride, rows int)
}

// bandRows is how many rows are converted before they are given away.
const bandRows = 16

// whole makes a Decode of a decoder that returns all pixels at once. This is where they are checked: only what has the size that the
// header promised, in a form that is known, is given to anybody.
func whole(decode func(src *Source, info Info) (image.Image, error)) func(*Source, Info, Want, Rows) error {
	return func(src *Source, info Info, want Want, to Rows) error {
		img, err := decode(src, info)
		if err != nil {
			return err
		}
		return give(img, info, want, src, to)
	}
}

// Give hands on a picture of an animation.
func Give(m *image.NRGBA, info Info, src *Source, to Rows) error {
	return give(m, info, Want{}, src, to)
}

// give hands a picture on: Y, Cb and Cr as they are, if that is wanted, everything else converted to one layer, band by band.
func give(img image.Image, info Info, want Want, src *Source, to Rows) error {
	w, h := info.Stored()
	if img.Bounds() != image.Rect(0, 0, w, h) {
		return damaged(info.Format, "its pixels are not of the size its header says")
	}
	if m, ok := img.(*image.YCbCr); ok && want.Planes {
		return givePlanes(m, src, to)
	}
	convert, err := converter(img)
	if m, ok := img.(*image.CMYK); ok && want.Inks {
		convert = func(d []byte, y int) error { copy(d, m.Pix[y*m.Stride:]); return nil }
	}
	if err != nil {
		return err
	}
	layer := Layer{Width: w, Height: h, Channels: 4, Alpha: true, PitchX: 1, PitchY: 1}
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		layer.Channels, layer.Alpha = 1, false
	case *image.CMYK, *image.YCbCr:
		layer.Alpha = false
	}
	if err := to.Begin([]Layer{layer}); err != nil {
		return err
	}
	stride := layer.Channels * w
	band := make([]byte, stride*min(bandRows, h))
	for top := 0; top < h; top += bandRows {
		if err := src.stopped(); err != nil {
			return err
		}
		rows := min(bandRows, h-top)
		for y := range rows {
			if err := convert(band[y*stride:][:stride], top+y); err != nil {
				return err
			}
		}
		to.Add(0, band, stride, rows)
	}
	return nil
}

func givePlanes(m *image.YCbCr, src *Source, to Rows) error {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	sh, sv := halvings(m.SubsampleRatio)
	chroma := Layer{Width: (w + 1<<sh - 1) >> sh, Height: (h + 1<<sv - 1) >> sv, Channels: 1, PitchX: float64(int(1) << sh), PitchY: float64(int(1) << sv)}
	layers := []Layer{{Width: w, Height: h, Channels: 1, PitchX: 1, PitchY: 1}, chroma, chroma}
	if err := to.Begin(layers); err != nil {
		return err
	}
	for top := 0; top < h; top += bandRows {
		if err := src.stopped(); err != nil {
			return err
		}
		for i, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			stride, from, upTo := m.CStride, top>>sv, min((top+bandRows)>>sv, chroma.Height)
			if i == 0 {
				stride, from, upTo = m.YStride, top, min(top+bandRows, h)
			}
			to.Add(i, plane[from*stride:], stride, upTo-from)
		}
	}
	return nil
}

// converter returns what converts row y to 8-bit samples: of grey for grey pictures, else of RGBA.
func converter(img image.Image) (func(d []byte, y int) error, error) {
	var row func(d []byte, y int)
	switch m := img.(type) {
	case *image.NRGBA:
		row = func(d []byte, y int) { copy(d, m.Pix[y*m.Stride:]) }
	case *image.YCbCr:
		row = upsampled(m)
	case *image.NYCbCrA:
		colours := upsampled(&m.YCbCr)
		row = func(d []byte, y int) {
			colours(d, y)
			for x, a := range m.A[y*m.AStride:][:len(d)/4] {
				d[4*x+3] = a
			}
		}
	case *image.Gray:
		row = func(d []byte, y int) { copy(d, m.Pix[y*m.Stride:]) }
	case *image.Gray16:
		row = func(d []byte, y int) { rowGray16(d, m.Pix[y*m.Stride:]) }
	case *image.RGBA:
		row = func(d []byte, y int) { rowRGBA(d, m.Pix[y*m.Stride:]) }
	case *image.RGBA64:
		row = func(d []byte, y int) { rowRGBA64(d, m.Pix[y*m.Stride:]) }
	case *image.NRGBA64:
		row = func(d []byte, y int) { rowNRGBA64(d, m.Pix[y*m.Stride:]) }
	case *image.CMYK:
		row = func(d []byte, y int) { rowCMYK(d, m.Pix[y*m.Stride:]) }
	case *image.Paletted:
		return paletted(m), nil
	default:
		return nil, fmt.Errorf("pixels of an unexpected kind: %T", img)
	}
	return func(d []byte, y int) error { row(d, y); return nil }, nil
}
