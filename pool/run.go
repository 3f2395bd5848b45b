package pool

import (
	"context"
	"errors"
)

// Run starts the workers and blocks until the pool is drained (nil), or stopped: by ctx (its error) or by Stop or the end
// of Shutdown's time (ErrStopped). When it returns, the workers are gone and Results is closed. It may be called once.
func (p *Pool[J, R]) Run(ctx context.Context) error {
	if p.started.Swap(true) {
		return errors.New("pool runs already, or has run")
	}
	defer close(p.over)
	defer close(p.results)

	working, cancel := context.WithCancel(ctx)
	defer cancel()
	running, exited := 0, make(chan struct{})
	start := func(first ...item[J]) {
		p.alive.Add(1)
		running++
		go func() {
			defer func() { exited <- struct{}{} }()
			p.worker(working, first...)
		}()
	}
	// A worker above the least number starts with a job in its hands: so there are never more than jobs that find nobody idle.
	grow := func() {
		for int(p.alive.Load()) < p.opts.Load().MinWorkers {
			start()
		}
		for int(p.alive.Load()) < p.opts.Load().MaxWorkers {
			select {
			case it := <-p.queue:
				start(it)
			default:
				return
			}
		}
	}

	grow()
	wanted, drained, cancelled, stopping := p.wanted, p.drained, ctx.Done(), p.stopping
	for drained != nil || running > 0 {
		select {
		case <-wanted:
			grow()
		case <-exited:
			running--
		case <-cancelled:
			cancelled = nil
			p.halt()
		case <-stopping:
			stopping = nil
			cancel()
		case <-drained:
			drained, wanted = nil, nil
			close(p.queue) // it has no sender: a sender's job would be pending
		}
	}
	p.backoff.calls.Wait()
	p.alive.Store(0)
	switch {
	case p.state.Load() != stopped:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return ErrStopped
	}
}

// Shutdown ends intake and waits until everything taken in has ended: the queue, what runs and what waits for a retry. Results
// must be read meanwhile. When ctx ends before that, Shutdown does what Stop does, and returns ctx's error; when somebody else
// stops the pool, ErrStopped. Jobs that were submitted need a Run, before or during Shutdown. Not to be called by Work, which it
// would wait for.
func (p *Pool[J, R]) Shutdown(ctx context.Context) error {
	p.state.CompareAndSwap(open, closed)
	p.settle()
	if !closes(ctx, p.drained) || p.started.Load() && !closes(ctx, p.over) {
		p.Stop()
		return ctx.Err()
	}
	if p.state.Load() == stopped {
		return ErrStopped
	}
	return nil
}

// closes waits for done to be closed; false: ctx ended first.
func closes(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
	}
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Stop ends intake, cancels what runs, abandons what waits, and returns when the workers are gone. Blocked calls of Submit
// return ErrClosed. Not to be called by Work, which it would wait for.
func (p *Pool[J, R]) Stop() {
	p.halt()
	p.await()
}

// halt makes the pool drain without working: whoever meets a job that waits abandons it.
func (p *Pool[J, R]) halt() {
	p.stop.Do(func() {
		p.state.Store(stopped)
		close(p.stopping)
		for range p.backoff.stop() {
			p.abandon()
		}
		p.settle()
	})
}

// await waits for the end of Run. Without one there is nothing to wait for: a Run that comes now finds the pool drained or
// stopped.
func (p *Pool[J, R]) await() {
	if p.started.Load() {
		<-p.over
	}
}
