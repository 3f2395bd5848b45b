package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
		beside      *sidecarError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, errGone), errors.Is(err, errNoImage):
		return sink.Skipped
	case errors.Is(err, resize.ErrTooLarge), errors.As(err, &format), errors.As(err, &unsupported), errors.As(err, &beside):
		return sink.Rejected
	default:
		return sink.Dead
	}
}

// Rejects reports whether an error lies in the photo, so that it would be the same anywhere and always.
func Rejects(err error) bool { return err != nil && verdict(err) == sink.Rejected }

// retryable reports whether an error is worth another attempt.
func retryable(err error) bool {
	var spent *SpentError
	return verdict(err) == sink.Dead && !errors.As(err, &spent)
}

// settle takes in the end of a job: it is reported, a failure goes to the sink, and a newer version of the file gets its turn.
func (p *Pipeline) settle(ctx context.Context, r pool.Result[job, outcome]) {
	name := r.Job.name()
	next := p.flights[name]
	delete(p.flights, name)
	p.conclude(ctx, r)
	if next == nil {
		return
	}
	for waiting := p.submit(*next); waiting != nil && p.await(ctx); {
		waiting = p.submit(*waiting)
	}
}

func (p *Pipeline) conclude(ctx context.Context, r pool.Result[job, outcome]) {
	p.note(r.Job, r.Err)
	if r.Err == nil {
		before := r.Value.record.Status == sink.Rejected || r.Value.record.Status == sink.Dead
		p.opts.Report(Report{Record: r.Value.record, Notes: r.Value.notes, Remarks: r.Value.remarks, Before: before, Stages: r.Value.stages})
		return
	}
	status := verdict(r.Err)
	if status == "" {
		return
	}
	report := Report{Stages: r.Value.stages}
	rec := sink.Record{Status: status, Reason: r.Err.Error(), Attempts: r.Attempts, DurationMS: r.Value.took}
	var spent *SpentError
	if errors.As(r.Err, &spent) {
		rec.Attempts = spent.Attempts
	}
	var panicked *pool.PanicError
	if errors.As(r.Err, &panicked) {
		report.Stack = panicked.Stack
		rec.Reason = fmt.Sprintf("internal error, please report it with the photo: %v", panicked.Value)
	}
	source := r.Value.source
	if source.Name == "" { // the attempt ended before it could say
		source = r.Job.source()
	}
	if root, err := r.Job.intake.open(); err == nil {
		source.Root = root
		defer root.Close()
	} else {
		source.Inbox = false // nothing is there to be moved away
	}
	rec.Reason = strings.TrimPrefix(rec.Reason, source.Name+": ") // which the record has
	source.Rules = ""
	if pinned(r.Err) {
		source.Rules = r.Job.rules.digest
	}
	err := p.patiently(ctx, func() (err error) {
		report.Record, err = p.opts.Sink.Fail(source, rec)
		return err
	})
	if err != nil {
		report.Reason += "; besides, " + err.Error()
	}
	if errors.Is(r.Err, errGone) && r.Job.intake.Gone != nil {
		r.Job.intake.Gone(r.Job.file)
	}
	p.opts.Report(report)
}

// pinned reports whether a failure lies in the photo, and would only happen again: it is remembered until the photo or the rules
// change. What lies in the machine (a file that can't be opened, a folder that can't be written) is tried again at every start.
func pinned(err error) bool {
	var inPool *pool.PanicError
	var inResize *resize.PanicError
	var beside *sidecarError
	if errors.As(err, &beside) {
		return false
	}
	return verdict(err) == sink.Rejected || errors.As(err, &inPool) || errors.As(err, &inResize)
}

// Complete is the reason of a source whose outputs were all there.
const Complete = "complete already"
