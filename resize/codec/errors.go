package codec

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// FormatError says that the input is not an image, or a damaged one.
type FormatError struct {
	Format    string // "" when it is no image at all
	Truncated bool   // the file ends before the image does: it may still be on its way
	Reason    string // what is wrong; "" when Truncated says it
}

func (e *FormatError) Error() string {
	switch {
	case e.Format == "":
		return "not an image: " + e.Reason
	case e.Truncated:
		return fmt.Sprintf("incomplete %s: the file ends before the image does", e.Format)
	}
	return fmt.Sprintf("damaged %s: %s", e.Format, e.Reason)
}

// UnsupportedError says that the input is an image of a kind that is known by name and can't be read.
type UnsupportedError struct {
	Format  string
	Feature string // as in "HEIC" or "animated WebP"
	Remedy  string // as in "convert it to JPEG"
}

func (e *UnsupportedError) Error() string {
	return e.Feature + " is not supported yet: " + e.Remedy
}

func damaged(format, reason string, args ...any) error {
	return &FormatError{Format: format, Reason: fmt.Sprintf(reason, args...)}
}

func unsupported(format, feature string, args ...any) error {
	return &UnsupportedError{Format: format, Feature: fmt.Sprintf(feature, args...), Remedy: "convert it to JPEG or PNG"}
}

// Fault gives a decoder's error one of the types above. ended says that the decoder asked for more bytes than there were: the
// one sign of a truncated file that all decoders share.
func Fault(format string, err error, ended bool) error {
	lacks := lacking(err)
	switch {
	case errors.As(err, new(*FormatError)), errors.As(err, new(*UnsupportedError)):
		return err
	case lacks != "":
		return unsupported(format, "this kind of %s (%s)", strings.ToUpper(format), lacks)
	case ended:
		return &FormatError{Format: format, Truncated: true}
	}
	return damaged(format, "%s", plain(err.Error()))
}

// lacking is the feature that a decoder says it does not have, "" when the error is another one.
func lacking(err error) string {
	var (
		inJPEG jpeg.UnsupportedError
		inPNG  png.UnsupportedError
		inTIFF tiff.UnsupportedError
	)
	switch {
	case errors.As(err, &inJPEG):
		return string(inJPEG)
	case errors.As(err, &inPNG):
		return string(inPNG)
	case errors.As(err, &inTIFF):
		return string(inTIFF)
	case errors.Is(err, bmp.ErrUnsupported):
		return "its compression, depth or header"
	}
	return ""
}

// ended says whether a parser of headers wanted more than there is.
func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// plain takes off what the standard library puts before its messages; the format is named already.
func plain(message string) string {
	for {
		head, rest, found := strings.Cut(message, ": ")
		switch {
		case found && len(head) < 24 && (strings.Contains(head, "invalid") || !strings.Contains(head, " ")):
			message = rest
		default:
			return message
		}
	}
}
