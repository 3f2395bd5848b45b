package watcher

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// notice has a name looked at soon, as it may have changed.
func (w *Watcher) notice(f *folder, name string, now time.Time) {
	c := w.candidate(f, name, now)
	c.changed, c.pause, c.chmod = now, 0, false
	w.wait(c, latest(now, c.looked.Add(firstPause)))
}

// noticeChmod is notice for attributes. They matter for a file that could not be read. For one that was handed over only
// its time may have changed, as unpackers set it after closing: that is remembered, and the file does not come again.
// The pause lets the event of a change of content, should there be one, overtake this look.
func (w *Watcher) noticeChmod(f *folder, name string, now time.Time) {
	if f.open[name] != nil {
		return // it is looked at anyway
	}
	c := w.candidate(f, name, now)
	c.chmod = true
	w.wait(c, now.Add(lastPause))
}

// look decides what becomes of a candidate.
func (w *Watcher) look(c *candidate, now time.Time) {
	c.remove()
	c.looked = now
	info, err := w.stat(c.folder, c.name)
	switch {
	case inUse(err): // Windows opens a file to tell what it is
		w.postpone(c, sight{writer: writing}, now)
	case err != nil:
		w.unseen(c.folder, c.name, err)
		w.dismiss(c)
	case info.IsDir():
		w.dismiss(c)
		w.enter(c.folder, c.name, info)
	case !info.Mode().IsRegular(): // a FIFO, a socket, a device: not even opened
		w.dismiss(c)
	default:
		w.examine(c, now)
	}
}

// stat follows a symlink to a file inside the inbox.
func (w *Watcher) stat(f *folder, name string) (fs.FileInfo, error) {
	native := filepath.FromSlash(f.join(name))
	info, err := w.root.Lstat(native)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		info, err = w.root.Stat(native)
		switch {
		case gone(err):
		case err != nil:
			err = fmt.Errorf("symlink refused: %w; put the file itself into the inbox", bare(err))
		case info.IsDir():
			err = errors.New("symlink refused: it leads to a folder; move the folder itself into the inbox")
		case w.leadsOut(native):
			err = errors.New("symlink refused: it leads into a folder that is left out; put the file itself into the inbox")
		}
	}
	return info, err
}

// unseen forgets what is gone, and complains of what is refused or fails.
func (w *Watcher) unseen(f *folder, name string, err error) {
	if gone(err) {
		w.forget(f, name)
		return
	}
	w.complain(f, name, bare(err))
}

// leadsOut tells a symlink into one of Options.Exclude: our own output is not to come back through a link.
func (w *Watcher) leadsOut(native string) bool {
	real, err := filepath.EvalSymlinks(filepath.Join(w.opts.Root, native))
	if err != nil {
		return true
	}
	for _, dir := range w.opts.Exclude {
		if within(resolve(dir), real) {
			return true
		}
	}
	return false
}

// examine asks the kernel, the format and the clock whether a regular file is complete.
func (w *Watcher) examine(c *candidate, now time.Time) {
	f, err := w.root.OpenFile(filepath.FromSlash(c.path()), readFlags, 0)
	switch {
	case gone(err):
		w.forget(c.folder, c.name)
		return
	case inUse(err):
		w.postpone(c, sight{writer: writing}, now)
		return
	case err != nil:
		w.complain(c.folder, c.name, fmt.Errorf("file can't be read: %w; give the user that runs pixmill read permission", bare(err)))
		w.dismiss(c)
		w.leaveOut()
		return
	}
	defer f.Close()
	// The size is read after the kernel was asked: if nobody is writing, it is the final one.
	s := sight{writer: w.ask(f)}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		w.dismiss(c)
		return
	}
	state := stampOf(info)
	if w.isDone(c, state) {
		w.dismiss(c)
		return
	}
	if c.stamp != state {
		c.stamp, c.time, c.changed = state, info.ModTime(), now
	}
	s.size, s.quiet = c.size, now.Sub(c.changed)
	if s.writer != writing {
		s.end = endOf(f, c.size)
	}
	if !s.complete(w.opts.Settle) {
		w.postpone(c, s, now)
		return
	}
	delete(c.folder.said, c.name)
	w.ready.add(c)
}

// isDone tells whether the file was handed over in this state.
func (w *Watcher) isDone(c *candidate, state stamp) bool {
	k, ok := c.folder.done[c.name]
	if !ok {
		return false
	}
	if c.chmod && k.size == state.size && k.inode == state.inode {
		k.modified = state.modified
	}
	if k.stamp != state {
		return false
	}
	k.listing = c.folder.listing
	c.folder.done[c.name] = k
	return true
}

// leaveOut counts what there will be no other look at.
func (w *Watcher) leaveOut() {
	if w.opts.Once {
		w.counts.LeftOut++
	}
}

// postpone sets the time of the next look at a file that is not complete.
func (w *Watcher) postpone(c *candidate, s sight, now time.Time) {
	what := "changing"
	if s.writer == writing {
		what = "open for writing"
	}
	late := now.Sub(c.found) >= w.opts.GiveUp
	rests := now.Sub(latest(c.found, c.changed)) >= w.opts.Settle
	if w.opts.Once && (late || rests) {
		w.complain(c.folder, c.name, fmt.Errorf("file is still %s and left out; run pixmill again when it is complete", what))
		w.dismiss(c)
		w.leaveOut()
		return
	}
	if late {
		w.complain(c.folder, c.name, fmt.Errorf("file is still %s after %v; it is taken when it rests", what, w.opts.GiveUp))
	}
	c.pause = longer(c.pause)
	due := now.Add(c.pause)
	if late {
		due = now.Add(max(c.pause, w.opts.Poll))
	}
	if s.writer != writing {
		// Events tell of a change before the end of the quiet time; without them the file is looked at meanwhile.
		rested := c.changed.Add(w.opts.Settle)
		if c.folder.watched || rested.Before(due) {
			due = rested
		}
	}
	w.wait(c, due)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
