package cluster

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// That no server is there is said once, and plainly; nobody gives up because of it.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	var (
		mu   sync.Mutex
		said []string
	)
	c, err := Dial(Options{URL: "nats://s3cret@" + host, Role: "worker", Name: "n", Warn: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, err.Error())
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*firstWait) // longer than what passes unnoticed
	defer cancel()
	if _, err := NewWorker(ctx, c, WorkerOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a worker without a server: %v", err)
	}
	want := "the cluster's server (" + host + ") cannot be reached"
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.Look(ctx); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("looking without a server: %v", err)
	}
	c.Close()
	mu.Lock()
	defer mu.Unlock()
	if len(said) != 1 || !strings.HasPrefix(said[0], want) || strings.Contains(said[0], "s3cret") {
		t.Errorf("said %q, want one line that begins with %q", said, want)
	}
}
