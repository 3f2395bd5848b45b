package watcher

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// newGoneRig is a rig that keeps what is told to be gone in its second return value.
func newGoneRig(t *testing.T, o Options) (*rig, *[]string) {
	var r *rig
	gone := new([]string)
	o.Gone = func(path string) { r.add(gone, path) } // not before it runs
	r = newRig(t, o)
	r.answer.Store(int32(nobody))
	return r, gone
}

// What is gone is told, by an event or else by the next scan: files, and those in folders, whatever was done with them.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, gone := newGoneRig(t, Options{Rescan: time.Minute})
		expect := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			got := r.copy(gone)
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			*gone = nil
		}
		r.must(os.MkdirAll(filepath.Join(r.dir, "trip", "far"), 0o755))
		for _, name := range []string{"a.jpg", "b.jpg", "trip/c.jpg", "trip/far/d.jpg"} {
			r.write(name, photo, 0)
		}
		r.start()
		expect("at the start")
		path := filepath.Join(r.dir, "a.jpg")
		r.must(os.Remove(path))
		r.events <- fsnotify.Event{Name: path, Op: fsnotify.Remove}
		time.Sleep(time.Second)
		expect("with an event", "a.jpg")
		r.must(os.Remove(filepath.Join(r.dir, "b.jpg")))
		time.Sleep(30 * time.Second)
		expect("without one, before the scan")
		time.Sleep(time.Minute)
		expect("by the scan", "b.jpg")
		path = filepath.Join(r.dir, "trip")
		r.must(os.Rename(path, filepath.Join(r.dir, "journey")))
		r.events <- fsnotify.Event{Name: path, Op: fsnotify.Rename}
		time.Sleep(2 * time.Minute)
		expect("a folder that was moved", "trip", "trip/c.jpg", "trip/far/d.jpg")
		if got := r.copy(&r.came); !slices.Contains(got, "journey/far/d.jpg") {
			t.Errorf("and is found again: %q", got)
		}
	})
}

// Nothing is told of an inbox that is not there.
func TestNothingIsGoneWithTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, gone := newGoneRig(t, Options{Rescan: time.Minute, Marker: ".here", Ignore: []string{".*"}})
		r.write(".here", "", 0)
		r.write("a.jpg", photo, 0)
		r.write("b.jpg", photo, 0)
		r.start()
		r.must(os.Rename(r.dir, r.dir+"-mounted"))
		r.must(os.Mkdir(r.dir, 0o755))
		time.Sleep(5 * time.Minute)
		if got := r.copy(gone); len(got) != 0 {
			t.Errorf("told %q", got)
		}
		r.must(os.Remove(r.dir))
		r.must(os.Rename(r.dir+"-mounted", r.dir))
		r.must(os.Remove(filepath.Join(r.dir, "a.jpg")))
		time.Sleep(2 * time.Minute)
		if got := slices.Compact(r.copy(gone)); !slices.Equal(got, []string{"a.jpg"}) {
			t.Errorf("after it came back: %q, want what was deleted meanwhile", got)
		}
	})
}
