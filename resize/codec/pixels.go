package codec

import (
	"bytes"
	"errors"
	"image"
)

// Pixels is what a picture as Encode takes it is shown as.
func Pixels(img image.Image) (*image.NRGBA, error) {
	to := new(gathered)
	size := img.Bounds().Size()
	err := give(img, Info{Width: size.X, Height: size.Y}, Want{}, &Source{}, to)
	return to.made, err
}

// Seen is what an encoded picture is shown as, not oriented.
func (c *Codec) Seen(data []byte) (*image.NRGBA, error) {
	info, err := c.Probe(NewHeader(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		return nil, err
	}
	w, h := info.Stored()
	to := new(gathered)
	err = c.Decode(&Source{Data: data}, info, Want{Least: image.Pt(w, h)}, to)
	return to.made, err
}

// gathered is a picture of rows.
type gathered struct {
	made     *image.NRGBA
	channels int
	at       int
}

func (p *gathered) Begin(layers []Layer) error {
	if len(layers) != 1 {
		return errors.New("planes were not asked for")
	}
	p.made, p.channels = image.NewNRGBA(image.Rect(0, 0, layers[0].Width, layers[0].Height)), layers[0].Channels
	return nil
}

func (p *gathered) Add(_ int, pix []byte, stride, rows int) {
	w := p.made.Rect.Dx()
	for y := range rows {
		row, out := pix[y*stride:][:w*p.channels], p.made.Pix[p.at*p.made.Stride:]
		p.at++
		if p.channels == 4 {
			copy(out, row)
			continue
		}
		for x, v := range row {
			o := out[4*x : 4*x+4 : 4*x+4]
			o[0], o[1], o[2], o[3] = v, v, v, 255
		}
	}
}
