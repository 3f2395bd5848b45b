package pipeline

import (
	"pixmill/sink"
	"pixmill/watcher"
)

// Plan is what would be done with one file, as far as its header tells.
type Plan struct {
	sink.Record        // Status Done: its outputs would be made
	Renamed     bool   // another source wanted the outputs' names first
	Bytes       int64  // of memory it would need
	Format      string // of the source
}

// Plan says what Run would do with a file, and touches nothing. Asked file by file it knows of collisions between them.
func (p *Pipeline) Plan(in Intake, f watcher.File) Plan {
	s, err := p.examine(job{&in, f})
	defer s.close()
	plan := Plan{Format: s.info.Format, Record: sink.Record{
		Source:      s.source.Name,
		SourceBytes: s.source.Size,
		Width:       s.source.Width,
		Height:      s.source.Height,
		Status:      sink.Done,
	}}
	switch {
	case err != nil:
		plan.Status, plan.Reason = verdict(err), err.Error()
		return plan
	case p.opts.Sink.Complete(s.source, s.outputs):
		plan.Status, plan.Reason = sink.Skipped, complete
		return plan
	}
	plan.Bytes = p.cost(s)
	names, renamed := p.opts.Sink.Claim(s.source, s.outputs)
	if renamed { // only now is it worth reading: the new names hold the content's hash
		if _, err := s.read(); err != nil {
			plan.Status, plan.Reason = verdict(err), err.Error()
			return plan
		}
		names, _ = p.opts.Sink.Claim(s.source, s.outputs)
	}
	plan.Renamed = renamed
	for i, o := range s.outputs {
		plan.Outputs = append(plan.Outputs, sink.OutputRecord{Path: names[i], Width: o.Width, Height: o.Height, Format: o.Format})
	}
	return plan
}
