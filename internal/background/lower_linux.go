package background

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ioprio_set(2): the class "idle" in the upper bits, of one thread.
const (
	ioprioWhoProcess = 1
	ioprioIdle       = 3 << 13
)

// niceness of a process that stands back; 19 would get nothing at all beside a busy browser.
const niceness = 10

// Lower gives this process a low CPU priority and the disk only when nobody else wants it. On Linux both belong to threads, and threads
// inherit them: it should be called early, while there are few. Errors leave the priority as it was.
func Lower() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.Setpriority(unix.PRIO_PROCESS, id, niceness); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
		if _, _, errno := unix.Syscall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, uintptr(id), ioprioIdle); errno != 0 && errno != unix.ESRCH {
			return errno
		}
	}
	return nil
}
