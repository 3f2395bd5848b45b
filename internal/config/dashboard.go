package config

import (
	"net"
	"strconv"
)

// Dashboard says where `watch` serves its page, and who may see it.
type Dashboard struct {
	Listen          string   // host:port; "" is off
	Token           string   // that whoever asks must know; "": nobody is asked
	Hosts           []string // names besides localhost and IP addresses by which it may be called
	TLSCert, TLSKey string   // PEM files, absolute; "": plain HTTP
}

// leastToken is how many characters a token has at least: 16 of them at random can't be guessed.
const leastToken = 16

func readDashboard(t *table, base string) Dashboard {
	defer t.done()
	d := Dashboard{
		Listen:  t.text("listen", "127.0.0.1:8420"),
		Token:   t.token(),
		Hosts:   t.texts("hosts", []string{}),
		TLSCert: t.file("tls_cert", base),
		TLSKey:  t.file("tls_key", base),
	}
	if (d.TLSCert == "") != (d.TLSKey == "") {
		t.fail("tls_cert", "goes with tls_key: write both, or neither")
	}
	if d.Listen == "" {
		return d
	}
	host, port, err := net.SplitHostPort(d.Listen)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
		t.fail("listen", "%q is not an address: write host:port, as in listen = \"127.0.0.1:8420\", or \"\" for none", d.Listen)
	} else if d.Token == "" && !Loopback(host) {
		t.fail("listen", "%q can be reached from other machines: write a token too, or listen = \"127.0.0.1:%s\"", d.Listen, port)
	}
	return d
}

// token is what those who come must know; "": none is written.
func (t *table) token() string {
	s := t.text("token", "")
	if s != "" && len(s) < leastToken {
		t.fail("token", "has %d characters: write at least %d at random, as `openssl rand -hex 16` gives", len(s), leastToken)
	}
	return s
}

// Loopback reports whether a host is this machine, as only this machine can reach it.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
