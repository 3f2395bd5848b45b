package watcher

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// notifier is the part of fsnotify.Watcher that folders are watched with.
type notifier interface {
	Add(path string) error
	Remove(path string) error
	Close() error
}

// backlog is how many events are taken from the kernel's queue while a file is being looked at.
const backlog = 4096

// connect opens the operating system's events. Errors are drained at once: fsnotify sends some with its lock held, and
// would block our next call. One is kept, as any of them leads to a scan of the whole tree.
func connect() (notifier, <-chan fsnotify.Event, <-chan error, error) {
	n, err := fsnotify.NewBufferedWatcher(backlog)
	if err != nil {
		return nil, nil, nil, err
	}
	faults := make(chan error, 1)
	go func() {
		for err := range n.Errors {
			select {
			case faults <- err:
			default:
			}
		}
	}()
	return n, n.Events, faults, nil
}

// listen begins to receive events, or polls where there are none to be had.
func (w *Watcher) listen() {
	var err error
	w.notifier, w.events, w.faults, err = w.connect()
	if err != nil {
		w.notifier, w.polling = nil, true
		w.opts.Warn(fmt.Errorf("inbox %s can't be watched for changes: %w; scanning it every %v%s", w.opts.Root, err, w.opts.Poll,
			remedy(err, "fs.inotify.max_user_instances")))
	}
}

func (w *Watcher) disconnect() {
	if w.notifier != nil {
		w.notifier.Close()
	}
}

// remedy is what a person can do about a limit of the system.
func remedy(err error, sysctl string) string {
	switch {
	case !exhausted(err), runtime.GOOS == "windows": // which has no such limits
		return ""
	case runtime.GOOS == "linux":
		return "; raise the limit with `sysctl " + sysctl + "=...`"
	}
	return "; raise the limit of open files with `ulimit -n`"
}

func exhausted(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE)
}

// event takes in what fsnotify says; it does no more than note where to look, to keep the kernel's queue short.
func (w *Watcher) event(e fsnotify.Event, ok bool) {
	if !ok {
		w.events, w.polling = nil, true
		w.opts.Warn(fmt.Errorf("inbox %s: no more events come; scanning it every %v", w.opts.Root, w.opts.Poll))
		w.rescan()
		return
	}
	w.count(e.Op)
	rel, ok := w.relative(e.Name)
	if !ok || w.gone {
		return
	}
	left := e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	if rel == "." {
		if left {
			w.rescan()
		}
		return
	}
	f, name := w.top.find(path.Dir(rel)), path.Base(rel)
	if f == nil || w.ignored(name) {
		return
	}
	now := time.Now()
	switch sub := f.subs[name]; {
	case sub == nil && e.Op == fsnotify.Chmod:
		w.noticeChmod(f, name, now)
	case sub == nil:
		w.notice(f, name, now)
	case left:
		w.left(f, name, sub, now)
	case e.Has(fsnotify.Create), len(sub.said) > 0: // or it may be readable now
		w.walk = append(w.walk, sub)
	}
}

// left drops a folder that was removed or moved, before the event comes that says where it is now. An event may be about
// a folder that has come back since, and been listed: that one stays.
func (w *Watcher) left(f *folder, name string, sub *folder, now time.Time) {
	info, err := os.Lstat(w.native(sub.path))
	if err == nil && sub.id != (identity{}) && identityOf(info) == sub.id {
		w.walk = append(w.walk, sub)
		return
	}
	w.forget(f, name)
	w.notice(f, name, now)
}

// relative is the path below Root, slash-separated.
func (w *Watcher) relative(native string) (string, bool) {
	if !within(w.opts.Root, native) {
		return "", false
	}
	rest := strings.TrimLeft(native[len(w.opts.Root):], string(os.PathSeparator))
	if rest == "" {
		return ".", true
	}
	return filepath.ToSlash(rest), true
}

func (w *Watcher) count(op fsnotify.Op) {
	for kind, n := range map[fsnotify.Op]*uint64{
		fsnotify.Create: &w.counts.Created,
		fsnotify.Write:  &w.counts.Written,
		fsnotify.Remove: &w.counts.Removed,
		fsnotify.Rename: &w.counts.Renamed,
		fsnotify.Chmod:  &w.counts.Chmods,
	} {
		if op.Has(kind) {
			*n++
		}
	}
}

// fault takes in an error of fsnotify's: whatever it is, events may be missing.
func (w *Watcher) fault(err error) {
	switch {
	case errors.Is(err, fsnotify.ErrEventOverflow):
		w.counts.Overflows++
		text := "more changes in inbox %s than the system's event queue holds; scanning it again"
		if runtime.GOOS == "linux" {
			text += " (`sysctl fs.inotify.max_queued_events=...` makes the queue longer)"
		}
		w.opts.Warn(fmt.Errorf(text, w.opts.Root))
	case errors.Is(err, syscall.EINVAL), errors.Is(err, fsnotify.ErrNonExistentWatch):
		// A folder went away before fsnotify could take its watch off.
	default:
		w.opts.Warn(fmt.Errorf("events of inbox %s: %w; scanning it again", w.opts.Root, err))
	}
	w.rescan()
}

// watch has events come for the entries of f. Watching it a second time costs little, and mends a watch that was lost.
func (w *Watcher) watch(f *folder) {
	if w.notifier == nil || w.polling {
		return
	}
	err := w.notifier.Add(w.native(f.path))
	switch {
	case err == nil:
		if !f.watched {
			f.watched = true
			w.counts.Watches++
		}
		delete(w.unwatched, f)
		delete(f.said, remarkWatch)
	case gone(err): // the listing will tell
	default:
		w.refused(f, err)
	}
}

// refused polls a folder that can't be watched. For the system's limit one warning does for all folders.
func (w *Watcher) refused(f *folder, err error) {
	if len(w.unwatched) == 0 {
		w.pollAt = time.Now().Add(w.opts.Poll)
	}
	reason := fmt.Errorf("folder can't be watched for changes: %w; listing it every %v", err, w.opts.Poll)
	switch {
	case !exhausted(err):
		w.complain(f, remarkWatch, reason)
	case len(w.unwatched) == 0:
		w.opts.Warn(fmt.Errorf("%s: %w, and others like it%s", w.native(f.path), reason, remedy(err, "fs.inotify.max_user_watches")))
	}
	w.unwatched[f] = struct{}{}
}

// unwatch ends the events of f and of all below it.
func (w *Watcher) unwatch(f *folder) {
	f.each(func(g *folder) {
		if g.watched {
			w.notifier.Remove(w.native(g.path)) // it fails when the folder is gone, and the watch with it
			g.watched = false
			w.counts.Watches--
		}
		delete(w.unwatched, g)
		if w.ids[g.id] == g {
			delete(w.ids, g.id)
		}
		g.id = identity{}
	})
}
