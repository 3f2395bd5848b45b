package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
	"pixmill/internal/pipeline"
	"pixmill/internal/sandbox"
	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

// session is one run of the pipeline, from opening the sink to the totals.
type session struct {
	config   config.Config
	log      *slog.Logger
	out      io.Writer // for result lines
	sink     *sink.Sink
	pipeline *pipeline.Pipeline
	locals   locals
	heard    []func(pipeline.Report) // each is told how every source ended, one at a time; it must not block
	after    deliveries
	hooks    *hooks                      // nil: none
	setup    hookSetup                   // what commands are made of
	uploads  *uploads                    // nil: none
	remote   bool                        // photos are made elsewhere: the pool waits for them, and works on none
	mirrors  map[string]*pipeline.Mirror // by the pipeline's name; of the others, outputs stay
	finish   func() error                // called when all is done that was asked for, and the sink still open; nil: nothing

	launcher   atomic.Pointer[delivery.Launcher] // nil: this process runs the commands
	policy     sandbox.Policy                    // what run leaves to the process
	stop       <-chan struct{}
	unconfined bool // on demand
	confined   bool

	mu       sync.Mutex
	totals   totals
	watchers []*watcher.Watcher
	named    int             // files named on the command line
	asked    map[string]bool // those of `run`, by their paths
}

// newSession opens everything; a session that only looks writes nothing, and may be had beside one that works.
func (a *app) newSession(c config.Config, log *slog.Logger, looking bool) (*session, error) {
	return a.newSessionOf(nil, c, log, looking)
}

// newSessionOf has photos made by maker; nil: in this process.
func (a *app) newSessionOf(maker pipeline.Maker, c config.Config, log *slog.Logger, looking bool) (*session, error) {
	place, err := bucket(c.Upload)
	if err = errors.Join(err, checkHooks(c.Hooks)); err != nil {
		return nil, usageError{a.located(err)}
	}
	s := &session{config: c, asked: map[string]bool{}, log: log, out: a.stdout, after: deliveries{log: log}, remote: maker != nil, policy: confinement(c), unconfined: a.noSandbox, stop: a.stop}
	if a.logFile != "" {
		s.policy.Write = append(s.policy.Write, filepath.Dir(a.logFile))
	}
	own, others, err := makings(c)
	if err != nil {
		return nil, usageError{a.located(err)}
	}
	opts := sinkOptions(c, log)
	opts.ReadOnly = looking
	if place != nil {
		opts.Place = place.String()
	}
	if s.sink, err = sink.Open(opts); err != nil {
		return nil, usageError{err}
	}
	s.config.SetAbsent(s.sink.Absent())
	resize.CacheIn(filepath.Join(c.State, "wasm"))
	if !looking {
		if s.mirrors, err = s.mirroring(); err != nil {
			return nil, errors.Join(err, s.sink.Close())
		}
	}
	s.locals.restart(c)
	s.pipeline, err = pipeline.New(pipeline.Options{
		Variants: own.Variants,
		Limits:   own.Limits,
		Others:   others,
		Local:    s.locals.of,
		Pool:     s.poolOptions(c),
		Maker:    maker,
		Sink:     s.sink,
		About:    own.About,
		Picture:  own.Picture,
		Report:   s.report,
		Warn:     opts.Warn,
	})
	if err != nil {
		return nil, errors.Join(usageError{err}, s.sink.Close())
	}
	s.addHooks(a.configFile)
	s.addUploads(place)
	s.addNotices()
	return s, nil
}

// poolOptions are those for the work that this process does.
func (s *session) poolOptions(c config.Config) pool.Options {
	o := poolOptions(c)
	if s.remote {
		o.MinWorkers, o.MaxWorkers = 0, c.Cluster.InFlight
	}
	return o
}

// role is this process's in a cluster; "": there is none.
func (s *session) role() string {
	if s.remote {
		return "watcher"
	}
	return ""
}

// report counts, and prints a result line. Nothing is printed under the lock: what is printed goes through the progress bar,
// which wants the lock for its figures.
func (s *session) report(r pipeline.Report) {
	s.mu.Lock()
	s.totals.add(r.Record, time.Now())
	s.mu.Unlock()
	for _, hear := range s.heard {
		hear(r)
	}
	asked := s.asked[s.absolute(r.Source)]
	r.Source = s.shorten(r.Source)
	if r.Stack != nil {
		s.log.Error(r.Source+": "+r.Reason, "stack", string(r.Stack))
	}
	switch {
	case r.Status == sink.Skipped && asked && r.Reason != pipeline.Complete: // it was named, so it was thought to be a photo
		s.log.Info(r.Source + ": " + r.Reason)
		return
	case r.Status == sink.Skipped:
		s.log.Debug(r.Source + ": " + r.Reason)
		return
	}
	fmt.Fprintln(s.out, r.Record)
	for _, n := range r.Remarks {
		s.log.Info(r.Source + ": " + n)
	}
	for _, n := range r.Notes {
		s.log.Warn(r.Source + ": " + n)
	}
}

