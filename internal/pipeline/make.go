package pipeline

import (
	"context"
	"io"

	"pixmill/resize"
	"pixmill/sink"
)

// Maker makes a photo's outputs from its bytes. Everything around that (what is known of the photo, what lacks, where it goes, the
// ledger, the savings log, the original's fate) stays with the pipeline, so a Maker may be anywhere.
type Maker interface {
	// Cost is how many bytes of memory here, in this process, a photo of that size takes while it is made.
	Cost(size int64, info resize.Info, r resize.Recipe) int64
	// Make may be called by all the pool's workers at once. Errors about the photo are resize's; one that is a *SpentError is not
	// worth another attempt.
	Make(ctx context.Context, w Work) (Made, error)
}

// streamer is a Maker that takes some photos from their files, which need not be in memory then.
type streamer interface {
	Streams(size int64, info resize.Info, r resize.Recipe) bool
}

// Work is one photo to be made.
type Work struct {
	Name   string      // that tells it from others
	Data   []byte      // nil: it streams from File
	File   io.ReaderAt // of Size bytes
	Size   int64
	Hash   string // of Data: SHA-256, hexadecimal
	Info   resize.Info
	Recipe resize.Recipe // of what lacks only
	Limits resize.Limits

	// Names gives the paths that its outputs are to have, for a Maker that brings them to the sink's Place itself.
	Names func() ([]Named, error)
}

// Named is the path of an output.
type Named struct{ Variant, Format, Path string }

// Sent is an output that is in the sink's Place.
type Sent = sink.Sent

// Made is what came of it. Sent has an entry for each output, which has no Data then, where the Maker brought them to the sink's Place itself; nil: it did not. Stored is called once the outputs and their record are on disk, and not at all where that failed; nil: nobody
// wants to know.
type Made struct {
	resize.Result
	Sent   []Sent
	Stored func()
}

// SpentError is a failure that has used up its attempts already, wherever they were made.
type SpentError struct {
	Err      error // of the last attempt
	Attempts int
}

func (e *SpentError) Error() string { return e.Err.Error() }
func (e *SpentError) Unwrap() error { return e.Err }

// here makes photos in this process.
type here struct{}

func (h here) Cost(size int64, info resize.Info, r resize.Recipe) int64 {
	if h.Streams(size, info, r) {
		return resize.Cost(info, r)
	}
	return size + resize.Cost(info, r)
}

// leastStream is the size from which on a photo is read twice, to be hashed and to be decoded, rather than kept: below, that
// costs more than the memory is worth.
const leastStream = 8 << 20

func (here) Streams(size int64, info resize.Info, r resize.Recipe) bool {
	return size >= leastStream && resize.Streams(info, r)
}

func (here) Make(ctx context.Context, w Work) (Made, error) {
	if w.Data == nil {
		result, err := resize.ProcessFile(ctx, w.File, w.Size, w.Recipe, w.Limits)
		return Made{Result: result}, err
	}
	result, err := resize.Process(ctx, w.Data, w.Recipe, w.Limits)
	return Made{Result: result}, err
}
