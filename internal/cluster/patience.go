package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// patience is for servers that are down, elect a leader or are full.
type patience struct {
	what string // "the cluster"
	warn func(error)

	mu      sync.Mutex
	trouble bool // what was tried last did not work
}

// answers are errors that say something of what was asked for; all others say something of the connection or the servers.
var answers = []error{jetstream.ErrObjectNotFound, jetstream.ErrMsgNotFound, jetstream.ErrKeyNotFound, errTaken, errQueued, errReplaced}

func answered(err error) bool {
	for _, a := range answers {
		if errors.Is(err, a) {
			return true
		}
	}
	var refused *RefusedError
	return err == nil || errors.As(err, &refused)
}

// The waits of patiently: the first, and the longest that doubling leads to.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// patiently tries until there is an answer, or ctx ends. That it has to wait is said once, and once that it is over.
func (p *patience) patiently(ctx context.Context, try func(context.Context) error) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := try(ctx)
		switch {
		case answered(err):
			p.turn(false, nil)
			return err
		case errors.Is(err, nats.ErrMaxPayload): // no waiting makes it smaller
			return fmt.Errorf("%w: the server's max_payload is too small for this: give it more, 1MB as by default", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		// An election passes unnoticed; of a connection that is not there, Conn tells.
		if wait > 4*firstWait && !errors.Is(err, nats.ErrReconnectBufExceeded) {
			p.turn(true, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// turn notes whether things work, and tells when that is news.
func (p *patience) turn(trouble bool, err error) {
	p.mu.Lock()
	was := p.trouble
	p.trouble = trouble
	p.mu.Unlock()
	switch {
	case trouble && !was:
		p.warn(fmt.Errorf("%s does not do what it should, trying on: %w%s", p.what, err, remedy(err)))
	case was && !trouble:
		p.warn(fmt.Errorf("%s works again: going on", p.what))
	}
}

func remedy(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "maximum bytes"), strings.Contains(text, "insufficient storage"):
		return ": it is full (cluster.storage, or the server's own limit); there is room again when what waits is done"
	case strings.Contains(text, "maximum messages"):
		return ": its queue is full; there is room again when workers have done something"
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return ": start nats-server with -js, or use `pixmill hub`"
	}
	return ""
}
