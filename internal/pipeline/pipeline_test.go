package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

const images = "../../testdata/images"

// mill is a pipeline in a temp folder, with what it reported.
type mill struct {
	t       *testing.T
	dir     string
	root    *os.Root
	sink    *sink.Sink
	opts    Options
	reports []Report
}

func newMill(t *testing.T) *mill {
	m := &mill{t: t, dir: t.TempDir()}
	m.must(os.Mkdir(filepath.Join(m.dir, "inbox"), 0o755))
	var err error
	m.root, err = os.OpenRoot(filepath.Join(m.dir, "inbox"))
	m.must(err)
	m.sink, err = sink.Open(sink.Options{Output: filepath.Join(m.dir, "output"), State: filepath.Join(m.dir, "state")})
	m.must(err)
	t.Cleanup(func() {
		m.root.Close()
		m.sink.Close()
	})
	m.opts = Options{
		Variants: []Variant{{resize.Variant{Name: "s", Width: 20, Fit: resize.Inside, Position: "center", Kernel: "lanczos3", Formats: []string{"same"}}, "{dir}/{name}-{variant}.{ext}"}},
		Sink:     m.sink,
		Pool:     pool.Options{MaxWorkers: 2, Retry: pool.Retry{MaxAttempts: 3, Backoff: time.Millisecond}},
		Report:   func(r Report) { m.reports = append(m.reports, r) },
	}
	return m
}

func (m *mill) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// drop copies a test image into the inbox.
func (m *mill) drop(image, name string) watcher.File {
	m.t.Helper()
	data, err := os.ReadFile(filepath.Join(images, image))
	m.must(err)
	m.must(m.root.WriteFile(name, data, 0o644))
	info, err := m.root.Stat(name)
	m.must(err)
	return watcher.File{Path: name, Size: info.Size(), ModTime: info.ModTime()}
}

func (m *mill) run(ctx context.Context, files ...watcher.File) error {
	m.t.Helper()
	return m.runOn(ctx, m.pipeline(), files...)
}

func (m *mill) pipeline() *Pipeline {
	m.t.Helper()
	p, err := New(m.opts)
	m.must(err)
	return p
}

func (m *mill) runOn(ctx context.Context, p *Pipeline, files ...watcher.File) error {
	in := make(chan watcher.File)
	go func() {
		defer close(in)
		for _, f := range files {
			select {
			case in <- f:
			case <-ctx.Done():
			}
		}
	}()
	return p.Run(ctx, Intake{Root: m.root.Name(), Inbox: true, Files: in})
}

func (m *mill) outputs() []string {
	var names []string
	entries, _ := os.ReadDir(filepath.Join(m.dir, "output"))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (m *mill) statuses() map[string]string {
	all := map[string]string{}
	for _, r := range m.reports {
		all[r.Source] += string(r.Status)
	}
	return all
}

func TestRun(t *testing.T) {
	m := newMill(t)
	files := []watcher.File{
		m.drop("tiny-1x1.jpg", "a.jpg"), m.drop("bomb.jpg", "bomb.jpg"), m.drop("truncated.png", "cut.png"), m.drop("text-inside.jpg", "text.jpg"),
		m.drop("text-inside.jpg", "readme.txt"), m.drop("grey.jpg", "photo-without-ending"), {Path: "gone.jpg"},
	}
	m.opts.Limits = resize.Limits{Width: 10_000}
	m.must(m.run(t.Context(), files...))
	want := map[string]string{"a.jpg": "done", "bomb.jpg": "rejected", "cut.png": "rejected", "text.jpg": "rejected",
		"readme.txt": "skipped", "photo-without-ending": "done", "gone.jpg": "skipped"}
	if got := m.statuses(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	m.reports = nil
	m.must(m.run(t.Context(), files[0]))
	if len(m.reports) != 1 || m.reports[0].Status != sink.Skipped || m.reports[0].Reason != Complete {
		t.Errorf("again: %+v", m.reports)
	}
}

// More files than the queue holds go through, with workers that outrun and are outrun by intake.
func TestMoreThanTheQueueHolds(t *testing.T) {
	m := newMill(t)
	m.opts.Pool.Queue = 1
	var files []watcher.File
	for i := range 100 {
		files = append(files, m.drop("tiny-1x1.jpg", fmt.Sprintf("%03d.jpg", i)))
	}
	m.must(m.run(t.Context(), files...))
	if len(m.reports) != 100 || len(m.outputs()) != 100 {
		t.Errorf("%d reports, %d outputs", len(m.reports), len(m.outputs()))
	}
}

// A file that comes again while it is worked on gets its turn afterwards, and never two workers at once.
func TestComesAgainWhileInFlight(t *testing.T) {
	m := newMill(t)
	f := m.drop("scene.jpg", "a.jpg")
	var versions []watcher.File
	for range 30 {
		versions = append(versions, f)
	}
	m.must(m.run(t.Context(), versions...))
	if len(m.reports) < 2 || len(m.reports) > 30 {
		t.Errorf("%d reports", len(m.reports))
	}
	done := 0
	for _, r := range m.reports {
		if r.Status == sink.Done {
			done++
		}
	}
	if done != 1 {
		t.Errorf("one version was made %d times", done)
	}
}

// A failure that may pass is tried again, and what passed leaves no trace but the count of attempts.
// The inbox that a job was taken in from is gone when its turn comes: it is told to whoever may see it again. The inbox that is there by then
// is the one that jobs are for.
func TestInboxReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open can't be renamed there")
	}
	m := newMill(t)
	files := make(chan watcher.File)
	ended := make(chan error, 1)
	reports := make(chan Report, 10)
	m.opts.Report = func(r Report) { reports <- r }
	p := m.pipeline()
	var gone []string
	in := Intake{Root: m.root.Name(), Inbox: true, Files: files, Gone: func(f watcher.File) { gone = append(gone, f.Path) }}
	go func() { ended <- p.Run(t.Context(), in) }()
	a := m.drop("tiny-1x1.jpg", "a.jpg")
	inbox := m.root.Name()
	m.must(os.Rename(inbox, inbox+"-away"))
	files <- a
	if r := <-reports; r.Status != sink.Skipped || r.Source != "a.jpg" {
		t.Errorf("got %+v", r.Record)
	}
	m.must(os.Mkdir(inbox, 0o755))
	m.must(os.WriteFile(filepath.Join(inbox, "b.jpg"), m.read("a.jpg"), 0o644))
	files <- watcher.File{Path: "b.jpg"}
	if r := <-reports; r.Status != sink.Done || r.Source != "b.jpg" {
		t.Errorf("got %+v", r.Record)
	}
	close(files)
	m.must(<-ended)
	if !slices.Equal(gone, []string{"a.jpg"}) {
		t.Errorf("told of %q", gone)
	}
}

