package pool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

var errFlaky = errors.New("connection reset")

// failing returns Work that fails in the first n attempts.
func failing(n int) pool.Work[string, int] {
	return func(_ context.Context, t *pool.Task[string]) (int, error) {
		if t.Attempt <= n {
			return 0, errFlaky
		}
		return t.Attempt, nil
	}
}

func TestRetryUntilItWorks(t *testing.T) {
	for _, c := range []struct {
		fails, max int
		attempts   int
		err        error
	}{
		{0, 3, 1, nil},
		{1, 3, 2, nil},
		{2, 3, 3, nil},
		{3, 3, 3, errFlaky},
		{9, 3, 3, errFlaky},
		{1, 1, 1, errFlaky},
		{1, 0, 1, errFlaky},
	} {
		t.Run(fmt.Sprintf("fails=%d/max=%d", c.fails, c.max), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(failing(c.fails), pool.Options{MaxWorkers: 2, Retry: pool.Retry{MaxAttempts: c.max}})
				begin(background, p)
				submit(t, p, "mail")
				r := drain(t, p)[0]
				equal(t, "attempts", r.Attempts, c.attempts)
				equal(t, "error", r.Err, c.err)
				s := p.Stats()
				equal(t, "retries", s.Retries, int64(c.attempts-1))
				equal(t, "ended", s.Done+s.Failed, 1)
				equal(t, "dead letters", len(p.DeadLetters()), int(s.Failed))
			})
		})
	}
}

func TestBackoffDoublesWithJitterUpToItsCap(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		retry pool.Retry
		want  []time.Duration // the longest wait after each attempt; the shortest is half of it
	}{
		{"defaults", pool.Retry{}, []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5000 * ms, 5000 * ms}},
		{"own", pool.Retry{Backoff: time.Second, MaxBackoff: 3 * time.Second}, []time.Duration{1000 * ms, 2000 * ms, 3000 * ms, 3000 * ms}},
		{"cap below the first", pool.Retry{Backoff: time.Minute, MaxBackoff: time.Second}, []time.Duration{time.Second, time.Second}},
		{"cap between two doublings, centuries", pool.Retry{Backoff: 1 << 60, MaxBackoff: 3 << 60}, []time.Duration{1 << 60, 2 << 60, 3 << 60}},
		{"many attempts", pool.Retry{Backoff: ms, MaxBackoff: 2 * ms}, slices.Concat([]time.Duration{ms}, slices.Repeat([]time.Duration{2 * ms}, 99))},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.retry.MaxAttempts = len(c.want) + 1
				const jobs = 64
				var ended [jobs]time.Time // of the last attempt
				waits := make([][]time.Duration, len(c.want))
				p := pool.New(func(_ context.Context, t *pool.Task[int]) (int, error) {
					if t.Attempt > 1 {
						waits[t.Attempt-2] = append(waits[t.Attempt-2], time.Since(ended[t.Job]))
					}
					ended[t.Job] = time.Now()
					return 0, errFlaky
				}, pool.Options{MaxWorkers: 1, Retry: c.retry})
				begin(background, p)
				results := collect(p)
				for i := range jobs {
					submit(t, p, i)
				}
				shutdown(t, p)
				equal(t, "results", len(results()), jobs)
				for i, want := range c.want {
					equal(t, "waits", len(waits[i]), jobs)
					short, long := 0, 0
					for _, w := range waits[i] {
						if w < want/2 || w > want {
							t.Errorf("after attempt %d: waited %v, want %v to %v", i+1, w, want/2, want)
						}
						if w < want/4*3 {
							short++
						} else {
							long++
						}
					}
					if short == 0 || long == 0 { // by chance once in 2^63 runs
						t.Errorf("after attempt %d: no jitter: %v", i+1, waits[i])
					}
				}
			})
		})
	}
}

func TestPendingRetryOccupiesNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(_ context.Context, t *pool.Task[string]) (int, error) {
			if t.Job == "flaky" && t.Attempt == 1 {
				return 0, errFlaky
			}
			time.Sleep(time.Second)
			return 0, nil
		}, pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 2, Backoff: time.Minute, MaxBackoff: time.Minute}})
		begin(background, p)
		start := time.Now()
		submit(t, p, "flaky", "a", "b", "c")
		for _, want := range []string{"a", "b", "c"} {
			equal(t, "result", (<-p.Results()).Job, want)
		}
		equal(t, "time for the others", time.Since(start), 3*time.Second)
		equal(t, "retrying", p.Stats().Retrying, 1)
		equal(t, "retries yet", p.Stats().Retries, 0)
		r := <-p.Results()
		equal(t, "last result", r.Job, "flaky")
		equal(t, "attempts", r.Attempts, 2)
		synctest.Wait()
		equal(t, "retrying", p.Stats().Retrying, 0)
		shutdown(t, p)
	})
}

