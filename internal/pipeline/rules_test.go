package pipeline

import (
	"slices"
	"testing"

	"pixmill/resize"
	"pixmill/watcher"
)

// Rules that change hold for what is taken in afterwards, and not for what was taken in before, on whichever worker and attempt it is.
func TestChange(t *testing.T) {
	m := newMill(t)
	m.opts.Pool.MaxWorkers = 1
	p := m.pipeline()
	files := make(chan watcher.File)
	ended := make(chan error, 1)
	reported := make(chan Report)
	p.opts.Report = func(r Report) { reported <- r }
	go func() { ended <- p.Run(t.Context(), Intake{Root: m.root.Name(), Inbox: true, Files: files}) }()

	outputs := func() (all []string) {
		r := <-reported
		for _, o := range r.Outputs {
			all = append(all, o.Path)
		}
		return append(all, string(r.Status))
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := outputs(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}

	files <- m.drop("scene.jpg", "a.jpg")
	expect("the rules at the start", "a-s.jpg", "done")

	other := m.opts.Variants[0]
	other.Name, other.Width = "m", 40
	m.must(p.Change(Settings{Variants: []Variant{m.opts.Variants[0], other}}, nil, m.opts.Pool))
	files <- m.drop("grey.jpg", "b.jpg")
	expect("with another variant", "b-s.jpg", "b-m.jpg", "done")

	m.must(p.Change(Settings{Variants: []Variant{other}, Limits: resize.Limits{Width: 10}}, nil, m.opts.Pool))
	files <- m.drop("portrait.jpg", "c.jpg")
	expect("with narrower limits", "rejected")

	broken := other
	broken.Width = -1
	if err := p.Change(Settings{Variants: []Variant{broken}}, nil, m.opts.Pool); err == nil {
		t.Error("a variant of negative width is taken")
	}
	m.must(p.Change(Settings{Variants: []Variant{other}}, nil, m.opts.Pool))
	files <- m.drop("portrait.jpg", "c.jpg")
	expect("rejected by other rules than those in force, it is tried again", "c-m.jpg", "done")

	old := p.rulesOf(&Intake{})
	taken := job{intake: &Intake{Root: m.root.Name(), Inbox: true}, file: m.drop("scene.jpg", "d.jpg"), rules: old, root: m.root}
	m.must(p.Change(Settings{Variants: []Variant{m.opts.Variants[0]}, Limits: resize.Limits{Width: 1}}, nil, m.opts.Pool))
	s, err := p.examine(taken)
	m.must(err)
	if len(s.outputs) != 1 || s.outputs[0].Variant != "m" || p.cost(&s) <= s.source.Size {
		t.Errorf("a job of before the change: %+v, costs %d", s.outputs, p.cost(&s))
	}
	s.close()

	close(files)
	m.must(<-ended)
}
