package codec

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/gif"

	"pixmill/resize/meta"
)

// GIF89a's block labels.
const (
	gifExtension      = 0x21
	gifImage          = 0x2c
	gifTrailer        = 0x3b
	gifGraphicControl = 0xf9
	gifApplication    = 0xff
)

var gifCodec = &Codec{
	Name:         "gif",
	Ext:          "gif",
	Sniff:        prefixes("GIF87a", "GIF89a"),
	Probe:        probeGIF,
	Decode:       whole(decodeGIF),
	Frames:       gifFrames,
	Encode:       encodeGIF,
	Animate:      animateGIF,
	Palette:      true,
	Alpha:        true,
	MaxSide:      65535,
	EncodedBytes: func(pixels float64) float64 { return 1.7*pixels + 4<<10 },
	WorkBytes:    func(size image.Point, _ Settings) float64 { return 2*area(size) + 4<<20 },
}

type gifHeader struct {
	info   Info
	off    int64
	frames int
	clear  bool // the next frame has a transparent colour

	control [4]byte                // of the next frame
	each    func(gifPicture) error // nil: only the headers matter
}

func probeGIF(h *Header) (Info, error) {
	h.largePages()
	b, err := h.at(0, 13)
	if err != nil {
		return Info{Format: "gif"}, headerError("gif", err)
	}
	w, hgt := int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
	g := gifHeader{off: 13 + colourTable(b[10])}
	g.info = Info{Format: "gif", Width: w, Height: hgt, Orientation: meta.Upright, Plays: 1}
	if w == 0 || hgt == 0 {
		return g.info, damaged("gif", "a size of %d×%d", w, hgt)
	}
	err = g.blocks(h)
	g.info.Frames = max(1, g.frames)
	pixels := int64(w) * int64(hgt)
	g.info.DecodePeak[0] = 2*pixels + 256<<10
	if g.info.Alpha { // composed on its screen, where it does not cover that
		g.info.DecodePeak[0] += 4 * pixels
	}
	if g.info.Frames > 1 { // the screen, and what it was before
		g.info.DecodePeak[0] += 8 * pixels
	} else {
		g.info.Plays = 0
	}
	if g.info.Truncated = err == errEnd; g.info.Truncated || err == nil {
		return g.info, nil
	}
	return g.info, headerError("gif", err)
}

// blocks walks the file to its trailer. One that ends between two blocks has only lost the trailer, as many do.
func (g *gifHeader) blocks(h *Header) error {
	for {
		b, err := h.at(g.off, 1)
		if err == errEnd && g.frames > 0 {
			g.info.Unended = true
			return nil
		}
		if err != nil {
			return err
		}
		g.off++
		switch b[0] {
		case gifTrailer:
			return nil
		case gifExtension:
			err = g.extension(h)
		case gifImage:
			err = g.frame(h)
		default:
			if g.frames > 0 { // garbage behind the pictures
				return nil
			}
			return damaged("gif", "a block of unknown type %#02x", b[0])
		}
		if err != nil {
			return err
		}
	}
}

func (g *gifHeader) extension(h *Header) error {
	b, err := h.at(g.off, 3)
	if err != nil {
		return err
	}
	label, size, start := b[0], b[1], g.off-1
	if label == gifGraphicControl {
		if b, err = h.at(g.off+2, 4); err != nil {
			return err
		}
		g.control = [4]byte(b)
		g.clear = b[0]&1 != 0
	}
	if label == gifApplication && size == 11 {
		if err := g.application(h); err != nil {
			return err
		}
	}
	xmp := false
	if label == gifApplication && size == 11 {
		if b, err = h.at(g.off+2, 11); err != nil {
			return err
		}
		xmp = meta.GIFXMP[3:] == string(b)
	}
	g.off++
	if err = g.skipBlocks(h); err == nil && xmp {
		h.places.GIF(start, g.off-start)
	}
	return err
}

// application reads how often an animation is to be repeated, as Netscape wrote it down.
func (g *gifHeader) application(h *Header) error {
	b, err := h.at(g.off+2, 11)
	if err != nil {
		return err
	}
	if s := string(b); s != "NETSCAPE2.0" && s != "ANIMEXTS1.0" {
		return nil
	}
	if b, err = h.at(g.off+13, 4); err != nil {
		return err
	}
	if b[0] == 3 && b[1] == 1 {
		g.info.Plays = int(binary.LittleEndian.Uint16(b[2:]))
		if g.info.Plays > 0 {
			g.info.Plays++
		}
	}
	return nil
}

func (g *gifHeader) frame(h *Header) error {
	from := g.off - 1
	b, err := h.at(g.off, 9)
	if err != nil {
		return err
	}
	if g.frames == 0 {
		w, hgt := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
		g.info.Alpha = g.clear || w < g.info.Width || hgt < g.info.Height
	}
	g.frames++
	g.clear = false
	g.off += 9 + colourTable(b[8]) + 1 // and the LZW code size
	if err := g.skipBlocks(h); err != nil || g.each == nil {
		return err
	}
	control := g.control
	g.control = [4]byte{}
	return g.each(gifPicture{control, from, g.off})
}

// skipBlocks passes a chain of sub-blocks, each with its length before it, up to the empty one.
func (g *gifHeader) skipBlocks(h *Header) error {
	for {
		b, err := h.at(g.off, 1)
		if err != nil {
			return err
		}
		g.off += 1 + int64(b[0])
		if b[0] == 0 {
			return nil
		}
	}
}

// colourTable is the size in bytes of the table that a packed field announces.
func colourTable(packed byte) int64 {
	if packed&0x80 == 0 {
		return 0
	}
	return 3 << (1 + packed&7)
}

// decodeGIF returns the first frame on its logical screen; what it does not cover is transparent, as browsers show it.
func decodeGIF(r *Source, info Info) (image.Image, error) {
	first, err := gif.Decode(r)
	if err != nil {
		return nil, err
	}
	screen := image.Rect(0, 0, info.Width, info.Height)
	if first.Bounds() == screen {
		return first, nil
	}
	composed := image.NewNRGBA(screen)
	if p, ok := first.(*image.Paletted); ok {
		draw.Draw(composed, p.Rect, p, p.Rect.Min, draw.Src)
	}
	return composed, nil
}

func encodeGIF(dst []byte, img image.Image, s Settings) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	err := gif.Encode(b, quantize(img, paletteSize(s), false), nil)
	return b.Bytes(), err
}
