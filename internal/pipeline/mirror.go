package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"pixmill/sink"
)

// Mirror has outputs follow their originals: what leaves the inbox takes its outputs with it. What left while nobody looked is found by a
// comparison of the ledger with the inbox, after the start.
//
// Nothing is believed but what an inbox shows that has its marker: an empty folder where the inbox is mounted at other times has none.
type Mirror struct {
	Inbox  string // absolute
	Marker string // a file right in it
	ID     string // what the marker says; an empty one, which somebody has put there, is good too

	mu   sync.Mutex
	left map[string]time.Time // paths that may be gone → when they were
	wake chan struct{}

	// Of the pipeline's Run:
	swept  bool // the ledger was compared
	warned bool // that the marker is not to be seen
}

// How long an original must be gone before its outputs go: one that was only moved is found under its new name meanwhile, which takes copies of
// the outputs. And how long an inbox without its marker is left alone.
const (
	moveGrace   = 2 * time.Second
	markerPause = time.Minute
)

// NewMirror returns the mirror of an inbox with a marker of that name and content.
func NewMirror(inbox, marker, id string) *Mirror {
	return &Mirror{Inbox: inbox, Marker: marker, ID: id, left: map[string]time.Time{}, wake: make(chan struct{}, 1)}
}

// Gone notes that a path in the inbox may be gone. It may be called from any goroutine.
func (m *Mirror) Gone(path string) {
	m.mu.Lock()
	m.left[path] = time.Now()
	first := len(m.left) == 1
	m.mu.Unlock()
	if first {
		m.look(moveGrace)
	}
}

// look has departures looked at in a while.
func (m *Mirror) look(in time.Duration) {
	time.AfterFunc(in, func() {
		select {
		case m.wake <- struct{}{}:
		default:
		}
	})
}

// mirrors gives each mirrored intake when its departures are to be looked at, first in a while, until end is called.
func mirrors(intakes []Intake) (wakes <-chan *Intake, end func()) {
	due, over := make(chan *Intake), make(chan struct{})
	for i := range intakes {
		in := &intakes[i]
		if in.Mirror == nil {
			continue
		}
		in.Mirror.look(moveGrace)
		go func() {
			for {
				select {
				case <-in.Mirror.wake:
				case <-over:
					return
				}
				select {
				case due <- in:
				case <-over:
					return
				}
			}
		}()
	}
	return due, func() { close(over) }
}

// due takes the paths that have been gone since before.
func (m *Mirror) due(before time.Time) (paths []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path, since := range m.left {
		if !since.After(before) {
			paths = append(paths, path)
			delete(m.left, path)
		}
	}
	slices.Sort(paths)
	if len(m.left) > 0 {
		m.look(moveGrace)
	}
	return paths
}

// open opens the inbox, if it is the one. What is looked for in it later is looked for in the same folder that the marker was in, whatever
// is mounted or unmounted meanwhile.
func (m *Mirror) open() (*os.Root, error) {
	root, err := os.OpenRoot(m.Inbox)
	if err != nil {
		return nil, err
	}
	text, err := root.ReadFile(m.Marker)
	if text = bytes.TrimSpace(text); err == nil && len(text) > 0 && string(text) != m.ID {
		err = fmt.Errorf("%s in it is of another inbox", m.Marker)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// departures removes the outputs of originals that have been gone since before.
func (p *Pipeline) departures(ctx context.Context, in *Intake, before time.Time) {
	m := in.Mirror
	due := m.due(before)
	if len(due) == 0 && m.swept {
		return
	}
	root, err := m.open()
	if err != nil {
		if !m.warned {
			p.opts.Warn(fmt.Errorf("inbox %s: its marker is not to be seen, so no outputs are removed: mount it, or, if it is the right folder, put an empty file %s into it: %w",
				m.Inbox, m.Marker, err))
		}
		m.warned, m.swept = true, false // the comparison that is needed now finds these again
		m.look(markerPause)
		return
	}
	defer root.Close()
	m.warned = false
	if !m.swept {
		missing, err := p.missing(in, root)
		if err != nil {
			p.opts.Warn(fmt.Errorf("inbox %s cannot be compared with the ledger: %w", m.Inbox, err))
		}
		m.swept = err == nil
		due = append(due, missing...)
		slices.Sort(due)
		due = slices.Compact(due)
	}
	for _, path := range due {
		if ctx.Err() != nil {
			return
		}
		p.depart(in, root, path)
	}
}

// missing are the paths of the ledger's sources that the inbox does not have.
func (p *Pipeline) missing(in *Intake, root *os.Root) (paths []string, err error) {
	err = p.opts.Sink.Names(func(name string) {
		if path, ok := p.opts.Sink.InInbox(in.Name, name); ok && gone(root, path) {
			paths = append(paths, path)
		}
	})
	return paths, err
}

func gone(root *os.Root, path string) bool {
	_, err := root.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// depart removes the outputs of one original that is gone. One that is being worked on is looked at again later.
func (p *Pipeline) depart(in *Intake, root *os.Root, path string) {
	name := sink.Qualified(in.Name, path)
	if _, flying := p.flights[name]; flying {
		in.Mirror.Gone(path)
		return
	}
	if !gone(root, path) {
		return
	}
	rec, err := p.opts.Sink.Remove(name)
	switch {
	case err != nil:
		p.opts.Warn(fmt.Errorf("%s: the original is gone, but its outputs cannot be removed: %w", name, err))
		in.Mirror.swept = false
		in.Mirror.look(markerPause)
	case rec.Status != "":
		p.opts.Report(Report{Record: rec})
	}
}
