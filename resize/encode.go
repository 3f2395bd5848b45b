package resize

import (
	"image"
	"image/color"

	"github.com/disintegration/imaging"

	"pixmill/resize/crop"
)

// picture makes the piece of a frame, and brings it to what the format can hold.
func (p *plan) picture(c *piece, f *frame, made raster) image.Image {
	if planes := made.planes(); planes != nil && !f.composes(c) {
		return planes
	}
	img := p.composed(c, f, made)
	flat := p.info.Alpha || f.pads(c) || c.finish != nil && c.finish.Alpha() // Info.Alpha may be wrong, Opaque is not
	if !c.codec.Alpha && !img.Opaque() {
		img, flat = flatten(img, c.background), true
	}
	if c.gray(p.info) && (!flat || isGray(c.background)) && img.Opaque() {
		return gray(img)
	}
	return img
}

// composed is a piece as RGBA: cut or padded, and finished; it may share the frame's memory. Of an animation all pictures are cut as the
// first one is.
func (p *plan) composed(c *piece, f *frame, made raster) *image.NRGBA {
	img := made.pixels()
	if c.seek != "" {
		c.canvas, c.seek = c.canvas.Add(crop.Find(img, c.canvas.Size(), c.seek)), ""
	}
	switch {
	case f.pads(c):
		img = imaging.Paste(imaging.New(c.canvas.Dx(), c.canvas.Dy(), c.background), img, image.Point{}.Sub(c.canvas.Min))
	case c.canvas != img.Rect:
		img = imaging.Crop(img, c.canvas)
	}
	if c.finish != nil {
		img = c.finish.Apply(img)
	}
	return img
}

// gray reports whether a piece, but for its background, is grey.
func (c *piece) gray(info Info) bool {
	if c.finish == nil {
		return info.Gray
	}
	return c.finish.Gray(info.Gray)
}

// flatten puts a picture on an opaque background.
func flatten(img *image.NRGBA, background color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	under := [3]uint32{uint32(background.R), uint32(background.G), uint32(background.B)}
	for i := 0; i+3 < len(img.Pix); i += 4 {
		s, d := img.Pix[i:i+4:i+4], out.Pix[i:i+4:i+4]
		a := uint32(s[3])
		for k, u := range under {
			d[k] = uint8((uint32(s[k])*a + u*(255-a) + 127) / 255)
		}
		d[3] = 255
	}
	return out
}

func isGray(c color.NRGBA) bool { return c.R == c.G && c.G == c.B }

// gray takes one channel of a picture in which they are all the same.
func gray(img *image.NRGBA) *image.Gray {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		out.Pix[i] = img.Pix[4*i]
	}
	return out
}
