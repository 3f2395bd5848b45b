//go:build !linux

package resize

import "time"

// thread counts by the clock on the wall: that of another thread's CPU time is not to be had here without C.
type thread struct{ start time.Time }

func currentThread() *thread { return &thread{time.Now()} }

func (t *thread) spent() time.Duration { return time.Since(t.start) }
