package watcher

import "time"

// writers is what the kernel says of those who have a file open for writing.
type writers int

const (
	unknownWriters writers = iota // it does not say
	noWriter
	someWriter
)

// ending is what a file's format says of its end.
type ending int

const (
	unknownEnd ending = iota // the format has no end mark, or is not known
	whole
	cut
)

// complete is how a file is judged: first by the kernel, then by its format's end mark, and by quiet time only where
// neither tells. It returns how long to wait for the next look; 0 is complete.
func complete(w writers, e ending, size int64, quiet, settle time.Duration) time.Duration {
	switch {
	case w == someWriter:
		return again
	case size > 0 && w == noWriter && e != cut:
		return 0
	case size > 0 && e == whole:
		return 0
	default:
		return max(0, settle-quiet)
	}
}

// A file that has a writer is looked at again after a while that grows: its close is no event.
const (
	again     = 5 * time.Millisecond
	againMost = 250 * time.Millisecond
)
