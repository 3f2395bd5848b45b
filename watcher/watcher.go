// Package watcher says which files are in a folder, and which of them are complete.
//
// Run's goroutine owns all state. It learns of files from a first scan, from file system events, and from a rescan now and
// then that would find what events missed; it looks at each until it is complete (settle.go), and hands it over once for
// every version of it. A slow reader of Files holds nothing up but the hand-over: events are taken in meanwhile, and nothing
// is dropped. Stats may be called from any goroutine.
package watcher

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// File is a complete file.
type File struct {
	Path    string // below Options.Root, slash-separated
	Size    int64  // bytes
	ModTime time.Time
}

// Mode says how changes are noticed.
type Mode string

// The modes. Auto polls where the file system sends no events of what other machines do: NFS, SMB, FUSE, 9p.
const (
	Auto   Mode = "auto"
	Events Mode = "events"
	Poll   Mode = "poll"
)

// Order says which of the files that are ready at the same time is handed over first.
type Order string

// The orders.
const (
	Found    Order = "found"
	Oldest   Order = "oldest"
	Newest   Order = "newest"
	Smallest Order = "smallest"
	Largest  Order = "largest"
)

// Options of a Watcher. Root is needed; the zero value of the rest is said beside it.
type Options struct {
	Root      string
	Mode      Mode // "": Auto
	Recursive bool
	Settle    time.Duration // quiet time where nothing tells that a file is complete; 0: 1 s
	GiveUp    time.Duration // after which a file that is not complete is reported; 0: 10 min
	Rescan    time.Duration // between two scans under events; 0: 1 min
	Poll      time.Duration // between two scans without events; 0: 5 s
	Order     Order         // "": Found
	Ignore    []string      // patterns (path.Match) of file and folder names
	Exclude   []string      // absolute folders, left out with all below them; they may not be there yet
	Once      bool          // Run ends when all that one scan finds has been handed over
	Warn      func(error)   // what went wrong and what to do, once each time it begins; nil: dropped
}

// Watcher watches one folder. New makes one; Run may be called once.
type Watcher struct {
	opts     Options
	files    chan File
	excluded map[string]bool // slash-separated, below Root
	counters counters
}

// New returns a watcher, or what is wrong with its options.
func New(o Options) (*Watcher, error) {
	for _, d := range []struct {
		field *time.Duration
		def   time.Duration
	}{{&o.Settle, time.Second}, {&o.GiveUp, 10 * time.Minute}, {&o.Rescan, time.Minute}, {&o.Poll, 5 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.def
		}
	}
	if o.Mode == "" {
		o.Mode = Auto
	}
	if o.Order == "" {
		o.Order = Found
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	if !slices.Contains([]Mode{Auto, Events, Poll}, o.Mode) {
		return nil, fmt.Errorf("watch mode %q is none of auto, events, poll", o.Mode)
	}
	if orders[o.Order] == nil {
		return nil, fmt.Errorf("order %q is none of found, oldest, newest, smallest, largest", o.Order)
	}
	for _, p := range o.Ignore {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("ignore pattern %q: %w", p, err)
		}
	}
	info, err := os.Stat(o.Root)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be watched: %w", o.Root, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s cannot be watched: it is not a folder", o.Root)
	}
	return &Watcher{opts: o, files: make(chan File), excluded: inside(o.Root, o.Exclude)}, nil
}

// Files gives every file, as often as it is complete in a new version. It is closed when Run ends.
func (w *Watcher) Files() <-chan File { return w.files }

// Run watches until ctx ends or, with Once, until all is handed over. An error is about watching at all, not about one file.
func (w *Watcher) Run(ctx context.Context) error {
	defer close(w.files)
	l, err := w.newLoop()
	if err != nil {
		return err
	}
	defer l.close()
	l.run(ctx)
	return nil
}

// inside returns those of the folders that lie below root, relative to it.
func inside(root string, folders []string) map[string]bool {
	below := map[string]bool{}
	root = resolve(root)
	for _, f := range folders {
		rel, err := filepath.Rel(root, resolve(f))
		if err == nil && rel != "." && filepath.IsLocal(rel) {
			below[filepath.ToSlash(rel)] = true
		}
	}
	return below
}

// resolve makes a path absolute and free of symbolic links, as far as it exists.
func resolve(p string) string {
	abs, err := filepath.Abs(p)
	if err != nil {
		return p
	}
	for dir, rest := abs, ""; ; dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return abs
		}
	}
}

// ignored reports whether a name, or a path below Root, is left out.
func (w *Watcher) ignored(p string) bool {
	name := path.Base(p)
	return w.excluded[p] || slices.ContainsFunc(w.opts.Ignore, func(pattern string) bool {
		match, _ := path.Match(pattern, name)
		return match
	})
}

// ignoredTree reports whether p, or a folder on the way to it, is left out.
func (w *Watcher) ignoredTree(p string) bool {
	for i := range p {
		if p[i] == '/' && w.ignored(p[:i]) {
			return true
		}
	}
	return w.ignored(p) || !w.opts.Recursive && strings.Contains(p, "/")
}
