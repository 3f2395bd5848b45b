package codec

import (
	"encoding/binary"
	"image"
	"image/png"

	"pixmill/resize/meta"
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
	Decode:       whole(func(src *Source, _ Info) (image.Image, error) { return png.Decode(src) }),
	Encode:       encodePNG,
	Palette:      true,
	Alpha:        true,
	MaxSide:      1<<31 - 1,
	EncodedBytes: pngBytes,
	WorkBytes:    pngWork,
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
		switch string(b[4:8]) {
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
		off += 12 + length
	}
	return nil
}

// memory follows image/png's choice of image types.
func (p *pngHeader) memory() {
	pixels := int64(p.info.Width) * int64(p.info.Height) // < 2⁶²
	bytes := int64(4)
	switch {
	case p.colour == pngPalette, p.colour == pngGray && !p.trans && p.depth <= 8:
		bytes = 1
	case p.colour == pngGray && !p.trans:
		bytes = 2
	case p.depth == 16:
		bytes = 8
	}
	p.info.DecodePeak[0] = saturated(float64(bytes)*float64(pixels) + 3*8*float64(p.info.Width) + 256<<10)
	if p.interlaced { // the last pass holds half of the pixels besides
		p.info.DecodePeak[0] = saturated(1.5*float64(p.info.DecodePeak[0]) + float64(pixels)*0.1)
	}
}

// saturated is f as a count of bytes.
func saturated(f float64) int64 {
	if f >= 1<<62 {
		return 1 << 62
	}
	return int64(f)
}
