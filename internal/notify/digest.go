package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Event is how one photo ended.
type Event struct {
	Source  string
	Failed  bool
	Reason  string
	Outputs int
	In, Out int64 // bytes
}

// Tally sums up events.
type Tally struct {
	Images   int       `json:"images"` // that were done
	Outputs  int       `json:"outputs"`
	In       int64     `json:"source_bytes"`
	Out      int64     `json:"output_bytes"`
	Failed   int       `json:"failed"`
	Failures []Failure `json:"failures,omitempty"` // the first ones
}

// Failure is one photo that failed.
type Failure struct {
	Source string `json:"source"`
	Reason string `json:"reason"`
}

// mostFailures are named in a message; the others are counted.
const mostFailures = 20

// Add counts one event.
func (t *Tally) Add(e Event) {
	if !e.Failed {
		t.Images++
		t.Outputs += e.Outputs
		t.In += e.In
		t.Out += e.Out
		return
	}
	t.Failed++
	if len(t.Failures) < mostFailures {
		t.Failures = append(t.Failures, Failure{e.Source, e.Reason})
	}
}

// digest is what was heard and not told yet.
type digest struct {
	mu       sync.Mutex
	failures Tally // since the last message of failures
	batch    Tally // since the last one of a batch
	stirred  chan struct{}
}

// Hear takes note of an event.
func (n *Notifier) Hear(e Event) {
	d := &n.digest
	d.mu.Lock()
	if e.Failed {
		d.failures.Add(e)
	}
	d.batch.Add(e)
	d.mu.Unlock()
	select {
	case d.stirred <- struct{}{}:
	default: // said already
	}
}

func (d *digest) takeFailures() (t Tally) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, d.failures = d.failures, t
	return t
}

func (d *digest) takeBatch() (t Tally) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, d.batch = d.batch, t
	return t
}

func (d *digest) failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failures.Failed > 0
}

// watch tells what is due: failures a while after the first, a batch when nothing has stirred for a while and nothing goes on, the day at its time.
// Failures that a batch's message is about to name wait for it, but no longer than that while once more.
func (n *Notifier) watch(ctx context.Context) {
	var failures, quiet <-chan time.Time
	day := time.NewTimer(untilDaily(time.Now(), n.opts.Daily))
	defer day.Stop()
	waited := false
	for {
		select {
		case <-n.digest.stirred:
			quiet = time.After(n.opts.Quiet)
			if failures == nil && n.digest.failed() {
				failures, waited = time.After(n.opts.Quiet), false
			}
		case <-failures:
			if n.wants(Batch) && !waited && !n.opts.Busy() {
				failures, waited = time.After(n.opts.Quiet), true
				continue
			}
			failures = nil
			n.tell(Failed, n.digest.takeFailures())
		case <-quiet:
			if n.opts.Busy() {
				quiet = time.After(n.opts.Quiet)
				continue
			}
			quiet = nil
			n.tellBatch()
		case <-day.C:
			n.tellDay()
			day.Reset(untilDaily(time.Now(), n.opts.Daily))
		case <-n.end:
			return
		case <-ctx.Done():
			return
		}
	}
}

// untilDaily is how long it takes to the next moment of that time of the day.
func untilDaily(now time.Time, at time.Duration) time.Duration {
	next := func(days int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d+days, 0, 0, int(at.Seconds()), 0, now.Location())
	}
	if due := next(0); due.After(now) {
		return due.Sub(now)
	}
	return next(1).Sub(now)
}

func (n *Notifier) wants(kind string) bool { return slices.Contains(n.opts.Kinds, kind) }

// tellBatch sums up what was done since the last batch. Its failures are told by that.
func (n *Notifier) tellBatch() {
	if n.wants(Batch) {
		n.digest.takeFailures()
	}
	n.tell(Batch, n.digest.takeBatch())
}

func (n *Notifier) tellDay() {
	if !n.wants(Daily) {
		return
	}
	t, err := n.opts.Day()
	if err != nil {
		n.opts.Warn(fmt.Errorf("the daily message cannot be written: %w", err))
		return
	}
	n.tell(Daily, t)
}

// tell sends a message to everyone, where that kind is wanted and there is something to tell.
func (n *Notifier) tell(kind string, t Tally) {
	if t.Images+t.Failed == 0 || !n.wants(kind) {
		return
	}
	n.Send(Message{Kind: kind, Subject: subject(kind, t), Text: text(t), Tally: t, Time: time.Now()})
}

func subject(kind string, t Tally) string {
	switch kind {
	case Failed:
		return "pixmill: " + english.Plural(t.Failed, "photo", "photos") + " failed"
	case Daily:
		return "pixmill: the last 24 hours: " + done(t)
	default:
		return "pixmill: " + done(t)
	}
}

func done(t Tally) string {
	s := english.Plural(t.Images, "photo", "photos") + " done"
	if t.Failed > 0 {
		s += fmt.Sprintf(", %d failed", t.Failed)
	}
	return s
}

func text(t Tally) string {
	var b strings.Builder
	if t.Images > 0 {
		fmt.Fprintf(&b, "%s: %s became %s in %s", english.Plural(t.Images, "photo", "photos"), humanize.Bytes(uint64(t.In)),
			humanize.Bytes(uint64(t.Out)), english.Plural(t.Outputs, "file", ""))
		if t.In > 0 {
			fmt.Fprintf(&b, " (%+.0f%%)", 100*float64(t.Out-t.In)/float64(t.In))
		}
		b.WriteString("\n")
	}
	if t.Failed > 0 {
		fmt.Fprintf(&b, "%s failed:\n", english.Plural(t.Failed, "photo", "photos"))
	}
	for _, f := range t.Failures {
		fmt.Fprintf(&b, "  %s: %s\n", f.Source, f.Reason)
	}
	if more := t.Failed - len(t.Failures); more > 0 {
		fmt.Fprintf(&b, "  and %d more: `pixmill status` lists them all\n", more)
	}
	return b.String()
}
