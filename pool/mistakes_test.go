package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

// The classic mistakes of worker pools, one test each that the mistake would fail.

// Mistake: nobody closes the results, so ranging over them never ends.
func TestMistakeUnclosedChannel(t *testing.T) {
	for name, end := range map[string]func(*pool.Pool[time.Duration, struct{}]) error{
		"shutdown": func(p *pool.Pool[time.Duration, struct{}]) error { return p.Shutdown(background) },
		"stop":     func(p *pool.Pool[time.Duration, struct{}]) error { p.Stop(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(pause, pool.Options{MaxWorkers: 2})
				begin(background, p)
				submit(t, p, time.Second, time.Second, time.Second)
				go func() {
					if err := end(p); err != nil {
						t.Error(err)
					}
				}()
				for range p.Results() { // synctest panics if this never ends
				}
			})
		})
	}
}

// Mistake: Shutdown closes the queue under those who still send: callers of Submit, and retries whose time comes later.
func TestMistakeSendOnClosedChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(_ context.Context, t *pool.Task[string]) (int, error) {
			time.Sleep(time.Second)
			if t.Job == "flaky" && t.Attempt == 1 {
				return 0, errFlaky
			}
			return 0, nil
		}, pool.Options{MaxWorkers: 1, Queue: 1, Retry: pool.Retry{MaxAttempts: 2, Backoff: time.Hour, MaxBackoff: time.Hour}})
		begin(background, p)
		results := collect(p)
		submit(t, p, "flaky")
		synctest.Wait()
		submit(t, p, "queued")
		late := make(chan error, 1)
		go func() { late <- p.Submit(background, "in line") }()
		synctest.Wait()
		shutdown(t, p)
		equal(t, "who stood in line at Shutdown", <-late, nil)
		equal(t, "who came later", p.Submit(background, "late"), pool.ErrClosed)
		equal(t, "results", len(results()), 3)
	})
}

// Mistake: workers are counted by themselves, once they run. Who waits before that waits for nobody.
func TestMistakeAddInsideTheGoroutine(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pause, pool.Options{MinWorkers: 1, MaxWorkers: 8})
			ran := begin(background, p)
			results := collect(p)
			start := time.Now()
			for range 8 {
				submit(t, p, time.Minute)
			}
			shutdown(t, p) // no worker has had time to start
			equal(t, "time waited", time.Since(start), time.Minute)
			equal(t, "results", len(results()), 8)
			equal(t, "Run", ran(), nil)
			equal(t, "workers", p.Stats().Workers, 0)
		})
	}
}

// Mistake: without a buffer, a worker waits for the reader after every single job.
func TestMistakeUnbufferedResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 10})
		begin(background, p)
		start := time.Now()
		for range 10 {
			submit(t, p, time.Second)
		}
		for p.Stats().Done < 10 { // nobody reads yet
			time.Sleep(time.Second)
			if time.Since(start) > time.Minute {
				t.Fatalf("%d jobs done after a minute", p.Stats().Done)
			}
		}
		equal(t, "results", len(drain(t, p)), 10)
	})
}
