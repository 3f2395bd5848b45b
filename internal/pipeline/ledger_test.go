package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

// Recipes that differ in a way that concerns an output have other digests, and only those.
func TestDigests(t *testing.T) {
	base := resize.Variant{Name: "a", Width: 100, Fit: resize.Inside, Kernel: "lanczos3", Formats: []string{"jpeg", "png"}, Quality: map[string]int{"jpeg": 80}}
	of := func(change func(*resize.Variant)) map[string]string {
		v := base
		v.Quality = maps.Clone(base.Quality)
		change(&v)
		all := map[string]string{}
		for key, d := range digests(resize.Recipe{Variants: []resize.Variant{v}}) {
			all[strings.TrimPrefix(key, v.Name+"/")] = d
		}
		return all
	}
	same := of(func(*resize.Variant) {})
	if same["jpeg"] == same["png"] || len(same["jpeg"]) != 16 {
		t.Errorf("formats: %v", same)
	}
	for name, test := range map[string]struct {
		change    func(*resize.Variant)
		jpeg, png bool // whether it changes
	}{
		"name":       {func(v *resize.Variant) { v.Name = "b" }, false, false},
		"formats":    {func(v *resize.Variant) { v.Formats = []string{"same"} }, false, false},
		"quality":    {func(v *resize.Variant) { v.Quality["jpeg"] = 81 }, true, false},
		"auto":       {func(v *resize.Variant) { v.Quality["jpeg"] = resize.Auto }, true, false},
		"max bytes":  {func(v *resize.Variant) { v.MaxBytes = 1000 }, true, false},
		"savings":    {func(v *resize.Variant) { v.MinSavings = 0.1 }, true, true},
		"width":      {func(v *resize.Variant) { v.Width = 101 }, true, true},
		"fit":        {func(v *resize.Variant) { v.Fit = resize.Cover }, true, true},
		"enlarge":    {func(v *resize.Variant) { v.Enlarge = true }, true, true},
		"kernel":     {func(v *resize.Variant) { v.Kernel = "box" }, true, true},
		"background": {func(v *resize.Variant) { v.Background.R = 1 }, true, true},
	} {
		got := of(test.change)
		if (got["jpeg"] != same["jpeg"]) != test.jpeg || (got["png"] != same["png"]) != test.png {
			t.Errorf("%s: JPEG changes %t, PNG %t", name, got["jpeg"] != same["jpeg"], got["png"] != same["png"])
		}
	}
}

// Digests are kept in people's ledgers: a change of theirs makes every output again.
func TestDigestIsStable(t *testing.T) {
	v := resize.Variant{Name: "320w", Width: 320, Fit: resize.Inside, Position: "center", Kernel: "lanczos3", Formats: []string{"same"}, Quality: map[string]int{"jpeg": 80}}
	if got := digests(resize.Recipe{Variants: []resize.Variant{v}})["320w/jpeg"]; got != "5c1250072e36fb42" {
		t.Errorf("the default recipe's digest is %s", got)
	}
}

func TestProbeIsKept(t *testing.T) {
	want := resize.Info{Format: "jpeg", Width: 4, Height: 3, Orientation: 6, Frames: 1, Alpha: true, Progressive: true, DecodePeak: [4]int64{1 << 40}}
	var got resize.Info
	if !decodeProbe(encodeProbe(want), &got) || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	for _, other := range []string{"", "{}", "0123456789abcdef {}"} {
		if decodeProbe([]byte(other), &got) {
			t.Errorf("%q is taken for ours", other)
		}
	}
}

// Done is known without opening the source: one that can't be opened any more is still complete.
func TestRecognisedUnopened(t *testing.T) {
	m := newMill(t)
	f := m.drop("scene.jpg", "a.jpg")
	m.must(m.run(t.Context(), f))
	m.must(m.root.Remove("a.jpg"))
	m.reports = nil
	m.must(m.run(t.Context(), f))
	if len(m.reports) != 1 || m.reports[0].Status != sink.Skipped || m.reports[0].Reason != Complete {
		t.Errorf("got %+v", m.reports)
	}
}

// One content under many names is made once: the others are copies of what stands, which somebody has marked here.
func TestTwinsAreCopied(t *testing.T) {
	m := newMill(t)
	m.must(m.run(t.Context(), m.drop("scene.jpg", "a.jpg")))
	made := filepath.Join(m.dir, "output", "a-s.jpg")
	info, err := os.Stat(made)
	m.must(err)
	mark := bytes.Repeat([]byte("x"), int(info.Size()))
	m.must(os.WriteFile(made, mark, 0o644))
	m.must(os.Chtimes(made, time.Time{}, info.ModTime()))
	m.must(m.run(t.Context(), m.drop("scene.jpg", "b.jpg"), m.drop("scene.jpg", "c.jpg")))
	for _, name := range []string{"b-s.jpg", "c-s.jpg"} {
		if data, _ := os.ReadFile(filepath.Join(m.dir, "output", name)); !bytes.Equal(data, mark) {
			t.Errorf("%s was made, not copied", name)
		}
	}
	if got := m.statuses(); got["b.jpg"] != "done" || got["c.jpg"] != "done" {
		t.Errorf("got %v", got)
	}
	// Of another recipe nothing is copied.
	m.opts.Variants[0].Width = 21
	m.must(m.run(t.Context(), m.drop("scene.jpg", "d.jpg")))
	if data, _ := os.ReadFile(filepath.Join(m.dir, "output", "d-s.jpg")); bytes.Equal(data, mark) {
		t.Error("an output of another recipe was copied")
	}
}

