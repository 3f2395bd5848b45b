package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"pixmill/internal/cluster"
	"pixmill/internal/cluster/hub"
	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/internal/sandbox"
	"pixmill/pool"
)

// addURL gives a command the flag that says where the cluster is.
func addURL(flags *pflag.FlagSet, o *config.Overrides) {
	flags.StringVar(&o.URL, "url", "", "`ADDRESS` of the cluster's server, instead of the config's: nats://token@host:4222")
}

func hubFolder(c config.Config) string { return filepath.Join(c.State, "hub") }

// join connects to the config's cluster, for a command that does nothing without it.
func (a *app) join(o config.Overrides, role string) (c config.Config, conn *cluster.Conn, log *slog.Logger, err error) {
	if c, log, err = a.begin(o); err != nil {
		return c, nil, nil, err
	}
	conn, err = dial(c, role, log)
	return c, conn, log, err
}

// dial connects to the cluster in a role.
func dial(c config.Config, role string, log *slog.Logger) (*cluster.Conn, error) {
	if c.Cluster.URL == "" {
		c.Cluster.URL = hub.URL(hubFolder(c))
	}
	if c.Cluster.URL == "" {
		return nil, usageError{fmt.Errorf("cluster.url is not set, and there is no hub on this machine: set it, or start `pixmill hub`")}
	}
	conn, err := cluster.Dial(cluster.Options{
		URL:     c.Cluster.URL,
		Creds:   c.Cluster.Creds,
		TLSCert: c.Cluster.TLSCert,
		TLSKey:  c.Cluster.TLSKey,
		TLSCA:   c.Cluster.TLSCa,
		Role:    role,
		Name:    nodeName(c) + "-" + strconv.Itoa(os.Getpid()), // several of them may be on one machine
		Version: Version,
		Warn:    func(err error) { log.Warn(err.Error()) },
	})
	if err != nil {
		return nil, usageError{err}
	}
	return conn, nil
}

// nodeName is what this machine is called among others.
func nodeName(c config.Config) string {
	if c.Cluster.Name != "" {
		return c.Cluster.Name
	}
	host, err := os.Hostname()
	if err != nil {
		return "unnamed"
	}
	return host
}

// clusterReads and clusterPorts are what connecting takes: files, and the servers' ports.
func clusterReads(c config.Config) []string {
	return []string{c.Cluster.Creds, c.Cluster.TLSCert, c.Cluster.TLSKey, c.Cluster.TLSCa}
}

func clusterPorts(c config.Config) (ports []uint16) {
	list := c.Cluster.URL
	if list == "" {
		list = hub.URL(hubFolder(c))
	}
	for _, s := range strings.Split(list, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil {
			continue
		}
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			port = 4222
		}
		ports = append(ports, uint16(port))
	}
	return ports
}

// join lets a sandbox reach the cluster.
func join(p *sandbox.Policy, c config.Config) {
	for _, file := range clusterReads(c) {
		if file != "" {
			p.Read = append(p.Read, file)
		}
	}
	p.Connect = append(p.Connect, clusterPorts(c)...)
}

func retries(c config.Config) pool.Retry { return poolOptions(c).Retry }

// workers is the cluster as the watching side has it; the zero value is none.
type workers struct {
	config config.Config
	conn   *cluster.Conn
	made   *cluster.Maker
	stop   context.CancelFunc
	beside sync.WaitGroup
}

// open connects, and waits until there is a cluster.
func (w *workers) open(ctx context.Context, c config.Config, log *slog.Logger) (err error) {
	w.config = c
	carrier, err := carrying(c)
	if err != nil {
		return usageError{err}
	}
	if w.conn, err = dial(c, "watcher", log); err != nil {
		return err
	}
	w.made, err = cluster.NewMaker(ctx, w.conn, cluster.Layout{
		Replicas: c.Cluster.Replicas,
		Keep:     c.Cluster.Keep,
		Storage:  c.Cluster.Storage,
		Queue:    c.Cluster.Queue,
		AckWait:  c.Cluster.AckWait,
		Retry:    retries(c),
	}, sending(c), carrier)
	if err != nil {
		w.conn.Close()
		return err
	}
	ctx, w.stop = context.WithCancel(ctx)
	w.beside.Go(func() { w.made.Run(ctx) })
	return nil
}

// maker is nil where photos are made in this process.
func (w *workers) maker() pipeline.Maker {
	if w.made == nil {
		return nil
	}
	return w.made
}

func (w *workers) extend(p *sandbox.Policy) {
	if w.made != nil {
		join(p, w.config)
		if port := bucketPort(w.config.Cluster.Store); port != 0 {
			p.Connect = append(p.Connect, port)
		}
	}
}

func (w *workers) close() {
	w.stop()
	w.beside.Wait()
	w.conn.Close()
}

// addresses are this machine's, as others may know them.
func addresses() []string {
	var all []string
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range found {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			all = append(all, n.IP.String())
		}
	}
	return all
}
