package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"pixmill/sink/ledger"
)

// Failure is a source that was rejected, or is dead.
type Failure struct {
	ID       int64     `json:"id"`
	Place    string    `json:"place"`
	Source   string    `json:"source"`
	Time     time.Time `json:"time"`
	Status   string    `json:"status"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	Bytes    int64     `json:"bytes"`
}

func (d *Dashboard) getFailures(w http.ResponseWriter, r *http.Request) {
	p, ok := page(w, r, true)
	if !ok {
		return
	}
	sources, err := d.ledger.Latest(p)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	totals, err := d.ledger.Failures()
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	failures := make([]Failure, len(sources))
	for i, s := range sources {
		failures[i] = Failure{s.ID, place(s.Place()), s.Name, s.Time, s.Status, s.Reason, s.Attempts, s.Size}
	}
	answer(w, struct {
		Total    int       `json:"total"`
		Failures []Failure `json:"failures"`
	}{totals, failures})
}

// choice names failures: some, or all there are.
type choice struct {
	IDs []int64 `json:"ids"`
	All bool    `json:"all"`
}

// chosen are the failures that a request names; false: it has been answered.
func (d *Dashboard) chosen(w http.ResponseWriter, r *http.Request) ([]ledger.Source, bool) {
	var in choice
	if !take(w, r, &in) {
		return nil, false
	}
	if in.All == (len(in.IDs) > 0) {
		fail(w, http.StatusBadRequest, "name failures by ids, or all of them by all: true")
		return nil, false
	}
	if in.All {
		all, err := d.ledger.Failed()
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return nil, false
		}
		return all, true
	}
	var some []ledger.Source
	for _, id := range in.IDs {
		s, ok, err := d.ledger.Find(id)
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return nil, false
		}
		if ok && s.Status != "done" { // else it has been retried or dismissed elsewhere
			some = append(some, s)
		}
	}
	return some, true
}

// outcome of a request about several failures.
type outcome struct {
	Count  int      `json:"count"` // of those that it worked with
	Errors []string `json:"errors"`
}

// handover bounds the wait for the pipeline, whose queue may be full.
const handover = 20 * time.Second

func (d *Dashboard) postRetry(w http.ResponseWriter, r *http.Request) {
	failures, ok := d.chosen(w, r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), handover)
	defer cancel()
	out := outcome{Errors: []string{}}
	for _, f := range failures {
		if err := d.opts.Retry(ctx, f); err != nil {
			out.Errors = append(out.Errors, err.Error())
			continue
		}
		out.Count++
	}
	answer(w, out)
}

// postDismiss forgets failures. Where the photo still lies in the inbox, the next start tries it again.
func (d *Dashboard) postDismiss(w http.ResponseWriter, r *http.Request) {
	failures, ok := d.chosen(w, r)
	if !ok {
		return
	}
	out := outcome{Errors: []string{}}
	for _, f := range failures {
		if err := d.opts.Sink.Forget(f.Name); err != nil {
			out.Errors = append(out.Errors, fmt.Sprintf("%s: %v", f.Name, err))
			continue
		}
		out.Count++
	}
	answer(w, out)
}

// spot is where a failure's file lies, for a file manager or a terminal.
type spot struct {
	Folder  string `json:"folder"`
	File    string `json:"file"`
	There   bool   `json:"there"`
	Reveals bool   `json:"reveals"` // whether a file manager can be asked to show it
}

func (d *Dashboard) getPlace(w http.ResponseWriter, r *http.Request) {
	if s, ok := d.source(w, r); ok {
		answer(w, d.spot(s))
	}
}

func (d *Dashboard) spot(s ledger.Source) spot {
	file, there := d.opts.Find(s)
	return spot{filepath.Dir(file), file, there, there && d.opts.Reveal != nil}
}

// postReveal opens the file manager at a failure's file, on the screen of who sits at this machine.
func (d *Dashboard) postReveal(w http.ResponseWriter, r *http.Request) {
	s, ok := d.source(w, r)
	if !ok {
		return
	}
	at := d.spot(s)
	switch {
	case !at.There:
		fail(w, http.StatusNotFound, "the file is not there any more")
		return
	case !at.Reveals:
		fail(w, http.StatusNotImplemented, "there is no file manager to show it in, or the dashboard can be reached from other machines")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), handover)
	defer cancel()
	if err := d.opts.Reveal(ctx, at.File); err != nil {
		fail(w, http.StatusBadGateway, "the file manager does not show it: "+err.Error())
		return
	}
	answer(w, at)
}
