package pool_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

// load is a job that reserves weight and holds it for a time.
type load struct {
	name   string
	weight int64
	holds  time.Duration
	ends   func() error // how; nil: well
}

func carry(ctx context.Context, t *pool.Task[load]) (time.Time, error) {
	if err := t.Reserve(ctx, t.Job.weight); err != nil {
		return time.Time{}, err
	}
	admitted := time.Now()
	time.Sleep(t.Job.holds)
	if t.Job.ends != nil {
		return admitted, t.Job.ends()
	}
	return admitted, nil
}

func TestReservedWeightStaysWithinTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const budget = 100
		var held, most atomic.Int64
		p := pool.New(func(ctx context.Context, t *pool.Task[int64]) (int, error) {
			if err := t.Reserve(ctx, t.Job); err != nil {
				return 0, err
			}
			now := held.Add(t.Job)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			time.Sleep(rand.N(time.Second))
			held.Add(-t.Job)
			return 0, nil
		}, pool.Options{MaxWorkers: 16, Budget: budget})
		begin(background, p)
		results := collect(p)
		for range 2000 {
			submit(t, p, rand.Int64N(budget+1))
		}
		shutdown(t, p)
		equal(t, "results", len(results()), 2000)
		if m := most.Load(); m > budget || m < budget/2 {
			t.Errorf("at most %d was held at once, of a budget of %d", m, budget)
		}
		s := p.Stats()
		equal(t, "budget in use at the end", s.Budget, 0)
		equal(t, "waiting at the end", s.WaitingForBudget, 0)
		equal(t, "done", s.Done, 2000)
	})
}

// admissions runs the jobs, submitted in order, on a worker each, and returns when each was admitted, in seconds.
func admissions(t *testing.T, budget int64, jobs ...load) map[string]int {
	t.Helper()
	at := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(carry, pool.Options{MaxWorkers: len(jobs), Budget: budget})
		begin(background, p)
		start := time.Now()
		for _, j := range jobs {
			submit(t, p, j)
			synctest.Wait() // it asks for its budget before the next one does
		}
		for _, r := range drain(t, p) {
			at[r.Job.name] = int(r.Value.Sub(start) / time.Second)
		}
		equal(t, "budget in use at the end", p.Stats().Budget, 0)
	})
	return at
}

func TestAdmission(t *testing.T) {
	fails := func() error { return errFlaky }
	panics := func() error { panic("kaboom") }
	for _, c := range []struct {
		name   string
		budget int64
		jobs   []load
		want   map[string]int
	}{
		{"what fits runs together", 10,
			[]load{{"a", 5, time.Second, nil}, {"b", 5, time.Second, nil}, {"c", 1, time.Second, nil}},
			map[string]int{"a": 0, "b": 0, "c": 1}},
		{"heavier than the budget runs alone", 10,
			[]load{{"a", 1, time.Second, nil}, {"huge", 99, time.Second, nil}, {"b", 1, time.Second, nil}},
			map[string]int{"a": 0, "huge": 1, "b": 2}},
		{"two that are heavier run one after the other", 10,
			[]load{{"huge1", 99, time.Second, nil}, {"huge2", 11, time.Second, nil}},
			map[string]int{"huge1": 0, "huge2": 1}},
		{"small ones behind a large one do not overtake it", 10,
			[]load{{"a", 6, 5 * time.Second, nil}, {"large", 8, time.Second, nil}, {"b", 1, time.Second, nil}, {"c", 1, time.Second, nil}, {"d", 1, time.Second, nil}},
			map[string]int{"a": 0, "large": 5, "b": 5, "c": 5, "d": 6}},
		{"weight comes back after an error", 10,
			[]load{{"a", 10, time.Second, fails}, {"b", 10, time.Second, nil}},
			map[string]int{"a": 0, "b": 1}},
		{"weight comes back after a panic", 10,
			[]load{{"a", 10, time.Second, panics}, {"b", 10, time.Second, nil}},
			map[string]int{"b": 1}},
		{"no budget, no limit", 0,
			[]load{{"a", 1 << 60, time.Second, nil}, {"b", 1 << 60, time.Second, nil}, {"c", 1, time.Second, nil}},
			map[string]int{"a": 0, "b": 0, "c": 0}},
		{"nothing weighs nothing", 10,
			[]load{{"a", 99, time.Second, nil}, {"b", 0, time.Second, nil}},
			map[string]int{"a": 0, "b": 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := admissions(t, c.budget, c.jobs...)
			for name, want := range c.want {
				equal(t, name+" was admitted at", got[name], want)
			}
		})
	}
}

