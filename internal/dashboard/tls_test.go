package dashboard

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certify makes a certificate for this machine, its key, and who trusts it.
func certify(t *testing.T, dir string) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	signed, err := x509.CreateCertificate(rand.Reader, &about, &about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, trust = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))
	return cert, key, trust
}

func TestTLS(t *testing.T) {
	h := newHouse(t, nil)
	o := h.d.opts
	var trust *x509.CertPool
	o.TLSCert, o.TLSKey, trust = certify(t, h.dir)
	o.Listen, o.Token = "127.0.0.1:0", "correct horse battery"
	d := New(o)
	l, err := d.Listen()
	h.must(err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx, l) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	address := l.Addr().String()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	got, err := client.Post("https://"+address+"/api/v1/session", "application/json", strings.NewReader(`{"token":"correct horse battery"}`))
	h.must(err)
	got.Body.Close()
	if got.StatusCode != 200 || got.ProtoMajor != 2 || got.TLS.Version < tls.VersionTLS12 || len(got.Cookies()) != 1 || !got.Cookies()[0].Secure {
		t.Errorf("%s %s, TLS %x: %q", got.Proto, got.Status, got.TLS.Version, got.Header)
	}

	// Whoever comes without TLS, with one that is too old, or does not trust the certificate, gets nothing.
	plain, err := http.Get("http://" + address + "/")
	h.must(err)
	text, err := io.ReadAll(plain.Body)
	h.must(err)
	plain.Body.Close()
	if plain.StatusCode != 400 || strings.Contains(string(text), "<") || len(plain.Cookies()) > 0 {
		t.Errorf("plain HTTP: %s %q", plain.Status, text)
	}
	if c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trust, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Errorf("TLS %x", c.ConnectionState().Version)
		c.Close()
	}
	if c, err := tls.Dial("tcp", address, nil); err == nil {
		t.Error("a certificate of our own is trusted by everybody")
		c.Close()
	}

	o.TLSKey = o.TLSCert
	if _, err := New(o).Listen(); err == nil || !strings.Contains(err.Error(), "tls_cert") {
		t.Errorf("a key that is none: %v", err)
	}
}
