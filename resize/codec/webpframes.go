package codec

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"time"

	"golang.org/x/image/webp"
)

// ANMF's flags, RFC 9649, section 2.7.1.
const (
	webpDispose = 1 << 0 // erase it before the next one
	webpReplace = 1 << 1 // do not blend it with what is there
)

// webpFrames shows the pictures of an animation one by one, each decoded by golang.org/x/image/webp from a file that is put together around it.
func webpFrames(src *Source, info Info, show func(Frame) error) error {
	w, h := info.Stored()
	screen := image.NewNRGBA(image.Rect(0, 0, w, h))
	leave := image.Rectangle{}
	return riffChunks(src.Data[12:], func(id string, data []byte) error {
		if id != "ANMF" {
			return nil
		}
		if err := src.stopped(); err != nil {
			return err
		}
		if len(data) < 16 {
			return damaged("webp", "a frame without a header")
		}
		at := image.Pt(2*int(uint24(data)), 2*int(uint24(data[3:])))
		area := image.Rectangle{at, at.Add(image.Pt(1+int(uint24(data[6:])), 1+int(uint24(data[9:]))))}
		if !area.In(screen.Rect) {
			return damaged("webp", "a frame lies outside of it")
		}
		erase(screen, leave)
		leave = image.Rectangle{}
		flags := data[15]
		if flags&webpDispose != 0 {
			leave = area
		}
		if err := drawWebP(screen, area, flags&webpReplace != 0, data[16:]); err != nil {
			return err
		}
		return show(Frame{Image: screen, Delay: time.Duration(uint24(data[12:])) * time.Millisecond})
	})
}

// riffChunks calls f for each chunk.
func riffChunks(data []byte, f func(id string, data []byte) error) error {
	for len(data) >= 8 {
		n := int64(binary.LittleEndian.Uint32(data[4:]))
		if n > int64(len(data)-8) {
			return &FormatError{Format: "webp", Truncated: true}
		}
		if err := f(string(data[:4]), data[8:8+n]); err != nil {
			return err
		}
		data = data[min(8+n+n&1, int64(len(data))):]
	}
	return nil
}

// drawWebP decodes a frame's chunks to a part of the screen.
func drawWebP(screen *image.NRGBA, area image.Rectangle, replace bool, chunks []byte) error {
	var alpha, picture []byte
	var kind string
	err := riffChunks(chunks, func(id string, data []byte) error {
		switch id {
		case "ALPH":
			alpha = data
		case "VP8 ", "VP8L":
			kind, picture = id, data
		}
		return nil
	})
	if err != nil {
		return err
	}
	if picture == nil {
		return damaged("webp", "a frame without a picture")
	}
	open := func() io.Reader { return webpFile(area.Size(), kind, picture, alpha) }
	config, err := webp.DecodeConfig(open())
	if err == nil && (config.Width != area.Dx() || config.Height != area.Dy()) {
		return damaged("webp", "a frame of %d×%d is %d×%d", area.Dx(), area.Dy(), config.Width, config.Height)
	}
	if err != nil {
		return err
	}
	m, err := webp.Decode(open())
	if err != nil {
		return err
	}
	if m.Bounds() != (image.Rectangle{Max: area.Size()}) {
		return damaged("webp", "a frame is not of the size that it says")
	}
	switch m := m.(type) {
	case *image.YCbCr:
		fullRange(m)
	case *image.NYCbCrA:
		fullRange(&m.YCbCr)
	}
	convert, err := converter(m)
	if err != nil {
		return err
	}
	row := make([]byte, 4*area.Dx())
	for y := range area.Dy() {
		if err := convert(row, y); err != nil {
			return err
		}
		to := screen.Pix[(area.Min.Y+y)*screen.Stride+4*area.Min.X:][:len(row)]
		if replace {
			copy(to, row)
		} else {
			over(to, row)
		}
	}
	return nil
}

// webpFile puts a still picture together.
func webpFile(size image.Point, kind string, picture, alpha []byte) io.Reader {
	var readers []io.Reader
	total := 4
	add := func(id string, data []byte) {
		head := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data)))
		readers = append(readers, bytes.NewReader(head), bytes.NewReader(data), bytes.NewReader(make([]byte, len(data)&1)))
		total += 8 + len(data) + len(data)&1
	}
	if kind == "VP8 " && alpha != nil {
		add("VP8X", webpExtended(size, webpAlpha))
		add("ALPH", alpha)
	}
	add(kind, picture)
	head := append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(total)), "WEBP"...)
	return io.MultiReader(append([]io.Reader{bytes.NewReader(head)}, readers...)...)
}

// webpExtended is the content of a VP8X.
func webpExtended(size image.Point, flags byte) []byte {
	return append24(append24([]byte{flags, 0, 0, 0}, size.X-1), size.Y-1)
}

func append24(b []byte, v int) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }

// over blends a row over another one; colours are not multiplied by alpha.
func over(below, row []byte) {
	for i := 0; i+3 < len(row); i += 4 {
		s, d := row[i:i+4:i+4], below[i:i+4:i+4]
		a, b := uint32(s[3]), uint32(d[3])
		switch {
		case a == 255 || b == 0:
			copy(d, s)
		case a > 0:
			rest := b * (255 - a) // of 255²
			sum := 255*a + rest
			for k := range 3 {
				d[k] = byte((uint32(s[k])*255*a + uint32(d[k])*rest + sum/2) / sum)
			}
			d[3] = byte((sum + 127) / 255)
		}
	}
}
