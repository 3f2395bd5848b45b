package meta

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Insert writes blocks into an encoded file that has none: "jpeg", "png", "webp", "avif" or "gif". A block that the format has no place for is left out.
// With nothing to write, or nothing but a resolution, data itself is returned, changed.
func Insert(format string, data []byte, b Blocks) ([]byte, error) {
	if b.Empty() {
		return data, nil
	}
	switch format {
	case "jpeg":
		return insertJPEG(data, b)
	case "png":
		return insertPNG(data, b)
	case "webp":
		return insertWebP(data, b)
	case "avif":
		return insertAVIF(data, b)
	case "gif":
		return insertGIF(data, b)
	}
	return data, nil
}

// Embeds says whether a format has a place for profiles.
func Embeds(format string) bool {
	return format == "jpeg" || format == "png" || format == "webp" || format == "avif"
}

// Refilters says whether Refilter knows a format.
func Refilters(format string) bool {
	return format == "jpeg" || format == "png" || format == "webp" || format == "gif"
}

// Refilter returns a whole file with the metadata that k lets through, and its colour profile. The bytes of its pixels are copied: nothing is
// decoded. What lies behind the picture, as films and gain maps do, is left out. k.Orientation is what those pixels need.
func Refilter(format string, src []byte, k Keep) ([]byte, error) {
	bare, err := Strip(format, src)
	if err != nil {
		return nil, err
	}
	return Insert(format, bare, Find(format, src).Filter(k))
}

// Strip returns a whole file without metadata and without a profile; its pixels' bytes are copied.
func Strip(format string, src []byte) ([]byte, error) {
	switch format {
	case "jpeg":
		return strippedJPEG(src)
	case "png":
		return strippedPNG(src)
	case "webp":
		return insertWebP(src, Blocks{})
	case "gif":
		return strippedGIF(src)
	}
	return nil, fmt.Errorf("the metadata of a %s cannot be filtered in place", format)
}

// Find reads the blocks of a whole JPEG, PNG, WebP or GIF; of what is damaged, those before the damage.
func Find(format string, src []byte) Blocks {
	var p Places
	switch format {
	case "jpeg":
		off := int64(0)
		_ = jpegParts(src, func(part jpegPart) { // what is known before an error counts
			if 0xe0 <= part.marker && part.marker <= 0xef {
				p.JPEG(part.marker, part.payload()[:min(JPEGHead, len(part.payload()))], off+4, int64(len(part.whole)-4))
			}
			off += int64(len(part.whole))
		})
	case "png":
		for off := int64(8); off+12 <= int64(len(src)); {
			n := int64(binary.BigEndian.Uint32(src[off:]))
			data := src[off+8:]
			p.PNG(string(src[off+4:off+8]), data[:min(PNGHead, n, int64(len(data)))], off+8, n)
			off += 12 + n
		}
	case "webp":
		for off := int64(12); off+8 <= int64(len(src)); {
			n := int64(binary.LittleEndian.Uint32(src[off+4:]))
			p.WebP(string(src[off:off+4]), off+8, n)
			off += 8 + n + n&1
		}
	case "gif":
		_, _ = gifBlocks(src, func(at int, block []byte) { // what is known before an error counts
			if bytes.HasPrefix(block, []byte(GIFXMP)) {
				p.GIF(int64(at), int64(len(block)))
			}
		})
	}
	return p.Read(bytes.NewReader(src), MaxProfile)
}
