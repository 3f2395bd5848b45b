package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"

	jpegengine "pixmill/resize/jpeg"
	"pixmill/resize/meta"
)

// decodeJPEG decodes at the smallest scale that still gives least, to planes where the standard library has a type for how
// chroma is subsampled.
func decodeJPEG(src *Source, info Info, least image.Point) (image.Image, error) {
	w, h := info.Stored()
	o := jpegengine.Options{Scale: 8, Lowpass: true, Check: src.Stop}
	for ; o.Scale > 1; o.Scale /= 2 {
		if (w+o.Scale-1)/o.Scale >= least.X && (h+o.Scale-1)/o.Scale >= least.Y {
			break
		}
	}
	img, err := jpegengine.DecodeImage(src.Data, o)
	var (
		damage  *jpegengine.FormatError
		lacking jpegengine.UnsupportedError
	)
	switch {
	case errors.As(err, &damage):
		if damage.Missing == 0 && !info.Progressive { // what lacks is the end marker: all pixels are there
			return img, nil
		}
		if _, ended := scans(src.Data); !ended {
			return nil, &FormatError{Format: "jpeg", Truncated: true}
		}
		return nil, damaged("jpeg", "%s: %.0f %% of the picture cannot be read", damage.Reason, max(1, 100*damage.Missing))
	case errors.As(err, &lacking):
		return nil, unsupported("jpeg", "JPEG with %s", string(lacking))
	case err != nil:
		return nil, err
	}
	// Reduced, a progressive picture may not need the scans that a truncated file lacks; it is not whole for that.
	if _, ended := scans(src.Data); info.Progressive && !ended {
		return nil, &FormatError{Format: "jpeg", Truncated: true}
	}
	return img, nil
}

// The markers of ITU-T T.81, table B.1, that are looked at.
const (
	markSOF0  = 0xc0
	markSOF1  = 0xc1
	markSOF2  = 0xc2
	markDHT   = 0xc4
	markDAC   = 0xcc
	markRST0  = 0xd0
	markRST7  = 0xd7
	markEOI   = 0xd9
	markSOS   = 0xda
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAdobe = 0xee
)

var jpegCodec = &Codec{
	Name:    "jpeg",
	Ext:     "jpg",
	Sniff:   prefixes("\xff\xd8\xff"),
	Probe:   probeJPEG,
	Scans:   countScans,
	Lossy:   true,
	MaxSide: 65535,
	Decode:  decodeJPEG,
	Encode:  encodeJPEG,
	// Noise at quality 100 takes 2.3 bytes a pixel; TestEncodedBytes holds it to this.
	EncodedBytes: func(pixels float64) float64 { return 3 * pixels },
	// Symbols are kept until their Huffman tables are known: at most 258 bytes a block, of which 4:2:0 has 1.5 for 64 pixels, in a
	// buffer that doubles.
	WorkBytes: func(pixels float64) float64 { return 10*pixels + 256<<10 },
}

