package sink

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// Full reports whether an error says that a disk, or a user's share of it, is full: more room mends it, and nothing else.
func Full(err error) bool {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED} {
		if errors.Is(err, full) {
			return true
		}
	}
	return false
}
