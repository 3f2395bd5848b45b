//go:build !nohub

package hub

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func options(t *testing.T) Options {
	return Options{Listen: "127.0.0.1:0", Store: filepath.Join(t.TempDir(), "state", "hub"), Name: "hub", Log: slog.New(slog.DiscardHandler)}
}

// start returns a hub, and what stops it.
func start(t *testing.T, o Options) (*Hub, func()) {
	t.Helper()
	h, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	stop := func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return h, stop
}

func connect(url string, opts ...nats.Option) error {
	nc, err := nats.Connect(url, append(opts, nats.Timeout(5*time.Second))...)
	if err == nil {
		nc.Close()
	}
	return err
}

// The token that lets machines in is made once, kept, and for nobody else on this machine to read.
func TestToken(t *testing.T) {
	o := options(t)
	h, stop := start(t, o)
	first := h.opts.Token
	if err := connect(URL(o.Store)); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "wrong"} {
		if err := connect(strings.Replace(URL(o.Store), first, wrong, 1)); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("token %q: %v", wrong, err)
		}
	}
	for _, name := range []string{tokenFile, urlFile} {
		info, err := os.Stat(filepath.Join(o.Store, name))
		if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	stop()
	if h, _ := start(t, o); h.opts.Token != first || len(first) < 20 {
		t.Errorf("the token was %q and is %q", first, h.opts.Token)
	}
	o = options(t)
	o.Token = "given"
	if h, _ := start(t, o); !strings.Contains(h.URL("10.0.0.5"), "nats://given@10.0.0.5:") {
		t.Errorf("got %s", h.URL("10.0.0.5"))
	}
}

func TestPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o := options(t)
	o.Listen = taken.Addr().String()
	if _, err := Start(o); err == nil || !strings.Contains(err.Error(), "end what listens there") {
		t.Errorf("got %v", err)
	}
}

// With certificates nobody reads along, and with a CA of its own the hub lets nobody in who has none.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certificates(t, dir)
	o := options(t)
	o.TLSCert, o.TLSKey, o.TLSCA = filepath.Join(dir, "hub.pem"), filepath.Join(dir, "hub.key"), filepath.Join(dir, "ca.pem")
	start(t, o)
	url := URL(o.Store)
	if !strings.HasPrefix(url, "tls://") {
		t.Errorf("got %s", url)
	}
	ca, client := nats.RootCAs(o.TLSCA), nats.ClientCert(filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key"))
	if err := connect(url, ca, client); err != nil {
		t.Error(err)
	}
	if err := connect(url, ca); err == nil {
		t.Error("a client without a certificate was let in")
	}
	if err := connect(url, client); err == nil {
		t.Error("a server whose certificate nobody vouches for was trusted")
	}
}

// Hubs that stand for each other talk by TLS, and with nobody whose certificate is of another CA, though it knows the token.
func TestPeersTLS(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	certificates(t, dir)
	certificates(t, other)
	var ports []string
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().String())
		l.Close()
	}
	peer := func(n int, certs string) *Hub {
		o := options(t)
		o.Name, o.Token, o.PeerListen = "hub"+ports[n], "one for all", ports[n]
		o.Peers = []string{"nats://" + ports[0], "nats://" + ports[1], "nats://" + ports[2]}
		if certs != "" {
			o.TLSCert, o.TLSKey, o.TLSCA = filepath.Join(certs, "hub.pem"), filepath.Join(certs, "hub.key"), filepath.Join(certs, "ca.pem")
		}
		h, _ := start(t, o)
		return h
	}
	one, two := peer(0, dir), peer(1, dir)
	for end := time.Now().Add(20 * time.Second); one.server.NumRoutes() == 0 || two.server.NumRoutes() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the two do not find each other")
		}
	}
	conn, err := tls.Dial("tcp", ports[0], &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if shown := conn.ConnectionState().PeerCertificates[0]; shown.Subject.CommonName != "hub" {
		t.Errorf("who connects as a peer is shown the certificate of %s", shown.Subject.CommonName)
	}
	for _, certs := range []string{other, ""} {
		stranger := peer(2, certs)
		time.Sleep(time.Second) // it tries every second or so
		if n := stranger.server.NumRoutes(); n != 0 {
			t.Errorf("a stranger has %d routes", n)
		}
		for _, h := range []*Hub{one, two} {
			routes, err := h.server.Routez(nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range routes.Routes {
				if r.RemoteName == "hub"+ports[2] {
					t.Errorf("%s has a route to a stranger", h.server.Name())
				}
			}
		}
		stranger.server.Shutdown()
		stranger.server.WaitForShutdown()
	}
}

// certificates writes a CA, and what it signs.
func certificates(t *testing.T, dir string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, kind string, data []byte) {
		must(os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600))
	}
	var ca *x509.Certificate
	var caKey *ecdsa.PrivateKey
	for i, name := range []string{"ca", "hub", "client"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
		c := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature}
		if ca == nil {
			c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
			ca, caKey = c, key
		}
		signed, err := x509.CreateCertificate(rand.Reader, c, ca, &key.PublicKey, caKey)
		must(err)
		secret, err := x509.MarshalECPrivateKey(key)
		must(err)
		write(name+".pem", "CERTIFICATE", signed)
		write(name+".key", "EC PRIVATE KEY", secret)
	}
}
