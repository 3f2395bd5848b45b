package watcher

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// folder is what is known of one folder of the inbox.
type folder struct {
	path    string // relative to Root, slash-separated; "." for Root itself
	id      identity
	listing uint32 // the number of its latest listing
	watched bool   // events come
	gone    bool   // no longer part of the tree
	seen    uint32 // the number of the parent's listing that saw it last

	subs map[string]*folder
	done map[string]known      // handed over
	open map[string]*candidate // found, not handed over
	said map[string]remark     // warnings about the entries, and about the folder itself
}

// What warnings about a folder itself are kept under: no entry has such a name.
const (
	remarkListing = "."
	remarkWatch   = "./"
)

// stamp tells one state of a file from another.
type stamp struct {
	size     int64
	modified int64  // Unix nanoseconds
	inode    uint64 // 0 where the system does not show it cheaply
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{info.Size(), info.ModTime().UnixNano(), identityOf(info).inode}
}

// identity is a file's, whatever its name; the zero value where the system does not show it cheaply.
type identity struct{ device, inode uint64 }

// known is a file that was handed over. There may be 100,000 of them: it is kept small.
type known struct {
	stamp
	listing uint32 // the folder's listing that saw it last
}

// remark is what was said about a name, kept as long as it is true so that it is said once.
type remark struct {
	text    string
	listing uint32
}

// candidate is a file that was found and has not been handed over.
type candidate struct {
	stamp   // as last looked at; the zero value before
	folder  *folder
	name    string
	number  uint64 // in the order of discovery
	listing uint32 // the folder's listing that saw it last

	time    time.Time // of the file, with its stamp: a stamp's nanoseconds overflow in 2262
	found   time.Time
	changed time.Time     // the last change seen: size, time, or an event
	looked  time.Time     // the last look
	due     time.Time     // the next look
	pause   time.Duration // between looks
	chmod   bool          // there is no reason to look but a change of attributes

	queue *queue // the one it is in, nil for none
	place int
}

func (c *candidate) path() string { return c.folder.join(c.name) }

func (c *candidate) file() File {
	return File{Path: c.path(), Size: c.size, ModTime: c.time}
}

func newFolder(path string) *folder {
	return &folder{
		path: path,
		subs: map[string]*folder{}, done: map[string]known{}, open: map[string]*candidate{}, said: map[string]remark{},
	}
}

func (f *folder) join(name string) string { return path.Join(f.path, name) }

// find is the folder of that path, nil for one that is not known.
func (f *folder) find(path string) *folder {
	if path == "." {
		return f
	}
	for name := range strings.SplitSeq(path, "/") {
		if f = f.subs[name]; f == nil {
			return nil
		}
	}
	return f
}

// each visits f and all below it.
func (f *folder) each(visit func(*folder)) {
	visit(f)
	for _, sub := range f.subs {
		sub.each(visit)
	}
}

// candidate returns the one of that name, a new one if need be, in no queue.
func (w *Watcher) candidate(f *folder, name string, now time.Time) *candidate {
	c := f.open[name]
	if c == nil {
		w.counter++
		c = &candidate{folder: f, name: name, number: w.counter, found: now, changed: now}
		f.open[name] = c
		w.candidates++
	}
	c.remove()
	return c
}

// wait has the candidate looked at when it is due.
func (w *Watcher) wait(c *candidate, due time.Time) {
	c.due = due
	w.waiting.add(c)
}

// dismiss ends a candidacy; what was known of the name stays known.
func (w *Watcher) dismiss(c *candidate) {
	c.remove()
	if c.folder.open[c.name] == c {
		delete(c.folder.open, c.name)
		w.candidates--
	}
}

// handedOver remembers what the reader has taken.
func (w *Watcher) handedOver(c *candidate) {
	w.dismiss(c)
	w.remember(c.folder, c.name, known{c.stamp, c.folder.listing})
	w.counts.HandedOver++
}

func (w *Watcher) remember(f *folder, name string, k known) {
	if _, ok := f.done[name]; !ok {
		w.remembered++
	}
	f.done[name] = k
}

func (w *Watcher) unremember(f *folder, name string) {
	if _, ok := f.done[name]; ok {
		delete(f.done, name)
		w.remembered--
	}
}

// forget drops all that is known of a name that is no longer there.
func (w *Watcher) forget(f *folder, name string) {
	if c := f.open[name]; c != nil {
		w.dismiss(c)
		w.opts.Gone(f.join(name))
	}
	if _, ok := f.done[name]; ok {
		w.opts.Gone(f.join(name))
	}
	w.unremember(f, name)
	delete(f.said, name)
	if sub := f.subs[name]; sub != nil {
		w.unwatch(sub)
		sub.each(func(g *folder) {
			for name, c := range g.open {
				w.dismiss(c)
				w.opts.Gone(g.join(name))
			}
			for name := range g.done {
				w.opts.Gone(g.join(name))
			}
			w.remembered -= len(g.done)
			g.gone = true
		})
		delete(f.subs, name)
	}
}

// complain warns of path/name once, until it is forgotten or the reason changes.
func (w *Watcher) complain(f *folder, name string, reason error) {
	text := reason.Error()
	if f.said[name].text != text {
		w.opts.Warn(fmt.Errorf("%s: %w", w.native(f.join(name)), reason))
	}
	f.said[name] = remark{text, f.listing}
}

// bare is the cause under a PathError, whose operation and path say nothing to a person here.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
