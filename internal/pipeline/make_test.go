package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pixmill/resize"
	"pixmill/sink"
)

// elsewhere is a Maker that notes what it was asked for.
type elsewhere struct {
	here
	asked  []Work
	stored func()
	fails  error
}

func (e *elsewhere) Make(ctx context.Context, w Work) (Made, error) {
	e.asked = append(e.asked, w)
	if e.fails != nil {
		return Made{}, e.fails
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
