package codec

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"io"
	"time"
)

// What becomes of a GIF's picture before the next one is shown (GIF89a, section 23).
const (
	gifKeep       = 1
	gifBackground = 2
	gifPrevious   = 3
)

// gifPicture is where one lies in the file.
type gifPicture struct {
	control  [4]byte // flags, delay in hundredths of a second, transparent colour
	from, to int64   // its descriptor, table and data
}

// gifFrames shows the pictures one by one, each decoded by image/gif from a file of its own that is put together around its bytes.
func gifFrames(src *Source, info Info, show func(Frame) error) error {
	screen := image.NewNRGBA(image.Rect(0, 0, info.Width, info.Height))
	var leave func() // the picture that is seen
	g := gifHeader{off: 13 + colourTable(src.Data[10])}
	head := src.Data[:g.off]
	g.each = func(p gifPicture) error {
		if err := src.stopped(); err != nil {
			return err
		}
		if leave != nil {
			leave()
		}
		control := []byte{gifExtension, gifGraphicControl, 4, p.control[0], 0, 0, p.control[3], 0}
		m, err := gif.Decode(io.MultiReader(bytes.NewReader(head), bytes.NewReader(control), bytes.NewReader(src.Data[p.from:p.to])))
		if err != nil {
			return err
		}
		frame, ok := m.(*image.Paletted)
		if !ok || !frame.Rect.In(screen.Rect) {
			return damaged("gif", "a picture of it lies outside of it")
		}
		switch p.control[0] >> 2 & 7 {
		case gifBackground:
			leave = func() { erase(screen, frame.Rect) }
		case gifPrevious:
			saved := part(screen, frame.Rect)
			leave = func() { restore(screen, saved, frame.Rect.Min) }
		default:
			leave = nil
		}
		if err := drawPaletted(screen, frame); err != nil {
			return err
		}
		hundredths := binary.LittleEndian.Uint16(p.control[1:])
		return show(Frame{Image: screen, Delay: time.Duration(hundredths) * 10 * time.Millisecond})
	}
	err := g.blocks(NewHeader(src, int64(len(src.Data))))
	if err == errEnd {
		return &FormatError{Format: "gif", Truncated: true}
	}
	return err
}

// drawPaletted draws what is not transparent.
func drawPaletted(screen *image.NRGBA, m *image.Paletted) error {
	colours := make([]color.NRGBA, len(m.Palette))
	for i, c := range m.Palette {
		colours[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		to := screen.Pix[(m.Rect.Min.Y+y)*screen.Stride+4*m.Rect.Min.X:][:4*w]
		for x, i := range m.Pix[y*m.Stride:][:w] {
			if int(i) >= len(colours) {
				return damaged("gif", "a pixel of colour %d, where the palette has %d", i, len(colours))
			}
			if c := &colours[i]; c.A != 0 {
				p := to[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2], p[3] = c.R, c.G, c.B, 255
			}
		}
	}
	return nil
}
