package meta

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// Places are where a file holds metadata, as a walk along its headers notes them: nothing is read but the beginnings of segments.
type Places struct {
	exif, xmp span // the first of them
	mpf, iso  span
	iptc, icc []span
	deflated  bool  // icc is zlib's, behind a name
	inflated  int64 // bytes that such a profile says to have, once it was looked at
	text      bool  // xmp is an iTXt chunk
	packed    bool  // and deflated
	density   Density
}

type span struct{ from, size int64 }

// note keeps the first span.
func (s *span) note(found span) {
	if s.size == 0 {
		*s = found
	}
}

// maxSpans bounds a profile's pieces: JPEG counts them by a byte.
const maxSpans = 255

const (
	xmpHead       = "http://ns.adobe.com/xap/1.0/\x00"
	iccHead       = "ICC_PROFILE\x00" // and a number, from 1, and how many there are
	photoshopHead = "Photoshop 3.0\x00"
	jfifHead      = "JFIF\x00"
	exifHead      = "Exif\x00\x00"
	pngXMP        = "XML:com.adobe.xmp\x00"
)

// JPEGHead and PNGHead are how many bytes of a segment, or chunk, JPEG and PNG want to see.
const (
	JPEGHead = 32
	PNGHead  = 32
)

// PNGChunk says whether PNG wants to know of chunks of a kind.
func PNGChunk(kind string) bool {
	return kind == "eXIf" || kind == "iCCP" || kind == "iTXt" || kind == "pHYs"
}

// JPEG takes an application segment's marker, the beginning of its payload, and where that is.
func (p *Places) JPEG(marker byte, head []byte, from, size int64) {
	begins := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	at := func(skip int) span { return span{from + int64(skip), size - int64(skip)} }
	switch {
	case marker == 0xe0 && begins(jfifHead) && len(head) >= 12:
		p.density = Density{binary.BigEndian.Uint16(head[8:]), binary.BigEndian.Uint16(head[10:]), DensityUnit(head[7])}.checked()
	case marker == 0xe1 && begins(exifHead):
		p.exif.note(at(len(exifHead)))
	case marker == 0xe1 && begins(xmpHead):
		p.xmp.note(at(len(xmpHead)))
	case marker == 0xe2 && begins(iccHead) && len(p.icc) < maxSpans:
		p.icc = append(p.icc, at(len(iccHead)+2)) // they come in their order
	case marker == 0xe2 && begins(mpfHead):
		p.mpf.note(at(len(mpfHead)))
	case marker == 0xe2 && begins(isoHead):
		p.iso.note(at(len(isoHead)))
	case marker == 0xed && begins(photoshopHead) && len(p.iptc) < maxSpans:
		p.iptc = append(p.iptc, at(len(photoshopHead)))
	}
}

// PNG takes a chunk: its type, and where its data are.
func (p *Places) PNG(kind string, head []byte, from, size int64) {
	at := span{from, size}
	switch kind {
	case "eXIf":
		p.exif.note(at)
	case "iCCP":
		p.icc, p.deflated = append(p.icc[:0], at), true
	case "iTXt":
		if bytes.HasPrefix(head, []byte(pngXMP)) {
			p.xmp.note(span{from + int64(len(pngXMP)), size - int64(len(pngXMP))})
			p.text, p.packed = true, len(head) > len(pngXMP) && head[len(pngXMP)] == 1
		}
	case "pHYs":
		if len(head) >= 9 {
			p.density = perMetre(binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:]), head[8] == 1)
		}
	}
}

// WebP takes a chunk: its identifier, and where its data are.
func (p *Places) WebP(id string, from, size int64) {
	switch id {
	case "EXIF":
		p.EXIF(from, size)
	case "XMP ":
		p.XMP(from, size)
	case "ICCP":
		p.ICC(from, size)
	}
}

// GIF takes where an extension is that begins with GIFXMP.
func (p *Places) GIF(from, size int64) {
	if size -= int64(len(GIFXMP)) + GIFXMPTrailer; size > 0 {
		p.XMP(from+int64(len(GIFXMP)), size)
	}
}

// EXIF, XMP, IPTC and ICC note blocks that lie in a file as they are. EXIF may have its name before it.
func (p *Places) EXIF(from, size int64) { p.exif.note(span{from, size}) }
func (p *Places) XMP(from, size int64)  { p.xmp.note(span{from, size}) }
func (p *Places) IPTC(from, size int64) { p.iptc = append(p.iptc[:0], span{from, size}) }
func (p *Places) ICC(from, size int64)  { p.icc = append(p.icc[:0], span{from, size}) }

// Memory, after a first Read, bounds the bytes that Read, Filter and Insert take at once: the blocks, read, new, and in the output; and a packet taken apart.
func (p *Places) Memory() int64 {
	const node = 300 // bytes, of which there is one for three bytes of a packet at most
	n := 3 * p.size()
	if p.xmp.size > 0 {
		n += min(node*maxNodes, node/3*p.xmp.size) + 64<<10
	}
	return n
}

