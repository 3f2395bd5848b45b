package codec

import (
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"

	"pixmill/resize/meta"
)

var webpCodec = &Codec{
	Name: "webp",
	Ext:  "webp",
	Sniff: func(head []byte) bool {
		return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
	},
	Probe:        probeWebP,
	Decode:       whole(decodeWebP),
	Frames:       webpFrames,
	Encode:       encodeWebP,
	Animate:      animateWebP,
	Planar:       true,
	Lossy:        true,
	Alpha:        true,
	MaxSide:      16383,
	EncodedBytes: func(pixels float64) float64 { return 4.2*pixels + 4<<10 },
	WorkBytes:    webpWork,
}

// VP8X's flags, RFC 9649, section 2.7.1.
const (
	webpAnimation = 1 << 1
	webpAlpha     = 1 << 4
)

type webpHeader struct {
	info        Info
	orientation int // 0: no EXIF yet
	animated    bool
	frames      int   // of an animation
	lossless    int   // chunks coded so
	largest     int64 // bytes of a picture's chunk
	plays       int
}

func probeWebP(h *Header) (Info, error) {
	p := webpHeader{info: Info{Format: "webp", Frames: 1}}
	err := p.chunks(h)
	if p.info.Width == 0 {
		if err == nil {
			err = damaged("webp", "there is no picture in it")
		}
		return p.info, headerError("webp", err)
	}
	p.memory()
	info := oriented(p.info, max(p.orientation, meta.Upright))
	info.Truncated = err == errEnd
	switch {
	case err != nil && !info.Truncated:
		return info, headerError("webp", err)
	case p.animated:
		info.Frames, info.Plays = max(1, p.frames), p.plays
		w, h := info.Stored()
		info.DecodePeak[0] += 8 * int64(w) * int64(h) // the screen, and a picture that is brought there
		if p.frames == 0 && !info.Truncated {
			return info, damaged("webp", "an animation without pictures")
		}
		return info, nil
	}
	if info.Truncated {
		return info, nil
	}
	config, err := webp.DecodeConfig(h.budgeted())
	return info, agree(info, config, err)
}

func (p *webpHeader) chunks(h *Header) error {
	b, err := h.at(0, 12)
	if err != nil {
		return err
	}
	end := 8 + int64(binary.LittleEndian.Uint32(b[4:]))
	off := int64(12)
	for range maxChunks {
		if off >= end {
			return nil
		}
		b, err := h.at(off, 8)
		if err != nil {
			return err
		}
		id, length := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		h.places.WebP(id, off+8, length)
		if err := p.chunk(h, id, off+8, length); err != nil {
			return err
		}
		off += 8 + length + length&1
		if off > h.size {
			return errEnd
		}
	}
	return nil
}

func (p *webpHeader) chunk(h *Header, id string, off, n int64) error {
	switch id {
	case "VP8X":
		b, err := h.at(off, 10)
		if err != nil {
			return err
		}
		p.size(1+int(uint24(b[4:])), 1+int(uint24(b[7:])))
		p.info.Alpha = p.info.Alpha || b[0]&webpAlpha != 0
		p.animated = p.animated || b[0]&webpAnimation != 0
	case "VP8 ": // RFC 6386, section 9.1
		b, err := h.at(off, 10)
		if err != nil {
			return err
		}
		if b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
			return damaged("webp", "its picture does not begin with a key frame")
		}
		p.size(int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff))
		p.largest = max(p.largest, n)
	case "VP8L": // RFC 9649, section 3.4
		b, err := h.at(off, 5)
		if err != nil {
			return err
		}
		bits := binary.LittleEndian.Uint32(b[1:])
		p.size(1+int(bits&0x3fff), 1+int(bits>>14&0x3fff))
		p.info.Alpha = p.info.Alpha || bits>>28&1 != 0
		p.lossless++
		p.largest = max(p.largest, n)
	case "ALPH":
		p.info.Alpha = true
		p.lossless++
		p.largest = max(p.largest, n)
	case "ANIM":
		b, err := h.at(off+4, 2)
		if err != nil {
			return err
		}
		p.plays = int(binary.LittleEndian.Uint16(b))
	case "ANMF":
		p.frames++
		return p.subchunks(h, off+16, min(off+n, h.size))
	case "EXIF":
		if head, err := h.at(off, int(min(n, 10))); err == nil && p.orientation == 0 {
			skip, _ := meta.ExifStart(head)
			tiff := h.section(off+skip, n-skip)
			p.orientation = meta.Orientation(tiff, tiff.Size())
		}
	}
	return nil
}

// subchunks reads a frame's.
func (p *webpHeader) subchunks(h *Header, off, end int64) error {
	for range 8 {
		if off+8 > end {
			return nil
		}
		b, err := h.at(off, 8)
		if err != nil {
			return err
		}
		id, length := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		switch id {
		case "VP8 ", "VP8L", "ALPH":
			if err := p.chunk(h, id, off+8, length); err != nil {
				return err
			}
		}
		off += 8 + length + length&1
	}
	return nil
}

// size takes the first one: what disagrees with it later, the decoder refuses.
func (p *webpHeader) size(w, h int) {
	if p.info.Width == 0 {
		p.info.Width, p.info.Height = w, h
	}
}

func (p *webpHeader) memory() {
	w, h := float64((p.info.Width+15)&^15), float64((p.info.Height+15)&^15)
	peak := 2.5 * w * h
	if p.info.Alpha || p.lossless > 0 {
		// VP8L: 4 bytes a pixel, once more for a palette, 1/4 for transforms and meta codes; up to 2600 groups of prefix codes of
		// 50 kB, which take 190 bytes each to write down. ALPH: the same, and one byte a pixel that stays.
		peak = 11*w*h + min(2600*50e3, 260*float64(p.largest))
	}
	p.info.DecodePeak[0] = saturated(peak + 1<<20)
}

// decodeWebP is golang.org/x/image/webp's, with the colours as they are meant: VP8's samples are of limited range (RFC 9649,
// section 2.5: ITU-R BT.601, luma 16 to 235, chroma 16 to 240), while image.YCbCr means JFIF's full one.
func decodeWebP(r *Source, info Info) (image.Image, error) {
	if len(r.Data) > 20 && string(r.Data[12:16]) == "VP8X" && r.Data[20]&webpAnimation != 0 {
		return firstFrame(r, info)
	}
	img, err := webp.Decode(r)
	switch m := img.(type) {
	case *image.YCbCr:
		fullRange(m)
	case *image.NYCbCrA:
		fullRange(&m.YCbCr)
	}
	return img, err
}

// firstFrame is an animation's first picture.
func firstFrame(src *Source, info Info) (image.Image, error) {
	var first image.Image
	enough := errors.New("enough")
	err := webpFrames(src, info, func(f Frame) error {
		first = f.Image
		return enough
	})
	if err == nil {
		err = damaged("webp", "an animation without pictures")
	} else if err == enough {
		err = nil
	}
	return first, err
}

func fullRange(m *image.YCbCr) {
	stretch(m.Y, 16, 219, 0)
	stretch(m.Cb, 128, 224, 128)
	stretch(m.Cr, 128, 224, 128)
}

// stretch maps zero to base and a span of values around it to 255, rounded.
func stretch(plane []byte, zero, span, base int) {
	var table [256]byte
	for v := range table {
		full := float64((v-zero)*255)/float64(span) + float64(base)
		table[v] = byte(min(max(full+0.5, 0), 255))
	}
	for i, v := range plane {
		plane[i] = table[v]
	}
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
