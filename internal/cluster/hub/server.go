//go:build !nohub

package hub

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Hub is a running server.
type Hub struct {
	server *server.Server
	opts   Options
}

// The server's memory is for what several machines say of themselves; photos lie in files.
const memory = 256 << 20

// Start starts a server, which is there when it returns.
func Start(o Options) (*Hub, error) {
	err := os.MkdirAll(filepath.Dir(o.Store), 0o755)
	if err == nil {
		err = os.MkdirAll(o.Store, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("the hub's folder cannot be made: %w", err)
	}
	if o.Token == "" {
		if o.Token, err = keptToken(o.Store); err != nil {
			return nil, err
		}
	}
	opts := &server.Options{
		ServerName:         o.Name,
		JetStream:          true,
		StoreDir:           o.Store,
		JetStreamMaxMemory: memory,
		Authorization:      o.Token,
		PingInterval:       5 * time.Second, // clients that are gone are noticed
		MaxPingsOut:        2,
		NoSigs:             true,
	}
	if opts.Host, opts.Port, err = split(o.Listen); err != nil {
		return nil, fmt.Errorf("hub.listen: %w", err)
	}
	free, err := net.Listen("tcp", o.Listen) // the server itself would only log that it can't, and try on
	if err != nil {
		return nil, fmt.Errorf("hub.listen: %w: end what listens there, or name another address", err)
	}
	free.Close()
	if len(o.Peers) > 0 {
		if err := joinPeers(opts, o); err != nil {
			return nil, err
		}
	}
	if o.TLSCert != "" {
		if err := encrypt(opts, o); err != nil {
			return nil, fmt.Errorf("the hub's certificate: %w", err)
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("the hub: %w", err)
	}
	s.SetLoggerV2(logger{o.Log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("the hub does not come up on %s: -v says what it tries", o.Listen)
	}
	h := &Hub{s, o}
	return h, writeSecret(filepath.Join(o.Store, urlFile), h.URL("127.0.0.1"))
}

// joinPeers makes the server one of several.
func joinPeers(opts *server.Options, o Options) (err error) {
	c := &opts.Cluster
	c.Name, c.Username, c.Password = "pixmill", "pixmill", o.Token
	c.ConnectRetries, c.PingInterval, c.MaxPingsOut = 1<<30, 2*time.Second, 3
	if c.Host, c.Port, err = split(o.PeerListen); err != nil {
		return fmt.Errorf("hub.peer_listen: %w", err)
	}
	for _, p := range o.Peers {
		u, err := url.Parse(p)
		if err != nil {
			return fmt.Errorf("hub.peers: %w", err)
		}
		u.User = url.UserPassword(c.Username, c.Password)
		opts.Routes = append(opts.Routes, u)
	}
	return nil
}

// encrypt has clients and peers come by TLS. Peers are asked for certificates of the same CA, each for the name or address that it is called by.
func encrypt(opts *server.Options, o Options) (err error) {
	files := server.TLSConfigOpts{CertFile: o.TLSCert, KeyFile: o.TLSKey, CaFile: o.TLSCA, Verify: o.TLSCA != ""}
	if opts.TLSConfig, err = server.GenTLSConfig(&files); err != nil || len(o.Peers) == 0 {
		return err
	}
	if opts.Cluster.TLSConfig, err = server.GenTLSConfig(&files); err != nil {
		return err
	}
	c := opts.Cluster.TLSConfig
	c.ClientAuth, c.RootCAs = tls.RequireAndVerifyClientCert, c.ClientCAs // a peer is client and server
	return nil
}

// URL is how clients reach the hub by one of this machine's addresses.
func (h *Hub) URL(host string) string {
	_, port, _ := net.SplitHostPort(h.server.Addr().String())
	scheme := "nats"
	if h.opts.TLSCert != "" {
		scheme = "tls"
	}
	return (&url.URL{Scheme: scheme, User: url.User(h.opts.Token), Host: net.JoinHostPort(host, port)}).String()
}

// Run blocks until ctx ends, and then stops the server.
func (h *Hub) Run(ctx context.Context) {
	<-ctx.Done()
	h.server.Shutdown()
	h.server.WaitForShutdown()
}

const tokenFile = "token"

func keptToken(store string) (string, error) {
	name := filepath.Join(store, tokenFile)
	text, err := os.ReadFile(name)
	if err == nil && len(strings.TrimSpace(string(text))) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the hub's token: %w", err)
	}
	token := rand.Text()
	return token, writeSecret(name, token)
}

// writeSecret writes what only this user may read.
func writeSecret(name, text string) error {
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		return fmt.Errorf("the hub's folder: %w", err)
	}
	return nil
}

func split(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	if port, err = strconv.Atoi(text); err != nil {
		return "", 0, fmt.Errorf("%s: the port is not a number", address)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

// logger passes on what the server says: what is worth a look as warnings, the rest for who asked for every step.
type logger struct{ *slog.Logger }

func (l logger) say(level slog.Level, format string, args []any) {
	l.Log(context.Background(), level, "nats: "+fmt.Sprintf(format, args...))
}

func (l logger) Noticef(format string, args ...any) { l.say(slog.LevelDebug, format, args) }
func (l logger) Debugf(format string, args ...any)  { l.say(slog.LevelDebug, format, args) }
func (l logger) Tracef(format string, args ...any)  { l.say(slog.LevelDebug, format, args) }
func (l logger) Warnf(format string, args ...any)   { l.say(slog.LevelWarn, format, args) }
func (l logger) Errorf(format string, args ...any)  { l.say(slog.LevelError, format, args) }
func (l logger) Fatalf(format string, args ...any)  { l.say(slog.LevelError, format, args) }
