package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// firstLook is how long after it was asked for a result is looked for that nobody told of; then the time doubles, up to laterLook.
const (
	firstLook = 2 * time.Second
	laterLook = 15 * time.Second
)

// wait waits for a job's result. Results come by themselves; looking is for those that did not, or never will.
func (m *Maker) wait(ctx context.Context, j job, news <-chan result) (result, error) {
	nudged, patience, idle := time.Now(), unheard(m.layout.workers(leastPending)), false
	for pause := m.firstLook; ; pause = min(2*pause, laterLook) {
		select {
		case r := <-news:
			return r, nil
		case <-time.After(pause + rand.N(pause/4)):
		case <-ctx.Done():
			return result{}, ctx.Err()
		}
		// First the job: it leaves after its result has come.
		seq, err := m.queued(ctx, j)
		if err != nil {
			return result{}, err
		}
		r, err := m.last(ctx, resultSubject(j.id))
		switch {
		case !errors.Is(err, jetstream.ErrMsgNotFound):
			return r, err
		case seq == 0:
			return result{}, errLost
		case time.Since(nudged) > patience:
			before := idle
			patience, idle = m.nudge(ctx, seq)
			if before && idle {
				m.jobs.DeleteMsg(ctx, seq) // one that fails is made good by the next look
				return result{}, errLost
			}
			nudged = time.Now()
		}
	}
}

// queued is the sequence of a job's message; 0: it is not in the queue.
func (m *Maker) queued(ctx context.Context, j job) (seq uint64, err error) {
	err = m.conn.patiently(ctx, func(ctx context.Context) error {
		msg, err := m.jobs.GetLastMsgForSubject(ctx, j.subject)
		if seq = 0; err == nil && idOf(msg.Subject, msg.Data) == j.id {
			seq = msg.Sequence
		}
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	return seq, err
}

// nudge is for a job whose result takes long, and says when to nudge it again; what fails is made good by the next.
//
// A server counts how long a job has been out from a time of day. One that takes over from another one has the time that that wrote down when the job
// was put in, or last heard of (nats-server v2.15.2: consumer.checkPending, deliverMsg, progressUpdate): where its own clock is behind, or is set back, a
// job whose worker is gone is missed only when the clock has come there. What a worker says to keep its job has the time written down anew, and can be said
// for it: then the job is missed after ack_wait, and if its worker is alive, nothing has changed.
//
// A job that was given out, and is still there when no job is out, is idle: it is not given out any more. One that stays so is not being buried, but
// the news of its death got lost.
func (m *Maker) nudge(ctx context.Context, seq uint64) (patience time.Duration, idle bool) {
	consumer, err := m.jobs.Consumer(ctx, workersConsumer())
	if err != nil {
		return 0, false
	}
	m.conn.nc.Publish(progressSubject(seq), []byte("+WPI"))
	info := consumer.CachedInfo()
	return unheard(info.Config), info.NumAckPending == 0 && info.Delivered.Stream >= seq
}

// progressSubject is where a worker says that it is at work on a job. Of the numbers in it only the job's sequence counts.
func progressSubject(seq uint64) string {
	return fmt.Sprintf("$JS.ACK.%s.%s.1.%d.1.0.0", jobsStream, workersConsumer(), seq)
}

// unheard is after how long a job is nudged: there is time enough in between for it to be missed, for whatever attempt; and as several watching
// sides may wait for it, the time is another one each time.
func unheard(workers jetstream.ConsumerConfig) time.Duration {
	longest := slices.Max(append(workers.BackOff, workers.AckWait))
	return 2*longest + rand.N(2*longest)
}

// last is the message of a result's subject; jetstream.ErrMsgNotFound where there is none.
func (s *streams) last(ctx context.Context, c *Conn, subject string) (r result, err error) {
	err = c.patiently(ctx, func(ctx context.Context) error {
		msg, err := s.results.GetLastMsgForSubject(ctx, subject)
		if err != nil {
			return err
		}
		r, err = decodeResult(msg.Data)
		return err
	})
	return r, err
}

func (m *Maker) last(ctx context.Context, subject string) (result, error) {
	return m.streams.last(ctx, m.conn, subject)
}
