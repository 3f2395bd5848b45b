package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pixmill/sink"
)

// twins keeps two workers from making the same of one content: the second waits, and finds what the first has made.
type twins struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // by hash; closed when its worker is done
}

// alone waits until nobody else is at work on a content; done ends that.
func (t *twins) alone(ctx context.Context, hash string) error {
	for {
		t.mu.Lock()
		other, busy := t.busy[hash]
		if !busy {
			t.busy[hash] = make(chan struct{})
		}
		t.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *twins) done(hash string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.busy[hash])
	delete(t.busy, hash)
}

// room is whether there is any on the disks.
type room struct {
	mu   sync.Mutex
	full bool
}

// turn notes whether the disk is full, and tells if that is news: under the lock, so that what is told keeps its order.
func (r *room) turn(full bool, tell func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.full != full {
		r.full = full
		tell()
	}
}

// The waits of patiently: the first, and the longest that doubling leads to.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 10 * time.Second
)

// patiently writes something, and tries again while a disk is full, until ctx ends: nothing that was made is thrown away. All workers
// come to wait here, and so the queue and intake; that is said once, and once that it is over.
func (p *Pipeline) patiently(ctx context.Context, write func() error) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := write()
		if !sink.Full(err) {
			if err == nil {
				p.room.turn(false, func() { p.opts.Warn(errors.New("there is room on the disk again: going on")) })
			}
			return err
		}
		p.room.turn(true, func() {
			p.opts.Warn(fmt.Errorf("the disk is full, work waits: make room and it goes on by itself: %w", err))
		})
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
