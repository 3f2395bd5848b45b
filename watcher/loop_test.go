package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// silence is a notifier whose events the test sends itself.
type silence struct {
	refuse error
	mu     sync.Mutex
	adds   []string
}

func (s *silence) Add(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adds = append(s.adds, path)
	return s.refuse
}

func (s *silence) allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = nil
}

func (s *silence) Remove(string) error { return nil }
func (s *silence) Close() error        { return nil }

// rig runs a watcher in a synctest bubble: its clock is virtual, its folder and the kernel's answers are real or injected.
type rig struct {
	*testing.T
	dir    string
	w      *Watcher
	n      silence
	events chan fsnotify.Event
	faults chan error
	mu     sync.Mutex
	came   []string
	times  sync.Map // of what came, by path
	said   []string
	asked  atomic.Int32
	answer atomic.Int32 // a writer
}

func newRig(t *testing.T, o Options) *rig {
	r := &rig{T: t, dir: t.TempDir(), events: make(chan fsnotify.Event), faults: make(chan error)}
	o.Root, o.Mode, o.Recursive = r.dir, Events, true
	o.Warn = func(err error) { r.add(&r.said, err.Error()) }
	w, err := New(o)
	r.must(err)
	w.connect = func() (notifier, <-chan fsnotify.Event, <-chan error, error) { return &r.n, r.events, r.faults, nil }
	w.ask = func(*os.File) writer { r.asked.Add(1); return writer(r.answer.Load()) }
	r.w = w
	return r
}

func (r *rig) add(list *[]string, s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, s)
}

func (r *rig) copy(list *[]string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(*list)
}

func (r *rig) warns() []string { return r.copy(&r.said) }

func (r *rig) start() {
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error)
	go func() { done <- r.w.Run(ctx) }()
	go func() {
		for f := range r.w.Files() {
			r.add(&r.came, f.Path)
			r.times.Store(f.Path, f.ModTime)
		}
	}()
	r.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.Error(err)
		}
	})
	synctest.Wait()
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) write(name, data string, op fsnotify.Op) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	r.must(os.WriteFile(path, []byte(data), 0o644))
	r.must(os.Chtimes(path, time.Time{}, time.Now()))
	if op != 0 {
		r.events <- fsnotify.Event{Name: path, Op: op}
	}
	synctest.Wait()
}

func (r *rig) after(d time.Duration, want ...string) {
	r.Helper()
	time.Sleep(d)
	synctest.Wait()
	if got := r.copy(&r.came); !slices.Equal(got, want) {
		r.Fatalf("after %v: got %q, want %q", d, got, want)
	}
}

func TestQuietTimeBeginsAnewWithEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Second})
		r.start()
		r.write("a.tif", "II*\x00 one", fsnotify.Create)
		r.after(900 * time.Millisecond)
		r.write("a.tif", "II*\x00 one two", fsnotify.Write)
		r.after(999 * time.Millisecond)
		r.after(2*time.Millisecond, "a.tif")
	})
}

// So does a change that no event told of, seen by a look.
func TestQuietTimeAfterASilentChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Second, Rescan: time.Hour})
		r.start()
		r.write("a.tif", "II*\x00 one", fsnotify.Create)
		r.after(900 * time.Millisecond)
		r.write("a.tif", "II*\x00 one two", 0)
		r.after(1050 * time.Millisecond)
		r.after(100*time.Millisecond, "a.tif")
	})
}

func TestMarkerWhereTheKernelDoesNotTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Hour})
		r.start()
		r.write("a.jpg", photo[:30], fsnotify.Create)
		r.after(time.Minute)
		r.write("a.jpg", photo, fsnotify.Write)
		r.after(0, "a.jpg")
	})
}

// Rest before the start counts at the start; a time in the future does not.
func TestRestBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Minute})
		for name, age := range map[string]time.Duration{"old.tif": time.Hour, "new.tif": 20 * time.Second, "future.tif": -time.Hour} {
			r.write(name, "II*\x00", 0)
			r.must(os.Chtimes(filepath.Join(r.dir, name), time.Time{}, time.Now().Add(-age)))
		}
		r.start()
		r.after(0, "old.tif")
		r.after(41*time.Second, "old.tif", "new.tif")
		r.after(20*time.Second, "old.tif", "new.tif", "future.tif")
	})
}

func TestLooksAtAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Hour, GiveUp: 10 * time.Minute, Rescan: 24 * time.Hour})
		r.answer.Store(int32(writing))
		r.start()
		r.write("a.jpg", photo, fsnotify.Create)
		r.asked.Store(0)
		r.after(10 * time.Second)
		if n := r.asked.Load(); n < 30 || n > 50 { // every 250 ms at the end
			t.Errorf("%d looks in ten seconds", n)
		}
		r.asked.Store(0)
		for range 1000 { // a stream of writes is no stream of looks
			r.write("a.jpg", photo, fsnotify.Write)
			time.Sleep(100 * time.Microsecond)
		}
		if n := r.asked.Load(); n > 25 {
			t.Errorf("%d looks for 1000 events in 100 ms", n)
		}
		r.answer.Store(int32(nobody))
		r.after(firstPause, "a.jpg")
	})
}

// No timer but that of the rescan runs in an idle watcher.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Rescan: time.Hour})
		r.answer.Store(int32(nobody))
		r.write("a.jpg", photo, 0)
		r.start()
		for range 10 {
			if r.w.root != nil {
				t.Error("an idle watcher holds the inbox open")
			}
			if got := time.Until(r.w.next()); got != time.Hour {
				t.Errorf("next work in %v", got)
			}
			r.events <- fsnotify.Event{Name: "/elsewhere", Op: fsnotify.Write} // orders these reads before what Run does next
			r.after(time.Hour, "a.jpg")
		}
		if s := r.w.Stats(); s.Rescans != 11 || r.asked.Load() != 1 {
			t.Errorf("%d scans, %d looks", s.Rescans, r.asked.Load())
		}
	})
}

func TestOverflowLeadsToAScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Rescan: 24 * time.Hour})
		r.answer.Store(int32(nobody))
		r.start()
		r.must(os.Mkdir(filepath.Join(r.dir, "sub"), 0o755))
		r.write("sub/missed.jpg", photo, 0)
		r.after(time.Hour)
		r.faults <- fmt.Errorf("reading: %w", fsnotify.ErrEventOverflow)
		r.after(0, "sub/missed.jpg")
		if r.w.Stats().Overflows != 1 || len(r.warns()) != 1 {
			t.Errorf("%+v, %q", r.w.Stats(), r.warns())
		}
	})
}

// A folder that was moved while no events came is watched under its new name after one scan.
func TestScanAfterAHiddenMove(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	const pairs = 20 // a scan meets them in any order, the new folder before the old one or after
	for i := range pairs {
		must(os.MkdirAll(at(fmt.Sprintf("old%d/sub", i)), 0o755))
	}
	w, err := New(Options{Root: dir, Recursive: true, Mode: Events, Rescan: time.Hour, Settle: time.Hour})
	must(err)
	var deaf atomic.Bool
	heard, faults := make(chan fsnotify.Event), make(chan error)
	w.connect = func() (notifier, <-chan fsnotify.Event, <-chan error, error) {
		n, events, _, err := connect()
		go func() {
			for e := range events {
				if !deaf.Load() {
					heard <- e
				}
			}
		}()
		return n, heard, faults, err
	}
	ended := make(chan error)
	go func() { ended <- w.Run(t.Context()) }()
	t.Cleanup(func() { must(<-ended) }) // which lets go of the folders: Windows removes none that is open
	until := func(what string, there func() bool) {
		for end := time.Now().Add(20 * time.Second); !there(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited for %s: %+v", what, w.Stats())
			}
		}
	}
	until("the first scan", func() bool { return w.Stats().Rescans == 1 })
	deaf.Store(true)
	var names []string
	for i := range pairs {
		before, after := fmt.Sprint("old", i), fmt.Sprint("new", i)
		must(os.Rename(at(before), at(after)))
		must(os.Mkdir(at(before), 0o755))
		names = append(names, after+"/sub/a.jpg", after+"/b.jpg", before+"/c.jpg")
	}
	time.Sleep(100 * time.Millisecond) // fsnotify has read the events of this by then
	faults <- fsnotify.ErrEventOverflow
	until("the scan", func() bool { return w.Stats().Rescans == 2 })
	deaf.Store(false)
	for _, name := range names {
		must(os.WriteFile(at(name), []byte(photo), 0o644))
		select {
		case f := <-w.Files():
			if f.Path != name {
				t.Errorf("got %s, want %s", f.Path, name)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no event came for %s", name)
		}
	}
}

