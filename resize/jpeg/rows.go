package jpeg

import (
	"errors"
	"image"
	"io"
)

// rows turns bands of planes into rows of pixels. As smooth upsampling looks at the row below, pixels lag behind the
// bands, and the last rows of a band are kept until the next one is there.
type rows struct {
	d          *Decoder
	width      int
	height     int
	group      int // rows of pixels that a whole number of rows of each component makes
	upsamplers []upsampler
	kept       []Plane // the end of the band before
	band       []Plane
}

// RGBA decodes the image into rows of 8-bit RGBA, opaque, colours as they are in the file. row returns where row y
// goes; it is called once a row, from top to bottom. The error is nil after a whole image. Of a damaged one all rows
// come that hold anything, and then a *FormatError.
func (d *Decoder) RGBA(row func(y int) []byte) error {
	if d.parser.header.Color == OtherColor {
		return UnsupportedError("colours of two components")
	}
	r := rows{d: d, group: d.maxV, upsamplers: make([]upsampler, len(d.components)), kept: make([]Plane, len(d.components))}
	r.width, r.height = d.Size()
	for i := range d.components {
		c := &d.components[i]
		r.upsamplers[i] = d.newUpsampler(c, r.width)
		r.kept[i] = Plane{Stride: c.stride, Pix: make([]byte, 2*r.rowsIn(i)*c.stride)}
	}
	next := 0 // row of pixels
	for {
		band, err := d.Next()
		if err == nil {
			r.band = band
			ready := (d.row*d.smallest - 1) * r.group // all but the last group
			for ; next < min(ready, r.height); next++ {
				r.convert(row(next), next)
			}
			r.keep()
			continue
		}
		for damage := (*FormatError)(nil); next < r.height && (err == io.EOF || errors.As(err, &damage)); next++ {
			if next >= d.row*d.smallest*r.group { // never decoded
				break
			}
			r.convert(row(next), next)
		}
		if err == io.EOF {
			return nil
		}
		return err
	}
}

// rowsIn is how many rows of component i make a group.
func (r *rows) rowsIn(i int) int {
	c := &r.d.components[i]
	return c.V * c.size / r.d.smallest
}

// keep copies the last two groups of the band.
func (r *rows) keep() {
	for i, b := range r.band {
		k, n := &r.kept[i], 2*r.rowsIn(i)
		c := &r.d.components[i]
		bandRows := c.V * c.size
		if n > bandRows { // a band of one group: the other comes from the band before
			copy(k.Pix, k.Pix[bandRows*k.Stride:])
			copy(k.Pix[(n-bandRows)*k.Stride:], b.Pix)
		} else {
			copy(k.Pix, b.Pix[(bandRows-n)*b.Stride:])
		}
		k.Top = b.Top + bandRows - n
	}
}

// at returns row y of component i, or the last one there is: the rows that should follow may have been lost.
func (r *rows) at(i, y int) []byte {
	p := &r.band[i]
	y = min(y, p.Top+p.Height-1)
	if y < p.Top {
		p = &r.kept[i]
	}
	return p.Pix[(y-p.Top)*p.Stride:]
}

func (r *rows) convert(dst []byte, y int) {
	var lines [4][]byte
	for i := range r.upsamplers {
		lines[i] = r.upsamplers[i].line(y, func(y int) []byte { return r.at(i, y) })[:r.width]
	}
	dst = dst[:4*r.width]
	switch h := &r.d.parser.header; h.Color {
	case Gray:
		grayRow(dst, lines[0])
	case YCbCr:
		ycbcrRow(dst, lines[0], lines[1], lines[2])
	case RGB:
		rgbRow(dst, lines[0], lines[1], lines[2])
	default:
		cmykRow(dst, lines, r.width, h.Color, h.Inverted)
		if !r.d.opts.Inks {
			inksToRGBA(dst)
		}
	}
}

// DecodeNRGBA decodes a whole image into pixels. Of a damaged image it returns what it could decode, the rest being
// transparent, and a *FormatError.
func DecodeNRGBA(src []byte, opts Options) (*image.NRGBA, error) {
	var img *image.NRGBA
	err := Using(src, opts, func(d *Decoder) error {
		width, height := d.Size()
		img = image.NewNRGBA(image.Rect(0, 0, width, height))
		return d.RGBA(func(y int) []byte { return img.Pix[y*img.Stride:] })
	})
	if damage := (*FormatError)(nil); err != nil && !errors.As(err, &damage) {
		return nil, err
	}
	return img, err
}
