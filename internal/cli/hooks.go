package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
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
	folder  string // that commands run in
	*delivery.Queue[hook]

	mu   sync.Mutex
	full bool // told that there is no more room
	made tally
}

// hook is one command to be run.
type hook struct {
	key, about string // such as "on_done", "a.jpg"
	command    delivery.Command
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
	h := &hooks{session: s, config: c, folder: filepath.Dir(configFile)}
	if c.OnDone != nil || c.OnFailed != nil {
		h.Queue = delivery.New(
			func(ctx context.Context, j hook) error { return j.command.Run(ctx) },
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
			errs = append(errs, fmt.Errorf("hooks.%s: %w: install it, or write where it is", h.key, err))
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
	err := h.Give(hook{key, r.Source, h.command(key, h.expand(args, r), r)})
	h.mu.Lock()
	news := err != nil && !h.full
	h.full = err != nil
	h.mu.Unlock()
	if news && errors.Is(err, pool.ErrFull) {
		h.session.log.Warn(fmt.Sprintf("%s of %s: not run, and so it is with those that follow: too many wait for hooks that are slower than the photos come",
			key, r.Source))
	}
}

// expand fills in what the placeholders stand for; {outputs} becomes as many arguments as there are outputs.
func (h *hooks) expand(args []string, r sink.Record) []string {
	c := h.session.config
	words := strings.NewReplacer(config.HookSource, h.session.absolute(r.Source), config.HookReason, r.Reason,
		config.HookInbox, c.Inbox, config.HookOutput, c.Output)
	out := []string{args[0]}
	for _, arg := range args[1:] {
		if arg != config.HookOutputs {
			out = append(out, words.Replace(arg))
			continue
		}
		for _, o := range r.Outputs {
			out = append(out, filepath.Join(c.Output, filepath.FromSlash(o.Path)))
		}
	}
	return out
}

// command is what is run, with record as JSON in its environment.
func (h *hooks) command(key string, args []string, record any) delivery.Command {
	text, err := json.Marshal(record)
	if err != nil {
		panic(fmt.Sprintf("a record is plain data: %v", err))
	}
	return delivery.Command{
		Args:    args,
		Dir:     h.folder,
		Env:     []string{"PIXMILL_EVENT=" + strings.TrimPrefix(key, "on_"), "PIXMILL_RECORD=" + string(text)},
		Timeout: h.config.Timeout,
	}
}

// drained runs on_idle's command.
func (h *hooks) drained(ctx context.Context) {
	h.mu.Lock()
	made := h.made
	h.made = tally{}
	h.mu.Unlock()
	made.Output = h.session.config.Output
	j := hook{key: "on_idle", command: h.command("on_idle", h.expand(h.config.OnIdle, sink.Record{}), made)}
	if err := h.session.sink.Publish(); err != nil { // what the command builds a site of
		h.session.log.Warn(err.Error())
	}
	h.ended(j, j.command.Run(ctx))
}

// ended tells of a command that failed.
func (h *hooks) ended(j hook, err error) {
	what := j.key
	if j.about != "" {
		what += " of " + h.session.shorten(j.about)
	}
	switch {
	case err == nil:
		h.session.log.Debug(what + ": " + j.command.Args[0] + " is done")
	case errors.Is(err, context.Canceled):
		h.session.log.Warn(what + ": ended before it was done: pixmill stops")
	default:
		h.session.log.Warn(what + ": " + sink.Printable(err.Error()))
	}
}
