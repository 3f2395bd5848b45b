package watcher

import (
	"context"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/fsnotify/fsnotify"
)

// loop is the state of Run's goroutine.
type loop struct {
	top     *folder
	ids     map[identity]*folder // folders that were listed, so that a moved one is recognised
	waiting queue
	ready   queue

	// The inbox is held open only while there is work: an idle watcher does not keep it from being unmounted.
	root   *os.Root
	walk   []*folder // to be listed
	listed *listing  // being listed
	full   bool      // a scan of the whole tree is under way
	again  bool      // another one must follow it
	first  bool      // it is the first one
	marked bool      // Options.Marker has been seen
	gone   bool      // the inbox is not there

	notifier  notifier // nil without events
	events    <-chan fsnotify.Event
	faults    <-chan error
	unwatched map[*folder]struct{} // folders whose watch was refused

	rescanAt time.Time
	pollAt   time.Time

	counter    uint64 // of candidates so far
	candidates int
	remembered int
	counts     Stats // those that only grow
}

func (l *loop) init(order Order) {
	l.top = newFolder(".")
	l.ids = map[identity]*folder{}
	l.unwatched = map[*folder]struct{}{}
	l.waiting.before = byDue
	l.ready.before = order.compare()
	l.first = true
}

// always is ready; the select loop waits for it while there is work that can be done at once.
var always = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (w *Watcher) run(ctx context.Context) error {
	defer close(w.out)
	defer w.closeRoot()
	if !w.polling && !w.opts.Once {
		defer w.disconnect()
		w.listen()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	w.rescan()
	for ctx.Err() == nil {
		now := time.Now()
		w.plan(now)
		var work <-chan struct{}
		if w.busy(now) {
			work = always
		} else if w.opts.Once && w.candidates == 0 {
			w.publish()
			return nil
		} else {
			w.closeRoot()
			timer.Reset(w.next().Sub(now))
		}
		// In the order of discovery a file can go as soon as it is ready; any other order knows its first one only when
		// there is nothing left to look at.
		var out chan File
		var file File
		if c := w.ready.first(); c != nil && (work == nil || w.opts.Order == Found) {
			out, file = w.out, c.file()
		}
		w.publish()
		select {
		case <-ctx.Done():
		case event, ok := <-w.events:
			w.event(event, ok)
		case err := <-w.faults:
			w.fault(err)
		case out <- file:
			w.handedOver(w.ready.first())
		case <-work:
			if err := w.work(now); err != nil {
				return err
			}
		case <-timer.C:
		}
	}
	return nil
}

// plan starts the scans that are due. What the reader has forgotten is none of ours before they begin.
func (w *Watcher) plan(now time.Time) {
	for _, name := range w.forgotten() {
		if f := w.top.find(path.Dir(name)); f != nil {
			w.unremember(f, path.Base(name))
		}
	}
	if !w.full && !w.rescanAt.IsZero() && !now.Before(w.rescanAt) {
		w.rescan()
	}
	if len(w.unwatched) > 0 && !now.Before(w.pollAt) {
		w.pollAt = now.Add(w.opts.Poll)
		for f := range w.unwatched {
			w.walk = append(w.walk, f)
		}
	}
}

func (w *Watcher) forgotten() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := w.forgot
	w.forgot = nil
	return names
}

// busy tells whether there is work to do now.
func (w *Watcher) busy(now time.Time) bool {
	c := w.waiting.first()
	return w.listed != nil || len(w.walk) > 0 || c != nil && !c.due.After(now)
}

// next is when there is work again; a day from now without any.
func (w *Watcher) next() time.Time {
	next := time.Now().Add(24 * time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if !w.rescanAt.IsZero() {
		sooner(w.rescanAt)
	}
	if len(w.unwatched) > 0 {
		sooner(w.pollAt)
	}
	if c := w.waiting.first(); c != nil {
		sooner(c.due)
	}
	return next
}

// work does a small piece of it: files first, as somebody may be waiting for them.
func (w *Watcher) work(now time.Time) error {
	if err := w.openRoot(); err != nil {
		return w.lose(bare(err))
	}
	c := w.waiting.first()
	switch {
	case c != nil && !c.due.After(now):
		w.look(c, now)
	case w.listed != nil:
		w.list(now)
	case len(w.walk) > 0:
		f := w.walk[len(w.walk)-1]
		w.walk = w.walk[:len(w.walk)-1]
		if err := w.visit(f); err != nil {
			return w.lose(err)
		}
	}
	if w.full && w.listed == nil && len(w.walk) == 0 {
		w.scanned()
	}
	return nil
}

func (w *Watcher) openRoot() (err error) {
	if w.root == nil {
		w.root, err = os.OpenRoot(w.opts.Root)
	}
	return err
}

func (w *Watcher) closeRoot() {
	w.stopListing()
	if w.root != nil {
		w.root.Close()
		w.root = nil
	}
}

// lose is called when the inbox is not there. What was handed over stays known, so that a return of the inbox is not
// taken for a return of its files; all else is found again by the scan then.
func (w *Watcher) lose(err error) error {
	err = fmt.Errorf("inbox %s is gone: %w", w.opts.Root, err)
	if w.opts.Once {
		return err
	}
	if !w.gone {
		w.opts.Warn(fmt.Errorf("%w; waiting for it to come back", err))
	}
	w.gone = true
	w.unwatch(w.top)
	w.top.each(func(f *folder) {
		for _, c := range f.open {
			w.dismiss(c)
		}
	})
	w.closeRoot()
	w.walk, w.full, w.again = nil, false, false
	w.rescanAt = time.Now().Add(min(w.interval(), w.opts.Poll)) // events don't tell of its return
	return nil
}

// interval is the time between two scans of the whole tree.
func (w *Watcher) interval() time.Duration {
	if w.polling {
		return w.opts.Poll
	}
	return w.opts.Rescan
}

func (w *Watcher) publish() {
	s := w.counts
	s.Waiting, s.Ready = w.waiting.Len(), w.ready.Len()
	s.Known = w.candidates + w.remembered
	s.Polled = len(w.unwatched)
	w.mu.Lock()
	w.stats = s
	w.mu.Unlock()
}
