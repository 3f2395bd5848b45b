package codec

import (
	"bytes"
	"strings"

	"pixmill/resize/jpeg"
	"pixmill/resize/meta"
)

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
	markDQT   = 0xdb
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP14 = 0xee
	markAPP15 = 0xef
)

// jpegHeader is what is gathered on the walk from marker to marker up to the first scan.
type jpegHeader struct {
	info        Info
	orientation int // 0: no EXIF yet

	components, maxH, maxV int
	blocks                 int  // of an MCU
	scans                  bool // sequential, and its components come one after the other

	parts  []jpegComponent
	tables [4]string // of quantization, as they lie in the file: 64 steps of 8 bits; "": none, or of 16 bits
	jfif   bool
	rgb    bool // an Adobe marker says so
}

type jpegComponent struct {
	id   byte
	h, v int
	tq   byte // its table
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
	found.lossless(&info)
	for i := range info.DecodePeak {
		info.DecodePeak[i] = found.bytes(8 >> i)
	}
	return info, nil
}

// bytes follows jpeg.Decoder.Memory, with every component taken for as large as the largest one. size is that of a block's sides.
func (j *jpegHeader) bytes(size int) int64 {
	w, h := j.info.Stored()
	wide := float64((w+8*j.maxH-1)/(8*j.maxH)*j.maxH*size + 31) // samples
	mcus := float64((h + 8*j.maxV - 1) / (8 * j.maxV))
	band, bands := float64(j.components*j.maxV*size)*wide, 1.0
	if j.scans {
		bands = mcus
	}
	bytes := band * bands
	if j.info.Progressive {
		bytes += 2*band*mcus + 10*float64(j.blocks)*mcus*wide/float64(size*j.maxH)
	}
	return saturated(bytes + 2*band + 512<<10) // rows of pixels that wait for the band below; a window on the bits
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
			return j.scan(h, off+4)
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
	case marker == markDQT:
		return j.quantization(h, off, n)
	case markAPP0 <= marker && marker <= markAPP15:
		head, err := h.at(off, int(min(n, meta.JPEGHead)))
		if err != nil {
			return err
		}
		h.places.JPEG(marker, head, off, n)
		j.colours(marker, head, n)
		if skip, found := meta.ExifStart(head); marker == markAPP1 && j.orientation == 0 && found && skip > 0 {
			tiff := h.section(off+skip, n-skip)
			j.orientation = meta.Orientation(tiff, tiff.Size())
		}
	}
	return nil
}

// colours takes note of what says how three components are meant: JFIF's marker, or Adobe's.
func (j *jpegHeader) colours(marker byte, head []byte, n int64) {
	j.jfif = j.jfif || marker == markAPP0 && n >= 14 && bytes.HasPrefix(head, []byte("JFIF\x00"))
	j.rgb = j.rgb || marker == markAPP14 && n >= 12 && bytes.HasPrefix(head, []byte("Adobe")) && head[11] == 0
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
	j.components = count
	for c := range count {
		factors := b[7+3*c]
		ch, cv := int(factors>>4), int(factors&15)
		if ch < 1 || ch > 4 || cv < 1 || cv > 4 {
			return damaged("jpeg", "a sampling factor out of 1 to 4")
		}
		if count == 1 { // section A.2.2: one component alone is not interleaved, whatever its factors say
			ch, cv = 1, 1
		}
		j.parts = append(j.parts, jpegComponent{b[6+3*c], ch, cv, b[8+3*c]})
		j.blocks += ch * cv
		j.maxH, j.maxV = max(j.maxH, ch), max(j.maxV, cv)
	}
	j.info.Format, j.info.Width, j.info.Height, j.info.Frames = "jpeg", width, height, 1
	j.info.Gray, j.info.Inks = count == 1, count == 4
	return nil
}

// quantization reads tables, section B.2.4.1. A segment of more than all four of 16 bits is left to the decoder to complain of.
func (j *jpegHeader) quantization(h *Header, off, n int64) error {
	if n > 4*(1+2*64) {
		return nil
	}
	b, err := h.at(off, int(n))
	if err != nil {
		return err
	}
	for len(b) > 64 {
		wide, tq := b[0]>>4, b[0]&3
		size := 64 << (wide & 1)
		if len(b) < 1+size {
			return nil
		}
		j.tables[tq] = ""
		if wide == 0 {
			j.tables[tq] = string(b[1:65])
		}
		b = b[1+size:]
	}
	return nil
}

// lossless notes what is needed to know whether the file is as good as one that would be encoded of it, and whether it can be turned
// as it is (jpeg.Turn, whose conditions these are).
func (j *jpegHeader) lossless(info *Info) {
	if len(j.parts) == 0 || info.Inks {
		return
	}
	luma := j.tables[j.parts[0].tq&3]
	if luma == "" {
		return
	}
	sum := 0
	for _, step := range []byte(luma) {
		sum += int(step)
	}
	info.Quality = jpeg.Quality(sum)
	named := len(j.parts) == 3 && j.parts[0].id == 'R' && j.parts[1].id == 'G' && j.parts[2].id == 'B'
	if !j.jfif && (j.rgb || named) || j.parts[0].h*j.parts[0].v > 8 {
		return
	}
	chroma := j.parts[1:]
	for _, c := range chroma {
		if table := j.tables[c.tq&3]; c.h != 1 || c.v != 1 || table != j.tables[chroma[0].tq&3] || strings.ContainsRune(table, 0) || table == "" {
			return
		}
	}
	w, h := info.Stored()
	mcu := [2]int{8 * j.parts[0].h, 8 * j.parts[0].v}
	if info.Orientation > meta.Upright && !strings.ContainsRune(luma, 0) && jpeg.Turns(mcu, w, h, info.Orientation) {
		info.TurnPeak = saturated(j.turning(float64(w), float64(h)))
	}
}

// turning bounds what jpeg.Turn takes: coefficients, as they are written, and if the file is progressive as they are read; their
// symbols, at most 4 bytes a coefficient, in a buffer that doubles; and the file, at most 2 bytes a coefficient, in another.
func (j *jpegHeader) turning(w, h float64) float64 {
	samples := (w + 31) * (h + 31) * (1 + float64(len(j.parts)-1)/float64(j.parts[0].h*j.parts[0].v))
	if j.info.Progressive {
		samples *= 1.2
	}
	return 20*samples + 1<<20
}

// scan reads how many components the first scan has, section B.2.3.
func (j *jpegHeader) scan(h *Header, off int64) error {
	b, err := h.at(off, 1)
	if err != nil {
		return err
	}
	j.scans = !j.info.Progressive && int(b[0]) < j.components
	j.info.Streams = !j.info.Progressive && !j.scans
	return nil
}

// countScans counts the scans of an image that has more than one.
func countScans(src *Source, info Info) int {
	if info.Streams { // what may follow the only one is not looked at
		return 1
	}
	n, _ := jpeg.Scans(src.Data)
	return n
}

// ended tells whether a JPEG has its end marker.
func (s *Source) ended() (yes bool) {
	if s.File != nil {
		_, yes = jpeg.ScansOf(s.File, s.Size)
	} else {
		_, yes = jpeg.Scans(s.Data)
	}
	return yes
}
