package meta

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// EXIF 2.32's tags that matter here.
const (
	tagDescription = 0x010e
	tagMake        = 0x010f
	tagModel       = 0x0110
	tagOrientation = 0x0112
	tagXResolution = 0x011a
	tagYResolution = 0x011b
	tagUnit        = 0x0128
	tagSoftware    = 0x0131
	tagDateTime    = 0x0132
	tagArtist      = 0x013b
	tagHost        = 0x013c
	tagRating      = 0x4746
	tagRatingPart  = 0x4749
	tagCopyright   = 0x8298
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagXPTitle     = 0x9c9b
	tagXPComment   = 0x9c9c
	tagXPAuthor    = 0x9c9d
	tagXPKeywords  = 0x9c9e
	tagXPSubject   = 0x9c9f

	tagExposureTime  = 0x829a
	tagFNumber       = 0x829d
	tagISO           = 0x8827
	tagOriginal      = 0x9003
	tagOffset        = 0x9010
	tagOffsetOrig    = 0x9011
	tagComponents    = 0x9101
	tagCompressed    = 0x9102
	tagFocalLength   = 0x920a
	tagSubjectArea   = 0x9214
	tagMakerNote     = 0x927c
	tagColorSpace    = 0xa001
	tagPixelX        = 0xa002
	tagPixelY        = 0xa003
	tagRelatedSound  = 0xa004
	tagInterop       = 0xa005
	tagFocalPlaneX   = 0xa20e
	tagFocalPlaneY   = 0xa20f
	tagFocalPlaneU   = 0xa210
	tagSubjectPlace  = 0xa214
	tagFocal35       = 0xa405
	tagLensMake      = 0xa433
	tagLensModel     = 0xa434
	tagInteropIndex  = 0x0001
	uncalibrated     = 0xffff
	colorSpaceOfSRGB = 1
)

// mainTags are those of the first directory that an output may have. The others, in a TIFF file, are about how its own pixels lie in it.
var mainTags = []uint16{tagDescription, tagMake, tagModel, tagOrientation, tagXResolution, tagYResolution, tagUnit, tagSoftware, tagDateTime,
	tagArtist, tagHost, tagRating, tagRatingPart, tagCopyright, tagXPTitle, tagXPComment, tagXPAuthor, tagXPKeywords, tagXPSubject}

// copyrightTags say whose picture it is; densityTags come with them.
var (
	copyrightTags = []uint16{tagArtist, tagCopyright}
	densityTags   = []uint16{tagXResolution, tagYResolution, tagUnit}
)

// untrueTags of the Exif directory are not true of an output any more, or cannot be moved: maker notes hold offsets of their own, and
// nobody knows what else.
var untrueTags = []uint16{tagMakerNote, tagInterop, tagComponents, tagCompressed, tagPixelX, tagPixelY, tagRelatedSound, tagSubjectArea,
	tagFocalPlaneX, tagFocalPlaneY, tagFocalPlaneU, tagSubjectPlace}

// field is an entry of a directory (TIFF 6.0, section 2), with its value in the block's byte order.
type field struct {
	tag, kind uint16
	value     []byte
}

// kindSizes are the bytes of a value by its kind.
var kindSizes = [...]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

// exif are the directories of a block that matter.
type exif struct {
	order                     binary.ByteOrder
	main, photo, gps, interop []field
}

const (
	maxFields = 512      // of a directory; cameras write some dozens
	maxValue  = 16 << 10 // bytes of one
)

// readEXIF reads a TIFF stream: four directories at most, none of them followed from another but the first, and of values no more than
// maxEXIF together. What lies outside of it, or is larger, is left out.
func readEXIF(r io.ReaderAt, size int64) (e exif, found bool) {
	head := take(r, span{0, 8}, 8)
	switch {
	case bytes.HasPrefix(head, []byte("II*\x00")):
		e.order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("MM\x00*")):
		e.order = binary.BigEndian
	default:
		return e, false
	}
	budget := int64(maxEXIF)
	all := func(uint16) bool { return true }
	e.main = e.directory(r, size, int64(e.order.Uint32(head[4:])), &budget, func(tag uint16) bool {
		return tag == tagExif || tag == tagGPS || slices.Contains(mainTags, tag)
	})
	follow := func(from []field, tag uint16) []field {
		if f, there := find(from, tag); there && len(f.value) == 4 {
			return e.directory(r, size, int64(e.order.Uint32(f.value)), &budget, all)
		}
		return nil
	}
	e.photo = follow(e.main, tagExif)
	e.gps = follow(e.main, tagGPS)
	e.interop = follow(e.photo, tagInterop)
	return e, true
}

