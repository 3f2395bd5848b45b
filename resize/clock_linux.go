package resize

import (
	"time"

	"golang.org/x/sys/unix"
)

// thread counts the CPU time of one of ours. Any other one may ask it.
type thread struct {
	clock int32
	start time.Duration
}

// currentThread begins to count for the thread that calls it.
func currentThread() *thread {
	// Linux makes a clock's number of a thread's (include/linux/posix-timers_types.h): the lowest two bits say CPU time as the scheduler
	// sees it, the third that it is a thread's and not a process's.
	t := &thread{clock: int32(^unix.Gettid()<<3 | 6)}
	t.start = t.read()
	return t
}

func (t *thread) read() time.Duration {
	var now unix.Timespec
	if unix.ClockGettime(t.clock, &now) != nil {
		return t.start
	}
	return time.Duration(now.Nano())
}

func (t *thread) spent() time.Duration { return t.read() - t.start }
