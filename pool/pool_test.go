package pool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

var background = context.Background()

// begin runs p; what it returns waits for Run to end and returns its error.
func begin[J, R any](ctx context.Context, p *pool.Pool[J, R]) (ran func() error) {
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return func() error { return <-ended }
}

// collect reads p's results; what it returns waits until they are closed and returns them.
func collect[J, R any](p *pool.Pool[J, R]) (results func() []pool.Result[J, R]) {
	all := make(chan []pool.Result[J, R], 1)
	go func() {
		var rs []pool.Result[J, R]
		for r := range p.Results() {
			rs = append(rs, r)
		}
		all <- rs
	}()
	return func() []pool.Result[J, R] { return <-all }
}

func submit[J, R any](t *testing.T, p *pool.Pool[J, R], jobs ...J) {
	t.Helper()
	for _, j := range jobs {
		if err := p.Submit(background, j); err != nil {
			t.Errorf("Submit(%v): %v", j, err)
		}
	}
}

func shutdown[J, R any](t *testing.T, p *pool.Pool[J, R]) {
	t.Helper()
	if err := p.Shutdown(background); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// drain shuts p down while it reads the results, and returns them.
func drain[J, R any](t *testing.T, p *pool.Pool[J, R]) []pool.Result[J, R] {
	t.Helper()
	results := collect(p)
	shutdown(t, p)
	return results()
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// pause works for as long as the job says, or until it is cancelled.
func pause(ctx context.Context, t *pool.Task[time.Duration]) (struct{}, error) {
	select {
	case <-time.After(t.Job):
		return struct{}{}, nil
	case <-ctx.Done():
		return struct{}{}, ctx.Err()
	}
}

func TestEveryJobHasItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		odd := errors.New("odd")
		p := pool.New(func(_ context.Context, t *pool.Task[int]) (string, error) {
			value := fmt.Sprint("n", t.Job)
			if t.Job%2 == 1 {
				return value, odd
			}
			return value, nil
		}, pool.Options{MaxWorkers: 4})
		ran := begin(background, p)
		results := collect(p)
		for i := range 1000 {
			submit(t, p, i)
		}
		shutdown(t, p)

		seen := map[int]bool{}
		for _, r := range results() {
			want := pool.Result[int, string]{Job: r.Job, Value: fmt.Sprint("n", r.Job), Attempts: 1}
			if r.Job%2 == 1 {
				want.Err = odd
			}
			equal(t, "result", r, want)
			if seen[r.Job] {
				t.Errorf("job %d has two results", r.Job)
			}
			seen[r.Job] = true
		}
		equal(t, "jobs with a result", len(seen), 1000)
		equal(t, "Run", ran(), nil)
		equal(t, "stats", p.Stats(), pool.Stats{Submitted: 1000, Done: 500, Failed: 500})
	})
}

func TestSubmitBlocksWhileTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 2})
		begin(background, p)
		start := time.Now()
		submit(t, p, time.Minute)
		synctest.Wait() // the worker has it
		submit(t, p, time.Minute, time.Minute)
		equal(t, "time for three jobs", time.Since(start), 0)
		equal(t, "queued", p.Stats().Queued, 2)
		submit(t, p, time.Minute)
		equal(t, "time for the fourth", time.Since(start), time.Minute)
		equal(t, "results", len(drain(t, p)), 4)
		equal(t, "time for all work", time.Since(start), 4*time.Minute)
	})
}

func TestSubmitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 1})
		ended, cancel := context.WithCancel(background)
		cancel()
		for range 100 {
			equal(t, "Submit with room, context ended", p.Submit(ended, 0), context.Canceled)
		}
		begin(background, p)
		submit(t, p, time.Minute)
		synctest.Wait()
		submit(t, p, time.Minute)

		start := time.Now()
		ctx, cancel := context.WithTimeout(background, 10*time.Second)
		defer cancel()
		equal(t, "Submit without room", p.Submit(ctx, 0), context.DeadlineExceeded)
		equal(t, "time waited", time.Since(start), 10*time.Second)
		equal(t, "submitted", p.Stats().Submitted, 2)
		equal(t, "results", len(drain(t, p)), 2)
	})
}

func TestTrySubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 1})
		begin(background, p)
		equal(t, "with an idle worker", p.TrySubmit(time.Minute), nil)
		synctest.Wait()
		equal(t, "with a place in the queue", p.TrySubmit(time.Minute), nil)
		start := time.Now()
		equal(t, "with neither", p.TrySubmit(time.Minute), pool.ErrFull)
		equal(t, "time", time.Since(start), 0)
		time.Sleep(time.Minute + 1)
		equal(t, "with a place again", p.TrySubmit(time.Minute), nil)
		equal(t, "results", len(drain(t, p)), 3)
		equal(t, "after Shutdown", p.TrySubmit(0), pool.ErrClosed)
		equal(t, "submitted", p.Stats().Submitted, 3)
	})
}

func TestUnreadResultsHoldTheWorkersBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worked atomic.Int64
		p := pool.New(func(context.Context, *pool.Task[int]) (int, error) {
			worked.Add(1)
			return 0, nil
		}, pool.Options{MaxWorkers: 2, Queue: 3})
		begin(background, p)
		for i := range 8 { // 3 results kept, 2 in the hands of workers, 3 jobs in the queue
			submit(t, p, i)
		}
		synctest.Wait()
		equal(t, "worked on", worked.Load(), 5)
		equal(t, "the next one", p.TrySubmit(8), pool.ErrFull)
		<-p.Results()
		synctest.Wait()
		equal(t, "worked on, one read", worked.Load(), 6)
		equal(t, "the next one", p.TrySubmit(8), nil)
		equal(t, "results", len(drain(t, p)), 8)
	})
}

func TestAJobIsCountedBeforeItsResultIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 1, Queue: 1})
		begin(background, p)
		submit(t, p, 0, 0)
		synctest.Wait() // one result is kept, the worker stands in line with the other
		equal(t, "done", p.Stats().Done, 2)
		equal(t, "results", len(drain(t, p)), 2)
	})
}

func TestJobsBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{MaxWorkers: 2, Queue: 5})
		for range 5 {
			equal(t, "TrySubmit", p.TrySubmit(time.Second), nil)
		}
		equal(t, "the sixth", p.TrySubmit(time.Second), pool.ErrFull)
		equal(t, "workers", p.Stats().Workers, 0)
		begin(background, p)
		equal(t, "results", len(drain(t, p)), 5)
	})
}

func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pause, pool.Options{})
		ran := begin(background, p)
		synctest.Wait()
		if p.Run(background) == nil {
			t.Error("a second Run beside the first is no error")
		}
		submit(t, p, time.Second)
		equal(t, "results", len(drain(t, p)), 1)
		equal(t, "the first Run", ran(), nil)
		if p.Run(background) == nil {
			t.Error("a second Run after the first is no error")
		}
	})
}

// Each photo fans out into one job a width, and the results fan in again by photo.
func TestFanOutFanIn(t *testing.T) {
	type variant struct {
		photo string
		width int
	}
	synctest.Test(t, func(t *testing.T) {
		widths := []int{320, 640, 960, 1280, 1920}
		p := pool.New(func(_ context.Context, t *pool.Task[variant]) (int, error) {
			time.Sleep(time.Duration(2000-t.Job.width) * time.Millisecond) // the widest is first
			return t.Job.width * 2 / 3, nil
		}, pool.Options{MaxWorkers: 3})
		begin(background, p)
		go func() {
			for i := range 20 {
				for _, w := range widths {
					if err := p.Submit(background, variant{fmt.Sprint("photo", i), w}); err != nil {
						t.Error(err)
					}
				}
			}
			if err := p.Shutdown(background); err != nil {
				t.Error(err)
			}
		}()
		made := map[string][]int{}
		for r := range p.Results() {
			made[r.Job.photo] = append(made[r.Job.photo], r.Value)
		}
		equal(t, "photos", len(made), 20)
		for photo, heights := range made {
			slices.Sort(heights)
			if !slices.Equal(heights, []int{213, 426, 640, 853, 1280}) {
				t.Errorf("%s: %v", photo, heights)
			}
		}
	})
}

func TestSizeFor(t *testing.T) {
	n := pool.SizeFor(pool.CPUBound, 0)
	for _, c := range []struct {
		name  string
		kind  pool.Kind
		limit int
		want  int
	}{
		{"io-bound", pool.IOBound, 0, 4 * n},
		{"mixed", pool.Mixed, 0, 2 * n},
		{"limit below", pool.IOBound, 1, 1},
		{"limit of cpu-bound", pool.CPUBound, 1, 1},
		{"limit above", pool.Mixed, 1000 * n, 2 * n},
		{"negative limit", pool.CPUBound, -1, n},
	} {
		equal(t, c.name, pool.SizeFor(c.kind, c.limit), c.want)
	}
}
