package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"pixmill/internal/background"
	"pixmill/internal/config"
	"pixmill/pool"
)

// lookEvery is how often the config file is looked at. Asking the file system once a second costs nothing that can be measured, and
// works where events don't: network folders, files that are replaced by a rename, links that are turned elsewhere.
const lookEvery = time.Second

// reloader applies a changed config to a session that runs.
type reloader struct {
	file    string
	load    func() (config.Config, error) // of the file, with the command line's flags above it
	log     *slog.Logger
	session *session
	mu      sync.Mutex    // guards inForce
	inForce config.Config // the session's, with what was changed since
	tried   snapshot      // the file when it was loaded last
	seen    snapshot      // the file a look ago
	saving  bool          // the machine runs on its battery
}

// snapshot is what a file was like; the zero value: not there, or not to be read.
type snapshot struct {
	info fs.FileInfo
	text []byte
}

// same reports whether a file looks as it did, without reading it.
func (s snapshot) same(info fs.FileInfo) bool {
	if s.info == nil || info == nil {
		return s.info == nil && info == nil
	}
	return s.info.Size() == info.Size() && s.info.ModTime().Equal(info.ModTime()) && os.SameFile(s.info, info)
}

// reloader notes what the config file is like, before it is loaded for the first time.
func (a *app) reloader(o config.Overrides, log *slog.Logger) *reloader {
	r := &reloader{file: a.configFile, log: log, load: func() (config.Config, error) { return a.load(o, log) }}
	r.look()
	r.tried = r.seen
	return r
}

// begin says to what session changes apply.
func (r *reloader) begin(s *session) { r.session, r.inForce = s, s.config }

// run loads the file whenever it changes and whenever SIGHUP asks for it, until ctx ends.
func (r *reloader) run(ctx context.Context) {
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	before := terminals()
	if r.session.config.Pool.Background {
		r.power()
	}
	power := time.NewTicker(powerEvery)
	defer power.Stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if r.look() {
				r.reload(r.file + " changed")
			}
		case <-power.C:
			if r.session.config.Pool.Background {
				r.power()
			}
		case <-hangups:
			if terminals() < before { // our window was closed, which the signal is for first
				endOurselves()
				return
			}
			r.look()
			r.reload(r.file + " was read again (SIGHUP)")
		}
	}
}

// terminals counts those of our standard files that are one.
func terminals() (n int) {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if isTerminal(f) {
			n++
		}
	}
	return n
}

// endOurselves asks for what a first Ctrl-C asks for.
func endOurselves() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Signal(syscall.SIGTERM)
	}
}

// look notes what the file is like now. It reports whether that is another content than was loaded last, and has been at rest for a
// look: a file that is still being written may be valid halfway.
func (r *reloader) look() (changed bool) {
	info, err := os.Stat(r.file)
	if err != nil {
		info = nil
	}
	if !r.seen.same(info) {
		r.seen = snapshot{info: info}
		if r.seen.text, err = os.ReadFile(r.file); err != nil {
			r.seen = snapshot{}
		}
		return false
	}
	gone := r.seen.info == nil
	return gone != (r.tried.info == nil) || !bytes.Equal(r.seen.text, r.tried.text)
}

// reload applies the file, and says what that changed or why it did not; news says why it was read.
func (r *reloader) reload(news string) {
	r.tried = r.seen
	if r.seen.info == nil {
		r.log.Warn(r.file + " is gone or cannot be read: what was in force stays so")
		return
	}
	next, err := r.load()
	r.mu.Lock()
	defer r.mu.Unlock()
	changes := config.Changes(r.inForce, next)
	if err == nil {
		err = r.apply(next)
	}
	if err != nil {
		r.log.Error(fmt.Sprintf("%s, but what it said before stays in force: %s", news, strings.ReplaceAll(err.Error(), "\n", "; ")))
		return
	}
	later := slices.DeleteFunc(slices.Clone(changes), func(c config.Change) bool { return !fixed(c.Key) })
	now := slices.DeleteFunc(slices.Clone(changes), func(c config.Change) bool { return fixed(c.Key) })
	if len(now) > 0 {
		r.log.Info(fmt.Sprintf("%s; this holds for photos that come from now on: %s", news, list(now)))
	}
	if len(later) > 0 {
		r.log.Warn(fmt.Sprintf("%s; this cannot change while pixmill runs, restart it to apply: %s", news, list(later)))
	}
	if len(changes) == 0 {
		r.log.Info(news + "; nothing in it is new")
	}
}

// setWorkers changes how many photos are worked on at once, until the config file says something else.
func (r *reloader) setWorkers(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.inForce
	next.Pool.Workers, next.Pool.MinWorkers = n, min(n, next.Pool.MinWorkers)
	return r.apply(next)
}

// apply puts into force what can change while running.
func (r *reloader) apply(next config.Config) error {
	c := r.inForce
	c.Variants, c.Limits, c.Pool = next.Variants, next.Limits, next.Pool
	c.Pool.Queue, c.Pool.ShutdownTimeout = r.inForce.Pool.Queue, r.inForce.Pool.ShutdownTimeout
	c.Pipelines = slices.Clone(c.Pipelines)
	for i := range c.Pipelines {
		p := &c.Pipelines[i]
		if changed := slices.IndexFunc(next.Pipelines, func(n config.Pipeline) bool { return n.Name == p.Name }); changed >= 0 {
			p.Variants, p.Limits = next.Pipelines[changed].Variants, next.Pipelines[changed].Limits
		}
	}
	own, others, err := makings(c)
	if err != nil {
		return err
	}
	if err := r.session.pipeline.Change(own, others, r.poolOptions(c)); err != nil {
		return err
	}
	r.session.locals.restart(c)
	r.inForce = c
	return nil
}

// powerEvery is how often the battery is looked at.
const powerEvery = 30 * time.Second

// power halves the workers when the machine goes over to its battery, and gives them back afterwards.
func (r *reloader) power() {
	on := background.OnBattery()
	r.mu.Lock()
	defer r.mu.Unlock()
	if on == r.saving {
		return
	}
	r.saving = on
	if err := r.apply(r.inForce); err != nil {
		r.log.Warn(err.Error())
		return
	}
	if on {
		r.log.Info("the machine runs on its battery: half of the workers rest (pool.background)")
	} else {
		r.log.Info("the machine has power again: all workers are at work")
	}
}

// poolOptions are the config's, halved to save the battery.
func (r *reloader) poolOptions(c config.Config) pool.Options {
	o := r.session.poolOptions(c)
	if r.saving {
		o.MaxWorkers = (o.MaxWorkers + 1) / 2
		o.MinWorkers = min(o.MinWorkers, o.MaxWorkers)
	}
	return o
}

// fixed reports whether a key holds from the start of a session to its end.
func fixed(key string) bool {
	if of, isPipeline := strings.CutPrefix(key, "pipeline "); isPipeline {
		if _, key, isPipeline = strings.Cut(of, "."); !isPipeline { // it came or went as a whole
			return true
		}
	}
	table, _, _ := strings.Cut(key, ".")
	return key == "pool.queue" || key == "pool.background" || key == "pool.shutdown_timeout" ||
		table != "pool" && table != "limits" && !strings.HasPrefix(table, "variant")
}

func list(changes []config.Change) string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.String()
	}
	return strings.Join(texts, "; ")
}
