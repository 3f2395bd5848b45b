package pipeline

import (
	"context"
	"errors"
	"fmt"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
)

var (
	errGone    = errors.New("is gone: it was moved or deleted before it could be read")
	errChanged = errors.New("changed while it was being read")
	errNoImage = errors.New("is not an image")
)

// verdict is the one place that says what an error makes of a source. Only what is Dead is worth another attempt first; ""
// is a source that was not finished because pixmill stops: it stays in the inbox for the next start.
func verdict(err error) sink.Status {
	var (
		format      *resize.FormatError
		unsupported *resize.UnsupportedError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, errGone), errors.Is(err, errNoImage):
		return sink.Skipped
	case errors.Is(err, resize.ErrTooLarge), errors.As(err, &format), errors.As(err, &unsupported):
		return sink.Rejected
	default:
		return sink.Dead
	}
}

// settle takes in the end of a job: it is reported, a failure goes to the sink, and a newer version of the file gets its turn.
func (p *Pipeline) settle(r pool.Result[job, outcome]) {
	name := r.Job.name()
	next := p.flights[name]
	delete(p.flights, name)
	p.conclude(r)
	if next == nil {
		return
	}
	for waiting := p.submit(*next); waiting != nil && p.await(); {
		waiting = p.submit(*waiting)
	}
}

func (p *Pipeline) conclude(r pool.Result[job, outcome]) {
	if r.Err == nil {
		rec := r.Value.record
		if r.Value.complete {
			rec = sink.Record{Source: r.Value.source.Name, Status: sink.Skipped, Reason: complete}
		}
		p.opts.Report(Report{Record: rec, Notes: r.Value.notes})
		return
	}
	status := verdict(r.Err)
	if status == "" {
		return
	}
	report := Report{}
	rec := sink.Record{Status: status, Reason: r.Err.Error(), Attempts: r.Attempts, DurationMS: r.Value.took}
	var panicked *pool.PanicError
	if errors.As(r.Err, &panicked) {
		report.Stack = panicked.Stack
		rec.Reason = fmt.Sprintf("internal error, please report it with the photo: %v", panicked.Value)
	}
	source := r.Value.source
	if source.Name == "" { // the attempt panicked before it could say
		source = r.Job.source()
	}
	var err error
	if report.Record, err = p.opts.Sink.Fail(source, rec); err != nil {
		report.Reason += "; besides, " + err.Error()
	}
	p.opts.Report(report)
}

// complete is the reason of a source whose outputs were all there.
const complete = "complete already"
