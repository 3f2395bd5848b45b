package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// loop is the state of one Run; its goroutine alone touches it.
type loop struct {
	*Watcher
	root    *os.Root // of the inbox as it was attached last
	seen    map[string]*entry
	waiting queue
	ready   queue
	seq     int64
	scan    int64 // number of the current scan
	refused map[string]bool

	remote    bool              // the kernel knows nothing of those who write on other machines, and may take a lease for refused
	notify    *fsnotify.Watcher // nil: polling
	dirs      map[string]bool   // below root; true: under events, false: polled since it cannot be
	exhausted bool              // that was said
	gone      bool              // the inbox is not there
}

// lookBatch bounds how many files are looked at before events and readers get their turn.
const lookBatch = 64

func (w *Watcher) newLoop() (*loop, error) {
	l := &loop{
		Watcher: w,
		seen:    map[string]*entry{},
		waiting: queue{less: byTime},
		ready:   queue{less: orders[w.opts.Order]},
		refused: map[string]bool{},
		dirs:    map[string]bool{},
		remote:  silent(w.opts.Root),
	}
	if w.opts.Once || w.opts.Mode == Poll || w.opts.Mode == Auto && l.remote {
		return l, nil
	}
	var err error
	if l.notify, err = fsnotify.NewBufferedWatcher(4096); err != nil {
		l.opts.Warn(fmt.Errorf("%s: the system gives no events (%w): polling every %s instead", w.opts.Root, err, w.opts.Poll))
		l.notify = nil
	}
	return l, nil
}

func (l *loop) close() {
	if l.notify != nil {
		l.notify.Close()
	}
	if l.root != nil {
		l.root.Close()
	}
}

func (l *loop) run(ctx context.Context) {
	var events chan fsnotify.Event
	var failures chan error
	interval := l.opts.Poll
	if l.notify != nil {
		events, failures = l.notify.Events, l.notify.Errors
		interval = l.opts.Rescan
	}
	rescan := time.NewTicker(interval)
	defer rescan.Stop()
	poll := time.NewTicker(l.opts.Poll)
	poll.Stop() // until something cannot be under events
	polling := false
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	l.rescan()
	for {
		l.publish()
		if l.opts.Once && l.waiting.Len()+l.ready.Len() == 0 {
			return
		}
		if !polling && l.notify != nil && (l.exhausted || l.gone) {
			polling = true
			poll.Reset(l.opts.Poll)
			defer poll.Stop()
		}
		var files chan File
		var next File
		if e := l.ready.first(); e != nil {
			files, next = l.files, e.file
		}
		var due <-chan time.Time
		if e := l.waiting.first(); e != nil {
			alarm.Reset(time.Until(e.next))
			due = alarm.C
		}
		select {
		case <-ctx.Done():
			return
		case files <- next:
			e := l.ready.first()
			remove(e)
			e.taken = true
		case event := <-events:
			l.counters.events.Add(1)
			l.event(event)
		case err := <-failures:
			l.failure(err)
		case <-due:
			l.lookAtDue()
		case <-rescan.C:
			if !l.opts.Once {
				l.rescan()
			}
		case <-poll.C:
			l.poll()
		}
	}
}

// publish updates the figures.
func (l *loop) publish() {
	l.counters.known.Store(int64(len(l.seen)))
	l.counters.waiting.Store(int64(l.waiting.Len()))
	l.counters.ready.Store(int64(l.ready.Len()))
	l.counters.folders.Store(int64(len(l.dirs)))
}

// event looks at what changed. A path that is gone is forgotten; one that came is a file or a folder.
func (l *loop) event(event fsnotify.Event) {
	rel, err := filepath.Rel(l.opts.Root, event.Name)
	if err != nil {
		return
	}
	p := filepath.ToSlash(rel)
	if p == "." {
		if event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename) {
			l.rescan()
		}
		return
	}
	if l.root == nil || l.ignoredTree(p) {
		return
	}
	info, err := l.root.Lstat(p)
	switch {
	case errors.Is(err, os.ErrNotExist):
		l.forget(p)
	case err != nil:
	case info.IsDir():
		if l.opts.Recursive && event.Has(fsnotify.Create) {
			l.leave(p) // a folder of this name that was moved away may be on record
			l.list(p, false)
		}
	default:
		l.enter(p, info, time.Now())
	}
}

// failure takes in an error of the event queue. When it overflowed nobody knows what was lost: a scan will.
func (l *loop) failure(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		l.counters.overflows.Add(1)
		l.rescan()
		return
	}
	l.opts.Warn(fmt.Errorf("%s: file system events: %w: the next scan finds what they missed", l.opts.Root, err))
}

