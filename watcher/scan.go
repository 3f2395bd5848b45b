package watcher

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// chunk is how many entries of a folder are read before the files among them are looked at.
const chunk = 256

// listing is a folder being listed.
type listing struct {
	folder *folder
	dir    *os.File
}

// rescan starts a scan of the whole tree, or has another one follow the one under way, which may be past the place.
func (w *Watcher) rescan() {
	if w.full {
		w.again = true
		return
	}
	w.closeRoot() // the folder of that name may be another one by now
	w.full = true
	w.walk = []*folder{w.top}
}

func (w *Watcher) scanned() {
	w.full, w.first = false, false
	w.counts.Rescans++
	if w.opts.Once {
		return
	}
	w.rescanAt = time.Now().Add(w.interval())
	if w.again {
		w.again = false
		w.rescan()
	}
}

// visit begins to list f: watched first, then listed, so that what is created meanwhile is seen by one or by both. Its
// error means that the inbox is gone.
func (w *Watcher) visit(f *folder) error {
	if f.gone {
		return nil
	}
	dir, err := w.root.OpenFile(filepath.FromSlash(f.path), readFlags, 0)
	if err == nil {
		var info fs.FileInfo
		if info, err = dir.Stat(); err == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
		if err == nil {
			w.identify(f, identityOf(info))
		}
	}
	if f == w.top && err == nil {
		err = w.findMarker()
	}
	if err != nil {
		dir.Close() // nil is fine
	}
	switch {
	case err != nil && f == w.top:
		return bare(err)
	case gone(err):
		w.forget(w.top.find(path.Dir(f.path)), path.Base(f.path))
		return nil
	case err != nil:
		w.unlisted(f, err)
		return nil
	}
	if w.gone {
		w.gone = false
		w.opts.Warn(fmt.Errorf("inbox %s is back", w.opts.Root))
	}
	f.listing++
	w.watch(f)
	w.listed = &listing{f, dir}
	return nil
}

// identify drops the watches of a folder that is another one now, and those of one that has been moved here: the
// operating system knows a watch by its folder, and would go on to report it under the name it had.
func (w *Watcher) identify(f *folder, id identity) {
	if f.id == id {
		return
	}
	w.unwatch(f)
	if id == (identity{}) {
		return
	}
	if other := w.ids[id]; other != nil {
		w.unwatch(other)
	}
	f.id = id
	w.ids[id] = f
}

// findMarker tells the inbox from the mount point under it.
func (w *Watcher) findMarker() error {
	if w.opts.Marker == "" {
		return nil
	}
	_, err := w.root.Lstat(w.opts.Marker)
	if err == nil {
		w.marked = true
	}
	if err != nil && w.marked {
		return fmt.Errorf("%s is missing in it: mount it again, or create that file", w.opts.Marker)
	}
	return nil
}

// list reads the next entries of the folder being listed.
func (w *Watcher) list(now time.Time) {
	f := w.listed.folder
	entries, err := w.listed.dir.ReadDir(chunk)
	for _, e := range entries {
		if !w.ignored(e.Name()) {
			w.see(f, e, now)
		}
	}
	if err == nil && !f.gone {
		return
	}
	w.stopListing()
	switch {
	case f.gone || gone(err):
	case errors.Is(err, io.EOF):
		delete(f.said, remarkListing)
		w.recheck(f, now)
	default:
		w.unlisted(f, err)
	}
}

func (w *Watcher) unlisted(f *folder, err error) {
	w.complain(f, remarkListing, fmt.Errorf("folder can't be listed: %w; give the user that runs pixmill read and search permission", bare(err)))
	w.leaveOut()
}

func (w *Watcher) stopListing() {
	if w.listed != nil {
		w.listed.dir.Close()
		w.listed = nil
	}
}

