package delivery

import (
	"context"
	"time"
)

// Idle does something once after every stretch of work: when nothing has stirred for a while, and nothing is under way.
type Idle struct {
	after time.Duration
	busy  func() bool
	do    func(context.Context)
	stir  chan struct{}
}

// NewIdle returns one that calls do when after has passed since the last Stir and busy says that nothing is under way.
func NewIdle(after time.Duration, busy func() bool, do func(context.Context)) *Idle {
	return &Idle{after: after, busy: busy, do: do, stir: make(chan struct{}, 1)}
}

// Stir says that something worth it was done.
func (i *Idle) Stir() {
	select {
	case i.stir <- struct{}{}:
	default: // said already
	}
}

// Run calls do when it is time, never twice at once, until end is closed: what is due then is done at once. ctx is do's.
func (i *Idle) Run(ctx context.Context, end <-chan struct{}) {
	var quiet <-chan time.Time // set: do is due
	for {
		select {
		case <-i.stir:
			quiet = time.After(i.after)
		case <-quiet:
			if i.busy() {
				quiet = time.After(i.after)
				continue
			}
			quiet = nil
			i.do(ctx)
		case <-end:
			if quiet != nil || len(i.stir) > 0 {
				i.do(ctx)
			}
			return
		}
	}
}
