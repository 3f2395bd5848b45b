package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
)

func TestMake(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	b.worker(2)
	for i, name := range []string{"scene.jpg", "palette.png"} {
		w := b.photo(name, i)
		made, err := m.Make(t.Context(), w)
		b.check(w, made, err)
		if err == nil {
			made.Stored()
		}
	}
	w := b.photo("truncated-50.jpg", 0)
	var format *resize.FormatError
	if _, err := m.Make(t.Context(), w); !errors.As(err, &format) {
		t.Errorf("got %v", err)
	}
	b.empty(m)
}

// A recipe with a large watermark does not fit into a message.
func TestLargeRecipe(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	r := b.worker(1)
	mark := b.photo("subsampling-444.jpg", 0).Data
	mark = append(mark, make([]byte, 2<<20)...) // as an editor's preview may be
	w := b.photo("scene.jpg", 0)
	w.Recipe = resize.Recipe{Variants: []resize.Variant{{Name: "s", Width: 200, Finish: &resize.Finish{Mark: &resize.Mark{Image: mark, Position: "center", Opacity: 1, Size: 0.5}}}}}
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	w = b.photo("scene.jpg", 1)
	w.Recipe = resize.Recipe{Variants: []resize.Variant{{Name: "s", Width: 200, Finish: &resize.Finish{Mark: &resize.Mark{Image: mark, Position: "center", Opacity: 1, Size: 0.5}}}}}
	made, err = m.Make(t.Context(), w)
	b.check(w, made, err)
	b.counts(2, r)
}

// However many ask, and however many work, a photo is made once, and each who asked gets it, also when others have fetched it already.
func TestOnce(t *testing.T) {
	b := newBed(t)
	one, two := b.maker(), b.maker()
	first, second := b.worker(1), b.worker(1)
	var all sync.WaitGroup
	const photos = 12
	for i := range photos {
		w := b.photo("scene.jpg", i)
		for _, m := range []*Maker{one, two} {
			all.Go(func() {
				made, err := m.Make(t.Context(), w)
				b.check(w, made, err)
			})
		}
	}
	all.Wait()
	b.counts(photos, first, second)
}

// Whatever disappears from the servers is asked for again.
func TestLost(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	purge := func(s jetstream.Stream) { b.must(s.Purge(t.Context())) }
	for name, lose := range map[string]func(){
		"the job":            func() { purge(m.jobs) },
		"the photo":          func() { purge(m.sources.stream) },
		"both":               func() { purge(m.sources.stream); purge(m.jobs) },
		"the news of it":     func() { b.must(m.heard.Unsubscribe()) },
		"nothing, this time": func() {},
	} {
		w := b.photo("scene.jpg", len(name))
		a := b.ask(m, w)
		b.eventually("the job", func() bool { seq, _ := m.queued(t.Context(), newJob(w, nil)); return seq != 0 })
		lose()
		r := b.worker(1)
		b.eventually(name, func() bool { return !a.pending() })
		b.check(w, a.made, a.err)
		if a.err == nil {
			a.made.Stored()
		}
		r.leave()
	}
	b.empty(m)
}

// A result whose outputs somebody has taken away is as good as none.
func TestOutputsTaken(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	r := b.worker(1)
	w := b.photo("scene.jpg", 0)
	w.Recipe = resize.Recipe{Variants: []resize.Variant{{Name: "l", Width: 800, Formats: []string{"png"}}}} // which is more than comes inline
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	b.must(m.outputs.stream.Purge(t.Context()))
	again, err := m.Make(t.Context(), w)
	b.check(w, again, err)
	b.counts(2, r)
}

// A server that takes small messages only gets those, and what is in them otherwise goes by the stores; one that takes none of ours is told of at once.
func TestSmallMessages(t *testing.T) {
	serve := func(most int32) *bed {
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), MaxPayload: most, NoLog: true, NoSigs: true})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() {
			s.Shutdown()
			s.WaitForShutdown()
		})
		return &bed{TB: t, url: s.ClientURL(), layout: Layout{AckWait: time.Second, Retry: pool.Retry{MaxAttempts: 3, Backoff: 10 * time.Millisecond}}}
	}
	b := serve(8 << 10)
	m := b.maker()
	r := b.worker(1)
	for i, recipe := range []resize.Recipe{small, {Variants: []resize.Variant{{Name: "l", Width: 400, Formats: []string{"png"}}}}} {
		w := b.photo("scene.jpg", i)
		w.Recipe = recipe
		made, err := m.Make(t.Context(), w)
		b.check(w, made, err)
	}
	b.counts(2, r)
	w := b.photo("grey.jpg", 2)
	w.Recipe = resize.Recipe{}
	for i := range 40 {
		w.Recipe.Variants = append(w.Recipe.Variants, resize.Variant{Name: fmt.Sprint("of a long name, so that the recipe alone fills a message ", i), Width: 20 + i})
	}
	j := newJob(w, nil)
	j.fit(m.conn.room())
	if j.Inline || j.Aside == nil || len(encode(j)) > m.conn.room() {
		t.Errorf("inline %t, aside %v, %d bytes", j.Inline, j.Aside, len(encode(j)))
	}
	// Its result is more than a message, and nothing of that can go elsewhere.
	var spent *pipeline.SpentError
	if _, err := m.Make(t.Context(), w); !errors.As(err, &spent) || !strings.Contains(err.Error(), "max_payload is too small for this: give it more") {
		t.Errorf("got %v", err)
	}
	b = serve(100)
	if _, err := NewMaker(t.Context(), b.dial("watcher"), b.layout, nil, nil); err == nil || !strings.Contains(err.Error(), "max_payload is too small for this: give it more") {
		t.Errorf("got %v", err)
	}
}