// Retries that come due while the queue is full and submitters stand in line get their turn in order of arrival.
func TestRetryComesDueWhileTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fresh = 50
		p := pool.New(func(_ context.Context, t *pool.Task[int]) (int, error) {
			time.Sleep(time.Second)
			if t.Job == 0 && t.Attempt < 3 {
				return 0, errFlaky
			}
			return 0, nil
		}, pool.Options{MaxWorkers: 1, Queue: 2, Retry: pool.Retry{MaxAttempts: 3, Backoff: time.Millisecond}})
		begin(background, p)
		results := collect(p)
		submit(t, p, 0)
		for i := range fresh {
			submit(t, p, i+1)
		}
		shutdown(t, p)
		all := results()
		equal(t, "results", len(all), fresh+1)
		for i, r := range all {
			if r.Job == 0 {
				equal(t, "attempts", r.Attempts, 3)
				if i > 10 { // each of two retries waits for two in the queue and one submitter, at most
					t.Errorf("the retried job was number %d to end", i)
				}
			}
		}
	})
}

func TestWhatIsRetried(t *testing.T) {
	permanent := errors.New("no such address")
	for _, c := range []struct {
		name     string
		work     func() error
		attempts int
	}{
		{"retryable", func() error { return fmt.Errorf("mail: %w", errFlaky) }, 3},
		{"not retryable", func() error { return fmt.Errorf("mail: %w", permanent) }, 1},
		{"a time-out of its own", func() error { return context.DeadlineExceeded }, 3},
		{"cancelled", func() error { return fmt.Errorf("mail: %w", context.Canceled) }, 1},
		{"panic", func() error { panic("at the disco") }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(func(context.Context, *pool.Task[int]) (int, error) { return 0, c.work() },
					pool.Options{MaxWorkers: 1, Retry: pool.Retry{
						MaxAttempts: 3,
						Retryable:   func(err error) bool { return !errors.Is(err, permanent) },
					}})
				begin(background, p)
				submit(t, p, 1)
				r := drain(t, p)[0]
				equal(t, "attempts", r.Attempts, c.attempts)
				if r.Err == nil {
					t.Error("no error")
				}
				equal(t, "dead letters", len(p.DeadLetters()), 1)
			})
		})
	}
}

func TestDeadLettersSayWhyAndWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(_ context.Context, t *pool.Task[int]) (int, error) {
			if t.Job%2 == 0 {
				return 0, nil
			}
			return 0, errors.New("attempt " + strconv.Itoa(t.Attempt) + " of job " + strconv.Itoa(t.Job))
		}, pool.Options{MaxWorkers: 1, Retry: pool.Retry{MaxAttempts: 3, Backoff: time.Second}})
		begin(background, p)
		start := time.Now()
		submit(t, p, 1, 2)
		results := drain(t, p)
		equal(t, "results", len(results), 2)

		letters := p.DeadLetters()
		equal(t, "dead letters", len(letters), 1)
		l := letters[0]
		equal(t, "job", l.Job, 1)
		equal(t, "reason", l.Err.Error(), "attempt 3 of job 1")
		equal(t, "attempts", l.Attempts, 3)
		equal(t, "time", l.Time, time.Now())
		if l.Time.Sub(start) < 1500*time.Millisecond {
			t.Errorf("dead after %v: before its retries", l.Time.Sub(start))
		}
		letters[0].Job = 99
		equal(t, "job, after a change to the snapshot", p.DeadLetters()[0].Job, 1)
	})
}

func TestDeadLettersAreTheMostRecentThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(func(context.Context, *pool.Task[int]) (int, error) { return 0, errFlaky }, pool.Options{MaxWorkers: 1})
		begin(background, p)
		collect(p)
		for i := range 2345 {
			submit(t, p, i)
		}
		shutdown(t, p)
		letters := p.DeadLetters()
		equal(t, "dead letters", len(letters), 1000)
		for i, l := range letters {
			equal(t, "job", l.Job, 1345+i)
		}
		equal(t, "failed", p.Stats().Failed, 2345)
	})
}
