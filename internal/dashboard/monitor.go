package dashboard

import (
	"math"
	"sync"
	"time"

	"pixmill/internal/pipeline"
	"pixmill/sink"
)

// State is how pixmill does at a moment. Of an idle pixmill, one State is like the next.
type State struct {
	Version string    `json:"version"`
	Started time.Time `json:"started"` // tells one process from the next
	Paused  bool      `json:"paused"`

	Workers    int `json:"workers"` // at most
	Alive      int `json:"alive"`   // workers that there are now
	Busy       int `json:"busy"`
	Queued     int `json:"queued"`
	Retrying   int `json:"retrying"`   // failed, and waiting for another attempt
	Incomplete int `json:"incomplete"` // files that are still being copied
	Backlog    int `json:"backlog"`    // photos known of that are not finished

	Memory Memory  `json:"memory"`
	Rate   Rate    `json:"rate"`
	ETA    float64 `json:"eta_seconds"` // until the backlog is done; 0: not known, or nothing to do

	Done     Count    `json:"done"` // since the start, as all below
	Rejected int      `json:"rejected"`
	Dead     int      `json:"dead"`
	Skipped  int      `json:"skipped"`
	Removed  int      `json:"removed"` // whose originals are gone, and their outputs with them
	Settled  int      `json:"settled"` // all that came to an end: lists have changed when this has
	InFlight []Flight `json:"in_flight"`
}

// Memory is the budget for decoded pixels, in bytes.
type Memory struct {
	Reserved int64 `json:"reserved_bytes"`
	Budget   int64 `json:"budget_bytes"` // 0: no limit
	Waiting  int   `json:"waiting"`      // photos
}

// Rate is that of the last seconds.
type Rate struct {
	Images float64 `json:"images_per_second"`
	Bytes  float64 `json:"bytes_per_second"` // of sources
	Pixels float64 `json:"pixels_per_second"`
}

// Count sums up photos that are done.
type Count struct {
	Images int   `json:"images"`
	Files  int   `json:"files"`
	In     int64 `json:"source_bytes"`
	Out    int64 `json:"output_bytes"`
	Pixels int64 `json:"pixels"`
}

// Flight is a photo in work.
type Flight struct {
	Source  string    `json:"source"`
	Bytes   int64     `json:"bytes"`
	Width   int       `json:"width"`
	Height  int       `json:"height"`
	Attempt int       `json:"attempt"`
	Start   time.Time `json:"start"`
	Stage   string    `json:"stage"`
	Since   time.Time `json:"since"`
}

// window is how many seconds a rate looks back.
const window = 5

// monitor counts what ends.
type monitor struct {
	mu      sync.Mutex
	done    Count
	ended   map[sink.Status]int
	seconds [window + 1]second // a ring by the time's second: the current one, and those that a rate is made of
	recent  ring
}

// second is what ended in one second.
type second struct {
	at    int64 // seconds since 1970
	count Count
}

func (m *monitor) heard(r pipeline.Report, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		m.ended = map[sink.Status]int{}
	}
	m.ended[ended(r)]++
	if r.Status != sink.Done {
		return
	}
	one := Count{1, len(r.Outputs), r.SourceBytes, r.OutputBytes, int64(r.Width) * int64(r.Height)}
	m.done.add(one)
	s := &m.seconds[now.Unix()%int64(len(m.seconds))]
	if s.at != now.Unix() {
		*s = second{at: now.Unix()}
	}
	s.count.add(one)
	m.recent.add(r)
}

// ended is a report's status; what was not tried because it failed before, was skipped.
func ended(r pipeline.Report) sink.Status {
	if r.Before {
		return sink.Skipped
	}
	return r.Status
}

func (c *Count) add(o Count) {
	c.Images += o.Images
	c.Files += o.Files
	c.In += o.In
	c.Out += o.Out
	c.Pixels += o.Pixels
}

// rate is over the last whole seconds and what there is of the current one.
func (m *monitor) rate(now time.Time) Rate {
	var sum Count
	for _, s := range m.seconds {
		if age := now.Unix() - s.at; age >= 0 && age <= window {
			sum.add(s.count)
		}
	}
	span := window + float64(now.Nanosecond())/1e9
	round := func(v float64) float64 { return math.Round(v/span*10) / 10 }
	return Rate{round(float64(sum.Images)), math.Round(float64(sum.In) / span), math.Round(float64(sum.Pixels) / span)}
}

// State gathers how things are now.
func (d *Dashboard) State() State {
	pool, limit, watched := d.opts.Pipeline.Stats(), d.opts.Pipeline.Pool(), d.opts.Watched()
	s := State{
		Version:    d.opts.Version,
		Started:    d.started,
		Paused:     d.opts.Pipeline.Paused(),
		Workers:    limit.MaxWorkers,
		Alive:      pool.Workers,
		Queued:     pool.Queued,
		Retrying:   pool.Retrying,
		Incomplete: watched.Waiting,
		Memory:     Memory{pool.Budget, limit.Budget, pool.WaitingForBudget},
		InFlight:   []Flight{},
	}
	for _, f := range d.opts.Pipeline.InFlight() {
		s.InFlight = append(s.InFlight, Flight{f.Source, f.Bytes, f.Width, f.Height, f.Attempt, f.Start, string(f.Stage), f.Since})
	}
	s.Busy = len(s.InFlight)
	s.Backlog = watched.Waiting + watched.Ready + pool.Queued + pool.Retrying + s.Busy
	d.monitor.mu.Lock()
	defer d.monitor.mu.Unlock()
	s.Rate = d.monitor.rate(time.Now())
	if s.Rate.Images > 0 {
		s.ETA = math.Round(float64(s.Backlog) / s.Rate.Images)
	}
	count := d.monitor.ended
	s.Done, s.Rejected, s.Dead, s.Skipped = d.monitor.done, count[sink.Rejected], count[sink.Dead], count[sink.Skipped]
	s.Removed = count[sink.Removed]
	s.Settled = s.Done.Images + s.Rejected + s.Dead + s.Skipped
	return s
}

// ring keeps the time per stage of what ended lately, which the ledger does not.
type ring struct {
	reports [500]pipeline.Report
	next    int
}

func (r *ring) add(report pipeline.Report) {
	report.Stack = nil
	r.reports[r.next] = report
	r.next = (r.next + 1) % len(r.reports)
}

// stages of a source as it ended at a time, in milliseconds; nil: it is too long ago.
func (m *monitor) stages(source string, at time.Time) []Stage {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.recent.reports {
		if r.Source != source || !r.Time.Equal(at) {
			continue
		}
		var all []Stage
		for _, s := range r.Stages {
			all = append(all, Stage{string(s.Stage), float64(s.Time.Microseconds()) / 1000})
		}
		return all
	}
	return nil
}

// Stage is how long a photo was in one.
type Stage struct {
	Stage string  `json:"stage"`
	MS    float64 `json:"ms"`
}
