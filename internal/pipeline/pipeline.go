// Package pipeline is pixmill's flow, on one page: a file that the watcher found complete becomes a job; a worker of the pool
// asks the sink's ledger what is known of it, or else reads its header, checks the limits, skips it when its outputs stand, makes those
// that lack, and hands them to the sink; what fails is tried again, rejected or dead, as verdict says.
//
//	watcher.File ─► Run ─ TrySubmit ─► pool ─► work: examine → complete? → reserve memory → read → twins → resize → commit
//	              ◄─ settle ◄─ Result ─┘
//
// Run's own goroutine owns all state; work runs on the pool's workers and touches only its own job, the sink, and who is at work on which
// content. While a disk is full, workers wait in patiently with what they have made, and intake with them. Change may come from anywhere:
// a job carries the rules that it is worked on by. Stats, InFlight, Pause and Ask are for whoever looks on or steers.
package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

// Variant is one size of every photo, and the template of its path below the output folder.
type Variant struct {
	resize.Variant
	Path string
}

// Settings are what is made of photos, what they may be at most, and whom they are for.
type Settings struct {
	Variants []Variant
	Limits   resize.Limits
	About    bool // what sites are told of photos is found out
	Picture  bool // each gets a <picture> beside its outputs
}

// Options of a Pipeline. Sink and Variants are needed; the rest may be zero.
type Options struct {
	Variants       []Variant
	Limits         resize.Limits
	About, Picture bool                // as in Settings
	Others         map[string]Settings // of intakes that name them; those above are ""'s

	// Local is asked what holds in a folder of a pipeline's inbox, whose root that is, in place of its settings; nil: those. The same settings have
	// the same pointer. An error rejects the photo. nil: nobody is asked.
	Local func(root *os.Root, pipeline, dir string) (*Settings, error)

	Pool   pool.Options // Retry.Retryable is the pipeline's own
	Sink   *sink.Sink
	Maker  Maker        // nil: photos are made in this process
	Report func(Report) // called from one goroutine at a time; nil: dropped
	Warn   func(error)  // of what concerns no single photo; nil: dropped
}

// Report is how one source ended.
type Report struct {
	sink.Record
	Notes []string // what the outputs lack of the source or the recipe, for people

	Remarks []string // what else is worth knowing of them
	Stack   []byte   // of a panic
	Before  bool     // it failed so earlier, and would only fail so again: it was not tried
	Stages  []StageTime
}

// Intake is a folder and the files that come from it.
type Intake struct {
	Root   string // the folder's path
	Dir    string // below Root, where the files' paths start; "" or a slash-separated path
	Prefix string // before a source's path below Root, to make the name that the log knows it by
	Name   string // of the pipeline whose settings and places hold; "": the default one
	Inbox  bool   // whether originals may be archived, deleted or quarantined
	Files  <-chan watcher.File
	Mirror *Mirror // nil: outputs stay, whatever becomes of their originals

	Archive bool // originals that left the inbox

	Retry bool                   // failures are tried again that would only happen again
	Again func(sink.Output) bool // outputs that are to be made again although they stand; nil: none
	As    func(string) string    // gives the path in the inbox that a file had; nil: it is the one below Root
	Gone  func(watcher.File)     // is told of a file that was not there any more: if it comes back, it is a new one; nil: nobody
}