// shorten writes a path below the working directory without it. Sources of the inbox are relative to that already.
func (s *session) shorten(source string) string {
	if !filepath.IsAbs(source) {
		return source
	}
	wd, err := os.Getwd()
	if err != nil {
		return source
	}
	if rel, err := filepath.Rel(wd, source); err == nil && len(rel) < len(source) && strings.Count(rel, "..") < 3 {
		return rel
	}
	return source
}

// run confines the process, and feeds the pipeline until its intakes end; feed starts what fills them. It returns whether a signal ended
// them early.
func (s *session) run(ctx context.Context, feed func(context.Context) ([]pipeline.Intake, error)) (stopped bool, err error) {
	st := untilSignals(ctx, s.config.Pool.ShutdownTimeout, "stays in the inbox for the next start", s.stop, s.log)
	defer st.release()
	forced := false
	defer func() {
		if !forced { // else work goes on until the process ends, and the next start treats it as killed
			err = errors.Join(err, s.sink.Close())
		}
	}()
	if err := s.confine(); err != nil {
		return false, err
	}
	defer func() {
		if !forced {
			err = errors.Join(err, s.endLauncher())
		}
	}()
	ctx, stop := context.WithCancelCause(st.intake)
	defer stop(nil)
	if s.confined {
		go func() { stop(s.guard(ctx)) }()
	}
	intakes, err := feed(ctx)
	if err != nil {
		return false, err
	}
	ended := make(chan error, 1)
	go func() {
		finish := s.after.start(st.work)
		err := s.pipeline.Run(st.work, intakes...)
		finish()
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-st.forced: // outputs are whole or not there at any instruction: nothing has to be waited for
		forced = true
		return true, errInterrupted
	}
	if errors.Is(err, context.Canceled) {
		err = nil // the log said why
	} else if err == nil && ctx.Err() == nil && s.finish != nil {
		err = s.finish()
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	s.mu.Lock()
	for _, w := range s.watchers {
		s.totals.leftOut += int(w.Stats().LeftOut)
	}
	sum, any := s.totals.text(), s.totals.finished()+s.totals.leftOut > 0
	s.mu.Unlock()
	if any {
		s.log.Info(sum)
	}
	return ctx.Err() != nil, err
}

// intake is one without files yet.
func (s *session) intake(root, dir string) (pipeline.Intake, error) {
	p, isInbox := s.config.InboxOf(root)
	in := pipeline.Intake{Root: root, Dir: dir, Name: p.Name, Inbox: isInbox && p.Inbox == root}
	if !in.Inbox {
		in.Prefix = filepath.ToSlash(root) + "/"
	}
	r, err := os.OpenRoot(root)
	switch {
	case errors.Is(err, fs.ErrNotExist) && in.Inbox:
		return in, usageError{fmt.Errorf("there is no inbox %s: `pixmill` makes it", root)}
	case err != nil:
		return in, usageError{fmt.Errorf("%s: cannot be read: %w", root, cause(err))}
	}
	return in, r.Close()
}

// inboxes starts a watcher on every pipeline's.
func (s *session) inboxes(ctx context.Context, once bool) ([]pipeline.Intake, error) {
	var all []pipeline.Intake
	for _, p := range s.config.All() {
		in, err := s.folder(ctx, p.Inbox, "", once)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	return all, nil
}

// folder starts a watcher on root or a folder below it; its intake ends with ctx or, once, with what is there.
func (s *session) folder(ctx context.Context, root, dir string, once bool) (pipeline.Intake, error) {
	in, err := s.intake(root, dir)
	if err != nil {
		return in, err
	}
	opts := watcherOptions(s.config, s.log)
	opts.Root, opts.Once = filepath.Join(root, filepath.FromSlash(dir)), once
	opts.Exclude = slices.DeleteFunc(opts.Exclude, func(folder string) bool {
		return config.Within(opts.Root, folder) // asked for by name, as in `pixmill run archive`
	})
	if m := s.mirrors[in.Name]; m != nil && in.Inbox && dir == "" {
		in.Mirror, opts.Marker, opts.Gone = m, inboxMarker, m.Gone
	}
	w, err := watcher.New(opts)
	if err != nil {
		return in, usageError{err}
	}
	in.Files, in.Gone = w.Files(), func(f watcher.File) { w.Forget(f.Path) }
	s.mu.Lock()
	s.watchers = append(s.watchers, w)
	s.mu.Unlock()
	go func() {
		if err := w.Run(ctx); err != nil {
			s.log.Error("the watcher stopped: " + err.Error())
		}
		s.pipeline.Pause(false)
	}()
	return in, nil
}
