// Package watcher tells which files are in a folder, and which of them are complete.
//
// Three sources find files: a scan of the tree at the start, the events of the operating system under it, and a rescan
// now and then under both. Whatever a source says only means "look there": a file's state on disk decides, so that late,
// doubled or lost events do no harm. A file that is found waits until a look at it says that it is complete, then lies
// ready until the reader takes it, and is remembered from then on, so that it comes again only when it has changed:
//
//	scan, events ─► waiting (heap by the time of the next look) ─ look ─► ready (heap by Order) ─► Files()
//	                    ▲                                    └ not yet ┘
//
// A look asks three means in this order (see sight.complete): the kernel, whether somebody has the file open for
// writing; the file's own end marker; and quiet time where neither of them tells.
//
// Files: loop.go is the select loop, events.go and scan.go the sources, tree.go what is known, look.go the look,
// settle.go its decision, end.go the end markers, writer_*.go the question to the kernel, queue.go the heaps.
//
// One goroutine, that of Run, owns all state; Stats and Files may be called from any other.
package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// File is a complete file in the inbox.
type File struct {
	Path    string // relative to Options.Root, slash-separated; any bytes the file system allows
	Size    int64  // bytes
	ModTime time.Time
}

// Mode says how changes are noticed.
type Mode string

const (
	Auto   Mode = "auto"   // poll where events do not tell of other machines' changes (NFS, SMB, FUSE, 9p); else events
	Events Mode = "events" // the operating system's events, and a rescan now and then
	Poll   Mode = "poll"   // scans only
)

// Order is the order of files that are ready at the same time.
type Order string

const (
	Found    Order = "found" // as they were discovered
	Oldest   Order = "oldest"
	Newest   Order = "newest"
	Smallest Order = "smallest"
	Largest  Order = "largest"
)

// Options say what is watched, and how. Zero values are the defaults given.
type Options struct {
	Root      string // the inbox, an existing folder
	Mode      Mode   // default Auto
	Recursive bool   // folders in Root too

	Settle time.Duration // quiet time for files whose end neither the kernel nor the format shows; default 1s
	GiveUp time.Duration // a file that is not complete this long after it was found is reported; default 10m
	Rescan time.Duration // time between scans under events; default 1m
	Poll   time.Duration // time between scans without events; default 5s

	Order Order // default Found

	// Ignore has patterns (path.Match) for names of files and folders; an ignored folder is left out with all below it,
	// and costs no watch.
	Ignore []string
	// Exclude has folders that are left out with all below them: our own output, archive and so on. They are compared
	// after resolving symlinks, and may not exist yet. Empty strings and folders outside Root do no harm.
	Exclude []string
	// Marker is the name of a file right in Root that tells the inbox from the empty mount point under it: once it has
	// been seen, Root without it counts as gone; it is no file of the inbox itself. Empty: a folder named Root is the inbox.
	Marker string

	// Once makes Run return when all that one scan finds has been handed over. Files not complete yet are waited for;
	// one that somebody holds open for writing without a change for Settle is left out, with a warning.
	Once bool

	// Gone is told the path of a file that was found and is not there any more, perhaps more than once, as far as one look can tell: the file
	// may be back, the inbox may have been unmounted, it may have been a folder. Like Warn it should not block. Nil: dropped.
	Gone func(path string)

	// Warn is told of what needs a person's eye, each once until it changes: an unreadable folder, a refused symlink, an
	// overflow of the event queue, an inbox gone or back. It is called by Run's goroutine and should not block. Nil: dropped.
	Warn func(error)
}

// Stats is what a watcher knows and has seen so far.
type Stats struct {
	Known   int // files in the inbox: waiting, ready, and handed over
	Waiting int // found and not complete yet
	Ready   int // complete, and the reader has not come for them yet
	Watches int // folders with events
	Polled  int // folders that could not be watched and are listed every Options.Poll

	HandedOver uint64
	LeftOut    uint64 // files and folders given up or not readable, with Options.Once

	Created, Written, Removed, Renamed, Chmods uint64 // events by kind

	Rescans   uint64 // scans of the whole tree that were finished
	Overflows uint64 // times the operating system lost events
}