func (e *exif) directory(r io.ReaderAt, size, off int64, budget *int64, wanted func(tag uint16) bool) []field {
	b := take(r, span{off, 2}, 2)
	if off < 8 || b == nil {
		return nil
	}
	n := min(int64(e.order.Uint16(b)), maxFields, (size-off-2)/12)
	entries := take(r, span{off + 2, 12 * n}, 12*maxFields)
	var all []field
	for ; len(entries) >= 12; entries = entries[12:] {
		f := field{tag: e.order.Uint16(entries), kind: e.order.Uint16(entries[2:])}
		if f.kind == 0 || int(f.kind) >= len(kindSizes) || !wanted(f.tag) {
			continue
		}
		n := int64(e.order.Uint32(entries[4:])) * kindSizes[f.kind]
		switch {
		case n <= 4:
			f.value = entries[8 : 8+n : 8+n]
		case n <= min(maxValue, *budget):
			*budget -= n
			f.value = take(r, span{int64(e.order.Uint32(entries[8:])), n}, maxValue)
		}
		if _, twice := find(all, f.tag); len(f.value) > 0 && !twice {
			all = append(all, f)
		}
	}
	return all
}

func find(all []field, tag uint16) (field, bool) {
	for _, f := range all {
		if f.tag == tag {
			return f, true
		}
	}
	return field{}, false
}

// standardEXIF is a block put together anew, with everything of it that is read; nil if it is none. It may have its name before it.
func standardEXIF(r *io.SectionReader, size int64) []byte {
	skip, found := ExifStart(take(r, span{0, min(size, 10)}, 10))
	if !found {
		return nil
	}
	e, found := readEXIF(io.NewSectionReader(r, skip, size-skip), size-skip)
	if !found {
		return nil
	}
	return e.block()
}

func parseEXIF(b []byte) (exif, bool) { return readEXIF(bytes.NewReader(b), int64(len(b))) }

// block writes the directories one after the other, each with its values behind it. Nothing at all is nil.
func (e *exif) block() []byte {
	drop := func(all []field, tags ...uint16) []field {
		return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return slices.Contains(tags, f.tag) })
	}
	main, photo := drop(e.main, tagExif, tagGPS), drop(e.photo, tagInterop)
	if len(main)+len(photo)+len(e.interop)+len(e.gps) == 0 {
		return nil
	}
	pointer := func(to []field, tag uint16, at int) []field {
		return append(to, field{tag, 4, binary4(e.order, at)})
	}
	// The sizes first, for the pointers.
	const head = 8
	photoAt := head + sizeOf(main) + 12*min(len(photo)+len(e.interop), 1) + 12*min(len(e.gps), 1)
	interopAt := photoAt
	if len(photo)+len(e.interop) > 0 {
		interopAt += sizeOf(photo) + 12*min(len(e.interop), 1)
	}
	gpsAt := interopAt
	if len(e.interop) > 0 {
		gpsAt += sizeOf(e.interop)
		photo = pointer(photo, tagInterop, interopAt)
	}
	if len(photo) > 0 {
		main = pointer(main, tagExif, photoAt)
	}
	if len(e.gps) > 0 {
		main = pointer(main, tagGPS, gpsAt)
	}
	out := append(make([]byte, 0, gpsAt+sizeOf(e.gps)+16), "II*\x00\x08\x00\x00\x00"...)
	if e.order == binary.BigEndian {
		out = append(out[:0], "MM\x00*\x00\x00\x00\x08"...)
	}
	for _, dir := range [][]field{main, photo, e.interop, e.gps} {
		if len(dir) > 0 {
			out = e.appendDirectory(out, dir)
		}
	}
	return out
}

func binary4(order binary.ByteOrder, v int) []byte {
	b := make([]byte, 4)
	order.PutUint32(b, uint32(v))
	return b
}

// sizeOf is what a directory takes.
func sizeOf(dir []field) int {
	n := 2 + 12*len(dir) + 4
	for _, f := range dir {
		if len(f.value) > 4 {
			n += len(f.value) + len(f.value)&1
		}
	}
	return n
}

