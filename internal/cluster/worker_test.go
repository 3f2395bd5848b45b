package cluster

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// What a worker is not done with when its time is over goes to another one at once, not only when it is missed.
func TestDrain(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait = time.Hour
	m := b.maker()
	slow := b.worker(1)
	slow.cpus <- struct{}{} // it never gets to resizing
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.eventually("the worker to have it", func() bool { return slow.Stats().InFlight == 1 })
	fast := b.worker(1)
	slow.leave()
	b.eventually("the other one to do it", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
	b.eventually("it to count", func() bool { return fast.made.Load() == 1 })
	if slow.made.Load() != 0 || slow.Stats().InFlight != 0 {
		t.Errorf("made %d, in flight %d", slow.made.Load(), slow.Stats().InFlight)
	}
}

// forgetful is nats.go when a message came too fast: it asks for the next one only when Next is called anew.
type forgetful struct {
	jetstream.MessagesContext
	calls int
}

func (f *forgetful) Next(opts ...jetstream.NextOpt) (jetstream.Msg, error) {
	if f.calls++; f.calls < 3 {
		if len(opts) == 0 {
			return nil, errors.New("it waits for ever")
		}
		return nil, nats.ErrTimeout
	}
	return nil, jetstream.ErrMsgIteratorClosed
}

// A worker does not wait for a message that was never asked for.
func TestNextAsksAgain(t *testing.T) {
	f := &forgetful{}
	if _, err := next(f); !errors.Is(err, jetstream.ErrMsgIteratorClosed) || f.calls != 3 {
		t.Errorf("after %d calls: %v", f.calls, err)
	}
}

// A job that takes longer than AckWait is not given to another worker while its own is alive.
func TestHeartbeats(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait = time.Second // a machine that is busy may stop everybody for half of that
	m := b.maker()
	slow := b.worker(1)
	slow.cpus <- struct{}{}
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.eventually("the worker to have it", func() bool { return slow.Stats().InFlight == 1 })
	other := b.worker(1)
	time.Sleep(2500 * time.Millisecond)
	<-slow.cpus
	b.eventually("it to be done", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
	b.eventually("it to count", func() bool { return slow.made.Load() == 1 })
	if other.Stats().Done != 0 {
		t.Errorf("the other one made %d", other.Stats().Done)
	}
}

// A worker that is gone without a word is missed after AckWait.
func TestWorkerVanishes(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	gone := b.worker(1)
	gone.cpus <- struct{}{}
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.eventually("the worker to have it", func() bool { return gone.Stats().InFlight == 1 })
	gone.conn.nc.Close()
	b.worker(1)
	b.eventually("another one to do it", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
}

// A job that fails everywhere, and one that takes every worker down, end as dead letters with their reason; asked for again, they are tried again.
func TestDead(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait = 200 * time.Millisecond
	m := b.maker()
	strange := b.photo("scene.jpg", 0)
	strange.Recipe = resize.Recipe{Variants: []resize.Variant{{Name: "s", Kernel: "jinc"}}}
	deadly := b.photo("scene.jpg", 1)
	r := b.worker(1)
	dead := func(w pipeline.Work, reason string) {
		t.Helper()
		a := b.ask(m, w)
		b.eventually("a dead letter", func() bool { return !a.pending() })
		var spent *pipeline.SpentError
		if !errors.As(a.err, &spent) || spent.Attempts != 3 || !strings.Contains(a.err.Error(), reason) {
			t.Errorf("got %v", a.err)
		}
	}
	dead(strange, "does not understand")
	if n := r.failed.Load(); n != 3 {
		t.Errorf("%d attempts", n)
	}
	r.leave()

	// This one takes jobs and is not heard of again.
	consumer, err := m.jobs.Consumer(t.Context(), workersConsumer())
	b.must(err)
	ctx, stop := context.WithCancel(t.Context())
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		for ctx.Err() == nil {
			if batch, err := consumer.Fetch(1, jetstream.FetchMaxWait(100*time.Millisecond)); err == nil {
				for range batch.Messages() {
				}
			}
		}
	}()
	dead(deadly, "no worker came back")
	stop()
	<-taken
	b.worker(1)
	made, err := m.Make(t.Context(), deadly)
	b.check(deadly, made, err)
	if err == nil {
		made.Stored()
	}
	b.empty(m)
}

// A panic is a failed attempt with its stack, and the worker lives.
func TestPanic(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	r := b.idle(1)
	whole := r.sources
	r.sources = hubStore{} // whoever uses it panics
	r.leave = b.run(r.Worker)
	a := b.ask(m, b.photo("scene.jpg", 0))
	b.eventually("a dead letter", func() bool { return !a.pending() })
	var spent *pipeline.SpentError
	var panicked *resize.PanicError
	if !errors.As(a.err, &spent) || !errors.As(a.err, &panicked) || len(panicked.Stack) == 0 {
		t.Errorf("got %v", a.err)
	}
	b.eventually("the worker to be free", func() bool { return r.Stats().InFlight == 0 && len(r.slots) == 1 })
	r.sources = whole
	w := b.photo("scene.jpg", 1)
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
}

// A job that comes again after it was done is not done again.
func TestDoneTwice(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	r := b.worker(1)
	w := b.photo("scene.jpg", 0)
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	b.eventually("the job to be acknowledged", func() bool { seq, _ := m.queued(t.Context(), newJob(w, nil)); return seq == 0 })
	b.must(m.ask(t.Context(), newJob(w, nil), 2))
	b.eventually("the job to be acknowledged again", func() bool { seq, _ := m.queued(t.Context(), newJob(w, nil)); return seq == 0 })
	b.counts(1, r)
	made.Stored()
	b.empty(m)
}

// Prometheus is told of jobs by how they ended, with the role.
func TestMetrics(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	r := b.worker(3)
	for i, name := range []string{"scene.jpg", "grey.jpg", "truncated-50.jpg"} {
		m.Make(t.Context(), b.photo(name, i))
	}
	scrape := func() string {
		answer := httptest.NewRecorder()
		r.Metrics().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		return answer.Body.String()
	}
	for _, line := range []string{
		`pixmill_jobs_total{role="worker",status="done"} 2`, `pixmill_jobs_total{role="worker",status="rejected"} 1`, `pixmill_jobs_total{role="worker",status="failed"} 0`,
		`pixmill_job_duration_seconds_count{role="worker"} 3`, `pixmill_jobs_in_flight{role="worker"} 0`, `pixmill_workers{role="worker"} 3`,
		`pixmill_memory_reserved_bytes{role="worker"} 0`, `pixmill_build_info{role="worker",version=""} 1`,
	} {
		b.eventually(line, func() bool { return strings.Contains(scrape(), line+"\n") })
	}
}
