package cli

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// redirect is a writer whose target can change: lines go through the bar while there is one, so that they don't tear it.
type redirect struct {
	mu sync.Mutex
	w  io.Writer
}

func (r *redirect) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.w.Write(p)
}

// swap sets another target and returns the former one.
func (r *redirect) swap(w io.Writer) io.Writer {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, r.w = r.w, w
	return w
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// progress shows how a run goes (images, rate, time left, bytes saved) until stop is called; on stderr, and only where that is a
// terminal.
func (a *app) progress(s *session) (stop func()) {
	if !isTerminal(os.Stderr) || !escapes(os.Stderr) {
		return func() {}
	}
	bars := mpb.New(mpb.WithOutput(os.Stderr), mpb.WithWidth(80), mpb.WithRefreshRate(120*time.Millisecond))
	bar := bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d ", decor.WCSyncWidth)),
		mpb.AppendDecorators(
			decor.AverageSpeed(0, " %.1f images/s"),
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 6}), ""),
			decor.Any(func(decor.Statistics) string { return "  " + s.savedSoFar() }),
		))
	oldErr := a.stderr.swap(bars)
	oldOut := io.Writer(nil)
	if isTerminal(os.Stdout) {
		oldOut = a.stdout.swap(bars)
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			finished, expected := s.counts()
			bar.SetTotal(int64(max(expected, finished+1)), false)
			bar.SetCurrent(int64(finished))
			select {
			case <-tick.C:
			case <-quit:
				tick.Stop()
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
		bar.Abort(true)
		bars.Wait()
		a.stderr.swap(oldErr)
		if oldOut != nil {
			a.stdout.swap(oldOut)
		}
	}
}

// counts are the images that are finished, and those known of.
func (s *session) counts() (finished, expected int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	expected = s.named
	for _, w := range s.watchers {
		expected += w.Stats().Known
	}
	return s.totals.finished(), expected
}

func (s *session) savedSoFar() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if saved := s.totals.in - s.totals.out; saved > 0 {
		return humanize.Bytes(uint64(saved)) + " saved"
	}
	return ""
}
