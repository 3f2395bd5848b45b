package watcher

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Files of whatever time come, once and with that time: cameras whose clock was never set, or set to another century.
func TestOddTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Settle: time.Second, Rescan: time.Minute})
		times := map[string]time.Time{
			"future.jpg": time.Date(2200, 1, 1, 0, 0, 0, 100, time.UTC), // NTFS counts in 100 ns
			"epoch.jpg":  time.Unix(0, 0),
			"older.jpg":  time.Date(1960, 1, 1, 0, 0, 0, 900, time.UTC),
		}
		for name, when := range times {
			path := filepath.Join(r.dir, name)
			r.must(os.WriteFile(path, []byte("neither a photo nor anything else that has an end"), 0o644))
			r.must(os.Chtimes(path, when, when))
		}
		r.start()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if len(r.copy(&r.came)) != len(times) || len(r.warns()) > 0 {
			t.Errorf("got %q, %q", r.came, r.warns())
		}
		for name, when := range times {
			if got, _ := r.times.Load(name); got == nil || !got.(time.Time).Equal(when) {
				t.Errorf("%s: %v, want %v", name, got, when)
			}
		}
		// And when its time goes backwards, it is another version.
		path := filepath.Join(r.dir, "epoch.jpg")
		r.must(os.Chtimes(path, times["older.jpg"], times["older.jpg"]))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(r.copy(&r.came)) != len(times)+1 {
			t.Errorf("got %q", r.came)
		}
	})
}

// A clock that jumps changes no wait: every time that is reckoned with has a monotonic reading, which Sub and Compare go by then
// (package time, "Monotonic Clocks"). The time of a file, which has none, is no exception.
func TestNoClockIsReckonedWith(t *testing.T) {
	dir, cut := t.TempDir(), photo[:len(photo)-2]
	old := filepath.Join(dir, "old.jpg")
	if err := os.WriteFile(old, []byte(cut), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	w, err := New(Options{Root: dir, Mode: Poll, Poll: 10 * time.Millisecond, Settle: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	for w.Stats().Rescans < 1 {
		time.Sleep(time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(dir, "new.jpg"), []byte(cut), 0o644); err != nil {
		t.Fatal(err)
	}
	for last := w.Stats().Rescans; w.Stats().Rescans < last+3; {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil || len(w.top.open) != 2 {
		t.Fatalf("%v, %d files wait", err, len(w.top.open))
	}
	for name, c := range w.top.open {
		for what, when := range map[string]time.Time{"found": c.found, "changed": c.changed, "looked": c.looked, "due": c.due, "rescan": w.rescanAt} {
			if !strings.Contains(when.String(), " m=") {
				t.Errorf("%s: %s is the clock's: %v", name, what, when)
			}
		}
	}
	if rest := w.top.open["old.jpg"].looked.Sub(w.top.open["old.jpg"].changed); rest < 30*time.Minute || rest > 31*time.Minute {
		t.Errorf("at rest for %v before the start, want half an hour", rest)
	}
}
