//go:build unix && !linux

package watcher

import (
	"os"
	"syscall"
)

// readFlags open a file without waiting for the other end of a FIFO that took the file's place.
const readFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOFOLLOW

// askKernel: these kernels do not tell.
func askKernel(*os.File) writer { return unsaid }

// inUse tells an error of opening that means that somebody is writing.
func inUse(error) bool { return false }