// What is small travels in the messages: the stores hold none of it.
func TestInline(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	b.worker(1)
	for i, name := range []string{"grey.jpg", "scene.jpg"} {
		w := b.photo(name, i)
		made, err := m.Make(t.Context(), w)
		b.check(w, made, err)
		for s, want := range map[*hubStore]bool{&m.sources: name == "scene.jpg", &m.outputs: false} {
			info, err := s.stream.Info(t.Context())
			b.must(err)
			if got := info.State.LastSeq > 0; got != want {
				t.Errorf("%s: something was in %s: %t", name, s.bucketName(), got)
			}
		}
		made.Stored()
	}
	b.empty(m)
	// Another photo than the job names is no photo.
	w := b.photo("grey.jpg", 9)
	j := newJob(w, nil)
	j.data = []byte("another")
	b.must(m.ask(t.Context(), j, 1))
	b.eventually("the job to be left alone", func() bool { seq, _ := m.queued(t.Context(), j); return seq == 0 })
	b.empty(m)
}

// A watching side that ended before it stored what was made finds it there at the next start.
func TestFoundAgain(t *testing.T) {
	b := newBed(t)
	before := b.maker()
	r := b.worker(1)
	w := b.photo("scene.jpg", 0)
	made, err := before.Make(t.Context(), w)
	b.check(w, made, err)
	m := b.maker()
	made, err = m.Make(t.Context(), w)
	b.check(w, made, err)
	made.Stored()
	b.counts(1, r)
	b.empty(m)
}

// A full queue holds those who ask back, and loses nothing.
func TestFullQueue(t *testing.T) {
	b := newBed(t)
	b.layout.Queue = 3
	m := b.maker()
	var all []*asked
	var photos []pipeline.Work
	for i := range 10 {
		photos = append(photos, b.photo("scene.jpg", i))
		all = append(all, b.ask(m, photos[i]))
	}
	queued := func() uint64 {
		info, err := m.jobs.Info(t.Context())
		b.must(err)
		return info.State.Msgs
	}
	b.eventually("the queue to be full", func() bool { return queued() == 3 })
	time.Sleep(300 * time.Millisecond) // the others come and go
	if n := queued(); n != 3 {
		t.Errorf("%d jobs are in a queue of 3", n)
	}
	r := b.worker(2)
	for i, a := range all {
		b.eventually("all", func() bool { return !a.pending() })
		b.check(photos[i], a.made, a.err)
	}
	b.counts(10, r)
}

// A store without room holds those back who have something to store.
func TestFullStore(t *testing.T) {
	b := newBed(t)
	b.layout.Storage = 500 << 10 // two photos of 201 kB
	m := b.maker()
	b.worker(2)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			w := b.photo("scene.jpg", i)
			made, err := m.Make(t.Context(), w)
			b.check(w, made, err)
			if err == nil {
				made.Stored()
			}
		})
	}
	all.Wait()
	b.empty(m)
}

// A job's message is concluded once, also when its result was taken and removed before a late worker comes with another one; and nobody hears
// of a result that is not stored yet.
func TestConcludedOnce(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	const photos = 50
	stored := make(chan error, photos)
	_, err := m.conn.nc.Subscribe(toldPrefix+"*", func(msg *nats.Msg) {
		_, err := m.results.GetLastMsgForSubject(context.Background(), resultSubject(strings.TrimPrefix(msg.Subject, toldPrefix)))
		stored <- err
	})
	b.must(err)
	for i := range photos {
		id := fmt.Sprint("job-", i)
		b.must(m.conn.conclude(t.Context(), id, 7, result{Version: version}))
		b.must(<-stored)
		b.must(m.results.Purge(t.Context(), jetstream.WithPurgeSubject(bothSubjects(id))))
		if err := m.conn.conclude(t.Context(), id, 7, result{Version: version}); !errors.Is(err, errTaken) {
			t.Errorf("a late worker is told %v", err)
		}
	}
	b.empty(m)
	b.must(m.conn.conclude(t.Context(), "job-0", 8, result{Version: version})) // asked for anew
}

// As many jobs may be out as the workers can take, twice over.
func TestStep(t *testing.T) {
	b := newBed(t)
	m := b.maker()
	pending := func() int {
		consumer, err := m.jobs.Consumer(t.Context(), workersConsumer())
		b.must(err)
		return consumer.CachedInfo().Config.MaxAckPending
	}
	if n := pending(); n != leastPending {
		t.Errorf("%d jobs may be out to nobody", n)
	}
	b.worker(50)
	r := b.worker(30)
	b.eventually("workers to count", func() bool { return pending() == 2*(2*50+2*30) })
	r.leave()
	b.eventually("a worker that left to count no more", func() bool { return pending() == 2*2*50 })
	seen, err := m.conn.Look(t.Context())
	b.must(err)
	if len(seen.Nodes) != 2 || seen.Nodes[0].Role != "worker" || seen.Nodes[0].Capacity != 100 || seen.Nodes[0].Seen > nodeTTL.Seconds() || strings.Contains(seen.Nodes[1].Name, "/") {
		t.Errorf("got %+v", seen)
	}
}

// Who starts before any server is there says so in words.
func TestNobodyThere(t *testing.T) {
	said := make(chan error, 10)
	c, err := Dial(Options{URL: "nats://127.0.0.1:1", Role: "worker", Warn: func(err error) { said <- err }})
	if err != nil {
		t.Fatal(err)
	}
	c.nc.Close()
	if err := <-said; !errors.Is(err, nats.ErrNoServers) || strings.Contains(err.Error(), "%!") {
		t.Errorf("it says %v", err)
	}
}
