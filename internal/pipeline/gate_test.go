package pipeline

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pixmill/sink"
	"pixmill/watcher"
)

// until waits for something that another goroutine brings about.
func until(t *testing.T, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !there(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited a minute for " + what)
		}
	}
}

func TestPausedTakesOnlyWhatIsAskedFor(t *testing.T) {
	m := newMill(t)
	reports := make(chan Report, 10)
	m.opts.Report = func(r Report) { reports <- r }
	p := m.pipeline()
	files := make(chan watcher.File)
	ran := make(chan error, 1)
	go func() { ran <- p.Run(t.Context(), Intake{Root: m.root.Name(), Inbox: true, Files: files}) }()

	files <- m.drop("scene.jpg", "first.jpg")
	if r := <-reports; r.Source != "first.jpg" {
		t.Fatalf("%+v", r)
	}
	p.Pause(true)
	time.Sleep(50 * time.Millisecond) // until the intake has seen it
	second := m.drop("grey.jpg", "second.jpg")
	select {
	case files <- second:
		t.Fatal("a file was taken in during the pause")
	case <-time.After(20 * time.Millisecond):
	}
	if err := p.Ask(t.Context(), &Intake{Root: m.root.Name(), Inbox: true}, m.drop("portrait.jpg", "asked.jpg")); err != nil {
		t.Fatal(err)
	}
	if r := <-reports; r.Source != "asked.jpg" {
		t.Errorf("%s came out during the pause", r.Source)
	}
	p.Pause(false)
	files <- second
	if r := <-reports; r.Source != "second.jpg" {
		t.Errorf("%+v", r)
	}
	close(files)
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Ask(ended, &Intake{Root: m.root.Name()}, second); err == nil {
		t.Error("a file was taken in after the end")
	}
}

func TestInFlightAndStageTimes(t *testing.T) {
	m := newMill(t)
	file := m.drop("scene.jpg", "a.jpg")
	hash := ""
	m.opts.Report = func(r Report) { hash = r.Hash; m.reports = append(m.reports, r) }
	m.must(m.run(t.Context(), file))
	m.reports = nil
	m.must(m.root.Remove("a.jpg"))

	p := m.pipeline()
	p.twins.busy[hash] = make(chan struct{}) // as if another worker were at it
	file = m.drop("scene.jpg", "b.jpg")
	ran := make(chan error, 1)
	go func() { ran <- m.runOn(t.Context(), p, file) }()
	until(t, "the photo to wait for its twin", func() bool {
		f := p.InFlight()
		return len(f) == 1 && f[0].Stage == Wait && f[0].Width > 0
	})
	if f := p.InFlight()[0]; f.Source != "b.jpg" || f.Width != 1600 || f.Height != 1200 || f.Bytes != file.Size || f.Attempt != 1 || f.Since.Before(f.Start) {
		t.Errorf("%+v", f)
	}
	p.twins.done(hash)
	m.must(<-ran)
	if f := p.InFlight(); len(f) != 0 {
		t.Errorf("still in flight: %+v", f)
	}
	var passed []Stage
	total := time.Duration(0)
	for _, s := range m.reports[0].Stages {
		passed = append(passed, s.Stage)
		total += s.Time
	}
	if got, want := len(passed), len(Stages); got != want {
		t.Errorf("passed %v, want each of %v once", passed, Stages)
	}
	if took := time.Duration(m.reports[0].DurationMS * 1e6); total < took/2 {
		t.Errorf("the stages took %v of %v", total, took)
	}
}

// Intakes go on side by side: one that never ends holds no other up, and each photo is made by the settings of its own pipeline.
func TestIntakesSideBySide(t *testing.T) {
	m := newMill(t)
	other := m.opts.Variants[0]
	other.Name = "o"
	m.opts.Others = map[string]Settings{"other": {Variants: []Variant{other}}}
	m.must(m.sink.Close())
	var err error
	m.sink, err = sink.Open(sink.Options{Output: filepath.Join(m.dir, "output"), State: filepath.Join(m.dir, "state"),
		Others: map[string]sink.Places{"other": {Output: filepath.Join(m.dir, "other")}}})
	m.must(err)
	m.opts.Sink = m.sink
	reports := make(chan Report, 10)
	m.opts.Report = func(r Report) { reports <- r }
	p := m.pipeline()
	first, second := make(chan watcher.File), make(chan watcher.File)
	ran := make(chan error, 1)
	go func() {
		ran <- p.Run(t.Context(), Intake{Root: m.root.Name(), Inbox: true, Files: first}, Intake{Name: "other", Root: m.root.Name(), Inbox: true, Files: second})
	}()
	second <- m.drop("scene.jpg", "a.jpg")
	if r := <-reports; r.Source != "other:a.jpg" || len(r.Outputs) != 1 || r.Outputs[0].Variant != "o" {
		t.Errorf("%+v", r)
	}
	first <- m.drop("grey.jpg", "a.jpg")
	if r := <-reports; r.Source != "a.jpg" || len(r.Outputs) != 1 || r.Outputs[0].Variant != "s" {
		t.Errorf("%+v", r)
	}
	close(first)
	second <- m.drop("portrait.jpg", "b.jpg")
	if r := <-reports; r.Source != "other:b.jpg" {
		t.Errorf("%+v", r)
	}
	close(second)
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
}
