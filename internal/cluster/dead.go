package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// advisory is what the server says of a job that was delivered as often as it may be.
type advisory struct {
	Seq        uint64 `json:"stream_seq"`
	Deliveries int    `json:"deliveries"`
}

// collectDead turns advisories into results, which all who wait for the job see. One watching side gets each of them; should it end on the
// way, another one does.
func (m *Maker) collectDead(ctx context.Context) {
	for ctx.Err() == nil {
		var messages jetstream.MessagesContext
		err := m.conn.patiently(ctx, func(ctx context.Context) error {
			consumer, err := m.dead.Consumer(ctx, deadConsumer)
			if err == nil {
				messages, err = consumer.Messages()
			}
			return err
		})
		if err != nil {
			return
		}
		stop := context.AfterFunc(ctx, messages.Stop)
		for {
			msg, err := messages.Next()
			if err != nil { // it was stopped, or the server lost the consumer: another round
				break
			}
			if err := m.bury(ctx, msg); err != nil && ctx.Err() == nil {
				m.conn.opts.Warn(fmt.Errorf("cluster: a dead letter is looked at again later: %w", err))
				msg.NakWithDelay(5 * time.Second)
			}
		}
		stop()
		messages.Stop()
	}
}

// bury gives a dead job its result and takes it out of the queue.
func (m *Maker) bury(ctx context.Context, msg jetstream.Msg) error {
	var a advisory
	if err := json.Unmarshal(msg.Data(), &a); err != nil {
		return errors.Join(fmt.Errorf("an advisory that is none: %w", err), msg.Term())
	}
	var id string
	err := m.conn.patiently(ctx, func(ctx context.Context) error {
		dead, err := m.jobs.GetMsg(ctx, a.Seq)
		if err == nil {
			id = idOf(dead.Subject, dead.Data)
		}
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) { // buried already, or finished at last; or the replica that was asked is behind
		if meta, err := msg.Metadata(); err == nil && meta.NumDelivered == 1 {
			return msg.NakWithDelay(2 * time.Second)
		}
		return msg.Ack()
	}
	if err != nil {
		return err
	}
	r, err := m.last(ctx, failureSubject(id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		r, err = result{Version: version, Fault: &fault{Text: "no worker came back with it: they were killed, ran out of memory or lost their connection"}}, nil
	}
	if err != nil {
		return err
	}
	if meta, err := msg.Metadata(); err == nil && meta.NumDelivered == 1 && r.Attempts < a.Deliveries {
		return msg.NakWithDelay(m.layout.AckWait) // its worker may still come: a server that took over with a clock that is ahead gives up on it at once
	}
	r.Dead, r.Attempts = true, a.Deliveries
	if err := m.conn.conclude(ctx, id, a.Seq, r); err != nil && !errors.Is(err, errTaken) {
		return err
	}
	if err := m.jobs.DeleteMsg(ctx, a.Seq); err != nil {
		return err
	}
	return msg.Ack()
}
