package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"

	"pixmill/internal/dashboard"
	"pixmill/sink"
)

// live keeps some lines at the bottom of a terminal, below everything else that is written to it.
type live struct {
	terminal *os.File
	mu       sync.Mutex
	lines    []string // as they stand there
}

// Write writes above the lines; p ends a line.
func (l *live) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b bytes.Buffer
	l.erase(&b)
	b.Write(p)
	l.draw(&b)
	if _, err := l.terminal.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// show replaces the lines, if there is something new in them.
func (l *live) show(lines []string) {
	width, _, err := term.GetSize(int(l.terminal.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	for i := range lines {
		lines[i] = runewidth.Truncate(lines[i], width-1, "…")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Equal(lines, l.lines) {
		return
	}
	var b bytes.Buffer
	l.erase(&b)
	l.lines = lines
	l.draw(&b)
	_, _ = l.terminal.Write(b.Bytes()) // a terminal that is gone is told by the next result line
}

// erase moves to the first of the lines and clears what is below (ECMA-48: CPL, ED).
func (l *live) erase(b *bytes.Buffer) {
	if n := len(l.lines); n > 0 {
		fmt.Fprintf(b, "\x1b[%dF\x1b[J", n)
	}
}

func (l *live) draw(b *bytes.Buffer) {
	for _, line := range l.lines {
		b.WriteString(line + "\n")
	}
}

// liveEvery is the time between two looks at the state.
const liveEvery = 200 * time.Millisecond

// live shows how a watch goes until stop is called; on stderr, and only where that is a terminal.
func (a *app) live(state func() dashboard.State) (stop func()) {
	if !isTerminal(os.Stderr) || a.logFile != "" || a.logFormat != "text" || !escapes(os.Stderr) {
		return func() {}
	}
	l := &live{terminal: os.Stderr}
	oldErr := a.stderr.swap(l)
	oldOut := io.Writer(nil)
	if isTerminal(os.Stdout) {
		oldOut = a.stdout.swap(l)
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(liveEvery)
		defer tick.Stop()
		for {
			l.show(liveLines(state(), time.Now()))
			select {
			case <-tick.C:
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
		l.show(nil)
		a.stderr.swap(oldErr)
		if oldOut != nil {
			a.stdout.swap(oldOut)
		}
	}
}

// mostFlights that have a line each.
const mostFlights = 4

// liveLines are the figures, and below them what is in work.
func liveLines(s dashboard.State, now time.Time) []string {
	lines := []string{"── " + figures(s)}
	for i, f := range s.InFlight {
		if i == mostFlights {
			lines = append(lines, fmt.Sprintf("   and %d more", len(s.InFlight)-i))
			break
		}
		size := humanize.Bytes(uint64(f.Bytes))
		if f.Width > 0 {
			size = fmt.Sprintf("%d×%d  %s", f.Width, f.Height, size)
		}
		lines = append(lines, fmt.Sprintf("   %-7s  %s  %s  %s", f.Stage, sink.Printable(f.Source), size, roundTime(now.Sub(f.Start).Truncate(100*time.Millisecond))))
	}
	return lines
}

// figures is a state in one line, such as
// "2 of 2 busy, 188 to go, 14.2 photos/s, 5.1 MB/s, 13s left; 37 done, 12 MB → 1.2 MB; 1 rejected".
func figures(s dashboard.State) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if s.Paused {
		add("intake is paused")
	}
	switch {
	case s.Busy > 0:
		add("%d of %d busy", s.Busy, s.Workers)
	case !s.Paused && s.Backlog == 0:
		add("waiting for photos")
	}
	if s.Backlog > 0 {
		add("%s to go", humanize.Comma(int64(s.Backlog)))
	}
	if s.Rate.Images > 0 && s.Busy+s.Backlog > 0 {
		add("%.1f photos/s", s.Rate.Images)
		add("%s/s", humanize.Bytes(uint64(s.Rate.Bytes)))
	}
	if s.ETA > 0 {
		add("%s left", roundTime(time.Duration(s.ETA)*time.Second))
	}
	if s.Memory.Waiting > 0 {
		add("%d waiting for memory", s.Memory.Waiting)
	}
	line := strings.Join(parts, ", ")
	if s.Done.Images > 0 {
		line += fmt.Sprintf("; %s done, %s → %s", humanize.Comma(int64(s.Done.Images)), humanize.Bytes(uint64(s.Done.In)), humanize.Bytes(uint64(s.Done.Out)))
	}
	if s.Rejected > 0 {
		line += fmt.Sprintf("; %d rejected", s.Rejected)
	}
	if s.Dead > 0 {
		line += fmt.Sprintf("; %d failed", s.Dead)
	}
	return line
}
