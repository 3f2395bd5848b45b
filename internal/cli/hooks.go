package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/dustin/go-humanize/english"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/sink"
)

// hooks runs the commands of [hooks].
type hooks struct {
	session *session
	config  config.Hooks
	*delivery.Queue[hook]

	mu   sync.Mutex
	full bool // told that there is no more room
	made tally
}

// hook is one command to be run.
type hook struct {
	about string // such as "a.jpg"
	order hookOrder
}

// tally is what on_idle's command is told.
type tally struct {
	Images      int    `json:"images"` // that were done since it was run last
	Failed      int    `json:"failed"` // rejected or dead
	Outputs     int    `json:"outputs"`
	SourceBytes int64  `json:"source_bytes"`
	OutputBytes int64  `json:"output_bytes"`
	Output      string `json:"output"` // the folder
}

// addHooks lets a session run its config's hooks, in the config file's folder.
func (s *session) addHooks(configFile string) {
	c := s.config.Hooks
	h := &hooks{session: s, config: c}
	s.setup = hookSetup{Hooks: c, Folder: filepath.Dir(configFile), Places: folders(s.config)}
	if c.OnDone != nil || c.OnFailed != nil {
		h.Queue = delivery.New(
			func(ctx context.Context, j hook) error { return s.command(ctx, j.order) },
			func(r delivery.Ended[hook]) { h.ended(r.Job, r.Err) },
			delivery.Options{Workers: c.Parallel})
		s.after.queues = append(s.after.queues, h)
	}
	if c.OnIdle != nil {
		busy := func() bool { return s.pipeline.Pending() > 0 || s.after.pending() > 0 }
		s.after.idle = delivery.NewIdle(c.IdleAfter, busy, h.drained)
	}
	if h.Queue != nil || s.after.idle != nil {
		s.heard = append(s.heard, h.hear)
		s.hooks = h
	}
}

// checkHooks reports commands that are not there, before anything is done.
func checkHooks(c config.Hooks) error {
	var errs []error
	for _, h := range []struct {
		key  string
		args []string
	}{{"on_done", c.OnDone}, {"on_failed", c.OnFailed}, {"on_idle", c.OnIdle}} {
		if h.args == nil {
			continue
		}
		if _, err := exec.LookPath(h.args[0]); err != nil {
			errs = append(errs, keyError{"hooks." + h.key, fmt.Errorf("%w: install it, or write where it is", err)})
		}
	}
	return errors.Join(errs...)
}

// Left tells of those that a stop left no time for.
func (h *hooks) Left() string {
	if n := h.Pending(); n > 0 {
		return "stopped: " + english.PluralWord(n, "1 hook was", fmt.Sprintf("%d hooks were", n)) + " not run"
	}
	return ""
}

// hear hands over what a source's end asks for.
func (h *hooks) hear(r pipeline.Report) {
	switch {
	case r.Before:
	case r.Status == sink.Done:
		h.count(r.Record)
		h.give("on_done", h.config.OnDone, r.Record)
		if idle := h.session.after.idle; idle != nil {
			idle.Stir()
		}
	case r.Status == sink.Removed:
		if idle := h.session.after.idle; idle != nil {
			idle.Stir()
		}
	case r.Status == sink.Rejected, r.Status == sink.Dead:
		h.count(r.Record)
		h.give("on_failed", h.config.OnFailed, r.Record)
	}
}

func (h *hooks) count(r sink.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Status != sink.Done {
		h.made.Failed++
		return
	}
	h.made.Images++
	h.made.Outputs += len(r.Outputs)
	h.made.SourceBytes += r.SourceBytes
	h.made.OutputBytes += r.OutputBytes
}

// give queues a command about one photo. Once there is no more room, that is told once, until there is room again.
func (h *hooks) give(key string, args []string, r sink.Record) {
	if args == nil {
		return
	}
	err := h.Give(hook{r.Source, h.order(key, r, r)})
	h.mu.Lock()
	news := err != nil && !h.full
	h.full = err != nil
	h.mu.Unlock()
	if news && errors.Is(err, pool.ErrFull) {
		h.session.log.Warn(fmt.Sprintf("%s of %s: not run, and so it is with those that follow: too many wait for hooks that are slower than the photos come",
			key, r.Source))
	}
}

// order asks for a command about a record.
func (h *hooks) order(key string, about sink.Record, record any) hookOrder {
	text, err := json.Marshal(record)
	if err != nil {
		panic(fmt.Sprintf("a record is plain data: %v", err))
	}
	o := hookOrder{Key: key, Source: about.Source, Reason: about.Reason, Record: string(text)}
	for _, out := range about.Outputs {
		o.Outputs = append(o.Outputs, out.Path)
	}
	return o
}

// drained runs on_idle's command.
func (h *hooks) drained(ctx context.Context) {
	h.mu.Lock()
	made := h.made
	h.made = tally{}
	h.mu.Unlock()
	made.Output = h.session.config.Output
	j := hook{order: h.order("on_idle", sink.Record{}, made)}
	if err := h.session.sink.Publish(); err != nil { // what the command builds a site of
		h.session.log.Warn(err.Error())
	}
	h.ended(j, h.session.command(ctx, j.order))
}

// ended tells of a command that failed.
func (h *hooks) ended(j hook, err error) {
	what := j.order.Key
	if j.about != "" {
		what += " of " + h.session.shorten(j.about)
	}
	switch {
	case err == nil:
		h.session.log.Debug(what + " is done")
	case errors.Is(err, context.Canceled):
		h.session.log.Warn(what + ": ended before it was done: pixmill stops")
	default:
		h.session.log.Warn(what + ": " + sink.Printable(err.Error()))
	}
}