// size bounds how many bytes Read returns.
func (p *Places) size() int64 {
	n := min(p.exif.size, maxEXIF) + min(p.xmp.size, maxXMP)
	for _, s := range p.iptc {
		n += min(s.size, maxIPTC)
	}
	if p.packed {
		n += maxXMP
	}
	if p.deflated {
		return n + p.inflated
	}
	icc := int64(0)
	for _, s := range p.icc {
		icc += s.size
	}
	return n + min(icc, MaxProfile)
}

// Read reads the blocks: of a profile no more than so many bytes, its beginning if it is longer. What cannot be read is left out.
func (p *Places) Read(r io.ReaderAt, profile int) Blocks {
	b := Blocks{Density: p.density}
	if s := p.exif; s.size > 0 {
		b.EXIF = standardEXIF(io.NewSectionReader(r, s.from, s.size), s.size)
	}
	if b.Density == (Density{}) {
		b.Density = densityOf(b.EXIF)
	}
	b.XMP = p.readXMP(r)
	b.IPTC = p.readIPTC(r)
	b.ICC = p.readICC(r, profile)
	return b
}

func (p *Places) readXMP(r io.ReaderAt) []byte {
	s := p.xmp
	if s.size < 1 || s.size > maxXMP {
		return nil
	}
	b := take(r, s, maxXMP)
	if !p.text {
		return b
	}
	// PNG, section 11.3.4.5: compression flag and method, language, translated keyword, text.
	if len(b) < 2 {
		return nil
	}
	deflated, rest := b[0] == 1, b[2:]
	for range 2 {
		_, after, found := bytes.Cut(rest, []byte{0})
		if !found {
			return nil
		}
		rest = after
	}
	if !deflated {
		return rest
	}
	text, whole := inflate(bytes.NewReader(rest), maxXMP)
	if !whole {
		return nil
	}
	return text
}

func (p *Places) readIPTC(r io.ReaderAt) []byte {
	var all []byte
	for _, s := range p.iptc {
		if int64(len(all))+s.size > maxIPTC {
			break
		}
		b := take(r, s, maxIPTC)
		if len(b) > 0 && b[0] == '8' { // else records without Photoshop's resources around them, as in TIFF
			b = photoshopIPTC(b)
		}
		all = append(all, b...)
	}
	return all
}

func (p *Places) readICC(r io.ReaderAt, most int) []byte {
	if p.deflated {
		s := p.icc[0]
		in := io.NewSectionReader(r, s.from, s.size)
		name := take(r, span{s.from, min(s.size, 81)}, 81) // of 1 to 79 bytes, section 11.3.2.3
		i := bytes.IndexByte(name, 0)
		if i < 0 {
			return nil
		}
		if _, err := in.Seek(int64(i+2), io.SeekStart); err != nil {
			return nil
		}
		head, _ := inflate(in, 4)
		if len(head) < 4 {
			return nil
		}
		if p.inflated = int64(binary.BigEndian.Uint32(head)); p.inflated > MaxProfile { // ICC.1:2022, section 7.2.2
			p.inflated = 0
			return nil
		}
		if _, err := in.Seek(int64(i+2), io.SeekStart); err != nil {
			return nil
		}
		b, _ := inflate(in, min(most, int(p.inflated)))
		return b
	}
	total := int64(0)
	for _, s := range p.icc {
		total += max(s.size, 0)
	}
	all := make([]byte, min(total, int64(most)))
	n := 0
	for _, s := range p.icc {
		part := all[n:min(n+int(max(s.size, 0)), len(all))]
		got, _ := r.ReadAt(part, s.from)
		if n += got; got < len(part) {
			break
		}
	}
	return all[:n]
}

// take reads a span, or nothing of one that is too large or lies beyond the end.
func take(r io.ReaderAt, s span, most int64) []byte {
	if s.size < 1 || s.size > most {
		return nil
	}
	b := make([]byte, s.size)
	if n, _ := r.ReadAt(b, s.from); n < len(b) {
		return nil
	}
	return b
}

// inflate returns at most so many bytes, and whether that was all.
func inflate(r io.Reader, most int) ([]byte, bool) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(z, int64(most)+1))
	if len(b) > most {
		return b[:most], false
	}
	return b, err == nil
}

func (d Density) checked() Density {
	if d.Unit > PerCM || d.X == 0 || d.Y == 0 || d.Unit == NoUnit && d.X == d.Y {
		return Density{}
	}
	return d
}

// perMetre is PNG's density, section 11.3.4.3, to the nearest pixel an inch.
func perMetre(x, y uint32, metres bool) Density {
	inch := func(v uint32) uint16 { return uint16(min(float64(v)*0.0254+0.5, 65535)) }
	if !metres {
		return Density{uint16(min(x, 65535)), uint16(min(y, 65535)), NoUnit}.checked()
	}
	return Density{inch(x), inch(y), PerInch}.checked()
}
