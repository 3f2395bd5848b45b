package watcher

import "sync/atomic"

// Stats are a watcher's figures.
type Stats struct {
	Known     int // files seen that are still there, complete or not
	Waiting   int // of them not complete yet
	Ready     int // of them complete and not taken yet
	Folders   int // that files come from
	Events    int64
	Scans     int64
	Overflows int64 // of the system's event queue; each is followed by a scan
}

type counters struct {
	known, waiting, ready, folders, events, scans, overflows atomic.Int64
}

// Stats returns the figures as they are.
func (w *Watcher) Stats() Stats {
	c := &w.counters
	return Stats{
		Known:     int(c.known.Load()),
		Waiting:   int(c.waiting.Load()),
		Ready:     int(c.ready.Load()),
		Folders:   int(c.folders.Load()),
		Events:    c.events.Load(),
		Scans:     c.scans.Load(),
		Overflows: c.overflows.Load(),
	}
}
