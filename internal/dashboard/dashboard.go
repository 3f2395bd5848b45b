// Package dashboard shows how pixmill does and lets a person steer it: a page, the API behind it, metrics for Prometheus.
//
//	pipeline.Report ─► Heard ─► counts, rates, metrics ─► State ─► /api/v1/events ─► the page, `pixmill status --follow`
//	ledger ─► pages of photos and failures, sums                        └► the terminal's live view, without HTTP
//	request ─► guard: Host, origin, token, headers ─► routes ─► handlers
//
// The page only draws what the API says. State is made anew for whoever asks, and nobody works where nobody looks: without a reader the
// dashboard costs each photo some counts. It serves no path that somebody sends: photos are named by their number in the ledger,
// and opened below their folder by os.Root.
//
// Heard is called by one goroutine at a time and never blocks on a reader; everything else may run concurrently.
package dashboard

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"pixmill/internal/pipeline"
	"pixmill/sink"
	"pixmill/sink/ledger"
	"pixmill/watcher"
)

// Options of a Dashboard. Those without a word about zero are needed.
type Options struct {
	Listen          string   // host:port
	Token           string   // "": everybody who can reach the address may do everything
	Hosts           []string // names that it may be called by, besides localhost and IP addresses
	TLSCert, TLSKey string   // files; "": plain HTTP
	Version         string
	Role            string // in a cluster, a label of all figures; "": alone

	Pipeline *pipeline.Pipeline
	Sink     *sink.Sink
	State    string                                              // folder of the ledger
	Inboxes  []Inbox                                             // of all pipelines, the default one's first
	Original func(ledger.Source) (inbox string, src sink.Source) // where a source lay, and how to find it in the archive
	Ignore   []string

	Watched  func() watcher.Stats                          // of all inboxes together
	Retry    func(context.Context, ledger.Source) error    // hands a failure back to the pipeline
	Find     func(ledger.Source) (file string, there bool) // where a source lies now
	Reveal   func(ctx context.Context, file string) error  // opens the file manager of who sits at this machine; nil: nobody does, or others can come here
	SetPool  func(workers int) error                       // nil: the number can't be changed
	Settings func() ([]Setting, error)                     // the effective configuration

	// Bucket opens an output that stands in a bucket only; fs.ErrNotExist: it is not there, or not in this bucket. nil: there is none.
	Bucket func(context.Context, ledger.Output) (io.ReadCloser, error)

	Warn func(error)
}

// Inbox is a pipeline's.
type Inbox struct {
	Name   string `json:"name"` // of the pipeline; "" of the default one
	Folder string `json:"inbox"`
	Most   int64  `json:"most_bytes"` // of a file dropped on the page; 0: no limit
}

// Setting is a key of the configuration, its value, and what says so.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// Dashboard watches a pipeline. New makes one; Heard is to be told of every report.
type Dashboard struct {
	opts    Options
	started time.Time
	monitor monitor
	metrics *metrics
	sums    sums
	news    news

	ledger *ledger.Ledger // nil before Serve
}

// New returns a dashboard that serves nothing yet.
func New(o Options) *Dashboard {
	d := &Dashboard{opts: o, started: time.Now()}
	d.metrics = newMetrics(d)
	return d
}

// Heard takes in how a source ended.
func (d *Dashboard) Heard(r pipeline.Report) {
	d.monitor.heard(r, time.Now())
	d.metrics.heard(r)
	d.news.tell()
}

// Listen takes the port.
func (d *Dashboard) Listen() (net.Listener, error) {
	l, err := net.Listen("tcp", d.opts.Listen)
	if err != nil || d.opts.TLSCert == "" {
		return l, err
	}
	pair, err := tls.LoadX509KeyPair(d.opts.TLSCert, d.opts.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("dashboard.tls_cert: %w", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// URL is what a browser on this machine calls.
func (d *Dashboard) URL() string {
	scheme := "http"
	if d.opts.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(d.opts.Listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/"
}

// open opens what handlers read. Folders are opened by those that use them: an inbox may be mounted anew.
func (d *Dashboard) open() (err error) {
	d.ledger, err = ledger.Read(sink.LedgerPath(d.opts.State))
	d.sweep()
	return err
}

func (d *Dashboard) close() error {
	if d.ledger == nil {
		return nil
	}
	return d.ledger.Close()
}

// Times of the server. Whoever sends a header byte by byte, or takes nothing of what is sent, holds nothing up for longer.
const (
	headerTime = 5 * time.Second
	idleTime   = 2 * time.Minute
	stallTime  = 30 * time.Second // without progress, while a body is read or written
	farewell   = time.Second      // for requests under way at the end
)

// Serve answers requests until ctx ends.
func (d *Dashboard) Serve(ctx context.Context, l net.Listener) error {
	if err := d.open(); err != nil {
		return errors.Join(err, l.Close(), d.close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server := &http.Server{
		Handler:           d.handler(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          quiet(),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return errors.Join(err, d.close())
	case <-ctx.Done():
	}
	polite, done := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer done()
	if server.Shutdown(polite) != nil {
		server.Close()
	}
	<-ended
	return d.close()
}
