package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

var errNoSuchAddress = errors.New("no such address")

// deliver is a mail server: it takes 200 ms a mail, is busy for the first attempt at every seventh one, and knows no address of
// every twenty-fifth.
func deliver(_ context.Context, t *pool.Task[int]) (string, error) {
	time.Sleep(200 * time.Millisecond)
	switch {
	case t.Job%25 == 0:
		return "", fmt.Errorf("mail %d: %w", t.Job, errNoSuchAddress)
	case t.Job%7 == 0 && t.Attempt == 1:
		return "", fmt.Errorf("mail %d: %w", t.Job, errFlaky)
	}
	return fmt.Sprint("250 OK ", t.Job), nil
}

// The batch e-mail sender: an I/O-bound pool, counters shown every 500 ms, failures told apart, the rate at the end.
func TestBatchSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const mails, limit = 500, 10 // connections that the server grants
		p := pool.New(deliver, pool.Options{
			MaxWorkers: pool.SizeFor(pool.IOBound, limit),
			Retry:      pool.Retry{MaxAttempts: 3, Retryable: func(err error) bool { return !errors.Is(err, errNoSuchAddress) }},
		})
		start := time.Now()
		ran := begin(background, p)
		go func() {
			for i := range mails {
				submit(t, p, i)
			}
			shutdown(t, p)
		}()

		sent, failed := 0, 0
		var shown []pool.Stats
		progress := time.NewTicker(500 * time.Millisecond)
		defer progress.Stop()
		for results := p.Results(); results != nil; {
			select {
			case r, ok := <-results:
				switch {
				case !ok:
					results = nil
				case r.Err == nil:
					sent++
				default:
					failed++
				}
			case <-progress.C:
				shown = append(shown, p.Stats())
			}
		}
		elapsed := time.Since(start)
		equal(t, "Run", ran(), nil)
		equal(t, "sent", sent, 480)
		equal(t, "failed", failed, 20)
		s := p.Stats()
		equal(t, "stats", s, pool.Stats{Submitted: mails, Done: 480, Failed: 20, Retries: 69})

		// Every attempt takes 200 ms: the rate follows from the number of workers, but for the last retries' backoff.
		workers := pool.SizeFor(pool.IOBound, limit)
		least := time.Duration((mails+69+workers-1)/workers) * 200 * time.Millisecond
		if elapsed < least || elapsed > least+time.Second {
			t.Errorf("took %v, want %v to %v", elapsed, least, least+time.Second)
		}
		t.Logf("%d sent, %d failed, %d retries in %v: %.1f mails/s", sent, failed, s.Retries, elapsed, mails/elapsed.Seconds())

		if want := int(elapsed / (500 * time.Millisecond)); len(shown) < want-1 || len(shown) > want {
			t.Errorf("progress was shown %d times in %v", len(shown), elapsed)
		}
		first := int64(0) // of what two rounds of attempts were made at, what needs no third
		for i := range 2 * workers {
			if i%7 != 0 || i%25 == 0 {
				first++
			}
		}
		equal(t, "ended after 500 ms", shown[0].Done+shown[0].Failed, first)
		for i, s := range shown[1:] {
			if before := shown[i]; s.Done+s.Failed <= before.Done+before.Failed && s.Submitted == before.Submitted {
				t.Errorf("no progress between %v and %v", before, s)
			}
			equal(t, "workers", s.Workers, workers)
		}
		for _, l := range p.DeadLetters() {
			equal(t, "attempts", l.Attempts, 1)
			if !strings.HasSuffix(l.Err.Error(), ": no such address") || l.Job%25 != 0 {
				t.Errorf("dead letter: %+v", l)
			}
		}
	})
}
