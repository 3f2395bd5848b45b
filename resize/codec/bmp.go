package codec

import (
	"encoding/binary"
	"image"
	"slices"

	"golang.org/x/image/bmp"

	"pixmill/resize/meta"
)

var bmpCodec = &Codec{
	Name:   "bmp",
	Ext:    "bmp",
	Sniff:  sniffBMP,
	Probe:  probeBMP,
	Decode: whole(func(src *Source, _ Info) (image.Image, error) { return bmp.Decode(src) }),
}

// sniffBMP wants more than the letters BM, with which texts begin too: the reserved field, and a length of the second header that
// some version of it has.
func sniffBMP(head []byte) bool {
	return len(head) >= 16 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00" &&
		slices.Contains([]uint16{12, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint16(head[14:]))
}

func probeBMP(h *Header) (Info, error) {
	info := Info{Format: "bmp", Frames: 1, Orientation: meta.Upright}
	b, err := h.at(0, 30)
	if err != nil {
		return info, headerError("bmp", err)
	}
	header, bits := binary.LittleEndian.Uint32(b[14:]), binary.LittleEndian.Uint16(b[28:])
	config, err := bmp.DecodeConfig(h.budgeted())
	if err != nil {
		return info, Fault("bmp", err, ended(err))
	}
	if config.Width == 0 || config.Height == 0 {
		return info, damaged("bmp", "a size of %d×%d", config.Width, config.Height)
	}
	info.Width, info.Height = config.Width, config.Height
	info.Alpha = bits == 32 && header > 40 // as golang.org/x/image/bmp reads it
	bytes := 4.0
	if bits <= 8 {
		bytes = 1
	}
	held := bytes * float64(info.Width) * float64(info.Height)
	info.DecodePeak[0] = saturated(held + 4*float64(info.Width) + 64<<10)
	return info, nil
}
