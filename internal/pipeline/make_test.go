package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

// elsewhere is a Maker that notes what it was asked for.
type elsewhere struct {
	here
	asked  []Work
	before func() // nil: nothing
	stored func()
	fails  error
}

func (e *elsewhere) Make(ctx context.Context, w Work) (Made, error) {
	e.asked = append(e.asked, w)
	if e.fails != nil {
		return Made{}, e.fails
	}
	if e.before != nil {
		e.before()
	}
	made, err := e.here.Make(ctx, w)
	made.Stored = e.stored
	return made, err
}

// A Maker is asked for what lacks, and told when its outputs are recorded.
func TestMaker(t *testing.T) {
	m := newMill(t)
	told := 0
	maker := &elsewhere{}
	maker.stored = func() {
		told++
		if got := m.outputs(); len(got) != told {
			t.Errorf("told %d times, outputs %q", told, got)
		}
	}
	m.opts.Maker = maker
	f := m.drop("scene.jpg", "a.jpg")
	m.must(m.run(t.Context(), f))
	larger := m.opts.Variants[0]
	larger.Name, larger.Width = "l", 40
	m.opts.Variants = append(m.opts.Variants, larger)
	m.must(m.run(t.Context(), f))
	m.must(m.run(t.Context(), f)) // complete
	if told != 2 || len(maker.asked) != 2 {
		t.Fatalf("told %d times, asked %d times", told, len(maker.asked))
	}
	if v := maker.asked[1].Recipe.Variants; len(v) != 1 || v[0].Name != "l" {
		t.Errorf("asked for %+v, where only one variant lacked", v)
	}
	if w := maker.asked[0]; len(w.Hash) != 64 || len(w.Data) == 0 || w.Info.Width != 1600 {
		t.Errorf("asked for %s of %d bytes, %+v", w.Hash, len(w.Data), w.Info)
	}
}

// What was tried elsewhere as often as it should is not tried again here, and what lies in the photo is remembered.
func TestMakerFails(t *testing.T) {
	for name, test := range map[string]struct {
		err                     error
		asked, attempts, runAll int
		status                  sink.Status
	}{
		"spent":         {&SpentError{errors.New("cause"), 7}, 1, 7, 2, sink.Dead},
		"spent, photo":  {&SpentError{&resize.PanicError{Value: "cause"}, 7}, 1, 7, 1, sink.Dead},
		"of the photo":  {&resize.FormatError{Format: "jpeg", Reason: "cause"}, 1, 1, 1, sink.Rejected},
		"of the moment": {errors.New("cause"), 3, 3, 6, sink.Dead},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMill(t)
			maker := &elsewhere{fails: test.err, stored: func() { t.Error("told of outputs that are not there") }}
			m.opts.Maker = maker
			f := m.drop("scene.jpg", "a.jpg")
			m.must(m.run(t.Context(), f))
			if len(maker.asked) != test.asked || len(m.reports) != 1 || m.reports[0].Status != test.status || m.reports[0].Attempts != test.attempts {
				t.Errorf("asked %d times, %+v", len(maker.asked), m.reports)
			}
			m.must(m.run(t.Context(), f))
			if len(maker.asked) != test.runAll {
				t.Errorf("asked %d times by two starts", len(maker.asked))
			}
			if _, err := os.Stat(filepath.Join(m.dir, "output")); err == nil {
				t.Error("there is an output folder")
			}
		})
	}
}

// A large photo is hashed and made from its file; one that changes in between is tried again.
func TestStreams(t *testing.T) {
	m := newMill(t)
	maker := &elsewhere{}
	maker.before = func() {
		if len(maker.asked) == 1 {
			m.must(os.Chtimes(filepath.Join(m.root.Name(), "a.jpg"), time.Time{}, time.Now().Add(-time.Hour)))
		}
	}
	m.opts.Maker = maker
	m.drop("scene.jpg", "a.jpg")
	file := filepath.Join(m.root.Name(), "a.jpg")
	data, err := os.ReadFile(file)
	m.must(err)
	data = append(data, make([]byte, leastStream)...) // behind the picture
	m.must(os.WriteFile(file, data, 0o644))
	stat, err := os.Stat(file)
	m.must(err)
	m.must(m.run(t.Context(), watcher.File{Path: "a.jpg", Size: stat.Size(), ModTime: stat.ModTime()}))
	if len(maker.asked) != 2 || len(m.outputs()) != 1 || m.reports[0].Attempts != 2 {
		t.Fatalf("asked %d times, outputs %q, %+v", len(maker.asked), m.outputs(), m.reports)
	}
	sum := sha256.Sum256(data)
	if w := maker.asked[1]; w.Data != nil || w.Size != int64(len(data)) || w.Hash != hex.EncodeToString(sum[:]) {
		t.Errorf("asked for %s, %d bytes in memory, %d in the file", w.Hash, len(w.Data), w.Size)
	}
	info, err := resize.Probe(bytes.NewReader(data), int64(len(data)))
	m.must(err)
	recipe := maker.asked[1].Recipe
	if whole, less := (here{}).Cost(leastStream-1, info, recipe), (here{}).Cost(leastStream, info, recipe); less != whole-leastStream+1 {
		t.Errorf("costs %d in memory, %d from a file", whole, less)
	}
}
