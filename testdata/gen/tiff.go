package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"

	"github.com/klauspost/compress/zlib"
)

// A field is one entry of a TIFF directory (TIFF 6.0, section 2). Its value is either inline data, another directory,
// or a strip of pixels; the latter two are written elsewhere and the entry holds their offset.
type field struct {
	tag, kind uint16
	count     uint32
	data      []byte // in the byte order of the file
	sub       []field
	strip     []byte
}

// A tiff writes fields in one byte order: of TIFF images and of EXIF, which is a TIFF without pixels.
type tiff struct {
	binary.AppendByteOrder
}

var (
	intel    = tiff{binary.LittleEndian}
	motorola = tiff{binary.BigEndian}
)

func (t tiff) short(tag uint16, values ...uint16) field {
	f := field{tag: tag, kind: 3, count: uint32(len(values))}
	for _, v := range values {
		f.data = t.AppendUint16(f.data, v)
	}
	return f
}

func (t tiff) long(tag uint16, v uint32) field {
	return field{tag: tag, kind: 4, count: 1, data: t.AppendUint32(nil, v)}
}

// rational takes numerators and denominators in turn.
func (t tiff) rational(tag uint16, values ...uint32) field {
	f := field{tag: tag, kind: 5, count: uint32(len(values) / 2)}
	for _, v := range values {
		f.data = t.AppendUint32(f.data, v)
	}
	return f
}

func (t tiff) ascii(tag uint16, s string) field {
	return field{tag: tag, kind: 2, count: uint32(len(s) + 1), data: append([]byte(s), 0)}
}

func (t tiff) bytes(tag uint16, values ...byte) field {
	return field{tag: tag, kind: 1, count: uint32(len(values)), data: values}
}

// file is the header and the directory, with everything that it points to behind it.
func (t tiff) file(fields []field) []byte {
	out := []byte("II")
	if t == motorola {
		out = []byte("MM")
	}
	out = t.AppendUint16(out, 42)
	out = t.AppendUint32(out, 8)
	return t.directory(out, fields)
}

// directory appends the fields, which have to be in the order of their tags, to out.
func (t tiff) directory(out []byte, fields []field) []byte {
	start := len(out)
	behind := uint32(start + 2 + 12*len(fields) + 4)
	out = t.AppendUint16(out, uint16(len(fields)))
	out = append(out, make([]byte, int(behind)-len(out))...)
	for i, f := range fields {
		entry := t.AppendUint16(nil, f.tag)
		entry = t.AppendUint16(entry, f.kind)
		entry = t.AppendUint32(entry, f.count)
		switch {
		case f.sub != nil:
			entry = t.AppendUint32(entry, uint32(len(out)))
			out = t.directory(out, f.sub)
		case f.strip != nil:
			entry = t.AppendUint32(entry, uint32(len(out)))
			out = append(out, f.strip...)
		case len(f.data) > 4:
			entry = t.AppendUint32(entry, uint32(len(out)))
			out = append(out, f.data...)
		default:
			entry = append(entry, f.data...)
		}
		copy(out[start+2+12*i:], entry)
		if len(out)%2 == 1 { // offsets are even
			out = append(out, 0)
		}
	}
	return out
}

// Values of TIFF's Compression field.
const (
	uncompressed = 1
	deflated     = 8
)

// tiffImage is the fields of a one-strip image; more are added to them.
func (t tiff) tiffImage(w, h uint32, bits []uint16, compression, photometric uint16, pixels []byte, more ...field) []byte {
	if compression == deflated {
		pixels = deflate(pixels)
	}
	fields := append([]field{
		t.long(0x100, w),
		t.long(0x101, h),
		t.short(0x102, bits...),
		t.short(0x103, compression),
		t.short(0x106, photometric),
		{tag: 0x111, kind: 4, count: 1, strip: pixels},
		t.short(0x115, uint16(len(bits))),
		t.long(0x116, h),
		t.long(0x117, uint32(len(pixels))),
	}, more...)
	slices.SortFunc(fields, func(a, b field) int { return int(a.tag) - int(b.tag) })
	return t.file(fields)
}

// rgb is m as an 8-bit RGB TIFF.
func (t tiff) rgb(m *image.NRGBA, compression uint16, more ...field) []byte {
	var pixels []byte
	for i := 0; i < len(m.Pix); i += 4 {
		pixels = append(pixels, m.Pix[i:i+3]...)
	}
	return t.tiffImage(uint32(m.Rect.Dx()), uint32(m.Rect.Dy()), []uint16{8, 8, 8}, compression, 2, pixels, more...)
}

// paletteOutOfRange has a colour map of two colours and pixels up to 251: a decoder that does not check hands out
// an image that panics when its colours are read (CVE-2023-36308).
func (t tiff) paletteOutOfRange(w, h int) []byte {
	pixels := make([]byte, w*h)
	for i := range pixels {
		pixels[i] = byte(i % 252)
	}
	return t.tiffImage(uint32(w), uint32(h), []uint16{8}, uncompressed, 3, pixels,
		t.short(0x140, 0, 0xffff, 0, 0xffff, 0, 0xffff))
}

// deflate compresses with a library of a fixed version rather than Go's own, whose output may change with the Go
// version.
func deflate(data []byte) []byte {
	var out bytes.Buffer
	w, _ := zlib.NewWriterLevel(&out, zlib.BestCompression) // the level is valid, and a Buffer takes everything
	w.Write(data)
	w.Close()
	return out.Bytes()
}
