package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/resize"
	"pixmill/sink"
)

func TestExitCode(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errFailures, 1},
		{errors.New("anything"), 1},
		{usageError{errors.New("a flag")}, 2},
		{fmt.Errorf("wrapped: %w", usageError{errors.New("a flag")}), 2},
		{errInterrupted, 130},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v: %d, want %d", test.err, got, test.want)
		}
	}
}

// Config checks the words itself, since it knows nothing of resize; they must be the same words.
func TestWordsAgree(t *testing.T) {
	for name, pair := range map[string][2][]string{
		"fits":       {config.Fits, resize.Fits},
		"kernels":    {config.Kernels, resize.Kernels},
		"positions":  {config.Positions, resize.Positions},
		"places":     {config.Places, resize.Positions[:9]},
		"efforts":    {config.Efforts, resize.Efforts},
		"animations": {config.Animations, resize.Animations},
		"metadatas":  {config.Metadatas, resize.Metadatas},
		"colours":    {config.Colours, resize.Colors},
		"hdrs":       {config.HDRs, resize.HDRs},
		"formats":    {config.Formats, resize.Formats},
	} {
		a, b := slices.Sorted(slices.Values(pair[0])), slices.Sorted(slices.Values(pair[1]))
		if !slices.Equal(a, b) {
			t.Errorf("%s: config has %q, resize %q", name, a, b)
		}
	}
}

// What the config takes as valid, the recipe must.
func TestDefaultsAreValid(t *testing.T) {
	c, err := config.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var r resize.Recipe
	sizes, err := variants(c.Variants)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range sizes {
		r.Variants = append(r.Variants, v.Variant)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	if budget(c) < 1<<20 {
		t.Errorf("a memory budget of %d bytes", budget(c))
	}
}

func TestTotals(t *testing.T) {
	done := sink.Record{Status: sink.Done, DurationMS: 1500, Width: 4000, Height: 3000, SourceBytes: 4_000_000, OutputBytes: 1_000_000, Outputs: make([]sink.OutputRecord, 5)}
	for _, test := range []struct {
		name    string
		records []sink.Record
		want    string
	}{
		{"nothing", nil, "0 images"},
		{"one", []sink.Record{done}, "1 image, 4.0 MB → 5 files, 1.0 MB: 3.0 MB saved (−75%) in 1.5s: 0.7 images/s, 8 MP/s"},
		{"mixed", []sink.Record{done, done, {Status: sink.Rejected}, {Status: sink.Dead}, {Status: sink.Skipped}, {Status: sink.Skipped}},
			"2 images, 8.0 MB → 10 files, 2.0 MB: 6.0 MB saved (−75%) in 2.5s: 0.8 images/s, 10 MP/s; 1 rejected; 1 failed; 2 skipped"},
		{"grown", []sink.Record{{Status: sink.Done, DurationMS: 2000, SourceBytes: 1000, OutputBytes: 1500, Outputs: make([]sink.OutputRecord, 1)}},
			"1 image, 1.0 kB → 1 file, 1.5 kB: 500 B more (+50%) in 2s: 0.5 images/s, 0 MP/s"},
	} {
		var sum totals
		for i, r := range test.records { // one ends a second after the other: two that take longer overlap
			sum.add(r, time.Unix(1e9+int64(i), 0))
		}
		if got := sum.text(); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestTextLog(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(&textHandler{out: &b, level: slog.LevelInfo, mu: new(sync.Mutex)})
	log.Debug("unseen")
	log.Info("plain")
	log.Warn("odd", "file", "a.jpg")
	log.With("n", 1).ErrorContext(context.Background(), "bad")
	if got, want := b.String(), "plain\nwarning: odd  file=a.jpg\nerror: bad  n=1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMemoryBudget(t *testing.T) {
	if got := budget(config.Config{Pool: config.Pool{Memory: 5 << 20}}); got != 5<<20 {
		t.Errorf("5 MiB given, %d taken", got)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(100 << 20))
	if got := budget(config.Config{}); got != 50<<20 {
		t.Errorf("GOMEMLIMIT of 100 MiB gives a budget of %d", got)
	}
}

func TestAvailableMemory(t *testing.T) {
	if n := availableMemory(); n < 64<<20 || n > 1<<50 {
		t.Errorf("%d bytes", n)
	}
}

// asking is a writer that asks for the bar's figures while it is written to, as the bar does when it is drawn.
type asking struct{ s *session }

func (a asking) Write(p []byte) (int, error) {
	a.s.savedSoFar()
	a.s.counts()
	return len(p), nil
}

// Printing must not hold the lock that the progress bar wants: it would wait for itself.
func TestReportPrintsWithoutTheLock(t *testing.T) {
	s := &session{config: config.Config{Pool: config.Pool{ShutdownTimeout: time.Second}}}
	s.out = asking{s}
	s.log = slog.New(&textHandler{out: asking{s}, level: slog.LevelDebug, mu: new(sync.Mutex)})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, status := range []sink.Status{sink.Done, sink.Skipped, sink.Dead} {
			s.report(pipeline.Report{Record: sink.Record{Source: "a.jpg", Status: status}, Notes: []string{"a note"}, Stack: []byte("stack")})
		}
	}()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("waits for itself")
	}
}

func TestHalfOfTheWorkersOnBattery(t *testing.T) {
	c, err := config.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for workers, want := range map[int]int{1: 1, 2: 1, 5: 3, 8: 4} {
		c.Pool.Workers, c.Pool.MinWorkers = workers, workers
		r := &reloader{session: &session{}}
		if o := r.poolOptions(c); o.MaxWorkers != workers {
			t.Errorf("with power %d of %d workers", o.MaxWorkers, workers)
		}
		r.saving = true
		if o := r.poolOptions(c); o.MaxWorkers != want || o.MinWorkers != want {
			t.Errorf("on battery %d to %d of %d workers, want %d", o.MinWorkers, o.MaxWorkers, workers, want)
		}
	}
}

// The heap is kept small unless somebody says how large it may be.
func TestTightenHeap(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for gogc, want := range map[string]int{"": growth, "100": 100} {
		debug.SetGCPercent(100)
		t.Setenv("GOGC", gogc)
		tightenHeap()
		if got := debug.SetGCPercent(100); got != want {
			t.Errorf("GOGC=%q: %d %%, want %d", gogc, got, want)
		}
	}
}
