package pipeline

import (
	"context"
	"fmt"
	"sync"

	"pixmill/watcher"
)

// gate lets the intakes' files in, or not.
type gate struct {
	mu     sync.Mutex
	closed bool
	turned chan struct{} // closed when closed has changed, and there is another
}

// Pause holds intake until it is called with false: what is in flight or in the queue goes on, and the inbox is still watched. Run does not
// see an intake end meanwhile: whoever ends intakes calls it with false then. It may
// be called at any time.
func (p *Pipeline) Pause(paused bool) {
	g := &p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed != paused {
		g.closed = paused
		close(g.turned)
		g.turned = make(chan struct{})
	}
}

// Paused reports whether intake is.
func (p *Pipeline) Paused() bool {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return p.gate.closed
}

// through is files while the gate is open, else nil, from which nothing comes; and what is closed when that has changed.
func (g *gate) through(files <-chan watcher.File) (open <-chan watcher.File, turned <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, g.turned
	}
	return files, g.turned
}

// Ask hands a file to a Run that is under way, beside what its intakes have, and also while they pause; ctx bounds the wait for it
// to be taken.
func (p *Pipeline) Ask(ctx context.Context, in *Intake, f watcher.File) error {
	select {
	case p.asked <- job{intake: in, file: f, rules: p.rulesOf(in)}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: nobody takes it in now: pixmill is stopping, or waits for room on the disk: %w", f.Path, ctx.Err())
	}
}
