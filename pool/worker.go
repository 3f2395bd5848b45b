package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// PanicError is the error of a job that panicked. It is never retried.
type PanicError struct {
	Value any    // that was passed to panic
	Stack []byte // of the goroutine, as debug.Stack formats it
}

func (e *PanicError) Error() string { return fmt.Sprintf("job panicked: %v", e.Value) }

// Unwrap returns the value when the job panicked with an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// errExited is the error of a job that called runtime.Goexit, as testing.T's FailNow does.
var errExited = errors.New("job ended its goroutine (runtime.Goexit)")

// worker is the state of one of the pool's goroutines.
type worker[J, R any] struct {
	*Pool[J, R]
	task Task[J]     // reused: one for each job would be the only allocation
	busy bool        // with task
	idle *time.Timer // nil until it is needed: in a pool of fixed size never
}

// worker works on first, and then on the queue until that is closed, or until the worker has been idle for too long.
func (p *Pool[J, R]) worker(ctx context.Context, first ...item[J]) {
	w := &worker[J, R]{Pool: p, task: Task[J]{budget: p.budget}}
	defer w.exit(ctx)
	for _, it := range first {
		w.do(ctx, it)
	}
	for it, ok := w.next(); ok; it, ok = w.next() {
		w.do(ctx, it)
	}
}

func (w *worker[J, R]) do(ctx context.Context, it item[J]) {
	if w.state.Load() == stopped {
		w.abandon()
		return
	}
	if it.attempts > 0 {
		w.retries.Add(1)
	}
	w.busy = true
	w.task.Job, w.task.Attempt = it.job, it.attempts+1
	value, err, again := w.attempt(ctx)
	w.conclude(ctx, value, err, again)
	w.busy = false
}

// next waits for a job; false: there will be none, or the pool can do without this worker.
func (w *worker[J, R]) next() (it item[J], ok bool) {
	for {
		o := w.opts.Load()
		if w.retire(o.MaxWorkers) {
			return it, false
		}
		select {
		case it, ok = <-w.queue:
			return it, ok
		default:
		}
		runtime.Gosched() // to who submits, as Submit does: where jobs are short there is one then
		select {
		case it, ok = <-w.queue:
			return it, ok
		default:
		}
		select {
		case it, ok = <-w.queue:
			return it, ok
		case <-w.timeout(o):
			if w.retire(o.MinWorkers) {
				return it, false
			}
		case <-o.changed:
			continue
		}
		select { // one of the last
		case it, ok = <-w.queue:
			return it, ok
		case <-o.changed:
		}
	}
}

// timeout starts the time that a worker may be idle; nil: in a pool of fixed size that has no end.
func (w *worker[J, R]) timeout(o *settings) <-chan time.Time {
	if o.MinWorkers == o.MaxWorkers {
		return nil
	}
	if w.idle == nil {
		w.idle = time.NewTimer(o.IdleTimeout)
	} else {
		w.idle.Reset(o.IdleTimeout)
	}
	return w.idle.C
}

// retire counts a worker out where there are more than least.
func (p *Pool[J, R]) retire(least int) bool {
	for n := p.alive.Load(); int(n) > least; n = p.alive.Load() {
		if p.alive.CompareAndSwap(n, n-1) {
			p.scale() // a job may have come that waited for this worker
			return true
		}
	}
	return false
}

// attempt runs Work once. A panic, in Retryable too, becomes the error.
func (w *worker[J, R]) attempt(ctx context.Context) (value R, err error, again bool) {
	defer func() {
		if v := recover(); v != nil {
			w.panics.Add(1)
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	value, err = w.work(ctx, &w.task)
	if err != nil {
		again = w.opts.Load().Retry.again(w.task.Attempt, err)
	}
	return value, err, again
}

// conclude decides what comes after an attempt: a retry, or the end.
func (w *worker[J, R]) conclude(ctx context.Context, value R, err error, again bool) {
	r := Result[J, R]{Job: w.task.Job, Value: value, Err: err, Attempts: w.task.Attempt}
	w.task.clear()
	switch {
	case err == nil:
	case again && w.retry(item[J]{job: r.Job, attempts: r.Attempts}):
		return
	case again, ctx.Err() != nil && errors.Is(err, context.Canceled):
		w.abandoned.Add(1) // it would have succeeded, or got another attempt, without Stop
	default:
		w.failed.Add(1)
		w.dead.add(DeadLetter[J]{Job: r.Job, Err: err, Attempts: r.Attempts, Time: time.Now()})
	}
	w.end() // first, so that who reads the last result finds it in Stats
	w.send(r)
}

// send waits for a place among the results, unless the pool is stopped.
func (w *worker[J, R]) send(r Result[J, R]) {
	select {
	case w.results <- r:
		return
	default:
	}
	runtime.Gosched() // to who reads
	select {
	case w.results <- r:
		return
	default:
	}
	select {
	case w.results <- r:
	case <-w.stopping:
		w.unread.Add(1)
	}
}

// exit is where a worker ends. When a job ended it, by runtime.Goexit, the job gets its result and the pool another worker.
func (w *worker[J, R]) exit(ctx context.Context) {
	if !w.busy {
		return
	}
	w.alive.Add(-1)
	w.want()
	var none R
	w.conclude(ctx, none, errExited, false)
}

// abandon ends a job that was still waiting when the pool was stopped.
func (p *Pool[J, R]) abandon() {
	p.abandoned.Add(1)
	p.end()
}
