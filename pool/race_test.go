package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pixmill/pool"
)

// These run on real threads, not in a synctest bubble: what they look for is what the race detector sees, and jobs that are lost or
// done twice.

// races runs rounds of eight submitters against end, and gives every round's accounts to check: how many jobs were taken in,
// how often each was done, and how many results there were.
func races(t *testing.T, end func(p *pool.Pool[int, int]), check func(t *testing.T, s pool.Stats, accepted int, results map[int]int)) {
	const submitters, each = 8, 100
	for _, o := range []pool.Options{
		{MaxWorkers: 2, Queue: 1},
		{MaxWorkers: 4, Queue: 20},
		{MinWorkers: 1, MaxWorkers: 4, Queue: 3, IdleTimeout: time.Microsecond},
	} {
		o.Retry = pool.Retry{MaxAttempts: 3, Backoff: time.Microsecond, MaxBackoff: time.Microsecond}
		o.Budget = 3
		t.Run(fmt.Sprintf("workers=%d-%d", o.MinWorkers, o.MaxWorkers), func(t *testing.T) {
			for round := range 100 {
				p := pool.New(func(ctx context.Context, t *pool.Task[int]) (int, error) {
					if err := t.Reserve(ctx, int64(t.Job%5)); err != nil {
						return 0, err
					}
					if t.Job%7 < t.Attempt {
						return 0, errFlaky
					}
					return 0, nil
				}, o)
				ran := begin(background, p)
				results := map[int]int{}
				read := make(chan struct{})
				go func() {
					defer close(read)
					for r := range p.Results() {
						results[r.Job]++
					}
				}()
				var accepted atomic.Int64
				var all sync.WaitGroup
				for s := range submitters {
					all.Go(func() {
						for i := range each {
							job := s*each + i
							var err error
							if i%10 == 0 {
								err = p.TrySubmit(job)
							} else {
								err = p.Submit(background, job)
							}
							switch {
							case err == nil:
								accepted.Add(1)
							case !errors.Is(err, pool.ErrClosed) && !errors.Is(err, pool.ErrFull):
								t.Error(err)
							}
						}
					})
				}
				for range rand.IntN(200) {
					runtime.Gosched()
				}
				end(p)
				all.Wait()
				<-read
				err := ran()
				s := p.Stats()
				if err != nil && !errors.Is(err, pool.ErrStopped) {
					t.Error(err)
				}
				equal(t, "submitted", s.Submitted, accepted.Load())
				equal(t, "ended", s.Done+s.Failed+s.Abandoned, accepted.Load())
				equal(t, "queued", s.Queued, 0)
				equal(t, "retrying", s.Retrying, 0)
				equal(t, "budget", s.Budget, 0)
				for job, n := range results {
					if n != 1 {
						t.Errorf("job %d has %d results", job, n)
					}
				}
				check(t, s, int(accepted.Load()), results)
				if t.Failed() {
					t.Fatalf("round %d", round)
				}
			}
		})
	}
}

func TestSubmitRacesShutdown(t *testing.T) {
	races(t, func(p *pool.Pool[int, int]) { shutdown(t, p) },
		func(t *testing.T, s pool.Stats, accepted int, results map[int]int) {
			equal(t, "results", len(results), accepted)
			equal(t, "abandoned", s.Abandoned, 0)
		})
}

func TestSubmitRacesStop(t *testing.T) {
	races(t, func(p *pool.Pool[int, int]) { p.Stop() },
		func(t *testing.T, s pool.Stats, accepted int, results map[int]int) {
			if n, least := int64(len(results)), s.Done+s.Failed-s.Unread; n < least || n > least+s.Abandoned {
				t.Errorf("%d results, %d expected at least", n, least)
			}
		})
}

func TestSubmitRacesShutdownsTime(t *testing.T) {
	races(t, func(p *pool.Pool[int, int]) {
		ctx, cancel := context.WithTimeout(background, rand.N(100*time.Microsecond))
		defer cancel()
		if err := p.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}, func(t *testing.T, s pool.Stats, accepted int, results map[int]int) {
		if len(results) > accepted {
			t.Errorf("%d results of %d jobs", len(results), accepted)
		}
	})
}
