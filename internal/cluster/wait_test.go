package cluster

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// take gives a job to a worker that is not heard of again.
func (b *bed) take(jobs jetstream.Stream) jetstream.Msg {
	b.Helper()
	consumer, err := jobs.Consumer(b.Context(), workersConsumer())
	b.must(err)
	msg, err := consumer.Next()
	b.must(err)
	return msg
}

// A server counts a job's time out from when it was written down, also if whoever wrote that had a clock an hour ahead. The job is not lost
// for an hour, and its attempts are not forgotten.
func TestClockBehind(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait = 200 * time.Millisecond
	m := b.maker()
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.must(b.take(m.jobs).NakWithDelay(time.Hour)) // for which the server writes down a time that is an hour ahead
	again := b.take(m.jobs)
	if n := attempt(&delivery{again}); n != 2 {
		t.Errorf("it comes as attempt %d", n)
	}
	b.worker(1)
	b.eventually("it to be done", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
}

// A job that was given out as often as it may be, but whose death nobody was told of, is asked for anew.
func TestDeathLost(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait, b.layout.Retry.MaxAttempts = 200*time.Millisecond, 1
	m, err := NewMaker(t.Context(), b.dial("watcher"), b.layout, nil, nil) // which collects no dead
	b.must(err)
	m.firstLook = 100 * time.Millisecond
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.take(m.jobs)
	b.eventually("it to be dead", func() bool {
		info, err := m.dead.Info(t.Context())
		b.must(err)
		return info.State.Msgs == 1
	})
	b.must(m.dead.Purge(t.Context()))
	b.worker(1)
	b.eventually("it to be done", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
}

// A server that takes over with a clock that is ahead gives up at once on the jobs that are out. What their workers make all the same counts.
func TestClockAhead(t *testing.T) {
	b := newBed(t)
	b.layout.AckWait, b.layout.Retry.MaxAttempts = time.Second, 1
	m := b.maker()
	r := b.worker(1)
	r.cpus <- struct{}{}
	w := b.photo("scene.jpg", 0)
	a := b.ask(m, w)
	b.eventually("the worker to have it", func() bool { return r.Stats().InFlight == 1 })
	r.mu.Lock()
	for d := range r.hand { // has the server write down a time that is an hour ago
		b.must(r.conn.nc.Publish(d.Reply(), fmt.Appendf(nil, `-NAK {"delay": %d}`, -time.Hour)))
	}
	r.mu.Unlock()
	b.eventually("the news of its death", func() bool {
		info, err := m.dead.Info(t.Context())
		b.must(err)
		return info.State.LastSeq == 1
	})
	time.Sleep(200 * time.Millisecond)
	<-r.cpus
	b.eventually("it to be done", func() bool { return !a.pending() })
	b.check(w, a.made, a.err)
	if a.err == nil {
		a.made.Stored()
	}
	b.empty(m)
}