func TestRetry(t *testing.T) {
	m := newMill(t)
	f := m.drop("tiny-1x1.jpg", "a.jpg")
	blocker := filepath.Join(m.dir, "output")
	m.must(os.WriteFile(blocker, nil, 0o644)) // no folder can be made here
	m.opts.Pool.Retry = pool.Retry{MaxAttempts: 1000, Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond}
	p := m.pipeline()
	go func() {
		for p.Stats().Retries == 0 {
			time.Sleep(time.Millisecond)
		}
		os.Remove(blocker)
	}()
	m.must(m.runOn(t.Context(), p, f))
	if len(m.reports) != 1 || m.reports[0].Status != sink.Done || m.reports[0].Attempts < 2 {
		t.Errorf("got %+v", m.reports)
	}
}

func TestDead(t *testing.T) {
	m := newMill(t)
	f := m.drop("tiny-1x1.jpg", "a.jpg")
	m.must(os.WriteFile(filepath.Join(m.dir, "output"), nil, 0o644))
	m.must(m.run(t.Context(), f))
	if len(m.reports) != 1 || m.reports[0].Status != sink.Dead || m.reports[0].Attempts != 3 || !strings.Contains(m.reports[0].Reason, "cannot write outputs") {
		t.Errorf("got %+v", m.reports)
	}
}

// Cancelled work leaves its source where it is, and reports nothing of it.
func TestCancelled(t *testing.T) {
	m := newMill(t)
	ctx, cancel := context.WithCancel(t.Context())
	var files []watcher.File
	for i := range 20 {
		files = append(files, m.drop("scene.jpg", fmt.Sprintf("%d.jpg", i)))
	}
	m.opts.Report = func(r Report) { m.reports = append(m.reports, r); cancel() }
	if err := m.run(ctx, files...); !errors.Is(err, context.Canceled) && !errors.Is(err, pool.ErrStopped) {
		t.Errorf("got %v", err)
	}
	for _, r := range m.reports {
		if r.Status != sink.Done {
			t.Errorf("reported %+v", r.Record)
		}
	}
	if slices.ContainsFunc(m.outputs(), func(n string) bool { return !strings.HasSuffix(n, "-s.jpg") }) {
		t.Errorf("left behind: %q", m.outputs())
	}
	for _, f := range files {
		if _, err := m.root.Stat(f.Path); err != nil {
			t.Error(err)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		err  error
		want sink.Status
	}{
		{errGone, sink.Skipped},
		{errNoImage, sink.Skipped},
		{errChanged, sink.Dead},
		{context.Canceled, ""},
		{fmt.Errorf("wrapped: %w", context.Canceled), ""},
		{&resize.FormatError{}, sink.Rejected},
		{&resize.UnsupportedError{}, sink.Rejected},
		{fmt.Errorf("wrapped: %w", resize.ErrTooLarge), sink.Rejected},
		{os.ErrPermission, sink.Dead},
		{&pool.PanicError{Value: "boom"}, sink.Dead},
	} {
		if got := verdict(test.err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}

// The plan says what Run then makes.
func TestPlan(t *testing.T) {
	m := newMill(t)
	p := m.pipeline()
	f := m.drop("scene.jpg", "a.jpg")
	plan := p.Plan(Intake{Root: m.root.Name()}, f)
	if plan.Status != sink.Done || len(plan.Outputs) != 1 || plan.Outputs[0].Path != "a-s.jpg" || plan.Outputs[0].Height != 15 || plan.Bytes <= plan.SourceBytes {
		t.Errorf("planned %+v", plan)
	}
	if len(m.outputs()) != 0 {
		t.Errorf("planning wrote %q", m.outputs())
	}
	m.must(m.run(t.Context(), f))
	if got := m.reports[0].Outputs[0]; got.Path != "a-s.jpg" || got.Width != 20 || got.Height != 15 {
		t.Errorf("made %+v", got)
	}
	if plan := p.Plan(Intake{Root: m.root.Name()}, f); plan.Status != sink.Skipped {
		t.Errorf("planned again: %+v", plan)
	}
}
