//go:build nohub

package hub

import (
	"context"
	"errors"
)

// Hub is a server that this pixmill does not have.
type Hub struct{}

// Start fails.
func Start(Options) (*Hub, error) {
	return nil, errors.New("this pixmill was built without the hub (-tags nohub): use another one, or any NATS server with JetStream")
}

// URL and Run are never called.
func (*Hub) URL(string) string   { return "" }
func (*Hub) Run(context.Context) {}
