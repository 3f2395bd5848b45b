// Package pool does bounded work: jobs of one type go in, one Result each comes out, and a limited number of workers is
// busy in between. It knows nothing of what the work is.
//
//	Submit ─► queue ─► worker ─ Work ─► Results
//	            ▲         │ failed, attempts left: waits out its backoff, on no worker
//	            └── retry ┤
//	                      └ failed for good: Result with its error, and a dead letter
//
// New makes a pool, Run starts its workers and blocks until Shutdown has drained it or Stop has ended it. Everything is held
// back by what comes after it: a full queue blocks Submit, results that nobody reads block the workers.
//
// Change sets other options on the way.
//
// What may run concurrently: Work, with itself, on as many goroutines as there are workers; every method, with every other.
// Run's own goroutine owns the workers: it alone starts them, and it alone closes the queue and the results, when neither
// has a sender left. A job is pending from the moment Submit takes it in until it has ended, its backoff included, and drained
// means: no intake any more, and as many jobs ended as were submitted.
package pool

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var (
	ErrClosed  = errors.New("pool takes no more jobs")
	ErrFull    = errors.New("pool's queue is full")
	ErrStopped = errors.New("pool was stopped before its work was done")
)

// Work does one attempt of a job. Its ctx is cancelled by Stop, when Shutdown's time runs out, and with Run's ctx. A job that
// ignores it holds Stop up until it returns: a goroutine cannot be ended from outside. On an error the value is still passed on.
type Work[J, R any] func(ctx context.Context, t *Task[J]) (R, error)

// Task is one attempt of a job. It is valid until Work returns.
type Task[J any] struct {
	Job     J
	Attempt int // counts from 1

	budget   *budget
	reserved bool
	held     int64
}

// Options of a Pool; the zero value is one worker per CPU, no retries.
type Options struct {
	MinWorkers  int           // 0, or more than MaxWorkers: MaxWorkers, a pool of fixed size
	MaxWorkers  int           // 0: SizeFor(CPUBound, 0)
	IdleTimeout time.Duration // a worker above MinWorkers that was idle this long ends; 0: 30 s
	Queue       int           // how many jobs may wait, and how many results; 0: ten per worker of MaxWorkers
	Budget      int64         // what all tasks together may Reserve; 0: no limit
	Retry       Retry
}

// Result is how a job ended: Err is its last attempt's. Value is what Work returned, also beside an error.
type Result[J, R any] struct {
	Job      J
	Value    R
	Err      error
	Attempts int
}

// Pool is a bounded pool of workers. New makes one.
type Pool[J, R any] struct {
	work Work[J, R]
	opts atomic.Pointer[settings]

	state     atomic.Int32 // open, closed, stopped
	alive     atomic.Int32 // workers
	submitted atomic.Int64 // jobs, without those refused
	ended     atomic.Int64 // jobs: done, failed or abandoned
	failed    atomic.Int64
	abandoned atomic.Int64
	unread    atomic.Int64
	retries   atomic.Int64
	panics    atomic.Int64

	queue   chan item[J]
	results chan Result[J, R]
	budget  *budget
	backoff backoff
	dead    letters[J]

	started  atomic.Bool
	wanted   chan struct{} // a job waits and no worker is idle
	stopping chan struct{} // closed: stop
	stop     sync.Once     // guards stopping
	drained  chan struct{} // closed: no job is pending and none will come
	drain    sync.Once     // guards drained
	over     chan struct{} // closed: Run has returned
}

// The states of a pool, in the order that they are passed through.
const (
	open int32 = iota
	closed
	stopped
)

// item is a job with the attempts made so far.
type item[J any] struct {
	job      J
	attempts int
}

// New returns a pool that does work on every job. It takes jobs in at once, and works on them when Run is called.
func New[J, R any](work Work[J, R], o Options) *Pool[J, R] {
	o = o.filled()
	p := &Pool[J, R]{
		work:     work,
		queue:    make(chan item[J], o.Queue),
		results:  make(chan Result[J, R], o.Queue),
		budget:   newBudget(o.Budget),
		wanted:   make(chan struct{}, 1),
		stopping: make(chan struct{}),
		drained:  make(chan struct{}),
		over:     make(chan struct{}),
	}
	p.opts.Store(newSettings(o))
	return p
}

// Submit gives the pool a job, and blocks while the queue is full. Its error is ErrClosed after Shutdown or Stop, or ctx's.
// A job that was taken in (nil) has exactly one Result, however Submit and Shutdown race, unless the pool is stopped.
func (p *Pool[J, R]) Submit(ctx context.Context, job J) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !p.enter() {
		return ErrClosed
	}
	if p.offer(job) {
		return nil
	}
	runtime.Gosched() // to the workers: where jobs are short there is room then, and standing in line costs more
	if p.offer(job) {
		return nil
	}
	select {
	case p.queue <- item[J]{job: job}:
		p.scale()
		return nil
	case <-ctx.Done():
		p.leave()
		return ctx.Err()
	case <-p.stopping:
		p.leave()
		return ErrClosed
	}
}

// TrySubmit is Submit that never blocks: with no room in the queue it is ErrFull. It is an error and not a bool because the
// caller does different things about the two: try later, or give up.
func (p *Pool[J, R]) TrySubmit(job J) error {
	if !p.enter() {
		return ErrClosed
	}
	if !p.offer(job) {
		p.leave()
		return ErrFull
	}
	return nil
}

// offer puts a job into the queue if there is room.
func (p *Pool[J, R]) offer(job J) bool {
	select {
	case p.queue <- item[J]{job: job}:
		p.scale()
		return true
	default:
		return false
	}
}

// Results has one Result for each job that ran to its end, in the order that they ended. It is closed when Run returns. Read
// it: as many results as the queue has places are kept, then the workers wait. After Stop they don't: see Stats.Unread.
func (p *Pool[J, R]) Results() <-chan Result[J, R] { return p.results }

// enter counts a job as pending, if the pool takes jobs in. It counts first and looks then: whoever closes the pool
// afterwards sees the count.
func (p *Pool[J, R]) enter() bool {
	p.submitted.Add(1)
	if p.state.Load() == open {
		return true
	}
	p.leave()
	return false
}

// leave takes back what enter counted.
func (p *Pool[J, R]) leave() {
	p.submitted.Add(-1)
	p.settle()
}

// scale asks for a worker when jobs wait and there may be one more. A channel hands a job straight to a receiver that waits,
// so a job in the queue means that no worker is idle.
func (p *Pool[J, R]) scale() {
	if int(p.alive.Load()) < p.opts.Load().MaxWorkers && len(p.queue) > 0 {
		p.want()
	}
}

func (p *Pool[J, R]) want() {
	select {
	case p.wanted <- struct{}{}:
	default: // asked for already
	}
}

// end counts a pending job as ended.
func (p *Pool[J, R]) end() {
	p.ended.Add(1)
	p.settle()
}

// settle declares the pool drained if it is. To be called after every change of what drained depends on.
func (p *Pool[J, R]) settle() {
	if p.state.Load() == open {
		return
	}
	// Without intake, no more can end than were taken in, and no fewer be submitted: where the two meet, that is all.
	if p.ended.Load() == p.submitted.Load() {
		p.drain.Do(func() { close(p.drained) })
	}
}
