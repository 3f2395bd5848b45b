// Package hub is a NATS server with JetStream in this process, for people who have none: nats-io/nats-server, with the options that
// pixmill's cluster wants of it.
//
// Built with -tags nohub there is no such server, and the program is a quarter smaller.
package hub

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Options of a Hub. Listen, Store and Name are needed.
type Options struct {
	Listen  string // host:port
	Store   string // folder of the queue, the bytes and the token
	Name    string // unique among its peers, and the same at every start
	Token   string // who knows it may come in; "": one is made, and kept in Store
	TLSCert string // files; "": no TLS, neither for clients nor for peers
	TLSKey  string
	TLSCA   string // who signs the clients' and the peers' certificates; "": clients need none, and peers one that the system trusts

	Peers      []string // addresses of all hubs of the cluster; none: this is the only one
	PeerListen string   // host:port, for them
	Log        *slog.Logger
}

// urlFile is in a hub's folder, for this machine's other commands.
const urlFile = "url"

// URL is how the hub that keeps its things in store is reached on this machine; "" where there is none.
func URL(store string) string {
	text, err := os.ReadFile(filepath.Join(store, urlFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
