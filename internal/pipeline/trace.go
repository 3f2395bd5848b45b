package pipeline

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Stage is a step of the work on one photo.
type Stage string

// The stages, in the order that a photo passes them; one that is complete already passes only the first.
const (
	Examine Stage = "examine" // its name is looked up in the ledger, or its header read
	Wait    Stage = "wait"    // for memory, or for a worker that makes the same of the same content
	Read    Stage = "read"
	Resize  Stage = "resize" // decode, scale, encode
	Write   Stage = "write"  // all files and the ledger's record; also while the disk is full
)

// Stages are all of them.
var Stages = []Stage{Examine, Wait, Read, Resize, Write}

// Flight is a photo that a worker is at work on.
type Flight struct {
	Source        string
	Bytes         int64 // of the source
	Width, Height int   // pixels; 0 until it is examined
	Attempt       int   // counts from 1
	Start         time.Time
	Stage         Stage
	Since         time.Time // when Stage began
}

// StageTime is how long a photo was in a stage, in its last attempt.
type StageTime struct {
	Stage Stage
	Time  time.Duration
}

// InFlight are the photos that workers are at work on, those that began first before the others. It may be called at any time.
func (p *Pipeline) InFlight() []Flight { return p.traces.list() }

// trace follows one attempt at one photo: the worker writes, whoever looks reads.
type trace struct {
	mu     sync.Mutex
	flight Flight
	times  []StageTime
}

// enter ends the stage so far and begins another one.
func (t *trace) enter(s Stage) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(now)
	t.flight.Stage, t.flight.Since = s, now
}

// leave adds up: a photo may wait twice.
func (t *trace) leave(now time.Time) {
	took := now.Sub(t.flight.Since)
	for i := range t.times {
		if t.times[i].Stage == t.flight.Stage {
			t.times[i].Time += took
			return
		}
	}
	t.times = append(t.times, StageTime{t.flight.Stage, took})
}

// sized notes what the header told.
func (t *trace) sized(width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flight.Width, t.flight.Height = width, height
}

// traces are those of all workers.
type traces struct {
	mu  sync.Mutex
	all map[*trace]struct{}
}

func (a *traces) begin(j job, attempt int) *trace {
	now := time.Now()
	t := &trace{
		flight: Flight{Source: j.name(), Bytes: j.file.Size, Attempt: attempt, Start: now, Stage: Examine, Since: now},
		times:  make([]StageTime, 0, len(Stages)),
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[*trace]struct{}{}
	}
	a.all[t] = struct{}{}
	return t
}

// end returns how long each stage took, and the whole.
func (a *traces) end(t *trace) ([]StageTime, time.Duration) {
	a.mu.Lock()
	delete(a.all, t)
	a.mu.Unlock()
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(now)
	return t.times, now.Sub(t.flight.Start)
}

func (a *traces) list() []Flight {
	a.mu.Lock()
	defer a.mu.Unlock()
	flights := make([]Flight, 0, len(a.all))
	for t := range a.all {
		t.mu.Lock()
		flights = append(flights, t.flight)
		t.mu.Unlock()
	}
	slices.SortFunc(flights, func(a, b Flight) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Source, b.Source)) })
	return flights
}