// see takes in one entry of a listing.
func (w *Watcher) see(f *folder, e fs.DirEntry, now time.Time) {
	name := e.Name()
	if said, ok := f.said[name]; ok {
		said.listing = f.listing
		f.said[name] = said
	}
	info, err := e.Info()
	if err != nil {
		return // it went away meanwhile
	}
	if info.IsDir() {
		if sub := f.subs[name]; sub == nil || w.full {
			w.enter(f, name, info)
		} else {
			sub.seen = f.listing
		}
		return
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if info, err = w.stat(f, name); inUse(err) {
			w.notice(f, name, now)
			return
		} else if err != nil {
			w.unseen(f, name, err)
			return
		}
	}
	if info.Mode().IsRegular() {
		w.seeFile(f, name, info, now)
	}
}

func (w *Watcher) seeFile(f *folder, name string, info fs.FileInfo, now time.Time) {
	state := stampOf(info)
	c := f.open[name]
	if c != nil {
		c.listing = f.listing
		if c.queue == &w.ready && c.stamp != state {
			w.notice(f, name, now)
		}
		return
	}
	if k, ok := f.done[name]; ok && k.stamp == state {
		k.listing = f.listing
		f.done[name] = k
		return
	}
	c = w.candidate(f, name, now)
	c.stamp, c.time, c.listing = state, info.ModTime(), f.listing
	if w.first && info.ModTime().Before(now) {
		// It may have been at rest long before we came. Counted back from now, it keeps now's monotonic reading: no jump of the
		// clock makes it older.
		c.changed = now.Add(-now.Sub(info.ModTime()))
	}
	w.wait(c, now)
}

// enter takes in a folder, new or known, which is listed soon.
func (w *Watcher) enter(f *folder, name string, info fs.FileInfo) {
	if !w.opts.Recursive || w.excluded(f.join(name), info) {
		return
	}
	sub := f.subs[name]
	if sub == nil {
		sub = newFolder(f.join(name))
		f.subs[name] = sub
	}
	sub.seen = f.listing
	w.walk = append(w.walk, sub)
}

// recheck looks at what a complete listing has not shown and so may be gone.
func (w *Watcher) recheck(f *folder, now time.Time) {
	for name, k := range f.done {
		if k.listing != f.listing {
			w.recheckName(f, name, now)
		}
	}
	for name, c := range f.open {
		if c.listing != f.listing {
			w.recheckName(f, name, now)
		}
	}
	for name, sub := range f.subs {
		if sub.seen != f.listing {
			w.recheckName(f, name, now)
		}
	}
	for name, said := range f.said {
		if said.listing != f.listing && name != remarkListing && name != remarkWatch {
			delete(f.said, name)
		}
	}
}

func (w *Watcher) recheckName(f *folder, name string, now time.Time) {
	c := w.candidate(f, name, now)
	c.listing = f.listing
	w.wait(c, now)
}

// ignored tells a name that matches one of Options.Ignore, and the marker's.
func (w *Watcher) ignored(name string) bool {
	if name == w.opts.Marker {
		return true
	}
	for _, pattern := range w.opts.Ignore {
		if ok, _ := path.Match(pattern, name); ok {
			return true
		}
	}
	return false
}

// excluded tells a folder that is one of Options.Exclude, by its path or, with info, under whatever name.
func (w *Watcher) excluded(rel string, info fs.FileInfo) bool {
	real := filepath.Join(w.real, filepath.FromSlash(rel))
	for _, dir := range w.opts.Exclude {
		if within(resolve(dir), real) {
			return true
		}
		if there, err := os.Stat(dir); err == nil && os.SameFile(info, there) {
			return true
		}
	}
	return false
}

// within tells whether path is dir or below it; both are clean and absolute.
func within(dir, path string) bool {
	rest, ok := strings.CutPrefix(path, dir)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(dir[len(dir)-1]))
}

// resolve follows the symlinks in as much of a path as there is.
func resolve(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	for dir, rest := abs, ""; ; {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return abs
		}
		dir, rest = parent, filepath.Join(filepath.Base(dir), rest)
	}
}

// gone tells an error that means that there is no such file now.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// native is the path the operating system knows.
func (w *Watcher) native(rel string) string {
	return filepath.Join(w.opts.Root, filepath.FromSlash(rel))
}
