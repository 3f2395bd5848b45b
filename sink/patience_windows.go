package sink

import (
	"errors"
	"time"

	"golang.org/x/sys/windows"
)

// How long a file may be in others' hands: a virus scanner, the indexer or a site generator that reads it.
const (
	patience = 2 * time.Second
	pause    = 20 * time.Millisecond
)

// patiently tries again while somebody has the file open and does not share its name, which Windows calls one of three things: access is
// also denied where there is no right, so patience ends.
func patiently(do func() error) error {
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		err := do()
		held := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !held || time.Now().After(end) {
			return err
		}
	}
}
