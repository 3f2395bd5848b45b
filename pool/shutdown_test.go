package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

// left fails the test when more goroutines are there than before: synctest would notice at the end of its bubble, this
// notices when Shutdown or Stop has just returned.
func left(t *testing.T, before int) {
	t.Helper()
	synctest.Wait()
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines left:\n%s", n-before, stacks[:runtime.Stack(stacks, true)])
	}
}

func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := pool.New(func(ctx context.Context, t *pool.Task[int]) (int, error) {
			time.Sleep(time.Second)
			if t.Job == 0 && t.Attempt < 3 {
				return 0, errFlaky
			}
			return 0, ctx.Err()
		}, pool.Options{MinWorkers: 1, MaxWorkers: 2, Queue: 10, Retry: pool.Retry{MaxAttempts: 3, Backoff: time.Hour, MaxBackoff: time.Hour}})
		ran := begin(background, p)
		results := collect(p)
		start := time.Now()
		for i := range 10 {
			submit(t, p, i)
		}
		synctest.Wait()
		shutdown(t, p) // two run, eight are queued, one will wait for its retries
		left(t, before)
		if d := time.Since(start); d < time.Hour {
			t.Errorf("drained after %v: before the retries", d)
		}
		for _, r := range results() {
			equal(t, "error", r.Err, nil)
		}
		equal(t, "Run", ran(), nil)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 10, Done: 10, Retries: 2})
		equal(t, "Submit", p.Submit(background, 11), pool.ErrClosed)
		equal(t, "a second Shutdown", p.Shutdown(background), nil)
		p.Stop()
	})
}

func TestShutdownRefusesIntakeWhileItDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 1})
		begin(background, p)
		results := collect(p)
		submit(t, p, time.Minute)
		synctest.Wait()
		submit(t, p, time.Minute)
		go submit(t, p, time.Minute) // stands in line already: it is taken in
		synctest.Wait()
		go shutdown(t, p)
		synctest.Wait()
		equal(t, "Submit", p.Submit(background, 0), pool.ErrClosed)
		equal(t, "TrySubmit", p.TrySubmit(0), pool.ErrClosed)
		equal(t, "results", len(results()), 3)
	})
}

func TestShutdownsTimeRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := pool.New(pause, pool.Options{MaxWorkers: 1})
		ran := begin(background, p)
		submit(t, p, time.Second, time.Hour, time.Hour)
		start := time.Now()
		ctx, cancel := context.WithTimeout(background, 10*time.Second)
		defer cancel()
		equal(t, "Shutdown", p.Shutdown(ctx), context.DeadlineExceeded)
		left(t, before)
		equal(t, "time", time.Since(start), 10*time.Second)
		equal(t, "Run", ran(), pool.ErrStopped)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 3, Done: 1, Abandoned: 2})
		equal(t, "the first result", (<-p.Results()).Err, nil)
		equal(t, "the one in flight", (<-p.Results()).Err, context.Canceled)
		_, more := <-p.Results()
		equal(t, "a third", more, false)
		equal(t, "dead letters", len(p.DeadLetters()), 0)
	})
}

func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := pool.New(func(ctx context.Context, t *pool.Task[string]) (int, error) {
			switch t.Job {
			case "flaky":
				return 0, errFlaky
			case "stubborn": // learns of the end, and fails in a way that would be tried again
				<-ctx.Done()
				return 0, errFlaky
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}, pool.Options{MaxWorkers: 2, Queue: 2, Retry: pool.Retry{MaxAttempts: 9, Backoff: time.Hour, MaxBackoff: time.Hour}})
		ran := begin(background, p)
		submit(t, p, "flaky", "flaky", "stubborn", "hangs")
		synctest.Wait()
		submit(t, p, "queued", "queued")
		blocked := make(chan error, 1)
		go func() { blocked <- p.Submit(background, "blocked") }()
		synctest.Wait()
		equal(t, "retrying", p.Stats().Retrying, 2)

		start := time.Now()
		p.Stop()
		left(t, before)
		equal(t, "time", time.Since(start), 0)
		equal(t, "the blocked Submit", <-blocked, pool.ErrClosed)
		equal(t, "Run", ran(), pool.ErrStopped)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 6, Abandoned: 6})
		equal(t, "results: those that ran", len(collect(p)()), 2)
		equal(t, "dead letters", len(p.DeadLetters()), 0)
		time.Sleep(2 * time.Hour) // no timer is left either: nothing comes back
		equal(t, "stats two hours later", p.Stats(), pool.Stats{Submitted: 6, Abandoned: 6})
	})
}

// What fails for good while the pool stops is as dead as it would be otherwise.
func TestStopKeepsTrueFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		corrupt := errors.New("corrupt")
		p := pool.New(func(ctx context.Context, t *pool.Task[int]) (int, error) {
			<-ctx.Done()
			return 0, corrupt
		}, pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 3, Retryable: func(err error) bool { return err != corrupt }}})
		begin(background, p)
		submit(t, p, 1)
		synctest.Wait()
		p.Stop()
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 1, Failed: 1})
		equal(t, "dead letters", len(p.DeadLetters()), 1)
		equal(t, "result", (<-p.Results()).Err, corrupt)
	})
}

func TestStopDoesNotWaitForReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 2, Queue: 2})
		ran := begin(background, p)
		for range 6 { // two results kept, two in the hands of workers, two jobs in the queue
			submit(t, p, 0)
		}
		synctest.Wait()
		p.Stop()
		equal(t, "Run", ran(), pool.ErrStopped)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 6, Done: 4, Abandoned: 2, Unread: 2})
		equal(t, "results", len(collect(p)()), 2)
	})
}

func TestShutdownsTimeRunsOutWithResultsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 1})
		begin(background, p)
		submit(t, p, 0, 0) // one result kept, one in the hands of the worker: all jobs have ended
		synctest.Wait()
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		equal(t, "Shutdown", p.Shutdown(ctx), context.DeadlineExceeded)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 2, Done: 2, Unread: 1})
	})
}

func TestStopWaitsForAJobThatIgnoresIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(context.Context, *pool.Task[int]) (int, error) {
			time.Sleep(time.Minute)
			return 0, nil
		}, pool.Options{MaxWorkers: 1})
		begin(background, p)
		submit(t, p, 1)
		synctest.Wait()
		start := time.Now()
		p.Stop()
		equal(t, "time", time.Since(start), time.Minute)
		equal(t, "done", p.Stats().Done, 1)
	})
}

func TestRunsContextStopsThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		p := pool.New(pause, pool.Options{MaxWorkers: 1})
		ran := begin(ctx, p)
		submit(t, p, time.Hour, time.Hour)
		equal(t, "Run", ran(), context.DeadlineExceeded)
		left(t, before)
		equal(t, "Submit", p.Submit(background, 0), pool.ErrClosed)
		equal(t, "abandoned", p.Stats().Submitted, 2)
	})
}

func TestStopBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(context.Context, *pool.Task[int]) (int, error) {
			t.Error("the job was worked on")
			return 0, nil
		}, pool.Options{MaxWorkers: 2})
		submit(t, p, 1, 2, 3)
		p.Stop()
		equal(t, "Submit", p.Submit(background, 4), pool.ErrClosed)
		equal(t, "Run", p.Run(background), pool.ErrStopped)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 3, Abandoned: 3})
		equal(t, "results", len(collect(p)()), 0)
	})
}

func TestShutdownBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{})
		shutdown(t, p) // nothing to wait for
		equal(t, "Run", p.Run(background), nil)
		equal(t, "results", len(collect(p)()), 0)

		p = pool.New(pause, pool.Options{})
		submit(t, p, time.Second)
		go func() {
			time.Sleep(time.Minute)
			if err := p.Run(background); err != nil {
				t.Error(err)
			}
		}()
		shutdown(t, p)
		equal(t, "results", len(collect(p)()), 1)

		p = pool.New(pause, pool.Options{})
		submit(t, p, time.Second)
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		equal(t, "Shutdown without a Run", p.Shutdown(ctx), context.DeadlineExceeded)
	})
}

func TestManyShutdownsAndAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1})
		ran := begin(background, p)
		submit(t, p, time.Hour)
		for range 5 {
			go func() {
				equal(t, "Shutdown", p.Shutdown(background), pool.ErrStopped)
			}()
		}
		time.Sleep(time.Minute)
		go p.Stop()
		p.Stop()
		equal(t, "Run", ran(), pool.ErrStopped)
		equal(t, "abandoned", p.Stats().Abandoned, 1)
		synctest.Wait()
	})
}

func TestShutdownDoesNotUndoStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(context.Context, *pool.Task[int]) (int, error) {
			time.Sleep(time.Minute)
			return 0, nil
		}, pool.Options{MaxWorkers: 1})
		ran := begin(background, p)
		submit(t, p, 1, 2)
		synctest.Wait()
		go p.Stop()
		synctest.Wait()
		equal(t, "Shutdown", p.Shutdown(background), pool.ErrStopped)
		equal(t, "Run", ran(), pool.ErrStopped)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 2, Done: 1, Abandoned: 1})
	})
}

// A retry that stands in line for a full queue is not forgotten when the pool stops.
func TestStopWhileARetryIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		p := pool.New(func(_ context.Context, t *pool.Task[string]) (int, error) {
			if t.Job == "flaky" {
				return 0, errFlaky
			}
			time.Sleep(time.Hour)
			return 0, nil
		}, pool.Options{MaxWorkers: 1, Queue: 1, Retry: pool.Retry{MaxAttempts: 2, Backoff: time.Second}})
		begin(background, p)
		submit(t, p, "flaky", "long", "queued")
		time.Sleep(time.Minute)
		equal(t, "retrying", p.Stats().Retrying, 1)
		p.Stop()
		left(t, before)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 3, Done: 1, Abandoned: 2})
	})
}