// Folders beyond the system's limit are polled, with one warning, and watched again when there is room.
func TestNoMoreWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Rescan: time.Hour, Poll: 5 * time.Second})
		r.answer.Store(int32(nobody))
		r.n.refuse = syscall.ENOSPC
		r.must(os.Mkdir(filepath.Join(r.dir, "sub"), 0o755))
		r.start()
		r.write("sub/a.jpg", photo, 0)
		r.after(5*time.Second, "sub/a.jpg")
		if len(r.warns()) != 1 || !strings.HasSuffix(r.warns()[0], remedy(syscall.ENOSPC, "fs.inotify.max_user_watches")) || r.w.Stats().Polled != 2 {
			t.Errorf("%q, %+v", r.warns(), r.w.Stats())
		}
		r.n.allow()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if s := r.w.Stats(); s.Polled != 0 || s.Watches != 2 {
			t.Errorf("%+v", s)
		}
		r.write("sub/b.jpg", photo, 0)
		r.after(time.Minute, "sub/a.jpg")
	})
}

func TestNoEventsAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Rescan: 24 * time.Hour, Poll: 5 * time.Second})
		r.answer.Store(int32(nobody))
		r.w.connect = func() (notifier, <-chan fsnotify.Event, <-chan error, error) { return nil, nil, nil, syscall.EMFILE }
		r.start()
		r.write("a.jpg", photo, 0)
		r.after(5*time.Second, "a.jpg")
		if len(r.warns()) != 1 || !strings.HasSuffix(r.warns()[0], remedy(syscall.EMFILE, "fs.inotify.max_user_instances")) {
			t.Errorf("%q", r.warns())
		}
	})
}

// An inbox without its marker is the empty mount point: nothing is forgotten, and nothing comes twice.
func TestMarkerOfTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Rescan: time.Minute, Marker: ".here"})
		r.answer.Store(int32(nobody))
		r.write(".here", "", 0)
		r.write("a.jpg", photo, 0)
		r.start()
		r.after(0, "a.jpg")
		r.must(os.Rename(r.dir, r.dir+"-mounted"))
		r.must(os.Mkdir(r.dir, 0o755))
		r.after(5*time.Minute, "a.jpg")
		if len(r.warns()) != 1 || !strings.Contains(r.warns()[0], ".here is missing") {
			t.Errorf("%q", r.warns())
		}
		r.must(os.Remove(r.dir))
		r.must(os.Rename(r.dir+"-mounted", r.dir))
		r.after(time.Minute, "a.jpg")
		if len(r.warns()) != 2 || !strings.Contains(r.warns()[1], "is back") {
			t.Errorf("%q", r.warns())
		}
	})
}

// With Once, an inbox that can't be read is an error: there will be no other time.
func TestOnceWithoutInbox(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "inbox")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := New(Options{Root: dir, Once: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := w.Run(t.Context()); err == nil {
		t.Error("a second Run was let through")
	}
}

// BenchmarkScan is a first scan, to the last file handed over.
func BenchmarkScan(b *testing.B) {
	const n = 10_000
	dir := b.TempDir()
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprint(i%50))
		if err := errors.Join(os.MkdirAll(sub, 0o755), os.WriteFile(filepath.Join(sub, fmt.Sprint(i, ".jpg")), []byte(photo), 0o644)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		w, err := New(Options{Root: dir, Recursive: true, Once: true})
		if err != nil {
			b.Fatal(err)
		}
		go w.Run(b.Context())
		for range w.Files() {
		}
		if got := w.Stats().HandedOver; got != n {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/file")
}

// BenchmarkEvent is an event for a file that was handed over, and the look that finds it unchanged.
func BenchmarkEvent(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(path, []byte(photo), 0o644); err != nil {
		b.Fatal(err)
	}
	w, err := New(Options{Root: dir})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.openRoot(); err != nil {
		b.Fatal(err)
	}
	defer w.closeRoot()
	e := fsnotify.Event{Name: path, Op: fsnotify.Write}
	b.ReportAllocs()
	for b.Loop() {
		w.event(e, true)
		c := w.waiting.first()
		w.look(c, c.due)
		if c = w.ready.first(); c != nil {
			w.handedOver(c)
		}
	}
}
