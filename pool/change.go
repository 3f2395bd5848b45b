package pool

import "time"

// settings are a pool's options in force.
type settings struct {
	Options
	changed chan struct{} // closed: there are others now
}

func newSettings(o Options) *settings { return &settings{o, make(chan struct{})} }

// filled puts the defaults where nothing is said.
func (o Options) filled() Options {
	if o.MaxWorkers <= 0 {
		o.MaxWorkers = SizeFor(CPUBound, 0)
	}
	if o.MinWorkers <= 0 || o.MinWorkers > o.MaxWorkers {
		o.MinWorkers = o.MaxWorkers
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = 30 * time.Second
	}
	if o.Queue <= 0 {
		o.Queue = 10 * o.MaxWorkers
	}
	return o
}

// Change sets other options, except for Queue, which stays what it was. Workers that are too many end when they have done what they
// have in hand; what tasks have reserved above a smaller Budget stays theirs; the waits of retries that have begun stay as they are.
func (p *Pool[J, R]) Change(o Options) {
	p.budget.change(o.Budget)
	old := p.opts.Swap(newSettings(o.filled()))
	close(old.changed)
	p.want()
}

// Options are those in force, with the defaults filled in.
func (p *Pool[J, R]) Options() Options { return p.opts.Load().Options }
