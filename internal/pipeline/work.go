package pipeline

import (
	"context"
	"os"
	"slices"
	"time"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
)

// outcome is what a worker knows of a job when it ends, well or not.
type outcome struct {
	source  sink.Source
	record  sink.Record // how it ended, if well, or as it ended before
	notes   []string    // of resize.Result
	remarks []string
	took    float64 // milliseconds
	stages  []StageTime
}

// work is one attempt at one job, step by step.
func (p *Pipeline) work(ctx context.Context, t *pool.Task[job]) (out outcome, err error) {
	start := time.Now()
	j := t.Job
	if j.root, err = j.intake.open(); err != nil {
		return out, err
	}
	defer j.root.Close()
	if t.Attempt > 1 {
		j.look()
	}
	at := p.traces.begin(j, t.Attempt)
	defer func() {
		stages, took := p.traces.end(at)
		out.stages, out.took = stages, float64(took.Microseconds())/1000
	}()
	s, err := p.examine(j)
	defer s.close()
	out.source = s.source
	out.record = sink.Record{Source: s.source.Name, Status: sink.Skipped, Reason: Complete}
	switch {
	case err != nil:
		return out, err
	case s.failed != nil:
		out.record = *s.failed
		return out, nil
	case s.complete() && p.opts.Sink.Stays(s.source):
		return out, nil
	}
	at.sized(s.source.Width, s.source.Height)
	at.enter(Wait)
	if err := t.Reserve(ctx, p.cost(&s)); err != nil {
		return out, err
	}
	at.enter(Read)
	data, err := s.read()
	out.source = s.source
	if err != nil {
		return out, err
	}
	if err := p.confirm(&s); err != nil {
		return out, err
	}
	if s.complete() { // and would have left, had not something killed us
		return out, p.opts.Sink.Release(s.source)
	}
	at.enter(Wait)
	if err := p.twins.alone(ctx, s.source.Hash); err != nil {
		return out, err
	}
	defer p.twins.done(s.source.Hash)
	at.enter(Resize)
	made, err := p.make(ctx, data, &s)
	if err != nil {
		return out, err
	}
	out.notes, out.remarks = made.Notes, made.Remarks
	at.enter(Write)
	err = p.patiently(ctx, func() (err error) {
		out.record, err = p.opts.Sink.Commit(s.source, s.outputs, sink.Record{DurationMS: milliseconds(start), Attempts: t.Attempt})
		return err
	})
	if err == nil && made.Stored != nil {
		made.Stored()
	}
	return out, err
}

// make fills in what lacks: copied where the same content has it already, else made.
func (p *Pipeline) make(ctx context.Context, data []byte, s *subject) (made Made, err error) {
	if s.again == nil {
		if s.source, s.outputs, err = p.opts.Sink.Twin(s.source, s.outputs); err != nil {
			return made, err
		}
		s.retell()
	}
	recipe := s.rules.narrowed(s)
	if len(recipe.Variants) == 0 && !recipe.Preview {
		return made, nil
	}
	made, err = p.opts.Maker.Make(ctx, Work{Name: s.source.Name, Data: data, File: s.file, Size: s.source.Size, Hash: s.source.Hash, Info: s.info, Recipe: recipe, Limits: s.rules.limits,
		Names: func() ([]Named, error) { return p.names(s) }})
	if s.streams { // what was hashed has to be what was decoded
		if changed := s.unchanged(); changed != nil {
			return made, changed
		}
	}
	if err != nil {
		return made, err
	}
	for n, m := range made.Outputs {
		for i, o := range s.outputs {
			if o.Lacking() && o.Variant == m.Variant && o.Format == m.Format {
				s.outputs[i].Data, s.outputs[i].Kept, s.outputs[i].Quality = m.Data, m.Kept, m.Quality
				if made.Sent != nil {
					s.outputs[i].Sent = &made.Sent[n]
				}
			}
		}
	}
	if made.Preview != nil {
		s.source.About = about(s.info, made.Preview)
		s.retell()
	}
	return made, nil
}

