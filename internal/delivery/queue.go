// Package delivery brings word of what was done to where it is wanted: commands that are run, files that are uploaded, messages that are
// sent. What receives them may be slow, or dead; so each kind has a Queue, which is a pool of its own, sized for waiting, and whoever
// gives it a job goes on at once.
//
//	Give ─► pool: deliver, at most Rate a second, retried with backoff ─► ended
//
// A Queue bounds what waits for it: with no room, Give says so and the job is lost to it.
package delivery

import (
	"context"
	"sync/atomic"

	"golang.org/x/time/rate"

	"pixmill/pool"
)

// Options of a Queue. The zero value delivers once, without a limit in time.
type Options struct {
	Workers int     // how many are delivered at once; 0: pool.SizeFor(pool.IOBound, 0)
	Waiting int     // how many may wait; 0: 10,000
	Rate    float64 // attempts a second, at most; 0: no limit
	Retry   pool.Retry
}

// Ended is how a job ended.
type Ended[J any] = pool.Result[J, struct{}]

// Queue delivers jobs of one kind. New makes one, Run delivers.
type Queue[J any] struct {
	pool    *pool.Pool[J, struct{}]
	ended   func(Ended[J])
	pending atomic.Int64
}

// New returns a queue that does deliver with every job. ended is told how each one ended, one at a time, after all its attempts; one that
// was given up because Run's ctx ended has context.Canceled, or is never told of.
func New[J any](deliver func(context.Context, J) error, ended func(Ended[J]), o Options) *Queue[J] {
	if o.Workers <= 0 {
		o.Workers = pool.SizeFor(pool.IOBound, 0)
	}
	if o.Waiting <= 0 {
		o.Waiting = 10_000
	}
	limit := rate.NewLimiter(rate.Inf, 1)
	if o.Rate > 0 {
		limit.SetLimit(rate.Limit(o.Rate))
	}
	work := func(ctx context.Context, t *pool.Task[J]) (none struct{}, err error) {
		if err := limit.Wait(ctx); err != nil {
			return none, err
		}
		return none, deliver(ctx, t.Job)
	}
	return &Queue[J]{
		pool:  pool.New(work, pool.Options{MinWorkers: 1, MaxWorkers: o.Workers, Queue: o.Waiting, Retry: o.Retry}),
		ended: ended,
	}
}

// Give hands a job over and does not wait: pool.ErrFull with no room, pool.ErrClosed after Finish.
func (q *Queue[J]) Give(job J) error {
	q.pending.Add(1)
	err := q.pool.TrySubmit(job)
	if err != nil {
		q.pending.Add(-1)
	}
	return err
}

// Submit is Give that waits for room, until ctx ends.
func (q *Queue[J]) Submit(ctx context.Context, job J) error {
	q.pending.Add(1)
	err := q.pool.Submit(ctx, job)
	if err != nil {
		q.pending.Add(-1)
	}
	return err
}

// Run delivers until Finish, or until ctx ends, which cancels what is on its way. It may be called once.
func (q *Queue[J]) Run(ctx context.Context) error {
	ran := make(chan error, 1)
	go func() { ran <- q.pool.Run(ctx) }()
	for r := range q.pool.Results() {
		q.ended(r)
		q.pending.Add(-1)
	}
	return <-ran
}

// Finish ends intake and waits until everything that was given has ended, or ctx; Run must go on meanwhile.
func (q *Queue[J]) Finish(ctx context.Context) error { return q.pool.Shutdown(ctx) }

// Pending is how many jobs were given and have not ended. After Run's ctx has ended, it is how many were not told of.
func (q *Queue[J]) Pending() int { return int(q.pending.Load()) }

// Stats are the pool's.
func (q *Queue[J]) Stats() pool.Stats { return q.pool.Stats() }
