// Package cluster is the same pipeline on many machines, over NATS JetStream. There is no queue of our own: its streams carry jobs and
// results, its object stores carry bytes.
//
//	watch --cluster                               NATS                                       worker, anywhere
//	pipeline ─► Maker.Make ─ source, if absent ─► PIXMILL_SOURCES, by its hash ────────────► Worker: admission by memory
//	                       ─ job ───────────────► PIXMILL_JOBS: a work queue ──────────────► resize.Process
//	           outputs ◄───────────────────────── PIXMILL_OUTPUTS: one object a job ◄─────── outputs
//	           the sink commits ◄──────────────── PIXMILL_RESULTS: one message a job ◄────── result
//	           Made.Stored: result, outputs and source are removed
//
// A source, or outputs, of few bytes travel in the messages themselves (inline). With a Store, an S3 bucket stands in the place of PIXMILL_SOURCES and
// PIXMILL_OUTPUTS: both are stores, and only the job's name tells where its bytes are (newJob).
//
// A job's name is the hash of its source and of its recipe, so that who asks for the same gets the same: a job is in the queue at most
// once, and has one result, whoever made it, however often. What decides between "it is on its way" and "it is lost" is only what the
// streams hold (Maker.wait): whatever gets lost, on whichever side, is asked for again, and nothing leaves the inbox before the sink
// has committed it. Nobody's clock counts: all waits are lengths of time, and where the server's are not, as it takes over from another one, the
// watching side has it count anew (Maker.nudge).
//
// Where outputs go to a bucket (Upload), workers bring them there, under the names that the sink has claimed for them, and only the result
// travels back. A photo has at most one such job in the queue, and a worker that has another one in hand writes nothing any more (Worker.wanted).
//
// A job that was delivered as often as [pool] allows becomes a dead letter: JetStream's advisory says so to the watching sides, one of
// which writes the result that the others read (deadLetters).
package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names on the server. docs/cluster.md says what each role may do with them.
const (
	jobsStream    = "PIXMILL_JOBS"
	resultsStream = "PIXMILL_RESULTS"
	deadStream    = "PIXMILL_DEAD"
	sourcesBucket = "PIXMILL_SOURCES"
	outputsBucket = "PIXMILL_OUTPUTS"
	nodesBucket   = "PIXMILL_NODES"
	jobsPrefix    = "pixmill.jobs."
	resultsPrefix = "pixmill.results."
	toldPrefix    = "pixmill.told." // results again, for who waits, once they are stored
)

// Options of a Conn. URL is needed; the rest may be zero.
type Options struct {
	URL     string // one or several, with commas between; nats://token@host:4222
	Creds   string // a file
	TLSCert string // files: this machine's certificate and its key, and who signs the server's
	TLSKey  string
	TLSCA   string
	Role    string // "watcher" or "worker", as status shows it
	Name    string // of this machine
	Version string // of this program
	Warn    func(error)
}

// Conn is a connection to the cluster that comes back by itself.
type Conn struct {
	opts Options
	nc   *nats.Conn
	js   jetstream.JetStream
	patience
}

// Dial connects; a server that cannot be reached yet is tried on and on. The error is about what no waiting mends.
func Dial(o Options) (*Conn, error) {
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	c := &Conn{opts: o, patience: patience{what: "the cluster", warn: o.Warn}}
	opts := []nats.Option{
		nats.Name("pixmill " + o.Role + " " + o.Name),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.IgnoreDiscoveredServers(), // the sandbox knows only those of the config
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectBufSize(-1), // what can't be sent now fails now, and is tried again by who knows whether it is still wanted
		nats.Timeout(5 * time.Second),
		nats.PingInterval(5 * time.Second), // a server that is frozen is left after two of them
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				o.Warn(fmt.Errorf("the connection to the cluster is lost, trying on: %w", err))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { o.Warn(fmt.Errorf("connected to the cluster at %s", nc.ConnectedUrlRedacted())) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if !errors.Is(err, nats.ErrSlowConsumer) { // results that did not fit are looked up later
				o.Warn(fmt.Errorf("cluster: %w", err))
			}
		}),
	}
	if o.Creds != "" {
		opts = append(opts, nats.UserCredentials(o.Creds))
	}
	if o.TLSCert != "" {
		opts = append(opts, nats.ClientCert(o.TLSCert, o.TLSKey))
	}
	if o.TLSCA != "" {
		opts = append(opts, nats.RootCAs(o.TLSCA))
	}
	var err error
	if c.nc, err = nats.Connect(o.URL, opts...); err != nil {
		return nil, fmt.Errorf("cluster.url: cannot connect: %w", err)
	}
	if err := c.nc.LastError(); errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) {
		c.nc.Close()
		return nil, fmt.Errorf("cluster: the server does not let this machine in: %w: a token stands before the host in cluster.url, cluster.creds names a credentials file", err)
	}
	if !c.nc.IsConnected() {
		o.Warn(fmt.Errorf("%w, trying on: %w: does it run, and is that its address?", unreachable(o.URL), cmp.Or(c.nc.LastError(), nats.ErrNoServers)))
	}
	if c.js, err = jetstream.New(c.nc, jetstream.WithDefaultTimeout(5*time.Second)); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	return c, nil
}

// unreachable names the servers, and not what may be a password before them.
func unreachable(list string) error {
	var hosts []string
	for s := range strings.SplitSeq(list, ",") {
		if u, err := url.Parse(strings.TrimSpace(s)); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return fmt.Errorf("the cluster's server (%s) cannot be reached", strings.Join(hosts, ", "))
}

// headers is more, in bytes, than those of one of our messages: its id is the longest.
const headers = 1 << 10

// room is how many bytes the server takes in a message besides its headers.
func (c *Conn) room() int { return int(c.nc.MaxPayload()) - headers }

// Close sends what is still to be sent: without a connection nothing is, for what could not be sent has failed.
func (c *Conn) Close() {
	if !c.nc.IsConnected() {
		c.nc.Close()
		return
	}
	if err := c.nc.FlushTimeout(2 * time.Second); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		c.opts.Warn(fmt.Errorf("cluster: what was to be said last may not have arrived: %w", err))
	}
	c.nc.Close()
}
