// Package png decodes PNG images row by row.
//
// Data flows one way:
//
//	src ─ chunks, their checksums (chunks.go) ─ header, palette, transparency (header.go)
//	    ─ IDAT joined, inflated, its Adler-32 (inflate.go) ─ filters undone (filter.go)
//	    ─ samples to 8 bits, pixels to grey or RGBA (convert.go) ─ Decoder.Next
//
// An image that is not interlaced streams: two of its rows and the compressor's window stand in memory, besides src. An interlaced
// one is read whole by the first call of Next (adam7.go), and only its output streams.
//
// What is accepted, and what comes out, is what Go's image/png accepts and returns, pixel by pixel, with 16-bit samples rounded
// to 8: this includes that indices beyond the end of a palette are opaque black, as in libpng. Errors tell a file that ends too
// early from a damaged one.
//
// A Decoder serves one goroutine at a time; different Decoders share nothing that is written to.
package png

import "fmt"

// FormatError says that the data is not a whole, valid PNG image.
type FormatError struct {
	Reason    string
	Truncated bool    // the file ends before the image does
	Missing   float64 // share of the image that could not be decoded, 0 … 1
}

func (e *FormatError) Error() string {
	kind := "invalid"
	if e.Truncated {
		kind = "incomplete"
	}
	return fmt.Sprintf("%s PNG: %s, %.1f %% of the image missing", kind, e.Reason, 100*e.Missing)
}

// UnsupportedError names a feature of PNG that this package does not decode.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "unsupported PNG feature: " + string(e) }

// Options for decoding. The zero value decodes without a check.
type Options struct {
	Check func() error // called about every 64 KB of pixels; its error ends the decoding; may be nil
}
