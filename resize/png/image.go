package png

import (
	"errors"
	"image"
	"io"
)

// DecodeImage decodes a whole image: to an *image.Gray where it is grey and opaque, otherwise to an *image.NRGBA. Of a damaged image
// it returns an error only.
func DecodeImage(src []byte, o Options) (image.Image, error) {
	d, err := NewDecoder(src, o)
	if err != nil {
		return nil, err
	}
	defer d.Release()
	pix, err := d.all()
	if err != nil {
		return nil, err
	}
	bounds := image.Rect(0, 0, d.header.Width, d.header.Height)
	if d.Channels() == 1 {
		return &image.Gray{Pix: pix, Stride: d.header.Width, Rect: bounds}, nil
	}
	return &image.NRGBA{Pix: pix, Stride: 4 * d.header.Width, Rect: bounds}, nil
}

// DecodeNRGBA is DecodeImage to RGBA, also of what is grey.
func DecodeNRGBA(src []byte, o Options) (*image.NRGBA, error) {
	img, err := DecodeImage(src, o)
	if err != nil {
		return nil, err
	}
	gray, is := img.(*image.Gray)
	if !is {
		return img.(*image.NRGBA), nil
	}
	all := image.NewNRGBA(gray.Rect)
	grayToRGBA(all.Pix, gray.Pix)
	return all, nil
}

// all returns the pixels of all rows.
func (d *Decoder) all() ([]byte, error) {
	var pix []byte
	if d.possible() && !d.header.Interlaced {
		pix = make([]byte, 0, d.Channels()*d.header.Width*d.header.Height)
	}
	for {
		row, err := d.Next()
		switch {
		case err == nil && cap(pix) > 0:
			pix = append(pix, row...)
		case errors.Is(err, io.EOF) && d.header.Interlaced:
			return d.picture, nil
		case errors.Is(err, io.EOF):
			return pix, nil
		case err != nil:
			return nil, err
		}
	}
}
