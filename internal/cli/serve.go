package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"pixmill/internal/config"
	"pixmill/internal/dashboard"
	"pixmill/internal/delivery"
	"pixmill/internal/pipeline"
	"pixmill/sink"
	"pixmill/sink/ledger"
	"pixmill/watcher"
)

// show gives the session a dashboard, which hears of everything; serve lets others see it.
func (s *session) show(ctx context.Context, file *reloader, o config.Overrides) *dashboard.Dashboard {
	inboxes := map[string]*pipeline.Intake{} // by the pipeline's name
	for _, p := range s.config.All() {
		inboxes[p.Name] = &pipeline.Intake{Name: p.Name, Root: p.Inbox, Inbox: true, Retry: true}
	}
	opts := s.dashboardOptions(file, o, inboxes)
	if opts.Listen != "" {
		opts.Reveal = s.revealer(ctx)
	}
	d := dashboard.New(opts)
	s.heard = append(s.heard, d.Heard)
	return d
}

// serve serves the dashboard until stop is called. Whatever is wrong with that is told once, and watching goes on.
func (s *session) serve(ctx context.Context, d *dashboard.Dashboard) (stop func()) {
	c := s.config.Dashboard
	if c.Listen == "" {
		return func() {}
	}
	listener, err := d.Listen()
	if err != nil {
		s.log.Warn(fmt.Sprintf("no dashboard: %v: close what listens there, or write another address, or \"\", as dashboard.listen", err))
		return func() {}
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	if !config.Loopback(host) && c.TLSCert == "" {
		s.log.Warn("the dashboard can be reached from other machines, and its token can be read on the way: write tls_cert and tls_key, or listen on 127.0.0.1")
	}
	s.log.Info("to see and steer it   " + d.URL())
	s.policy.Write = append(s.policy.Write, s.config.Inbox) // for files dropped on the page
	for _, p := range s.config.Pipelines {
		s.policy.Write = append(s.policy.Write, p.Inbox) // for those that come back from quarantine
	}
	s.policy.Read = append(s.policy.Read, "/proc/self", "/proc/stat") // for metrics of the process
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := d.Serve(ctx, listener); err != nil {
			s.log.Warn("the dashboard stopped: " + err.Error())
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

func (s *session) dashboardOptions(file *reloader, o config.Overrides, inboxes map[string]*pipeline.Intake) dashboard.Options {
	c := s.config
	return dashboard.Options{
		Listen: c.Dashboard.Listen, Token: c.Dashboard.Token, Hosts: c.Dashboard.Hosts,
		TLSCert: c.Dashboard.TLSCert, TLSKey: c.Dashboard.TLSKey,
		Version:  Version,
		Role:     s.role(),
		Pipeline: s.pipeline,
		Sink:     s.sink,
		State:    c.State,
		Inboxes:  inboxesOf(c),
		Original: s.lay,
		Ignore:   c.Watch.Ignore,
		Watched:  s.watched,
		Retry:    func(ctx context.Context, f ledger.Source) error { return s.tryAgain(ctx, inboxes, f) },
		Find:     s.find,
		SetPool:  file.setWorkers,
		Settings: func() ([]dashboard.Setting, error) { return settings(file.file, o) },
		Bucket:   s.openSent,
		Warn:     func(err error) { s.log.Warn(err.Error()) },
	}
}

// openSent opens an output that stands in the bucket only.
func (s *session) openSent(ctx context.Context, o ledger.Output) (io.ReadCloser, error) {
	if s.uploads == nil || s.uploads.place.String() != o.Place {
		return nil, fs.ErrNotExist
	}
	key, err := uploadKey(s.config, o.Path)
	if err != nil {
		return nil, err
	}
	return s.uploads.place.Open(ctx, delivery.Object{Path: key, Size: o.Bytes})
}

// inboxesOf are those that files dropped on the page may go to.
func inboxesOf(c config.Config) (all []dashboard.Inbox) {
	for _, p := range c.All() {
		all = append(all, dashboard.Inbox{Name: p.Name, Folder: p.Inbox, Most: p.Limits.FileSize})
	}
	return all
}

// watched adds up what the watchers have seen.
func (s *session) watched() (sum watcher.Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.watchers {
		one := w.Stats()
		sum.Known += one.Known
		sum.Waiting += one.Waiting
		sum.Ready += one.Ready
		sum.HandedOver += one.HandedOver
		sum.Created += one.Created
		sum.Written += one.Written
		sum.Removed += one.Removed
		sum.Renamed += one.Renamed
		sum.Chmods += one.Chmods
		sum.Rescans += one.Rescans
		sum.Overflows += one.Overflows
	}
	return sum
}

// tryAgain hands a failure to the pipeline that runs; one in quarantine goes back to the inbox first.
func (s *session) tryAgain(ctx context.Context, inboxes map[string]*pipeline.Intake, f ledger.Source) error {
	if filepath.IsAbs(filepath.FromSlash(f.Name)) {
		return fmt.Errorf("%s: it lies outside the inbox: stop pixmill, and `pixmill retry` tries it again", f.Name)
	}
	if s.absent(f.Name) {
		return fmt.Errorf("%s: its pipeline is not in the config: put it there again", f.Name)
	}
	if err := s.restore(f); err != nil {
		return fmt.Errorf("%s: cannot be taken back from quarantine: %w", f.Name, err)
	}
	info, err := os.Stat(s.absolute(f.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s: the original is gone, and its failure forgotten", f.Name), s.sink.Forget(f.Name))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	p, path := s.config.Locate(f.Name)
	return s.pipeline.Ask(ctx, inboxes[p.Name], watcher.File{Path: path, Size: info.Size(), ModTime: info.ModTime()})
}

// lay is the inbox that a source lay in, and what the sink has to know of it.
func (s *session) lay(f ledger.Source) (inbox string, src sink.Source) {
	p, _ := s.config.Locate(f.Name)
	return p.Inbox, s.original(f)
}

// find says where a source's file is, or was.
func (s *session) find(f ledger.Source) (file string, there bool) {
	file = s.absolute(f.Name)
	if s.absent(f.Name) {
		return f.Name, false
	}
	if _, err := os.Lstat(file); err == nil {
		return file, true
	}
	if name, ok := s.sink.Quarantined(s.original(f)); ok {
		p, _ := s.config.Locate(f.Name)
		return filepath.Join(p.Originals.Quarantine, filepath.FromSlash(name)), true
	}
	return file, false
}

func settings(file string, o config.Overrides) ([]dashboard.Setting, error) {
	all, err := config.Settings(file, o)
	list := make([]dashboard.Setting, len(all))
	for i, s := range all {
		list[i] = dashboard.Setting{Key: s.Key, Value: s.Value, From: s.From}
	}
	return list, err
}