// open opens the folder for one job, as it is then: an inbox may be unmounted, and another one be there, while pixmill watches.
func (in *Intake) open() (*os.Root, error) {
	root, err := os.OpenRoot(in.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	return root, err
}

// Pipeline turns files into outputs. New makes one; Run may be called once.
type Pipeline struct {
	opts    Options
	rules   atomic.Pointer[map[string]*rules] // of the jobs to come, by the pipeline's name
	locals  locals
	twins   twins
	room    room
	traces  traces
	gate    gate
	asked   chan job // files that somebody asks for while intakes go on
	pool    *pool.Pool[job, outcome]
	wrong   map[string]pair // photos whose sidecar was told to be wrong, by name
	flights map[string]*job // what is with the pool, by name; a newer version of the file that came meanwhile, or nil
}

// job is one file to be worked on, and by what rules.
type job struct {
	intake *Intake
	file   watcher.File
	rules  *rules
	root   *os.Root // while a worker is on it
}

// path is the source's, below its intake's root.
func (j job) path() string { return path.Join(j.intake.Dir, j.file.Path) }

// as is the path that its outputs are named after.
func (j job) as() string {
	if j.intake.As == nil {
		return j.path()
	}
	return j.intake.As(j.path())
}

// name tells sources apart.
func (j job) name() string { return sink.Qualified(j.intake.Name, j.intake.Prefix+j.as()) }

// look notes what the file is like now, which the watcher has seen a while ago.
func (j *job) look() {
	if info, err := j.stat(); err == nil {
		j.file.Size, j.file.ModTime = info.Size(), info.ModTime()
	}
}

func (j *job) stat() (fs.FileInfo, error) {
	root := j.root
	if root == nil {
		var err error
		if root, err = j.intake.open(); err != nil {
			return nil, err
		}
		defer root.Close()
	}
	return root.Stat(j.path())
}

// source is what is known of a job before its file is opened.
func (j job) source() sink.Source {
	return sink.Source{
		Root:     j.root,
		Path:     j.path(),
		Pipeline: j.intake.Name,
		As:       j.as(),
		Name:     j.name(),
		Inbox:    j.intake.Inbox,
		Archived: j.intake.Archive,
		Size:     j.file.Size,
		ModTime:  j.file.ModTime,
	}
}

// New returns a pipeline, or what is wrong with its variants.
func New(o Options) (*Pipeline, error) {
	p := &Pipeline{opts: o, flights: map[string]*job{}, wrong: map[string]pair{}, asked: make(chan job)}
	p.gate.turned = make(chan struct{})
	if err := p.change(Settings{o.Variants, o.Limits, o.About, o.Picture}, o.Others); err != nil {
		return nil, err
	}
	p.twins.busy = map[string]chan struct{}{}
	if p.opts.Warn == nil {
		p.opts.Warn = func(error) {}
	}
	if p.opts.Report == nil {
		p.opts.Report = func(Report) {}
	}
	if p.opts.Maker == nil {
		p.opts.Maker = here{}
	}
	p.pool = pool.New(p.work, poolOptions(o.Pool))
	return p, nil
}

// Run works on what the intakes give, side by side, until all of them have ended and their files are settled. When ctx ends, work in flight is cancelled and its sources stay where they are: Run returns ctx's error then.
func (p *Pipeline) Run(ctx context.Context, intakes ...Intake) error {
	ran := make(chan error, 1)
	go func() { ran <- p.pool.Run(ctx) }()
	p.take(ctx, intakes)
	for len(p.flights) > 0 && p.await(ctx) {
	}
	for i := range intakes {
		if intakes[i].Mirror != nil {
			p.departures(ctx, &intakes[i], time.Now().Add(-moveGrace))
		}
	}
	if err := p.pool.Shutdown(ctx); err != nil {
		return err
	}
	return <-ran
}

// take submits the intakes' files, and settles results meanwhile, until all intakes end or the pool stops.
func (p *Pipeline) take(ctx context.Context, intakes []Intake) {
	var waiting *job // the queue was full
	wakes, end := mirrors(intakes)
	defer end()
	for files := p.merge(ctx, intakes); files != nil || waiting != nil; {
		if waiting != nil {
			if waiting = p.submit(*waiting); waiting != nil && !p.await(ctx) {
				return
			}
			continue
		}
		select {
		case j := <-p.asked:
			waiting = &j
		case j, ok := <-files:
			if !ok {
				files = nil
				continue
			}
			j.rules = p.rulesOf(j.intake)
			j = meant(j)
			waiting = &j
		case r, ok := <-p.pool.Results():
			if !ok {
				return
			}
			p.settle(ctx, r)
		case in := <-wakes:
			p.departures(ctx, in, time.Now().Add(-moveGrace))
		}
	}
}

// merge gives the files of all intakes, as jobs without their rules.
func (p *Pipeline) merge(ctx context.Context, intakes []Intake) <-chan job {
	jobs := make(chan job)
	var open sync.WaitGroup
	for i := range intakes {
		open.Go(func() { p.give(ctx, &intakes[i], jobs) })
	}
	go func() {
		open.Wait()
		close(jobs)
	}()
	return jobs
}

// give gives an intake's files away while the gate is open, until it or ctx ends.
func (p *Pipeline) give(ctx context.Context, in *Intake, jobs chan<- job) {
	for {
		files, turned := p.gate.through(in.Files)
		select {
		case <-turned:
		case f, ok := <-files:
			if !ok {
				return
			}
			select {
			case jobs <- job{intake: in, file: f}:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// submit gives a job to the pool; it returns the job when the queue is full. A source that is with the pool already waits
// for its turn, so that no two workers are ever on one source.
func (p *Pipeline) submit(j job) *job {
	if _, flying := p.flights[j.name()]; flying {
		p.flights[j.name()] = &j
		return nil
	}
	if p.told(j) {
		p.opts.Report(Report{Record: sink.Record{Source: j.name(), Status: sink.Skipped, Reason: "its sidecar is wrong, as was said"}})
		return nil
	}
	if p.pool.TrySubmit(j) != nil {
		return &j
	}
	p.flights[j.name()] = nil
	return nil
}

// await settles one result; false when the pool has stopped.
func (p *Pipeline) await(ctx context.Context) bool {
	r, ok := <-p.pool.Results()
	if ok {
		p.settle(ctx, r)
	}
	return ok
}

// Pending is how many jobs were taken in and have not ended.
func (p *Pipeline) Pending() int64 {
	s := p.pool.Stats()
	return s.Submitted - s.Done - s.Failed - s.Abandoned
}

// Stats are the pool's.
func (p *Pipeline) Stats() pool.Stats { return p.pool.Stats() }

// Pool says what of the pool is in force.
func (p *Pipeline) Pool() pool.Options { return p.pool.Options() }

// milliseconds since start.
func milliseconds(start time.Time) float64 {
	return float64(time.Since(start).Microseconds()) / 1000
}
