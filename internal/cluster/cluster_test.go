package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/cluster/hub"
	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
)

// bed is a hub, and whoever a test connects to it.
type bed struct {
	testing.TB
	url    string
	layout Layout
	upload *Upload                     // of makers
	store  *Store                      // of makers
	open   func(Bucket) (Place, error) // of workers
}

func newBed(t testing.TB) *bed {
	h, err := hub.Start(hub.Options{Listen: "127.0.0.1:0", Store: filepath.Join(t.TempDir(), "hub"), Name: "hub", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { h.Run(ctx) })
	t.Cleanup(func() {
		stop()
		ended.Wait()
	})
	return &bed{TB: t, url: h.URL("127.0.0.1"), layout: Layout{AckWait: time.Second, Retry: pool.Retry{MaxAttempts: 3, Backoff: 10 * time.Millisecond}}}
}

func (b *bed) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

var nodes atomic.Int64

func (b *bed) dial(role string) *Conn {
	b.Helper()
	c, err := Dial(Options{URL: b.url, Role: role, Name: fmt.Sprint("n", nodes.Add(1)), Warn: func(err error) { b.Logf("%s: %v", role, err) }})
	b.must(err)
	b.Cleanup(c.nc.Close)
	return c
}

// maker is a watching side.
func (b *bed) maker() *Maker {
	b.Helper()
	m, err := NewMaker(b.Context(), b.dial("watcher"), b.layout, b.upload, b.store)
	b.must(err)
	m.firstLook = 100 * time.Millisecond
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { m.Run(ctx) })
	b.Cleanup(func() {
		stop()
		ended.Wait()
	})
	return m
}

// running is a worker, with what it did.
type running struct {
	*Worker
	made   atomic.Int64
	failed atomic.Int64
	leave  func() // returns when it has left
}

func (b *bed) worker(workers int) *running {
	b.Helper()
	r := b.idle(workers)
	r.leave = b.run(r.Worker)
	return r
}

// idle is a worker that does not run yet.
func (b *bed) idle(workers int) *running {
	b.Helper()
	r := &running{}
	var err error
	r.Worker, err = NewWorker(b.Context(), b.dial("worker"), WorkerOptions{Workers: workers, Retry: b.layout.Retry, Open: b.open, Report: func(d Done) {
		if d.Err != nil {
			r.failed.Add(1)
		} else if d.Outputs > 0 {
			r.made.Add(1)
		}
	}})
	b.must(err)
	return r
}

// run starts a worker; what it returns ends its intake, gives it a moment, and waits until it has left.
func (b *bed) run(w *Worker) (leave func()) {
	intake, stop := context.WithCancel(context.Background())
	working, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { w.Run(intake, working) })
	leave = sync.OnceFunc(func() {
		stop()
		late := time.AfterFunc(300*time.Millisecond, cancel)
		ended.Wait()
		late.Stop()
		cancel()
	})
	b.Cleanup(leave)
	return leave
}

// photo is one of testdata's, made unlike others by a comment behind it.
func (b *bed) photo(name string, n int) pipeline.Work {
	b.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "images", name))
	b.must(err)
	data = append(data, byte(n), byte(n>>8))
	info, err := resize.Probe(bytes.NewReader(data), int64(len(data)))
	b.must(err)
	hash := sha256.Sum256(data)
	return pipeline.Work{Data: data, Hash: hex.EncodeToString(hash[:]), Info: info, Recipe: small}
}

// check holds what came against what this process makes.
func (b *bed) check(w pipeline.Work, made pipeline.Made, err error) {
	b.Helper()
	if err != nil {
		b.Error(err)
		return
	}
	want, err := resize.Process(b.Context(), w.Data, w.Recipe, w.Limits)
	b.must(err)
	if len(made.Outputs) != len(want.Outputs) {
		b.Errorf("%d outputs, want %d", len(made.Outputs), len(want.Outputs))
		return
	}
	for i, o := range want.Outputs {
		if got := made.Outputs[i]; got.Target != o.Target || !bytes.Equal(got.Data, o.Data) {
			b.Errorf("output %d is %+v of %d bytes, want %+v of %d", i, got.Target, len(got.Data), o.Target, len(o.Data))
		}
	}
}

// empty checks that nothing is left on the servers.
func (b *bed) empty(m *Maker) {
	b.Helper()
	for _, s := range []jetstream.Stream{m.jobs, m.results, m.dead, m.sources.stream, m.outputs.stream} {
		var left uint64
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // acknowledgements are under way
			info, err := s.Info(b.Context())
			b.must(err)
			if left = info.State.Msgs; left == 0 {
				break
			}
		}
		if left != 0 {
			b.Errorf("%s holds %d messages", s.CachedInfo().Config.Name, left)
		}
	}
}

// eventually waits for what has to come.
func (b *bed) eventually(what string, there func() bool) {
	b.Helper()
	for end := time.Now().Add(30 * time.Second); !there(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("waited too long for %s", what)
		}
	}
}

// counts holds workers to having made so many photos together. They count after the result is on its way, so it may be there first.
func (b *bed) counts(want int64, workers ...*running) {
	b.Helper()
	b.eventually(fmt.Sprintf("%d photos to be counted, no more", want), func() bool {
		n := int64(0)
		for _, r := range workers {
			n += r.made.Load()
		}
		return n == want
	})
}

// asked is a Make that goes on by itself.
type asked struct {
	made pipeline.Made
	err  error
	done chan struct{}
}

func (b *bed) ask(m *Maker, w pipeline.Work) *asked {
	a := &asked{done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.made, a.err = m.Make(b.Context(), w)
	}()
	return a
}

func (a *asked) pending() bool {
	select {
	case <-a.done:
		return false
	default:
		return true
	}
}
