//go:build unix

package e2e

import (
	"context"
	"encoding/json"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// takeover: a worker that has a job is gone, and so is the hub that knows since when. With -fleet.skew the clocks of those that are left are an hour
// and two behind that of the one that is gone.
func takeover(t *testing.T) {
	f := newFleet(t, 3)
	last, watcher := f.hubs[2], f.watchers[0]
	for _, m := range append(f.hubs, watcher) {
		f.start(m)
	}
	nc, err := nats.Connect(f.url, nats.IgnoreDiscoveredServers(), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
	f.must(err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	f.must(err)
	f.drop(2)
	leads := func(consumer jetstream.Consumer) bool {
		hubs := consumer.CachedInfo().Cluster
		return hubs != nil && hubs.Leader == last.name
	}
	f.eventually("the last hub to give the job out", func(ctx context.Context) bool {
		consumer, err := js.Consumer(ctx, "PIXMILL_JOBS", "workers-1")
		if err != nil {
			return false
		}
		if !leads(consumer) {
			request, _ := json.Marshal(map[string]any{"placement": map[string]any{"preferred": last.name}})
			nc.RequestWithContext(ctx, "$JS.API.CONSUMER.LEADER.STEPDOWN.PIXMILL_JOBS.workers-1", request)
			return false
		}
		msg, err := consumer.Next(jetstream.FetchMaxWait(2 * time.Second)) // by somebody who is not heard of again
		if err != nil {
			return false
		}
		// He says once that he is at work on it. That the hub has heard of it, its answer tells; the others follow.
		_, err = nc.RequestWithContext(ctx, msg.Reply(), []byte("+WPI"))
		if _, lost := consumer.Info(ctx); err != nil || lost != nil || !leads(consumer) {
			msg.Nak()
			return false
		}
		time.Sleep(500 * time.Millisecond)
		return true
	})
	f.must(last.cmd.Process.Signal(syscall.SIGKILL))
	gone := time.Now()
	f.start(f.workers[0])
	f.await(2 * time.Minute)
	f.Logf("done %s after the hub was gone", time.Since(gone).Round(100*time.Millisecond))
}

// eventually waits for what has to come.
func (f *fleet) eventually(what string, there func(context.Context) bool) {
	f.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(500 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(f.Context(), 5*time.Second)
		ok := there(ctx)
		cancel()
		if ok {
			return
		}
		if time.Now().After(end) {
			f.Fatalf("waited too long for %s", what)
		}
	}
}
