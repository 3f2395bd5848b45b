package pool_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

func workers(t *testing.T, p *pool.Pool[time.Duration, struct{}], when string, want int) {
	t.Helper()
	synctest.Wait()
	equal(t, "workers "+when, p.Stats().Workers, want)
}

func TestScalesUpByQueueAndDownByIdleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MinWorkers: 1, MaxWorkers: 4})
		begin(background, p)
		results := collect(p)
		workers(t, p, "at the start", 1)
		for _, want := range []int{1, 2, 3, 4, 4, 4} {
			submit(t, p, time.Minute)
			workers(t, p, "with one job more", want)
		}
		equal(t, "queued", p.Stats().Queued, 2)

		time.Sleep(2 * time.Minute) // all six done: two workers idle for one minute, two for none
		workers(t, p, "after a minute of too little to do", 2)
		time.Sleep(30*time.Second - time.Millisecond)
		workers(t, p, "just before the idle time-out", 2)
		time.Sleep(time.Millisecond)
		workers(t, p, "after it", 1)
		time.Sleep(time.Hour)
		workers(t, p, "an hour later", 1)

		submit(t, p, time.Minute, time.Minute)
		workers(t, p, "with two jobs again", 2)
		shutdown(t, p)
		equal(t, "results", len(results()), 8)
		workers(t, p, "at the end", 0)
	})
}

func TestScalesUpInOneBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MinWorkers: 1, MaxWorkers: 5})
		for range 10 {
			submit(t, p, time.Minute) // before Run
		}
		begin(background, p)
		workers(t, p, "for ten jobs that waited for Run", 5)
		equal(t, "results", len(drain(t, p)), 10)

		p = pool.New(pause, pool.Options{MinWorkers: 1, MaxWorkers: 5})
		begin(background, p)
		synctest.Wait()
		submit(t, p, time.Minute, time.Minute, time.Minute)
		workers(t, p, "for three jobs at once", 3)
		equal(t, "results", len(drain(t, p)), 3)
	})
}

func TestScalesUpForARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(_ context.Context, t *pool.Task[string]) (int, error) {
			if t.Job == "long" {
				time.Sleep(time.Hour)
			} else if t.Attempt == 1 {
				return 0, errFlaky
			}
			return 0, nil
		}, pool.Options{MinWorkers: 1, MaxWorkers: 2, Retry: pool.Retry{MaxAttempts: 2, Backoff: time.Second}})
		begin(background, p)
		synctest.Wait()
		submit(t, p, "flaky")
		synctest.Wait()
		start := time.Now()
		submit(t, p, "long")
		equal(t, "first result", (<-p.Results()).Job, "flaky")
		if d := time.Since(start); d > time.Second {
			t.Errorf("the retry waited for %v", d)
		}
		equal(t, "results", len(drain(t, p)), 1)
	})
}

func TestIdleWorkersAreUsedBeforeNewOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MinWorkers: 2, MaxWorkers: 8, IdleTimeout: time.Minute})
		begin(background, p)
		results := collect(p)
		synctest.Wait()
		for range 100 {
			submit(t, p, 1900*time.Millisecond)
			time.Sleep(time.Second)
		}
		workers(t, p, "when two are enough", 2)
		shutdown(t, p)
		results()
	})
}

// A job that comes at the very moment at which the only idle worker gives up must not wait for the busy one.
func TestJobAtTheMomentOfTheIdleTimeout(t *testing.T) {
	for i := range 200 {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pause, pool.Options{MinWorkers: 1, MaxWorkers: 2, IdleTimeout: time.Minute})
			begin(background, p)
			submit(t, p, time.Hour)
			synctest.Wait()
			submit(t, p, time.Second)
			time.Sleep(time.Minute + time.Second)
			submit(t, p, 0)
			<-p.Results()
			start := time.Now()
			<-p.Results()
			if waited := time.Since(start); waited > 0 {
				t.Fatalf("round %d: the job waited for %v", i, waited)
			}
			equal(t, "results", len(drain(t, p)), 1)
		})
	}
}

func TestFixedPoolKeepsItsSize(t *testing.T) {
	for _, o := range []pool.Options{
		{MaxWorkers: 3},
		{MinWorkers: 3, MaxWorkers: 3},
		{MinWorkers: 9, MaxWorkers: 3},
		{MinWorkers: -1, MaxWorkers: 3, IdleTimeout: time.Second},
	} {
		t.Run(fmt.Sprintf("%d-%d", o.MinWorkers, o.MaxWorkers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(pause, o)
				begin(background, p)
				workers(t, p, "at the start", 3)
				for range 6 {
					submit(t, p, time.Minute)
				}
				workers(t, p, "busy", 3)
				time.Sleep(time.Hour)
				workers(t, p, "idle for an hour", 3)
				equal(t, "results", len(drain(t, p)), 6)
			})
		})
	}
}

func TestDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{})
		n := pool.SizeFor(pool.CPUBound, 0)
		for range 10 * n {
			equal(t, "TrySubmit", p.TrySubmit(time.Second), nil)
		}
		equal(t, "beyond ten per worker", p.TrySubmit(time.Second), pool.ErrFull)
		begin(background, p)
		workers(t, p, "by default", n)
		equal(t, "results", len(drain(t, p)), 10*n)
	})
}

func TestOptionsAreThoseInForce(t *testing.T) {
	p := pool.New(func(context.Context, *pool.Task[int]) (int, error) { return 0, nil }, pool.Options{MaxWorkers: 3})
	equal(t, "workers", p.Options().MaxWorkers, 3)
	equal(t, "queue", p.Options().Queue, 30)
	p.Change(pool.Options{MaxWorkers: 5, Budget: 7})
	equal(t, "workers after a change", p.Options().MaxWorkers, 5)
	equal(t, "budget after a change", p.Options().Budget, 7)
}
