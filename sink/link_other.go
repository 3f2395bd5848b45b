//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package sink

import (
	"errors"
	"os"
)

// hardLink is not to be had between two roots here: the original is copied instead.
func hardLink(*os.Root, string, *os.Root, string) error { return errors.ErrUnsupported }
