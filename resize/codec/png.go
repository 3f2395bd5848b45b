package codec

import (
	"encoding/binary"
	"errors"
	"io"

	"pixmill/resize/meta"
	engine "pixmill/resize/png"
)

// PNG's colour types, section 11.2.1.
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBAlpha  = 6
)

var pngCodec = &Codec{
	Name:         "png",
	Ext:          "png",
	Sniff:        prefixes("\x89PNG\r\n\x1a\n"),
	Probe:        probePNG,
	Decode:       decodePNG,
	Encode:       encodePNG,
	Palette:      true,
	Alpha:        true,
	MaxSide:      1<<31 - 1,
	EncodedBytes: pngBytes,
	WorkBytes:    pngWork,
}

// decodePNG gives rows of grey or RGBA.
func decodePNG(src *Source, _ Info, _ Want, to Rows) error {
	d, err := engine.NewDecoder(src.Data, engine.Options{Check: src.Stop})
	if err == nil {
		defer d.Release()
		err = giveRowsOf(d, to)
	}
	var (
		damage  *engine.FormatError
		lacking engine.UnsupportedError
	)
	switch {
	case errors.As(err, &damage) && damage.Truncated:
		return &FormatError{Format: "png", Truncated: true}
	case errors.As(err, &damage):
		return damaged("png", "%s: %.0f %% of the picture cannot be read", damage.Reason, max(1, 100*damage.Missing))
	case errors.As(err, &lacking):
		return unsupported("png", "PNG with %s", string(lacking))
	}
	return err
}

func giveRowsOf(d *engine.Decoder, to Rows) error {
	h := d.Header()
	layer := Layer{Width: h.Width, Height: h.Height, Channels: d.Channels(), Alpha: h.Alpha, PitchX: 1, PitchY: 1}
	if err := to.Begin([]Layer{layer}); err != nil {
		return err
	}
	for {
		row, err := d.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		to.Add(0, row, len(row), 1)
	}
}

// maxChunks bounds the walk over chunks; an orientation behind more of them than this is not seen.
const maxChunks = 1 << 14

type pngHeader struct {
	info              Info
	colour, depth     byte
	interlaced, trans bool
	orientation       int // 0: no EXIF yet
}

func probePNG(h *Header) (Info, error) {
	p := pngHeader{info: Info{Format: "png", Frames: 1}}
	if err := p.ihdr(h); err != nil {
		return p.info, headerError("png", err)
	}
	err := p.chunks(h)
	p.info.Alpha = p.colour == pngGrayAlpha || p.colour == pngRGBAlpha || p.trans
	p.info.Gray = p.colour == pngGray || p.colour == pngGrayAlpha
	p.memory()
	info := oriented(p.info, max(p.orientation, meta.Upright))
	if info.Truncated = err == errEnd; info.Truncated || err == nil {
		return info, nil
	}
	return info, headerError("png", err)
}

// ihdr reads the first chunk, section 11.2.1.
func (p *pngHeader) ihdr(h *Header) error {
	b, err := h.at(8, 8+13)
	if err != nil {
		return err
	}
	if string(b[4:8]) != "IHDR" {
		return damaged("png", "it does not begin with IHDR")
	}
	w, hgt := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	if w == 0 || hgt == 0 || w > 1<<31-1 || hgt > 1<<31-1 {
		return damaged("png", "a size of %d×%d", w, hgt)
	}
	p.info.Width, p.info.Height = int(w), int(hgt)
	p.depth, p.colour, p.interlaced = b[16], b[17], b[20] != 0
	return nil
}

func (p *pngHeader) chunks(h *Header) error {
	off := int64(8)
	for range maxChunks {
		b, err := h.at(off, 8)
		if err != nil {
			return err
		}
		length := int64(binary.BigEndian.Uint32(b))
		kind := string(b[4:8])
		switch kind {
		case "IEND":
			return nil
		case "tRNS":
			p.trans = true
		case "acTL": // the APNG extension's animation control
			if b, err = h.at(off+8, 4); err != nil {
				return err
			}
			p.info.Frames = int(min(max(binary.BigEndian.Uint32(b), 1), 1<<31-1))
		case "eXIf":
			if p.orientation == 0 {
				tiff := h.section(off+8, length)
				p.orientation = meta.Orientation(tiff, tiff.Size())
			}
		}
		if colours := pngColour(kind); colours || meta.PNGChunk(kind) {
			head, err := h.at(off+8, int(min(length, meta.PNGHead)))
			if err != nil {
				return err
			}
			h.places.PNG(kind, head, off+8, length)
			if colours {
				h.colour.png(kind, head)
			}
		}
		off += 12 + length
	}
	return nil
}

// memory follows png.Decoder.Memory.
func (p *pngHeader) memory() {
	samples := map[byte]int{pngRGB: 3, pngGrayAlpha: 2, pngRGBAlpha: 4}[p.colour]
	row := (float64(p.info.Width)*float64(p.depth)*float64(max(samples, 1)) + 7) / 8
	peak := 6*row + 8*float64(p.info.Width) + 512<<10
	if p.interlaced { // the whole picture
		peak += 4 * float64(p.info.Width) * float64(p.info.Height)
	}
	p.info.DecodePeak[0] = saturated(peak)
}

// saturated is f as a count of bytes.
func saturated(f float64) int64 {
	if f >= 1<<62 {
		return 1 << 62
	}
	return int64(f)
}
