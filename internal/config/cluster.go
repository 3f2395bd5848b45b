package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Cluster is how pixmill works with others, on a NATS server with JetStream. Files are absolute paths, or "".
type Cluster struct {
	URL             string // one or several, with commas between; "": the hub on this machine
	Creds           string
	TLSCert, TLSKey string // of this machine
	TLSCa           string // who signs the others'
	Name            string // ""; the host's
	InFlight        int    // photos that `watch --cluster` is at work on at once
	Replicas        int
	Queue           int64 // jobs that may wait
	Storage         int64 // bytes; 0: what the server grants
	Keep, AckWait   time.Duration
	Store           string // where bytes travel instead of the servers; "", or a URL that ParseBucket takes
}

// Hub is the server that `pixmill hub` runs.
type Hub struct {
	Listen, PeerListen string // host:port
	Token              string // ""; one is made and kept in the state folder
	Peers              []string
}

func readCluster(t *table, base string) Cluster {
	defer t.done()
	c := Cluster{
		URL:      t.text("url", ""),
		Creds:    t.file("creds", base),
		TLSCert:  t.file("tls_cert", base),
		TLSKey:   t.file("tls_key", base),
		TLSCa:    t.file("tls_ca", base),
		Name:     t.text("name", ""),
		InFlight: int(t.whole("in_flight", 64, 1, 100_000)),
		Replicas: int(t.whole("replicas", 1, 1, 5)),
		Queue:    t.whole("queue", 100_000, 1, 1_000_000_000),
		Storage:  t.size("storage", "0"),
		Keep:     t.duration("keep", "24h", 0),
		AckWait:  t.duration("ack_wait", "15s", 0),
		Store:    t.text("store", ""),
	}
	t.urls("url", c.URL)
	if (c.TLSCert == "") != (c.TLSKey == "") {
		t.fail("tls_cert", "stands without tls_key, or tls_key without it: name both files, or neither")
	}
	t.bucket("store", c.Store)
	if c.AckWait < time.Second {
		t.fail("ack_wait", "%s is too short to tell a worker that is busy from one that is gone: write at least \"1s\"", c.AckWait)
	}
	if c.Keep < 10*time.Minute { // servers refuse less than they look for duplicates, 2 min
		t.fail("keep", "%s is too short: what waits for longer is taken away and made anew: write at least \"10m\"", c.Keep)
	}
	return c
}

func readHub(t *table) Hub {
	defer t.done()
	h := Hub{
		Listen:     t.address("listen", "0.0.0.0:4222"),
		PeerListen: t.address("peer_listen", "0.0.0.0:6222"),
		Token:      t.token(),
		Peers:      t.texts("peers", []string{}),
	}
	for _, p := range h.Peers {
		t.urls("peers", p)
	}
	if len(h.Peers) > 0 && h.Token == "" {
		t.fail("peers", "stands without token: hubs of one cluster need the same one, so write one down for all")
	}
	return h
}

// file is an absolute path, or "" where none is named.
func (t *table) file(key, base string) string {
	s := t.text(key, "")
	if s == "" {
		return ""
	}
	return located(base, s)
}

// urls checks one or several addresses of servers.
func (t *table) urls(key, list string) {
	if bad := badURL(list); list != "" && bad != "" {
		t.fail(key, "%s", bad)
	}
}

// badURL says what is wrong with addresses of servers, if anything is. It does not repeat what may be a password.
func badURL(list string) string {
	for i, s := range strings.Split(list, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil || u.Host == "" || (u.Scheme != "nats" && u.Scheme != "tls") {
			return fmt.Sprintf("its address %d is no server's: write nats://host:4222 or tls://host:4222, a token as nats://token@host:4222; several with commas between", i+1)
		}
	}
	return ""
}

// address is host:port.
func (t *table) address(key, def string) string {
	s := t.text(key, def)
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		t.fail(key, "%q is not an address to listen on: write host:port, as in %s = %q", s, key, def)
	}
	return s
}