// Watcher finds the complete files of one folder. New makes one, Run does its work.
type Watcher struct {
	opts    Options // defaults filled in, Root absolute
	real    string  // Root with symlinks resolved
	polling bool
	out     chan File
	started sync.Once

	mu     sync.Mutex
	stats  Stats    // published by Run after every turn of its loop
	forgot []string // by the reader: paths to be handed over again

	// Seams for tests.
	connect func() (notifier, <-chan fsnotify.Event, <-chan error, error)
	ask     func(*os.File) writer

	// Everything below belongs to Run's goroutine; see loop.go.
	loop
}

// New checks o. An error says what to change.
func New(o Options) (*Watcher, error) {
	abs, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, fmt.Errorf("inbox %s: %w", o.Root, err)
	}
	o.Root = abs
	if err := o.check(); err != nil {
		return nil, err
	}
	o.fill()
	w := &Watcher{opts: o, out: make(chan File), connect: connect, ask: askKernel}
	if w.real, err = filepath.EvalSymlinks(o.Root); err != nil {
		return nil, fmt.Errorf("inbox %s: %w", o.Root, err)
	}
	for _, dir := range o.Exclude {
		if within(resolve(dir), w.real) {
			return nil, fmt.Errorf("inbox %s lies inside %s, which is left out: nothing would ever be found; choose another folder", o.Root, dir)
		}
	}
	w.polling = o.Mode == Poll || o.Mode == Auto && remote(o.Root)
	w.loop.init(o.Order)
	return w, nil
}

func (o *Options) check() error {
	info, err := os.Stat(o.Root)
	if err != nil {
		return fmt.Errorf("inbox %s: %w", o.Root, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("inbox %s is not a folder", o.Root)
	}
	if !slices.Contains([]Mode{"", Auto, Events, Poll}, o.Mode) {
		return fmt.Errorf("unknown mode %q: write %s, %s or %s", o.Mode, Auto, Events, Poll)
	}
	if !slices.Contains([]Order{"", Found, Oldest, Newest, Smallest, Largest}, o.Order) {
		return fmt.Errorf("unknown order %q: write %s, %s, %s, %s or %s", o.Order, Found, Oldest, Newest, Smallest, Largest)
	}
	for _, pattern := range o.Ignore {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("ignore pattern %q: %w", pattern, err)
		}
	}
	if min(o.Settle, o.GiveUp, o.Rescan, o.Poll) < 0 {
		return fmt.Errorf("negative duration: settle %v, give up %v, rescan %v, poll %v", o.Settle, o.GiveUp, o.Rescan, o.Poll)
	}
	return nil
}

func (o *Options) fill() {
	fallback := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	fallback(&o.Settle, time.Second)
	fallback(&o.GiveUp, 10*time.Minute)
	fallback(&o.Rescan, time.Minute)
	fallback(&o.Poll, 5*time.Second)
	if o.Mode == "" {
		o.Mode = Auto
	}
	if o.Order == "" {
		o.Order = Found
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	if o.Gone == nil {
		o.Gone = func(string) {}
	}
	o.Exclude = slices.DeleteFunc(slices.Clone(o.Exclude), func(dir string) bool { return dir == "" })
}

// Files are the complete files, each once. A reader that is busy holds nothing up but its own files: they wait in the
// order of Options.Order, and none is dropped. The channel is closed when Run returns.
func (w *Watcher) Files() <-chan File { return w.out }

// Stats may be called at any time.
func (w *Watcher) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Forget is for a reader that found a file gone, such as one that was handed over right before the inbox was unmounted. Should a scan
// find it again, it comes again. It may be called at any time.
func (w *Watcher) Forget(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgot = append(w.forgot, path)
}

// Run does the work, and may be called once. It returns nil after ctx is cancelled or, with Options.Once, when all has
// been handed over; an error only with Options.Once, when the inbox can't be read. Files that were not handed over are
// found again by the next watcher.
func (w *Watcher) Run(ctx context.Context) error {
	err := errors.New("watcher: Run was called twice")
	w.started.Do(func() { err = w.run(ctx) })
	return err
}
