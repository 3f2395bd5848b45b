package watcher

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// rescan goes through the whole inbox, and forgets what is no longer there.
func (l *loop) rescan() {
	if !l.attach() {
		return
	}
	l.scan++
	l.counters.scans.Add(1)
	l.list(".", true)
	for p, e := range l.seen {
		if e.scan != l.scan {
			remove(e)
			delete(l.seen, p)
		}
	}
}

// poll scans what is not under events.
func (l *loop) poll() {
	if l.gone {
		l.rescan()
		return
	}
	for d, watched := range l.dirs {
		if !watched && l.notify != nil {
			l.list(d, false)
		}
	}
}

// attach opens the inbox, again if it is another folder than before; false where there is none. An inbox that vanished is
// not one whose files were deleted: nothing is forgotten.
func (l *loop) attach() bool {
	now, err := os.Stat(l.opts.Root)
	if err == nil && l.root != nil {
		if before, err := l.root.Stat("."); err == nil && os.SameFile(before, now) {
			l.back()
			return true
		}
	}
	var root *os.Root
	if err == nil {
		root, err = os.OpenRoot(l.opts.Root)
	}
	if err != nil {
		if !l.gone {
			l.gone = true
			l.opts.Warn(fmt.Errorf("%s is gone: %w: waiting for it to come back, what was done stays done", l.opts.Root, err))
		}
		return false
	}
	if l.root != nil {
		l.root.Close()
		l.leave(".")
		for d := range l.dirs {
			l.leave(d)
		}
	}
	l.root = root
	l.back()
	return true
}

// back tells that the inbox is there again.
func (l *loop) back() {
	if l.gone {
		l.gone = false
		l.opts.Warn(fmt.Errorf("%s is back", l.opts.Root))
	}
}

// list takes in a folder: first the watch, then the names, so that what comes in between is seen by one of the two at least.
// Folders inside are taken in with it if they are new, or if deep says so.
func (l *loop) list(dir string, deep bool) {
	l.watch(dir)
	d, err := l.root.Open(dir)
	if err != nil {
		l.unlisted(dir, err)
		return
	}
	defer d.Close()
	delete(l.refused, dir)
	for {
		entries, err := d.ReadDir(1000)
		for _, de := range entries {
			l.listed(path.Join(dir, de.Name()), de, deep)
		}
		if err != nil {
			if err != io.EOF {
				l.unlisted(dir, err)
			}
			return
		}
	}
}

// unlisted warns of a folder that cannot be read, once until it can.
func (l *loop) unlisted(dir string, err error) {
	if errors.Is(err, fs.ErrNotExist) || l.refused[dir] {
		return
	}
	l.refused[dir] = true
	l.opts.Warn(fmt.Errorf("%s cannot be listed: %w: allow pixmill to read it; it is tried again at every scan", l.name(dir), err))
}

// listed takes in one name of a folder.
func (l *loop) listed(p string, de fs.DirEntry, deep bool) {
	if l.ignored(p) {
		return
	}
	if de.IsDir() {
		if _, known := l.dirs[p]; l.opts.Recursive && (deep || !known) {
			l.list(p, deep)
		}
		return
	}
	info, err := de.Info()
	if err != nil {
		return // gone since
	}
	changed := time.Now()
	if l.scan == 1 && info.ModTime().Before(changed) {
		changed = info.ModTime() // what lay there before has had its rest
	}
	if e := l.seen[p]; e != nil && e.file.Size == info.Size() && e.file.ModTime.Equal(info.ModTime()) {
		changed = e.changed // nothing new
	}
	l.enter(p, info, changed)
}

// enter notes a file, or what a symbolic link to a file inside the inbox points to; other kinds are none of ours.
func (l *loop) enter(p string, info os.FileInfo, changed time.Time) {
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := l.root.Stat(p)
		if err != nil {
			if !l.refused[p] && !errors.Is(err, fs.ErrNotExist) {
				l.refused[p] = true
				l.opts.Warn(fmt.Errorf("%s is a link that leaves the inbox: it is not followed; put the file itself there", p))
			}
			return
		}
		info = target
	}
	if info.Mode().IsRegular() {
		l.found(p, info, changed)
	}
}

// watch puts a folder under events; where the system has no more of them, it is polled.
func (l *loop) watch(dir string) {
	if watched, known := l.dirs[dir]; known && (watched || l.notify == nil) {
		return
	}
	if l.notify == nil {
		l.dirs[dir] = false
		return
	}
	err := l.notify.Add(l.name(dir))
	l.dirs[dir] = err == nil
	if err == nil || errors.Is(err, fs.ErrNotExist) || l.exhausted {
		return
	}
	l.exhausted = true
	remedy := "see what the system says"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
		remedy = "raise the limit, on Linux: sysctl fs.inotify.max_user_watches=1048576"
	}
	l.opts.Warn(fmt.Errorf("%s and maybe more folders get no events (%w) and are polled every %s: %s", l.name(dir), err, l.opts.Poll, remedy))
}
