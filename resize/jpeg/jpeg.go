// Package jpeg decodes JPEG images at 1/1, 1/2, 1/4 and 1/8 of their size, and encodes them (encode.go has the way back).
//
// Data flows one way:
//
//	src ─ markers (header.go, segments.go) ─ unstuffed bits (bits.go) ─ Huffman symbols (huffman.go)
//	    ─ coefficients (sequential.go, progressive.go) ─ inverse DCT at the scale asked for (idct.go)
//	    ─ bands of planes (Decoder.Next) ─ upsampling and colour (upsample.go, color.go, rows.go)
//
// A baseline image streams: one row of MCUs stands in memory at a time. A progressive image, and a sequential one
// whose components come in scans of their own, is read whole by the first call of Next, and only its output streams.
//
// Samples are those of libjpeg-turbo's accurate integer decoder, bit for bit: `djpeg -dct int` at 1/1 and
// `djpeg -dct int -scale N/8` below (with Options.Repeat that of -nosmooth), where each component is reduced by its own best inverse DCT (4:2:0 at 1/2 takes
// 4×4 luma and 8×8 chroma, and needs no upsampling). Exceptions: inter-block smoothing of progressive images whose
// AC scans never came is not done, and values only a damaged file can hold may saturate differently.
//
// Options.Lowpass takes another way down, which is not libjpeg-turbo's: of each block only the lowest 4×4, 2×2 or 1×1
// coefficients, as those of a smaller block. It is sharper, faster, and takes less memory for progressive images.
//
// A Decoder serves one goroutine at a time; different Decoders share nothing that is written to.
package jpeg

import (
	"errors"
	"fmt"
)

// FormatError says that the data is not a whole, valid JPEG image.
type FormatError struct {
	Reason  string
	Offset  int     // where in the source it was noticed, in bytes
	Missing float64 // share of the image that could not be decoded, 0 … 1
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("invalid JPEG: %s at byte %d, %.1f %% of the image missing", e.Reason, e.Offset, 100*e.Missing)
}

// UnsupportedError names a feature of JPEG that this package does not decode.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "unsupported JPEG feature: " + string(e) }

// ErrScans is returned for an image of more scans than Options.MaxScans.
var ErrScans = errors.New("JPEG has more scans than allowed")

// Options for decoding. The zero value decodes at full size, without limits.
type Options struct {
	Scale    int          // 1, 2, 4 or 8: the image is decoded at 1/Scale; 0 means 1
	Repeat   bool         // where chroma has fewer samples, repeat them instead of interpolating: djpeg -nosmooth
	Lowpass  bool         // reduce by leaving out frequencies, not by averaging samples: see the package comment
	Inks     bool         // rows of CMYK and YCCK hold cyan, magenta, yellow and black, 255 the most, instead of RGBA
	MaxScans int          // more scans than this give ErrScans; 0 means any number
	Check    func() error // called once a row of MCUs and scan; its error ends the decoding; may be nil
}