// found notes a file as it is now. A version that was handed over already is left alone.
func (l *loop) found(p string, info os.FileInfo, changed time.Time) {
	e := l.seen[p]
	if e == nil {
		l.seq++
		e = &entry{seq: l.seq, first: time.Now(), file: File{Path: p}, changed: changed, next: time.Now()}
		l.seen[p] = e
	} else if same := e.file.Size == info.Size() && e.file.ModTime.Equal(info.ModTime()); same && (e.taken || !changed.After(e.changed)) {
		e.scan = l.scan
		return
	} else if e.taken {
		e.taken, e.warned, e.first, e.next = false, false, time.Now(), time.Now()
	} else if changed.After(e.changed) {
		e.changed = changed
		if soon := time.Now().Add(again); e.next.After(soon) { // a stream of writes must not mean a stream of looks
			e.next = soon
		}
		e.pause = 0
	}
	e.file.Size, e.file.ModTime = info.Size(), info.ModTime()
	e.scan = l.scan
	l.waiting.put(e)
}

// forget drops a path that is gone, with all below it.
func (l *loop) forget(p string) {
	if e := l.seen[p]; e != nil {
		remove(e)
		delete(l.seen, p)
	}
	if _, folder := l.dirs[p]; folder {
		l.leave(p)
		for q, e := range l.seen {
			if strings.HasPrefix(q, p+"/") {
				remove(e)
				delete(l.seen, q)
			}
		}
	}
}

// leave ends the watches on a folder and those below it.
func (l *loop) leave(p string) {
	for d, watched := range l.dirs {
		if d == p || strings.HasPrefix(d, p+"/") {
			if watched {
				_ = l.notify.Remove(l.name(d)) // gone already, most often
			}
			delete(l.dirs, d)
		}
	}
}

func (l *loop) name(p string) string { return filepath.Join(l.opts.Root, filepath.FromSlash(p)) }

// lookAtDue looks at the files whose time has come.
func (l *loop) lookAtDue() {
	for range lookBatch {
		e := l.waiting.first()
		if e == nil || time.Until(e.next) > 0 {
			return
		}
		l.look(e)
	}
}

// look judges one file; it becomes ready, or waits for its next look, or is forgotten.
func (l *loop) look(e *entry) {
	p := e.file.Path
	info, w, end, err := l.inspect(p)
	switch {
	case errors.Is(err, os.ErrNotExist):
		l.forget(p)
		return
	case errors.Is(err, errNotOurs):
		remove(e)
		delete(l.seen, p)
		return
	case err != nil && l.opts.Once: // whoever opens it next will tell
		l.ready.put(e)
		return
	case err != nil:
		if !e.warned {
			e.warned = true
			l.opts.Warn(fmt.Errorf("%s cannot be read: %w: allow pixmill to read it; it is tried again at every scan", p, err))
		}
		e.next = time.Now().Add(l.opts.Rescan)
		l.waiting.put(e)
		return
	}
	now := time.Now()
	if info.Size() != e.file.Size || !info.ModTime().Equal(e.file.ModTime) {
		e.file.Size, e.file.ModTime = info.Size(), info.ModTime()
		e.changed, e.pause = now, 0
	}
	wait := complete(w, end, info.Size(), now.Sub(e.changed), l.opts.Settle)
	if wait == 0 {
		l.ready.put(e)
		return
	}
	if now.Sub(e.first) > l.opts.GiveUp && !e.warned {
		e.warned = true
		l.opts.Warn(fmt.Errorf("%s is not complete after %s: somebody still has it open for writing or keeps changing it; it is taken when it rests",
			p, l.opts.GiveUp))
		if l.opts.Once {
			l.forget(p)
			return
		}
	}
	if w == someWriter {
		e.pause = min(max(again, 2*e.pause), againMost)
		wait = e.pause
	}
	e.next = now.Add(wait)
	l.waiting.put(e)
}

// errNotOurs is what is no file, or no longer one that stays inside.
var errNotOurs = errors.New("not a regular file")

// inspect opens a file to ask the kernel and its format whether it is complete.
func (l *loop) inspect(p string) (os.FileInfo, writers, ending, error) {
	info, err := l.root.Stat(p) // first: a pipe or device is not even to be opened
	if err != nil {
		return nil, 0, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, 0, errNotOurs
	}
	f, err := l.root.OpenFile(p, openFlags, 0)
	if err != nil {
		return nil, 0, 0, err
	}
	defer f.Close()
	w := unknownWriters
	if !l.remote {
		w = askKernel(f)
	}
	if info, err = f.Stat(); err != nil { // after the kernel's answer: what no writer had open then has this size
		return nil, 0, 0, err
	}
	return info, w, endOf(f, info.Size()), nil
}