// Twins that come at once are not made twice: no two workers are on one content.
func TestTwinsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tw := twins{busy: map[string]chan struct{}{}}
		working, most := 0, 0
		for range 10 {
			go func() {
				if tw.alone(t.Context(), "hash") != nil {
					return
				}
				working++
				most = max(most, working)
				time.Sleep(time.Second)
				working--
				tw.done("hash")
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if most != 1 || len(tw.busy) != 0 {
			t.Errorf("%d at once, %d left", most, len(tw.busy))
		}
		m := tw.alone(t.Context(), "hash")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := tw.alone(ctx, "hash"); m != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v", m, err)
		}
	})
}

// A failure that lies in the photo is not looked for again until the photo or the rules change, or somebody asks.
func TestFailureIsRemembered(t *testing.T) {
	m := newMill(t)
	f := m.drop("truncated-50.jpg", "a.jpg")
	lines := func() int {
		data, _ := os.ReadFile(filepath.Join(m.dir, "state", "savings.jsonl"))
		return bytes.Count(data, []byte("\n"))
	}
	for i, step := range []struct {
		name  string
		do    func()
		lines int
	}{
		{"first", func() {}, 1},
		{"again", func() {}, 1},
		{"other rules", func() { m.opts.Limits.Width = 10_000 }, 2},
		{"again", func() {}, 2},
		{"another version", func() { f = m.drop("truncated-50.jpg", "a.jpg") }, 3},
	} {
		step.do()
		m.reports = nil
		m.must(m.run(t.Context(), f))
		if len(m.reports) != 1 || m.reports[0].Status != sink.Rejected || m.reports[0].Reason == "" || lines() != step.lines {
			t.Errorf("%d, %s: %d lines, %+v", i, step.name, lines(), m.reports)
		}
	}
	in := make(chan watcher.File, 1)
	in <- f
	close(in)
	m.must(m.pipeline().Run(t.Context(), Intake{Root: m.root.Name(), Inbox: true, Files: in, Retry: true}))
	if lines() != 4 {
		t.Errorf("asked for, it was not tried again: %d lines", lines())
	}
	m.must(m.run(t.Context(), f))
	if lines() != 4 {
		t.Error("after it was asked for, it is not remembered any more")
	}
}

// What lies in the machine is tried again at the next start, in full.
func TestFailureOfTheMachineIsNotRemembered(t *testing.T) {
	m := newMill(t)
	f := m.drop("tiny-1x1.jpg", "a.jpg")
	blocker := filepath.Join(m.dir, "output")
	m.must(os.WriteFile(blocker, nil, 0o644))
	m.must(m.run(t.Context(), f))
	m.must(os.Remove(blocker))
	m.must(m.run(t.Context(), f))
	if len(m.reports) != 2 || m.reports[0].Status != sink.Dead || m.reports[1].Status != sink.Done {
		t.Errorf("got %+v", m.reports)
	}
}

// While the disk is full, work waits, longer and longer; it is said once, and once that it is over.
func TestFullDiskIsWaitedFor(t *testing.T) {
	m := newMill(t)
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, fmt.Errorf("a.jpg: %w", &os.PathError{Op: "write", Err: syscall.ENOSPC})} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var warned []string
			p, err := New(Options{Variants: newVariants(), Sink: m.sink, Warn: func(err error) {
				mu.Lock()
				defer mu.Unlock()
				warned = append(warned, err.Error())
			}})
			if err != nil {
				t.Fatal(err)
			}
			var tries atomic.Int64
			start := time.Now()
			for range 3 { // workers
				go func() {
					if err := p.patiently(t.Context(), func() error {
						tries.Add(1)
						if time.Since(start) < time.Minute {
							return full
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				}()
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := tries.Load(); n < 3*8 || n > 3*20 || len(warned) != 2 || !strings.Contains(warned[0], "the disk is full") || !strings.Contains(warned[1], "going on") {
				t.Errorf("%d tries, warned %q", tries.Load(), warned)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := p.patiently(ctx, func() error { return full }); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the end of work: %v", err)
			}
			other := errors.New("another fault")
			if err := p.patiently(t.Context(), func() error { return other }); !errors.Is(err, other) {
				t.Errorf("another fault is waited for: %v", err)
			}
		})
	}
}

func newVariants() []Variant {
	return []Variant{{resize.Variant{Name: "s", Width: 20, Fit: resize.Inside, Position: "center", Kernel: "lanczos3", Formats: []string{"same"}}, "{dir}/{name}-{variant}.{ext}"}}
}

func (m *mill) read(name string) []byte {
	m.t.Helper()
	data, err := m.root.ReadFile(name)
	m.must(err)
	return data
}
