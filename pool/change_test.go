package pool_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

func TestChangeOfSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 4, Queue: 100})
		begin(background, p)
		results := collect(p)
		workers(t, p, "at the start", 4)
		p.Change(pool.Options{MaxWorkers: 6})
		workers(t, p, "with more, idle", 6)
		p.Change(pool.Options{MaxWorkers: 2})
		workers(t, p, "with fewer, idle", 2)

		for range 12 {
			submit(t, p, time.Minute)
		}
		workers(t, p, "busy", 2)
		p.Change(pool.Options{MaxWorkers: 5})
		workers(t, p, "with more, busy", 5)
		p.Change(pool.Options{MaxWorkers: 1})
		workers(t, p, "with fewer, all in the middle of something", 5)
		time.Sleep(time.Minute + time.Second)
		workers(t, p, "when they have done it", 1)
		equal(t, "queued", p.Stats().Queued, 6) // two began at first, three beside them, and one now

		p.Change(pool.Options{MinWorkers: 1, MaxWorkers: 3, IdleTimeout: time.Minute})
		workers(t, p, "in a pool that scales now", 3)
		time.Sleep(2 * time.Hour)
		workers(t, p, "after a long rest", 1)
		p.Change(pool.Options{MaxWorkers: 3})
		time.Sleep(2 * time.Hour)
		workers(t, p, "of fixed size again, after a long rest", 3)
		p.Change(pool.Options{MinWorkers: 2, MaxWorkers: 3, IdleTimeout: time.Minute})
		time.Sleep(2 * time.Minute)
		workers(t, p, "that may go down to two", 2)
		p.Change(pool.Options{MinWorkers: 1, MaxWorkers: 3, IdleTimeout: time.Minute})
		time.Sleep(2 * time.Minute)
		workers(t, p, "that may go down to one", 1)

		shutdown(t, p)
		equal(t, "results", len(results()), 12)
		p.Change(pool.Options{MaxWorkers: 9})
		workers(t, p, "at the end", 0)
	})
}

func TestChangeOfBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(carry, pool.Options{MaxWorkers: 4, Budget: 10})
		begin(background, p)
		results := collect(p)
		start := time.Now()
		submit(t, p, load{name: "first", weight: 6, holds: time.Hour})
		synctest.Wait()
		submit(t, p, load{name: "second", weight: 8, holds: time.Hour})
		synctest.Wait()
		equal(t, "waiting", p.Stats().WaitingForBudget, 1)
		p.Change(pool.Options{MaxWorkers: 4, Budget: 14})
		synctest.Wait()
		equal(t, "waiting with more", p.Stats().WaitingForBudget, 0)

		// Less than somebody waits for: it goes alone then, and gives back what it got and not what it wanted.
		submit(t, p, load{name: "third", weight: 12, holds: time.Hour})
		synctest.Wait()
		p.Change(pool.Options{MaxWorkers: 4, Budget: 5})
		shutdown(t, p)
		for _, r := range results() {
			want := time.Duration(0)
			if r.Job.name == "third" {
				want = time.Hour
			}
			equal(t, r.Job.name+" was let in after", r.Value.Sub(start), want)
		}
		equal(t, "held", p.Stats().Budget, 0)
	})
}

func TestChangeOfRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(failing(5), pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 2, Backoff: time.Second}})
		begin(background, p)
		results := collect(p)
		submit(t, p, "flaky")
		synctest.Wait()
		p.Change(pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 3, Backoff: time.Second}})
		shutdown(t, p)
		equal(t, "attempts", results()[0].Attempts, 3)
	})
}

// Changes that come in the middle of everything lose no job, and the last one holds.
func TestChangeRaces(t *testing.T) {
	var done atomic.Int64
	p := pool.New(func(context.Context, *pool.Task[int]) (int, error) {
		if done.Add(1)%7 == 0 {
			return 0, errors.New("again")
		}
		return 0, nil
	}, pool.Options{MaxWorkers: 3, Retry: pool.Retry{MaxAttempts: 100, Backoff: time.Microsecond}})
	begin(background, p)
	results := collect(p)
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for i := range 300 {
			p.Change(pool.Options{MinWorkers: i % 3, MaxWorkers: 1 + i%5, IdleTimeout: time.Microsecond, Budget: int64(i),
				Retry: pool.Retry{MaxAttempts: 100, Backoff: time.Microsecond}})
		}
	}()
	for i := range 5000 {
		submit(t, p, i)
	}
	<-changed
	shutdown(t, p)
	equal(t, "results", len(results()), 5000)
	equal(t, "failed", p.Stats().Failed, 0)
}
