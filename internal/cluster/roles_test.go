package cluster

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"pixmill/pool"
)

// The users of examples/cluster/nats.conf can do what their roles need, and a worker no more than that.
func TestRoles(t *testing.T) {
	for name, value := range map[string]string{"SERVER_NAME": "one", "PIXMILL_WATCHER": "a", "PIXMILL_WORKER": "b", "PIXMILL_STATUS": "c"} {
		t.Setenv(name, value)
	}
	opts, err := server.ProcessConfigFile(filepath.Join("..", "..", "examples", "cluster", "nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	opts.Host, opts.Port, opts.HTTPPort, opts.StoreDir, opts.NoSigs = "127.0.0.1", server.RANDOM_PORT, 0, t.TempDir(), true
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not come up")
	}
	b := &bed{TB: t, layout: Layout{AckWait: 300 * time.Millisecond, Retry: pool.Retry{MaxAttempts: 2, Backoff: 10 * time.Millisecond}}}
	as := func(user, password string) { b.url = fmt.Sprintf("nats://%s:%s@%s", user, password, s.Addr()) }

	as("watcher", "a")
	m := b.maker()
	late := b.photo("scene.jpg", 1)
	a := b.ask(m, late)
	as("worker", "b")
	r := b.idle(1)
	b.must(b.take(r.jobs).NakWithDelay(time.Hour)) // it is missed only after the watching side has nudged it
	b.run(r.Worker)
	b.eventually("the late one", func() bool { return !a.pending() })
	b.check(late, a.made, a.err)
	a.made.Stored()
	for i, name := range []string{"scene.jpg", "truncated-50.jpg"} {
		w := b.photo(name, i)
		if made, err := m.Make(t.Context(), w); err == nil {
			b.check(w, made, err)
			made.Stored()
		} else if name == "scene.jpg" {
			t.Error(err)
		}
	}
	strange := b.photo("scene.jpg", 2)
	strange.Recipe.Variants = nil
	if _, err := m.Make(t.Context(), strange); err == nil || !strings.Contains(err.Error(), "does not understand") {
		t.Errorf("a dead letter says %v", err)
	}
	b.empty(m)

	as("status", "c")
	b.eventually("both to say that they are there", func() bool {
		seen, err := b.dial("status").Look(t.Context())
		b.must(err)
		return len(seen.Nodes) == 2
	})

	js, err := jetstream.New(r.conn.nc, jetstream.WithDefaultTimeout(300*time.Millisecond))
	b.must(err)
	purge := func(stream string) error {
		s, err := js.Stream(t.Context(), stream)
		b.must(err)
		return s.Purge(t.Context())
	}
	for what, try := range map[string]func() error{
		"delete a stream": func() error { return js.DeleteStream(t.Context(), jobsStream) },
		"take results":    func() error { return purge(resultsStream) },
		"take photos":     func() error { return purge(objectStream(sourcesBucket)) },
		"ask for photos": func() error {
			_, err := js.Publish(t.Context(), jobSubject("x"), nil, jetstream.WithRetryAttempts(0))
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("a worker may %s", what)
		}
	}
}
