package watcher

import "time"

// writer is the kernel's answer: does anybody have the file open for writing?
type writer uint8

const (
	unsaid  writer = iota // the kernel does not tell
	nobody                // nobody, on any machine
	writing               // somebody does
)

// end is the format's answer: is the file's end there?
type end uint8

const (
	unclear end = iota // no format known here, or one whose end does not show
	whole
	cut
)

// sight is what one look at a file has seen.
type sight struct {
	writer writer
	end    end
	size   int64
	quiet  time.Duration // since the last change
}

// complete decides from the surest means to the weakest. An empty file is not complete before it has been quiet: most
// programs create a file before they write to it, some with a close in between.
func (s sight) complete(settle time.Duration) bool {
	switch {
	case s.writer == writing:
		return false
	case s.size > 0 && s.end == whole:
		return true
	case s.size > 0 && s.end == unclear && s.writer == nobody:
		return true
	}
	return s.quiet >= settle
}

// A file somebody writes to is looked at again in ever longer pauses, as no event tells of its closing. An event begins
// them anew, so that a close right after the last write is seen in firstPause.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

func longer(pause time.Duration) time.Duration {
	return min(max(2*pause, firstPause), lastPause)
}
