// Package notify tells people what happened while nobody looked: what failed, that a batch is done, how the day was.
//
//	Hear ─► digest: collected until it is worth a message ─► Message ─► one Letter for each channel and batch of recipients
//	     ─► delivery.Queue: sent, with retries and backoff ─► Result: who has it, who has not, and why
//
// What is heard costs a lock and no more; all sending is the queue's, on goroutines of its own, so a slow or dead mail server never slows a
// photo. Everything may be called concurrently.
package notify

import (
	"context"
	"time"

	"github.com/dustin/go-humanize/english"

	"pixmill/internal/delivery"
	"pixmill/pool"
)

// The kinds of messages.
const (
	Failed = "failed" // photos were rejected or given up
	Batch  = "batch"  // nothing is left to do, after something was done
	Daily  = "daily"  // what was done since yesterday
)

// Message is what people get.
type Message struct {
	Kind    string    `json:"event"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Tally   Tally     `json:"tally"`
	Time    time.Time `json:"time"`
}

// Channel is a way to reach people.
type Channel interface {
	// Deliver sends a letter to everyone in To, takes those from To who have it, and moves those who never will to Refused. An error says why
	// the others, if any, are worth another attempt.
	Deliver(ctx context.Context, l *Letter) error
	// Recipients are all whom it reaches, in batches that are sent one after the other, on one connection where there are such.
	Recipients() [][]string
}

// Letter is a message on its way, to some of its recipients. One worker has it at a time.
type Letter struct {
	Message
	To      []string
	Refused []Refusal

	channel Channel
	mailing *mailing
}

// Refusal is one recipient who did not get a letter.
type Refusal struct {
	To  string
	Why error
}

// accept and refuse take the first recipient from To.
func (l *Letter) accept() { l.To = l.To[1:]; l.mailing.sent.Add(1) }
func (l *Letter) refuse(why error) {
	l.Refused = append(l.Refused, Refusal{l.To[0], why})
	l.To = l.To[1:]
}

// Result is how a message went: who got it, and how fast.
type Result struct {
	Message
	Sent    int // recipients
	Refused []Refusal
	Took    time.Duration
}

// Rate is how many recipients a second had the message.
func (r Result) Rate() float64 { return float64(r.Sent) / max(r.Took.Seconds(), 1e-9) }

// Options of a Notifier. Channels is needed.
type Options struct {
	Kinds    []string // of messages that are wanted
	Channels []Channel
	Retry    pool.Retry
	Quiet    time.Duration           // failures are collected for so long; a batch is over when nothing happened for so long
	Daily    time.Duration           // when the daily message is due, since midnight
	Busy     func() bool             // work goes on; nil: never
	Day      func() (Tally, error)   // what was done in the last 24 hours
	Ended    func(Result)            // told when all recipients of a message have it, or never will
	Progress func(Message, int, int) // told now and then of a message that takes long: recipients that have it, of all; nil: nobody
	Warn     func(error)
}

// Notifier collects, writes and sends. New makes one, Run sends.
type Notifier struct {
	opts   Options
	digest digest
	queue  *delivery.Queue[*Letter]
	end    chan struct{}
}

// New returns a notifier.
func New(o Options) *Notifier {
	if o.Busy == nil {
		o.Busy = func() bool { return false }
	}
	n := &Notifier{opts: o, end: make(chan struct{})}
	n.digest.stirred = make(chan struct{}, 1)
	o.Retry.Retryable = nil // what a channel calls an error is worth another attempt
	n.queue = delivery.New(func(ctx context.Context, l *Letter) error { return l.channel.Deliver(ctx, l) }, n.ended, delivery.Options{Retry: o.Retry})
	return n
}

// Run sends messages when they are due, until Finish, or until ctx ends, which gives up what is on its way.
func (n *Notifier) Run(ctx context.Context) error {
	go n.watch(ctx)
	return n.queue.Run(ctx)
}

// Finish says what was heard and not told yet, and waits until it is sent, or ctx ends.
func (n *Notifier) Finish(ctx context.Context) error {
	close(n.end)
	n.tellBatch()
	n.tell(Failed, n.digest.takeFailures())
	return n.queue.Finish(ctx)
}

// Left says what was not sent when Run's ctx ended; "": nothing.
func (n *Notifier) Left() string {
	if left := n.queue.Pending(); left > 0 {
		return "stopped: " + english.Plural(left, "letter was", "letters were") + " not sent"
	}
	return ""
}

// Pending is how many letters are on their way.
func (n *Notifier) Pending() int { return n.queue.Pending() }