func encodeJPEG(w io.Writer, img image.Image, quality int) error {
	var (
		data []byte
		err  error
		o    = jpegengine.EncodeOptions{Quality: quality}
	)
	switch m := img.(type) {
	case *image.Gray:
		data, err = jpegengine.EncodeGray(nil, m, o)
	case *image.YCbCr: // of 4:2:0
		size := m.Rect.Size()
		chroma := image.Pt((size.X+1)/2, (size.Y+1)/2)
		data, err = jpegengine.Encode(nil, []jpegengine.Plane{
			{Pix: m.Y, Stride: m.YStride, Width: size.X, Height: size.Y},
			{Pix: m.Cb, Stride: m.CStride, Width: chroma.X, Height: chroma.Y},
			{Pix: m.Cr, Stride: m.CStride, Width: chroma.X, Height: chroma.Y},
		}, o)
	case *image.NRGBA:
		data, err = jpegengine.EncodeRGBA(nil, m, o)
	default:
		err = fmt.Errorf("pixels of a kind that JPEG is not made of: %T", img)
	}
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// jpegHeader is what is gathered on the walk from marker to marker up to the first scan.
type jpegHeader struct {
	info        Info
	samples     int64  // of all components, with the padding to whole MCUs
	components  string // their identifiers, a byte each
	jfif        bool
	rgb         bool // by Adobe's marker
	orientation int  // 0: no EXIF yet
}

func probeJPEG(h *Header) (Info, error) {
	var found jpegHeader
	err := found.walk(h)
	if found.info.Width == 0 {
		if err == nil {
			err = damaged("jpeg", "there is no picture in it")
		}
		return found.info, headerError("jpeg", err)
	}
	info := oriented(found.info, max(found.orientation, meta.Upright))
	if err != nil && err != errEnd {
		return info, headerError("jpeg", err)
	}
	info.Truncated = err == errEnd
	w, hgt := info.Stored()
	info.DecodeHeld = found.samples
	info.DecodePeak = found.samples
	if info.Progressive {
		info.DecodePeak += 4 * found.samples // coefficients are kept as 32 bits
	}
	if found.interleaved() {
		info.DecodeHeld = 4 * int64(w) * int64(hgt)
		info.DecodePeak += info.DecodeHeld
	}
	return info, nil
}

// interleaved says that image/jpeg copies the planes into another picture at the end: CMYK, and three components that are RGB.
func (j *jpegHeader) interleaved() bool {
	return len(j.components) == 4 || len(j.components) == 3 && !j.jfif && (j.rgb || j.components == "RGB")
}

// maxGarbage bounds the bytes between two segments that belong to neither.
const maxGarbage = 64 << 10

func (j *jpegHeader) walk(h *Header) error {
	off, garbage := int64(2), 0
	for {
		b, err := h.at(off, 2)
		if err != nil {
			return err
		}
		marker := b[1]
		switch {
		case b[0] != 0xff, marker == 0:
			if garbage++; garbage > maxGarbage {
				return damaged("jpeg", "bytes between its segments")
			}
			off++
			continue
		case marker == 0xff: // a fill byte
			off++
			continue
		case markRST0 <= marker && marker <= markRST7:
			off += 2
			continue
		case marker == markEOI:
			return nil
		}
		if b, err = h.at(off+2, 2); err != nil {
			return err
		}
		length := int64(b[0])<<8 | int64(b[1])
		if length < 2 {
			return damaged("jpeg", "a segment shorter than its length")
		}
		if marker == markSOS {
			return nil
		}
		if err := j.segment(h, marker, off+4, length-2); err != nil {
			return err
		}
		off += 2 + length
	}
}

func (j *jpegHeader) segment(h *Header, marker byte, off, n int64) error {
	switch {
	case marker == markSOF0, marker == markSOF1, marker == markSOF2:
		if j.info.Width > 0 {
			return damaged("jpeg", "more than one frame header")
		}
		j.info.Progressive = marker == markSOF2
		return j.frame(h, off, n)
	case marker == markDHT, marker == markDAC:
	case markSOF0 <= marker && marker < markRST0: // the other frame headers
		return unsupported("jpeg", "arithmetic-coded, lossless or hierarchical JPEG")
	case marker == markAPP0:
		head, err := h.at(off, int(min(n, 5)))
		j.jfif = j.jfif || string(head) == "JFIF\x00"
		return err
	case marker == markAdobe:
		head, err := h.at(off, int(min(n, 12)))
		if len(head) == 12 && string(head[:5]) == "Adobe" {
			j.rgb = head[11] == 0
		}
		return err
	case marker == markAPP1 && j.orientation == 0:
		head, err := h.at(off, int(min(n, 10)))
		if err != nil {
			return err
		}
		if skip, found := meta.ExifStart(head); found && skip > 0 {
			tiff := h.section(off+skip, n-skip)
			j.orientation = meta.Orientation(tiff, tiff.Size())
		}
	}
	return nil
}

// frame reads a frame header, section B.2.2.
func (j *jpegHeader) frame(h *Header, off, n int64) error {
	if n < 9 || n > 6+3*255 {
		return damaged("jpeg", "a frame header of a wrong length")
	}
	b, err := h.at(off, int(n))
	if err != nil {
		return err
	}
	count := int(b[5])
	height, width := int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	switch {
	case int(n) != 6+3*count:
		return damaged("jpeg", "a frame header of a wrong length")
	case b[0] != 8:
		return unsupported("jpeg", "JPEG of %d bits", b[0])
	case count != 1 && count != 3 && count != 4:
		return unsupported("jpeg", "JPEG of %d components", count)
	case width == 0:
		return damaged("jpeg", "its width is zero")
	case height == 0:
		return unsupported("jpeg", "JPEG that tells its height at the end (DNL)")
	}
	var area, maxH, maxV int64
	for c := range count {
		j.components += string(b[6+3*c : 7+3*c])
		factors := b[7+3*c]
		ch, cv := int64(factors>>4), int64(factors&15)
		if ch < 1 || ch > 4 || cv < 1 || cv > 4 {
			return damaged("jpeg", "a sampling factor out of 1 to 4")
		}
		if count == 1 { // section A.2.2: one component alone is not interleaved, whatever its factors say
			ch, cv = 1, 1
		}
		area += ch * cv
		maxH, maxV = max(maxH, ch), max(maxV, cv)
	}
	mcus := ((int64(width) + 8*maxH - 1) / (8 * maxH)) * ((int64(height) + 8*maxV - 1) / (8 * maxV))
	j.info.Format, j.info.Width, j.info.Height, j.info.Frames = "jpeg", width, height, 1
	j.info.Gray = count == 1
	j.samples = mcus * area * 64
	return nil
}

// countScans counts the scans, from their markers alone.
func countScans(src []byte) int {
	n, _ := scans(src)
	return n
}

// scans counts the scans by jumping from marker to marker, entropy-coded data is searched for 0xff only, and tells whether
// the end marker is there.
func scans(src []byte) (n int, ended bool) {
	for off := 2; ; {
		i := bytes.IndexByte(src[min(off, len(src)):], 0xff)
		if i < 0 || off+i+1 >= len(src) {
			return n, false
		}
		off += i + 1
		marker := src[off]
		switch {
		case marker == 0xff: // a fill byte: it may begin the marker
			continue
		case marker == 0, markRST0 <= marker && marker <= markRST7:
			off++
			continue
		case marker == markEOI:
			return n, true
		case marker == markSOS:
			n++
		}
		if off+2 >= len(src) {
			return n, false
		}
		off += 1 + max(2, int(src[off+1])<<8|int(src[off+2]))
	}
}