func (e *exif) appendDirectory(out []byte, dir []field) []byte {
	slices.SortStableFunc(dir, func(a, b field) int { return int(a.tag) - int(b.tag) })
	start := len(out)
	out = append(out, make([]byte, 2+12*len(dir)+4)...)
	e.order.PutUint16(out[start:], uint16(len(dir)))
	for i, f := range dir {
		at := out[start+2+12*i:]
		e.order.PutUint16(at, f.tag)
		e.order.PutUint16(at[2:], f.kind)
		e.order.PutUint32(at[4:], uint32(int64(len(f.value))/kindSizes[f.kind]))
		if len(f.value) <= 4 {
			copy(at[8:12], f.value)
			continue
		}
		e.order.PutUint32(at[8:], uint32(len(out)))
		out = append(out, f.value...)
		out = append(out, make([]byte, len(f.value)&1)...)
	}
	return out
}

// filterEXIF is what may stay of a block.
func filterEXIF(b []byte, k Keep) []byte {
	e, found := parseEXIF(b)
	if !found {
		e = exif{order: binary.LittleEndian}
	}
	turned := k.Orientation > Upright
	out := exif{order: e.order}
	switch k.Level {
	case All:
		out.main = only(e.main, mainTags)
		out.photo = slices.DeleteFunc(slices.Clone(e.photo), func(f field) bool { return slices.Contains(untrueTags, f.tag) })
		out.adjust(k)
		if k.GPS {
			out.gps = e.gps
		}
	case Copyright:
		if out.main = only(e.main, copyrightTags); len(out.main) > 0 || turned {
			out.main = append(out.main, only(e.main, densityTags)...)
		}
	}
	if _, there := find(out.main, tagOrientation); there || turned {
		out.main = slices.DeleteFunc(out.main, func(f field) bool { return f.tag == tagOrientation })
		out.main = append(out.main, out.short(tagOrientation, max(k.Orientation, Upright)))
	}
	return out.block()
}

// adjust makes what a block says of the picture true of the output.
func (e *exif) adjust(k Keep) {
	if k.SRGB {
		e.photo = slices.DeleteFunc(e.photo, func(f field) bool { return f.tag == tagColorSpace })
		if len(e.photo) > 0 {
			e.photo = append(e.photo, e.short(tagColorSpace, colorSpaceOfSRGB))
		}
	}
	if len(e.photo) > 0 && k.Width > 0 && k.Height > 0 {
		e.photo = append(e.photo, field{tagPixelX, 4, binary4(e.order, k.Width)}, field{tagPixelY, 4, binary4(e.order, k.Height)})
	}
}

func (e *exif) short(tag uint16, v int) field {
	b := make([]byte, 2)
	e.order.PutUint16(b, uint16(v))
	return field{tag, 3, b}
}

func only(all []field, tags []uint16) []field {
	return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return !slices.Contains(tags, f.tag) })
}

// AdobeRGB says whether a block says that colours are Adobe RGB's, as cameras do that write no profile (DCF 2.0, section 5.6).
func AdobeRGB(b []byte) bool {
	e, _ := parseEXIF(b)
	index, there := find(e.interop, tagInteropIndex)
	return there && bytes.HasPrefix(index.value, []byte("R03"))
}

// densityOf is what a block says.
func densityOf(b []byte) Density {
	e, _ := parseEXIF(b)
	unit := DensityUnit(1)
	if f, there := find(e.main, tagUnit); there {
		unit = DensityUnit(e.number(f)) - 1 // 1 none, 2 inch, 3 centimetre
	}
	x, _ := find(e.main, tagXResolution)
	y, _ := find(e.main, tagYResolution)
	whole := func(f field) uint16 { return uint16(min(max(e.rational(f, 0)+0.5, 0), 65535)) }
	return Density{whole(x), whole(y), unit}.checked()
}

// number is a field's first value as a whole number, 0 if it is none.
func (e *exif) number(f field) int {
	switch {
	case f.kind == 1 && len(f.value) >= 1:
		return int(f.value[0])
	case f.kind == 3 && len(f.value) >= 2:
		return int(e.order.Uint16(f.value))
	case f.kind == 4 && len(f.value) >= 4:
		return int(e.order.Uint32(f.value))
	}
	return 0
}

// rational is a field's value of that index, 0 if there is none.
func (e *exif) rational(f field, i int) float64 {
	if (f.kind != 5 && f.kind != 10) || len(f.value) < 8*i+8 {
		return 0
	}
	num, den := e.order.Uint32(f.value[8*i:]), e.order.Uint32(f.value[8*i+4:])
	if den == 0 {
		return 0
	}
	if f.kind == 10 {
		return float64(int32(num)) / float64(int32(den))
	}
	return float64(num) / float64(den)
}
