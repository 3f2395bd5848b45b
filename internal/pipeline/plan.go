package pipeline

import (
	"path"

	"pixmill/sink"
	"pixmill/watcher"
)

// Plan is what would be done with one file, as far as its header tells.
type Plan struct {
	sink.Record          // Status Done: its Outputs would be made, those that stand left out
	Lacks       []string // for each output, why it is made although it was made before; "": it was not
	Renamed     bool     // another source wanted the outputs' names first
	Bytes       int64    // of memory it would need
	Format      string   // of the source
}

// Plan says what Run would do with a file, and touches nothing. Asked file by file it knows of collisions between them.
func (p *Pipeline) Plan(in Intake, f watcher.File) Plan {
	j := job{intake: &in, file: f, rules: p.rulesOf(&in)}
	if of := meant(j); of.file.Path != f.Path {
		return Plan{Record: sink.Record{Source: j.name(), SourceBytes: f.Size, Status: sink.Skipped, Reason: "belongs to " + path.Base(of.file.Path)}}
	}
	var s subject
	var err error
	if j.root, err = in.open(); err == nil {
		defer j.root.Close()
		s, err = p.examine(j)
	}
	defer s.close()
	plan := Plan{Format: s.info.Format, Record: sink.Record{
		Source:      s.source.Name,
		SourceBytes: s.source.Size,
		Width:       s.source.Width,
		Height:      s.source.Height,
		Status:      sink.Done,
	}}
	fail := func(err error) Plan {
		plan.Status, plan.Reason = verdict(err), err.Error()
		return plan
	}
	switch {
	case err != nil:
		return fail(err)
	case s.failed != nil:
		plan.Record = *s.failed
		return plan
	case s.complete():
		plan.Status, plan.Reason = sink.Skipped, Complete
		return plan
	}
	if s.rules.hashed && !s.source.Known() { // only its content tells the names
		_, err := s.read()
		if err == nil {
			err = p.confirm(&s)
		}
		if err != nil {
			return fail(err)
		}
	}
	plan.Bytes = p.cost(&s)
	names, renamed, err := p.opts.Sink.Claim(s.source, s.outputs)
	if err == nil && renamed { // only now is it worth reading: the new names hold the content's hash
		if _, err := s.read(); err != nil {
			return fail(err)
		}
		names, _, err = p.opts.Sink.Claim(s.source, s.outputs)
	}
	if err != nil {
		return fail(err)
	}
	plan.Renamed = renamed && !s.source.Known()
	for i, o := range s.outputs {
		if o.Stands != "" {
			continue
		}
		plan.Outputs = append(plan.Outputs, sink.OutputRecord{Path: names[i], Variant: o.Variant, Width: o.Width, Height: o.Height, Format: o.Format})
		plan.Lacks = append(plan.Lacks, o.Lacks)
	}
	return plan
}
