package notify

import (
	"fmt"
	"sync/atomic"
	"time"

	"pixmill/internal/delivery"
)

// mailing is one message to all its recipients.
type mailing struct {
	Message
	start    time.Time
	all      int
	sent     atomic.Int64
	letters  int // on their way; the queue's goroutine only, once all are given
	refused  []Refusal
	progress time.Time // told of last
}

// progressEvery is how often a message that takes long is told of.
const progressEvery = 5 * time.Second

// Send gives a message to all channels and returns at once.
func (n *Notifier) Send(m Message) {
	var letters []*Letter
	all := &mailing{Message: m, start: time.Now(), progress: time.Now()}
	for _, c := range n.opts.Channels {
		for _, batch := range c.Recipients() {
			letters = append(letters, &Letter{Message: m, To: batch, channel: c, mailing: all})
			all.all += len(batch)
		}
	}
	all.letters = len(letters)
	for _, l := range letters {
		if err := n.queue.Give(l); err != nil {
			n.opts.Warn(fmt.Errorf("%q is not sent to %d recipients: %w", m.Subject, len(l.To), err))
		}
	}
}

// ended sums up letters, and tells of the message when the last one is there. The queue calls it for one letter at a time.
func (n *Notifier) ended(r delivery.Ended[*Letter]) {
	l, m := r.Job, r.Job.mailing
	m.refused = append(m.refused, l.Refused...)
	for _, to := range l.To {
		m.refused = append(m.refused, Refusal{to, r.Err})
	}
	if m.letters--; m.letters == 0 {
		n.opts.Ended(Result{m.Message, int(m.sent.Load()), m.refused, time.Since(m.start)})
		return
	}
	if time.Since(m.progress) > progressEvery && n.opts.Progress != nil {
		m.progress = time.Now()
		n.opts.Progress(m.Message, int(m.sent.Load()), m.all)
	}
}