// names claims those of the outputs that lack.
func (p *Pipeline) names(s *subject) (all []Named, err error) {
	paths, _, err := p.opts.Sink.Claim(s.source, s.outputs)
	for i, path := range paths {
		if o := s.outputs[i]; o.Lacking() {
			all = append(all, Named{o.Variant, o.Format, path})
		}
	}
	return all, err
}

// cost is how many bytes of memory a source needs at once. It decides whether its bytes are among them.
func (p *Pipeline) cost(s *subject) int64 {
	recipe := s.rules.narrowed(s)
	if m, ok := p.opts.Maker.(streamer); ok {
		s.streams = m.Streams(s.source.Size, s.info, recipe)
	}
	return p.opts.Maker.Cost(s.source.Size, s.info, recipe)
}

// subject is a source of which is known what its header says.
type subject struct {
	source  sink.Source
	rules   *rules
	file    *os.File // nil: not opened yet
	streams bool     // its bytes are not kept
	info    resize.Info
	outputs []sink.Output // what is to be made of it; those that lack without their data
	failed  *sink.Record  // how it ended, where trying it again is useless
	again   func(sink.Output) bool
	beside  sidecar
	retold  bool // its sidecar says something else of it than before
}

func (s *subject) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// complete reports whether every output stands, and nothing else lacks.
func (s *subject) complete() bool {
	return !s.wantsAbout() && !s.retold && !slices.ContainsFunc(s.outputs, sink.Output.Lacking)
}

// wantsAbout reports whether it is still to be found out what sites are told of it.
func (s *subject) wantsAbout() bool { return s.rules.recipe.Preview && s.source.About == nil }

// examine finds out what is known of a source, by the ledger or else by its header, checks the limits and plans its outputs: everything
// that can be said before pixels are decoded.
func (p *Pipeline) examine(j job) (subject, error) {
	s := subject{source: j.source(), rules: j.rules, again: j.intake.Again}
	r, err := p.localRules(j)
	if err != nil {
		return s, err
	}
	s.rules = r
	if !j.intake.Retry {
		s.source.Rules = r.digest
	}
	if s.source, s.failed, err = p.opts.Sink.Recall(s.source); err != nil || s.failed != nil {
		return s, err
	}
	beside, found, err := readSidecar(s.source.Root, s.source.Path)
	s.source.Sidecar, s.beside, s.rules = found, beside, s.rules.around(beside.Focus)
	if err != nil {
		return s, err
	}
	if !decodeProbe(s.source.Probe, &s.info) {
		if err := s.probe(j.file.Path); err != nil {
			return s, err
		}
	}
	s.retold = s.retell()
	if err := s.rules.limits.Check(s.info, s.source.Size); err != nil {
		return s, err
	}
	for _, t := range resize.Plan(s.info, s.rules.recipe) {
		s.outputs = append(s.outputs, s.rules.output(t))
	}
	if picture := s.rules.picture; picture != nil {
		s.outputs = append(s.outputs, s.beside.pictured(*picture))
	}
	return s, p.compare(&s)
}

// compare notes which outputs stand.
func (p *Pipeline) compare(s *subject) (err error) {
	if s.outputs, err = p.opts.Sink.Compare(s.source, s.outputs); err != nil || s.again == nil {
		return err
	}
	for i, o := range s.outputs {
		if o.Stands != "" && s.again(o) {
			s.outputs[i].Stands = ""
		}
	}
	return nil
}

// confirm holds a source that has been read against what the ledger says of it, and against what stands where only its content tells the
// names.
func (p *Pipeline) confirm(s *subject) error {
	known := s.source.Known()
	if s.source = p.opts.Sink.Confirm(s.source); known && s.source.Known() {
		return nil
	}
	for i := range s.outputs {
		s.outputs[i].Stands, s.outputs[i].Lacks = "", ""
	}
	return p.compare(s)
}
