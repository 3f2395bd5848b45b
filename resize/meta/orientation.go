// Package meta reads what an image says about itself besides its pixels. In this version that is one tag of EXIF, the
// orientation. It keeps no state, and everything may run concurrently.
package meta

import (
	"bytes"
	"io"

	"github.com/bep/imagemeta"
)

// Upright is the orientation of a picture that is stored as it is to be seen.
const Upright = 1

// maxTags bounds how much of a hostile directory is read; a camera writes some dozens before the orientation.
const maxTags = 1000

// Orientation reads tag 0x0112 from the first directory of an EXIF block, which is a TIFF stream (EXIF 2.32, section 4.5.2),
// or of a TIFF file: 1 to 8. A block that has none, or that is damaged, lies or loops, gives Upright: a picture is not
// rejected for its metadata.
func Orientation(tiff io.ReaderAt, size int64) int {
	orientation := Upright
	// The error says nothing that the result does not: whatever was read before it counts.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:               io.NewSectionReader(tiff, 0, size),
		ImageFormat:     imagemeta.TIFF,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Namespace == "IFD0" && t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if o := number(t.Value); 1 <= o && o <= 8 {
				orientation = o
			}
			return imagemeta.ErrStopWalking
		},
		LimitNumTags: maxTags,
		LimitTagSize: 4, // a value that fits into its directory entry: no text, no far offset, is ever followed
	})
	return orientation
}

// exifPrefix stands before the TIFF stream in JPEG's APP1, and in the EXIF chunk of some WebP writers.
var exifPrefix = []byte("Exif\x00\x00")

// ExifStart says how many bytes stand before the TIFF stream in a block that begins with head; found is false when head is
// not the beginning of EXIF at all.
func ExifStart(head []byte) (skip int64, found bool) {
	if bytes.HasPrefix(head, exifPrefix) {
		return int64(len(exifPrefix)), true
	}
	return 0, bytes.HasPrefix(head, []byte("II*\x00")) || bytes.HasPrefix(head, []byte("MM\x00*"))
}

// number takes SHORT, as the standard wants, and what careless writers use instead.
func number(v any) int {
	switch v := v.(type) {
	case uint16:
		return int(v)
	case uint32:
		return int(min(v, 9))
	case int32:
		return int(v)
	case uint8:
		return int(v)
	}
	return 0
}
