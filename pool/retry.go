package pool

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Retry says which failed jobs are tried again, and when. The zero value: none.
type Retry struct {
	MaxAttempts int              // with the first one; 0 or 1: no retry
	Backoff     time.Duration    // the wait after the first attempt, doubled after each further one; 0: 100 ms
	MaxBackoff  time.Duration    // no wait is longer; 0: 5 s
	Retryable   func(error) bool // nil: every error. Panics and context.Canceled are not asked about: they are never retried
}

// again reports whether a job whose attempt (from 1) failed with err gets another one.
func (r *Retry) again(attempt int, err error) bool {
	return attempt < r.MaxAttempts && !errors.Is(err, context.Canceled) && (r.Retryable == nil || r.Retryable(err))
}

// wait is how long to wait after the given attempt (from 1): between half of the doubled time and all of it, at random, so that
// jobs that failed together don't come back together.
func (r *Retry) wait(attempt int) time.Duration {
	d, most := r.Backoff, r.MaxBackoff
	if d <= 0 {
		d = 100 * time.Millisecond
	}
	if most <= 0 {
		most = 5 * time.Second
	}
	d = min(d, most)
	for i := 1; i < attempt && d < most; i++ {
		d += min(d, most-d)
	}
	return d - rand.N(d/2+1)
}

// retry lets a job wait for its next attempt; false: the pool is stopped. A job whose time has come queues for a place like
// one that is submitted, in the order of coming, so that neither starves the other.
func (p *Pool[J, R]) retry(it item[J]) bool {
	return p.backoff.after(p.opts.Load().Retry.wait(it.attempts), func() {
		p.queue <- it // it is pending: the queue is open, and workers take from it, after Stop too
		p.scale()
	})
}

// backoff holds calls that wait for their time: a timer each, and no goroutine before it fires.
type backoff struct {
	mu      sync.Mutex
	waiting map[*time.Timer]struct{}
	stopped bool
	calls   sync.WaitGroup
}

// after calls f when d has passed, unless stop comes first; false: it came before.
func (b *backoff) after(d time.Duration, f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return false
	}
	b.calls.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer b.calls.Done()
		f()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting, t)
	})
	if b.waiting == nil {
		b.waiting = map[*time.Timer]struct{}{}
	}
	b.waiting[t] = struct{}{}
	return true
}

// stop returns how many calls will never be made. Those whose time has come are on their way, and not among them.
func (b *backoff) stop() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	for t := range b.waiting {
		if t.Stop() {
			delete(b.waiting, t)
			b.calls.Done()
			n++
		}
	}
	return n
}

func (b *backoff) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}
