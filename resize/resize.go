// Package resize makes an encoded image's variants: one image in, its variants out, all in memory.
//
//	src ─► Probe ─► Info ─► Limits.Check ─► Process: codec.Decode, once, row by row
//	          └► Plan, Cost                    ─► scaling: the frames that are made from the source, while its rows come
//	             (from the header alone)       ─► the others, each from the nearest larger one ─► upright
//	                                           ─► padded, flattened ─► codec.Encode ─► Result
//
// A plan is made from the header alone, by one function for Plan, Cost and Process, so that they agree. Samples are scaled by package
// resample, as Y, Cb and Cr where the source has them; RGBA is turned and padded by disintegration/imaging; formats are read
// and written by package codec, behind its registry.
//
// All functions may run concurrently. Process starts no goroutine, but imaging spreads its work over GOMAXPROCS goroutines of its own,
// whose panics nobody could recover: it is handed nothing but pixels that were scaled here, as *image.NRGBA.
package resize

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"pixmill/resize/codec"
	"pixmill/resize/codec/wasm"
)

type (
	// Info is what an image's headers say.
	Info = codec.Info
	// FormatError says that the input is not an image, or a damaged one; its field Truncated, that the file ends too early.
	FormatError = codec.FormatError
	// UnsupportedError says that the input is an image that can't be read yet, and what to do about it.
	UnsupportedError = codec.UnsupportedError
)

// CacheIn names a folder for the decoders and encoders of AVIF, HEIC and WebP in the form in which this machine runs them: with it only
// the first of all starts that need one waits for it, 1 to 3 seconds, and others some hundredths. It counts for what has not been used
// yet. Nobody else should be able to write there: it holds machine code.
func CacheIn(folder string) { wasm.CacheIn(folder) }

// PanicError is a decoder's panic, contained.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("internal error, please report it with the photo: %v", e.Value)
}

func contain(err *error) {
	if r := recover(); r != nil {
		*err = &PanicError{Value: r, Stack: debug.Stack()}
	}
}

// Sniff names the format of a file from its first 16 bytes or more, whatever the file is called: "jpeg" "png" "gif" "webp" "tiff"
// "bmp" "avif" "heic", the name of an image format that can't be read ("jxl" "jp2" …), or "" for what is no image.
func Sniff(head []byte) string { return codec.Sniff(head) }

// Probe reads the headers of a file of that size: no pixel is decoded, and reads and memory are bounded (less than 1 MB) however
// the file is made. Errors are *FormatError, *UnsupportedError, or r's own; what was found before one is returned with it. A file that is
// truncated behind its headers is no error yet, but Info.Truncated where the headers' structure shows it.
func Probe(r io.ReaderAt, size int64) (info Info, err error) {
	defer contain(&err)
	if size <= 0 {
		return Info{}, &FormatError{Truncated: true, Reason: "the file is empty"}
	}
	head := make([]byte, min(size, 32))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		if err == nil || err == io.EOF {
			return Info{}, &FormatError{Truncated: true, Reason: "the file ends at once"}
		}
		return Info{}, fmt.Errorf("cannot be read: %w", err)
	}
	name := codec.Sniff(head)
	c := codec.Find(name)
	if c == nil {
		return Info{Format: name}, codec.Foreign(name)
	}
	info, err = c.Read(codec.NewHeader(r, size))
	info.Bytes = size
	return info, err
}

// Output is one variant in one format.
type Output struct {
	Target
	Data    []byte // may be shared with outputs that are the same
	Kept    bool   // it is the source's own picture, its metadata filtered, turned upright without loss: nothing was encoded
	Quality int    // that Auto or MaxBytes led to; 0: the recipe's
}

// Result is everything that was made of one image, in the order of Plan.
type Result struct {
	Info    Info
	Outputs []Output
	Preview *Preview // nil: the recipe wants none
	Notes   []string // what the outputs lack of the source or the recipe, for people
	Remarks []string // what else is worth knowing of them
}

// Process makes all variants of src. The limits are checked before a pixel is decoded. Errors are *FormatError, *UnsupportedError,
// *TooLargeError (errors.Is ErrTooLarge), *PanicError, or ctx's; the Result is then what is known of the image, without outputs.
func Process(ctx context.Context, src []byte, r Recipe, l Limits) (Result, error) {
	return processSource(ctx, &codec.Source{Data: src}, r, l)
}

// Streams says whether ProcessFile reads such an image by a window that goes along it, so that the file takes no memory.
func Streams(info Info, r Recipe) bool {
	if !info.Streams {
		return false
	}
	p := newPlan(info, r)
	_, gains := p.gainPlan()
	return !p.wantsOwn() && len(gains) == 0
}

// ProcessFile is Process for a file of that size, which is read as a whole unless it Streams. It has to stay as it is meanwhile. Errors
// may also be the file's.
func ProcessFile(ctx context.Context, file io.ReaderAt, size int64, r Recipe, l Limits) (result Result, err error) {
	info, err := Probe(file, size)
	if err == nil && l.Check(info, size) == nil && !Streams(info, r) {
		src := make([]byte, size)
		if _, err := io.ReadFull(io.NewSectionReader(file, 0, size), src); err != nil {
			return Result{Info: info}, fmt.Errorf("cannot be read: %w", err)
		}
		return Process(ctx, src, r, l)
	}
	return processSource(ctx, &codec.Source{File: file, Size: size}, r, l)
}

// processSource is Process, or ProcessFile for what streams or is refused before it is decoded.
func processSource(ctx context.Context, in *codec.Source, r Recipe, l Limits) (result Result, err error) {
	defer contain(&err)
	ctx, clock, leave := l.clock(ctx)
	defer leave()
	info, err := Probe(in.Reader(), in.Length())
	result.Info = info
	if err != nil {
		return result, err
	}
	if r.looksForFaces() {
		r.faces = faces(info)
	}
	p := newPlan(info, r)
	if err := l.admit(in, info, p); err != nil {
		return result, err
	}
	if info.Truncated {
		return result, &FormatError{Format: info.Format, Truncated: true}
	}
	in.Stop, in.Join = func() error { return stopped(ctx) }, clock.join
	if p, err = p.withOwn(in, r); err != nil {
		return result, err
	}
	p.load(codec.Metadata(in))
	if err := p.makeGains(ctx, in); err != nil {
		return result, err
	}
	outputs, err := p.run(ctx, in)
	if err != nil {
		return result, err
	}
	result.Outputs, result.Notes, result.Remarks = outputs, p.notes(), p.remarks.lines()
	if p.seen != nil {
		result.Preview, err = newPreview(p.seen)
	}
	return result, err
}
