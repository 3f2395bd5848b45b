package watcher

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openFlags opens without waiting for the other end of what turned out to be a pipe.
const openFlags = os.O_RDONLY | unix.O_NONBLOCK

// askKernel takes a read lease and lets go of it: the kernel refuses one with EAGAIN while anybody has the file open for
// writing (fcntl(2), F_SETLEASE). It also refuses on other people's files (EACCES) and some file systems (EINVAL): then it
// does not say.
func askKernel(f *os.File) writers {
	answer := unknownWriters
	conn, err := f.SyscallConn()
	if err != nil {
		return answer
	}
	_ = conn.Control(func(fd uintptr) {
		_, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
		switch {
		case err == nil:
			answer = noWriter
			_, _ = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK) // closing would end it, too
		case errors.Is(err, unix.EAGAIN):
			answer = someWriter
		}
	})
	return answer
}