// A steady stream of small jobs always leaves too little for a large one: it must get its turn nevertheless.
func TestLargeJobIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(carry, pool.Options{MaxWorkers: 4, Budget: 3})
		begin(background, p)
		start := time.Now()
		var admitted time.Duration
		read := make(chan struct{})
		go func() {
			defer close(read)
			for r := range p.Results() {
				if r.Job.name == "large" {
					admitted = r.Value.Sub(start)
				}
			}
		}()
		for i := range 100 {
			if i == 10 {
				submit(t, p, load{"large", 3, time.Second, nil})
			}
			submit(t, p, load{"small", 1, 2 * time.Second, nil})
			time.Sleep(time.Second)
		}
		shutdown(t, p)
		<-read
		if admitted < 10*time.Second || admitted > 12*time.Second {
			t.Errorf("admitted after %v, want 10 s to 12 s", admitted)
		}
	})
}

// One that gives up its place lets those behind it in.
func TestReserveCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(ctx context.Context, t *pool.Task[load]) (time.Time, error) {
			if t.Job.name == "impatient" {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				return carry(ctx, t)
			}
			return carry(ctx, t)
		}, pool.Options{MaxWorkers: 3, Budget: 10})
		begin(background, p)
		start := time.Now()
		for _, j := range []load{{"a", 5, 10 * time.Second, nil}, {"impatient", 10, 0, nil}, {"b", 5, time.Second, nil}} {
			submit(t, p, j)
			synctest.Wait()
		}
		s := p.Stats()
		equal(t, "budget in use", s.Budget, 5)
		equal(t, "waiting", s.WaitingForBudget, 2)
		results := drain(t, p)
		order := []string{}
		for _, r := range results {
			order = append(order, r.Job.name)
		}
		if !slices.Equal(order, []string{"impatient", "b", "a"}) {
			t.Fatalf("order of ends: %v", order)
		}
		equal(t, "impatient's error", results[0].Err, context.DeadlineExceeded)
		equal(t, "b was admitted after", results[1].Value.Sub(start), time.Second)
	})
}

func TestReserveIsCancelledByStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(ctx context.Context, t *pool.Task[load]) (time.Time, error) {
			if err := t.Reserve(ctx, t.Job.weight); err != nil {
				return time.Time{}, err
			}
			<-ctx.Done()
			return time.Time{}, t.Reserve(ctx, 1) // and cannot ask once more, cancelled or not
		}, pool.Options{MaxWorkers: 2, Budget: 1})
		begin(background, p)
		submit(t, p, load{weight: 1}, load{weight: 1})
		synctest.Wait()
		p.Stop()
		s := p.Stats()
		equal(t, "budget in use", s.Budget, 0)
		equal(t, "waiting", s.WaitingForBudget, 0)
		equal(t, "abandoned", s.Abandoned, 1)
		equal(t, "failed", s.Failed, 1)
	})
}

func TestReserveMisused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(background)
		cancel()
		p := pool.New(func(ctx context.Context, t2 *pool.Task[int]) (int, error) {
			if t2.Reserve(ctx, -1) == nil {
				t.Error("a negative weight is no error")
			}
			equal(t, "Reserve, context ended", t2.Reserve(ended, 1), context.Canceled)
			equal(t, "the first Reserve of an attempt", t2.Reserve(ctx, 6), nil)
			if t2.Reserve(ctx, 1) == nil {
				t.Error("a second Reserve is no error")
			}
			if t2.Attempt == 1 {
				return 0, errFlaky
			}
			return 0, nil
		}, pool.Options{MaxWorkers: 1, Budget: 10, Retry: pool.Retry{MaxAttempts: 2}})
		begin(background, p)
		submit(t, p, 1)
		equal(t, "attempts", drain(t, p)[0].Attempts, 2)
		equal(t, "budget in use", p.Stats().Budget, 0)
	})
}
