package resize

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// clock is Limits.Time at work: it counts the time that goroutines spend on one image while they are joined to it.
type clock struct {
	limit time.Duration

	mu      sync.Mutex
	spent   time.Duration        // by those that have left
	working map[*thread]struct{} // those that have not
}

type clockKey struct{}

// clock starts Limits.Time for the calling goroutine, until leave; stopped(ctx) asks for it.
func (l Limits) clock(ctx context.Context) (_ context.Context, c *clock, leave func()) {
	c = &clock{limit: l.Time, working: map[*thread]struct{}{}}
	return context.WithValue(ctx, clockKey{}, c), c, c.join()
}

// join counts the calling goroutine in, until it calls leave. It keeps its thread meanwhile, whose time is its own then.
func (c *clock) join() (leave func()) {
	if c.limit <= 0 {
		return func() {}
	}
	runtime.LockOSThread()
	t := currentThread()
	c.mu.Lock()
	c.working[t] = struct{}{}
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.spent += t.spent()
		delete(c.working, t)
		c.mu.Unlock()
		runtime.UnlockOSThread()
	}
}

// check is a *TooLargeError once more time was spent than there is.
func (c *clock) check() error {
	if c.limit <= 0 {
		return nil
	}
	c.mu.Lock()
	sum := c.spent
	for t := range c.working {
		sum += t.spent()
	}
	c.mu.Unlock()
	if sum <= c.limit {
		return nil
	}
	seconds := strconv.FormatFloat(c.limit.Seconds(), 'f', -1, 64)
	return &TooLargeError{"not done after " + seconds + " s", "limits.seconds", seconds}
}
