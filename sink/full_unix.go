//go:build !windows

package sink

import (
	"errors"
	"syscall"
)

// Full reports whether an error says that a disk, or a user's share of it, is full: more room mends it, and nothing else.
func Full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
