package delivery

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/pool"
)

// A receiver that hangs holds up nobody who gives it jobs; what does not fit is said.
func TestGiveNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		q := New(func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}, func(Ended[int]) {}, Options{Workers: 2, Waiting: 5})
		ran := make(chan error)
		go func() { ran <- q.Run(ctx) }()
		start, refused := time.Now(), 0
		for i := range 20 {
			synctest.Wait()
			if err := q.Give(i); errors.Is(err, pool.ErrFull) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if time.Since(start) != 0 || refused != 20-2-5 || q.Pending() != 2+5 {
			t.Errorf("%s, %d refused, %d pending", time.Since(start), refused, q.Pending())
		}
		cancel()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := q.Give(21); !errors.Is(err, pool.ErrClosed) {
			t.Error(err)
		}
	})
}

// Every job ends once: delivered, after as many attempts as it takes, or told with its error. Attempts keep to the rate.
func TestQueueRetriesWithinRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("lost")
		var attempts atomic.Int64
		ends, tried := map[int]error{}, make([]atomic.Int64, 101)
		q := New(func(_ context.Context, j int) error {
			attempts.Add(1)
			if n := tried[j].Add(1); j%10 == 0 || j%4 == 1 && n < 5 {
				return lost
			}
			return nil
		}, func(r Ended[int]) {
			if _, twice := ends[r.Job]; twice {
				t.Errorf("%d ended twice", r.Job)
			}
			ends[r.Job] = r.Err
		}, Options{Workers: 8, Rate: 50, Retry: pool.Retry{MaxAttempts: 5}})
		start := time.Now()
		ran := make(chan error)
		go func() { ran <- q.Run(t.Context()) }()
		for i := 1; i <= 100; i++ {
			if err := q.Give(i); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(q.Finish(t.Context()), <-ran); err != nil {
			t.Error(err)
		}
		failed := 0
		for j, err := range ends {
			if err != nil {
				failed++
				if j%10 != 0 {
					t.Errorf("%d: %v", j, err)
				}
			}
		}
		least := time.Duration(attempts.Load()-1)*time.Second/50 - time.Microsecond // the limiter counts in floats
		if took := time.Since(start); len(ends) != 100 || failed != 10 || q.Pending() != 0 || took < least {
			t.Errorf("%d ended, %d failed, %d pending, %d attempts in %s", len(ends), failed, q.Pending(), attempts.Load(), took)
		}
	})
}

// What is given is delivered before Finish returns; when time is up, the rest is given up and counted.
func TestFinishWithinTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct{ jobs, left int }{{4, 0}, {9, 5}} {
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			q := New(func(ctx context.Context, _ int) error {
				select {
				case <-time.After(10 * time.Second):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}, func(Ended[int]) {}, Options{Workers: 2})
			ran := make(chan error)
			go func() { ran <- q.Run(ctx) }()
			for i := range test.jobs {
				if err := q.Give(i); err != nil {
					t.Fatal(err)
				}
			}
			err := q.Finish(ctx)
			if runErr := <-ran; (err == nil) != (test.left == 0) || (runErr == nil) != (test.left == 0) {
				t.Errorf("%d jobs: %v, %v", test.jobs, err, runErr)
			}
			if s := q.Stats(); int(s.Submitted-s.Done) != test.left {
				t.Errorf("%d jobs: %+v", test.jobs, s)
			}
			cancel()
		}
	})
}

// Idle fires once after a stretch of work, waits while anything is under way, and at the end does at once what is due.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy atomic.Bool
		start := time.Now()
		var fired []time.Duration
		idle := NewIdle(2*time.Second, busy.Load, func(context.Context) {
			fired = append(fired, time.Since(start))
			time.Sleep(time.Second) // what happens meanwhile counts
		})
		end, ended := make(chan struct{}), make(chan struct{})
		go func() { defer close(ended); idle.Run(t.Context(), end) }()
		at := func(d time.Duration, f func()) { time.Sleep(time.Until(start.Add(d))); f() }
		at(10*time.Second, idle.Stir)
		at(11*time.Second, idle.Stir) // due at 13
		at(13500*time.Millisecond, idle.Stir)
		at(30*time.Second, idle.Stir) // due at 32, were it not for
		at(31*time.Second, func() { busy.Store(true) })
		at(35*time.Second, func() { busy.Store(false) })
		at(60*time.Second, idle.Stir)
		at(61*time.Second, func() { close(end) })
		<-ended
		want := []time.Duration{13 * time.Second, 16 * time.Second, 36 * time.Second, 61 * time.Second}
		if len(fired) != len(want) {
			t.Fatalf("fired at %v, want %v", fired, want)
		}
		for i := range want {
			if fired[i] != want[i] {
				t.Errorf("fired at %v, want %v", fired, want)
			}
		}
	})
}

func TestIdleWithoutWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := NewIdle(time.Second, func() bool { return false }, func(context.Context) { t.Error("nothing was done") })
		end, ended := make(chan struct{}), make(chan struct{})
		go func() { defer close(ended); idle.Run(t.Context(), end) }()
		time.Sleep(time.Hour)
		close(end)
		<-ended
	})
}
