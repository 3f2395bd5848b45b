package pool_test

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pixmill/pool"
)

func explode() { panic("kaboom") }

func TestPanicIsTheJobsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(_ context.Context, t *pool.Task[string]) (string, error) {
			switch t.Job {
			case "panics":
				explode()
			case "panics with an error":
				panic(fs.ErrNotExist)
			case "runtime error":
				return strings.Split(t.Job, "/")[1], nil
			case "panics with nil":
				panic(nil)
			}
			return "fine", nil
		}, pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 3}})
		ran := begin(background, p)
		submit(t, p, "panics", "panics with an error", "runtime error", "panics with nil", "works")
		results := drain(t, p)
		equal(t, "Run", ran(), nil)
		equal(t, "results", len(results), 5)
		for _, r := range results[:4] {
			var panicked *pool.PanicError
			if !errors.As(r.Err, &panicked) {
				t.Fatalf("%s: error %v", r.Job, r.Err)
			}
			equal(t, r.Job+": attempts", r.Attempts, 1)
			if !strings.Contains(string(panicked.Stack), "worker_test.go") {
				t.Errorf("%s: the stack does not lead to the job:\n%s", r.Job, panicked.Stack)
			}
		}
		var panicked *pool.PanicError
		errors.As(results[0].Err, &panicked)
		equal(t, "value", panicked.Value, any("kaboom"))
		equal(t, "message", panicked.Error(), "job panicked: kaboom")
		if !strings.Contains(string(panicked.Stack), "explode") {
			t.Errorf("the stack does not name the function:\n%s", panicked.Stack)
		}
		equal(t, "errors.Is the value", errors.Is(results[1].Err, fs.ErrNotExist), true)
		equal(t, "the next job of the same worker", results[4].Value, "fine")
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 5, Done: 1, Failed: 4, Panics: 4})
	})
}

func TestPanicInRetryable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(failing(9), pool.Options{MaxWorkers: 1, Retry: pool.Retry{
			MaxAttempts: 3,
			Retryable:   func(error) bool { panic("kaboom") },
		}})
		begin(background, p)
		submit(t, p, "mail", "mail")
		for _, r := range drain(t, p) {
			var panicked *pool.PanicError
			equal(t, "PanicError", errors.As(r.Err, &panicked), true)
			equal(t, "attempts", r.Attempts, 1)
		}
	})
}

func TestJobThatEndsItsGoroutine(t *testing.T) {
	for range 20 { // what Run hears of first is up to chance
		synctest.Test(t, func(t *testing.T) {
			var worked atomic.Int64
			p := pool.New(func(ctx context.Context, t *pool.Task[int]) (int, error) {
				worked.Add(1)
				if err := t.Reserve(ctx, 1); err != nil {
					return 0, err
				}
				if t.Job%2 == 1 {
					runtime.Goexit()
				}
				return t.Job, nil
			}, pool.Options{MinWorkers: 1, MaxWorkers: 3, Budget: 1})
			ran := begin(background, p)
			for i := range 8 {
				submit(t, p, i)
			}
			results := drain(t, p)
			equal(t, "results", len(results), 8)
			for _, r := range results {
				equal(t, "failed", r.Err != nil, r.Job%2 == 1)
			}
			equal(t, "Run", ran(), nil)
			equal(t, "attempts", worked.Load(), 8)
			equal(t, "stats", p.Stats(), pool.Stats{Submitted: 8, Done: 4, Failed: 4})
		})
	}
}

// The price of a job is counted, not timed: no allocation, with retries and the containment of panics on.
func TestNoAllocationPerJob(t *testing.T) {
	p := pool.New(func(_ context.Context, t *pool.Task[int]) (int, error) { return t.Job, nil },
		pool.Options{MinWorkers: 1, MaxWorkers: 2, Retry: pool.Retry{MaxAttempts: 3}})
	ran := begin(background, p)
	equal(t, "allocations", testing.AllocsPerRun(1000, func() {
		if err := p.Submit(background, 1); err != nil {
			t.Error(err)
		}
		<-p.Results()
	}), 0)
	shutdown(t, p)
	equal(t, "Run", ran(), nil)
}
