package pipeline

import (
	"context"
	"fmt"
	"sync/atomic"

	"pixmill/watcher"
)

// gate lets the intakes' files in, or not.
type gate struct {
	closed atomic.Bool
	turned chan struct{} // has one signal when closed has changed
}

// Pause holds intake until it is called with false: what is in flight or in the queue goes on, and the inbox is still watched. Run does not
// see an intake end meanwhile: whoever ends intakes calls it with false then. It may
// be called at any time.
func (p *Pipeline) Pause(paused bool) {
	if p.gate.closed.Swap(paused) == paused {
		return
	}
	select {
	case p.gate.turned <- struct{}{}:
	default: // Run has yet to look, and will find the latest
	}
}

// Paused reports whether intake is.
func (p *Pipeline) Paused() bool { return p.gate.closed.Load() }

// through is files while the gate is open, else nil, from which nothing comes.
func (g *gate) through(files <-chan watcher.File) <-chan watcher.File {
	if g.closed.Load() {
		return nil
	}
	return files
}

// Ask hands a file to a Run that is under way, beside what its intakes have, and also while they pause; ctx bounds the wait for it
// to be taken.
func (p *Pipeline) Ask(ctx context.Context, in *Intake, f watcher.File) error {
	select {
	case p.asked <- job{intake: in, file: f, rules: p.rules.Load()}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: nobody takes it in now: pixmill is stopping, or waits for room on the disk: %w", f.Path, ctx.Err())
	}
}
