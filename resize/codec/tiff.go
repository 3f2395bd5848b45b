package codec

import (
	"encoding/binary"
	"image"
	"slices"

	"golang.org/x/image/tiff"

	"pixmill/resize/meta"
)

var tiffCodec = &Codec{
	Name:   "tiff",
	Ext:    "tiff",
	Sniff:  prefixes("II*\x00", "MM\x00*"),
	Probe:  probeTIFF,
	Decode: whole(func(src *Source, _ Info) (image.Image, error) { return tiff.Decode(src) }),
}

// TIFF 6.0's tags that matter here.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagPhotometric  = 262
	tagRowsPerStrip = 278
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagExtraSamples = 338
	tagXMP          = 700
	tagIPTC         = 33723
	tagICC          = 34675
)

// tiffTags are those whose numbers are read.
var tiffTags = []int{tagWidth, tagHeight, tagBits, tagPhotometric, tagRowsPerStrip, tagTileWidth, tagTileHeight, tagExtraSamples}

func probeTIFF(h *Header) (Info, error) {
	info := Info{Format: "tiff", Frames: 1}
	tags, err := readTags(h)
	if err != nil {
		return info, headerError("tiff", err)
	}
	w, hgt := tags[tagWidth], tags[tagHeight]
	if w == 0 || hgt == 0 || w > 1<<31-1 || hgt > 1<<31-1 {
		return info, damaged("tiff", "a size of %d×%d", w, hgt)
	}
	info.Width, info.Height = int(w), int(hgt)
	info.Gray, info.Inks = tags[tagPhotometric] <= 1, tags[tagPhotometric] == 5
	info.Alpha = tags[tagPhotometric] == 2 && tags[tagExtraSamples] != 0
	tiffMemory(&info, tags)
	whole := h.section(0, h.size)
	h.places.EXIF(0, h.size)
	info = oriented(info, meta.Orientation(whole, whole.Size()))
	config, err := tiff.DecodeConfig(h.budgeted())
	return info, agree(info, config, err)
}

// readTags reads the first directory's numbers: of a list the first, or of a far list of shorts, as BitsPerSample is, too.
func readTags(h *Header) (map[int]uint32, error) {
	b, err := h.at(0, 8)
	if err != nil {
		return nil, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	off := int64(order.Uint32(b[4:]))
	if b, err = h.at(off, 2); err != nil {
		return nil, err
	}
	tags := map[int]uint32{}
	for i := range int64(order.Uint16(b)) {
		if b, err = h.at(off+2+12*i, 12); err != nil {
			return nil, err
		}
		tag, kind, count := int(order.Uint16(b)), order.Uint16(b[2:]), order.Uint32(b[4:])
		at, size := int64(order.Uint32(b[8:])), int64(count)
		if kind == 4 { // IPTC's bytes are counted by fours
			size *= 4
		}
		switch tag {
		case tagXMP:
			h.places.XMP(at, size)
		case tagIPTC:
			h.places.IPTC(at, size)
		case tagICC:
			h.places.ICC(at, size)
		}
		switch {
		case !slices.Contains(tiffTags, tag):
		case kind == 3 && count > 2:
			if b, err = h.at(int64(order.Uint32(b[8:])), 2); err != nil {
				return nil, err
			}
			tags[tag] = uint32(order.Uint16(b))
		case kind == 1:
			tags[tag] = uint32(b[8])
		case kind == 3:
			tags[tag] = uint32(order.Uint16(b[8:]))
		case kind == 4:
			tags[tag] = order.Uint32(b[8:])
		}
	}
	return tags, nil
}

// tiffMemory follows golang.org/x/image/tiff: the picture, and one strip or tile of it unpacked, into a buffer that doubles as
// it grows and takes up to 8 bytes a pixel from data that lies.
func tiffMemory(info *Info, tags map[int]uint32) {
	pixels := float64(info.Width) * float64(info.Height)
	bytes := 4.0
	if info.Gray || tags[tagPhotometric] == 3 {
		bytes = 1
	}
	if tags[tagBits] == 16 {
		bytes = 8
	}
	block := pixels
	if rows := tags[tagRowsPerStrip]; rows > 0 && rows < uint32(info.Height) {
		block = float64(rows) * float64(info.Width)
	}
	if tags[tagTileWidth] != 0 && tags[tagTileHeight] != 0 {
		block = float64(tags[tagTileWidth]) * float64(tags[tagTileHeight])
	}
	// Besides: offsets and counts of all blocks, as 8-byte numbers, and their raw bytes.
	blocks := pixels/max(block, 1) + 1
	info.DecodePeak[0] = saturated(bytes*pixels + 3*8*block + 48*blocks + 1<<20)
}

// agree holds a library's reading of a header against ours: where two parsers see two sizes, memory would be reserved for one
// and spent on the other.
func agree(info Info, config image.Config, err error) error {
	if err != nil {
		return Fault(info.Format, err, ended(err))
	}
	if w, h := info.Stored(); config.Width != w || config.Height != h {
		return damaged(info.Format, "its headers contradict each other: %d×%d and %d×%d", w, h, config.Width, config.Height)
	}
	return nil
}
