package cluster

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// Maker has photos made by the cluster's workers. It is the watching side's pipeline.Maker.
type Maker struct {
	conn   *Conn
	layout Layout
	upload *Upload
	store  *Bucket // that jobs name; nil: bytes go through the servers
	at     stores
	streams

	node      *node
	heard     *nats.Subscription
	firstLook time.Duration

	mu      sync.Mutex
	waiting map[string]chan result // by job
}

// NewMaker sets the cluster up, and waits for it if need be. Run must be called, too. Without an upload, outputs come here; without a store, bytes
// go through the servers.
func NewMaker(ctx context.Context, c *Conn, l Layout, u *Upload, s *Store) (*Maker, error) {
	m := &Maker{conn: c, layout: l.withDefaults(), upload: u, firstLook: firstLook, waiting: map[string]chan result{}}
	var err error
	if m.streams, err = c.setUp(ctx, m.layout); err != nil {
		return nil, err
	}
	m.at = m.hubStores()
	if s != nil {
		m.store, m.at = &s.Bucket, newPlace(s.Place, c.opts.Warn).stores(c.opts.Warn)
	}
	m.node = newNode(c, m.nodes)
	if m.heard, err = c.nc.Subscribe(toldPrefix+"*", m.hear); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	return m, nil
}

// Run tells the cluster of this machine, collects dead letters and keeps the flow in step with the workers, until ctx ends.
func (m *Maker) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { m.node.run(ctx) })
	all.Go(func() { m.collectDead(ctx) })
	all.Go(func() { m.keepStep(ctx) })
	all.Wait()
}

// Cost implements pipeline.Maker: what is held here is the source, and its outputs while they are stored, if they come here.
func (m *Maker) Cost(size int64, _ resize.Info, _ resize.Recipe) int64 {
	if m.upload != nil {
		return size
	}
	return 2 * size
}

// errLost is a job that is neither in the queue nor has a result: it is asked for again.
var errLost = errors.New("the job got lost")

// Make implements pipeline.Maker.
func (m *Maker) Make(ctx context.Context, w pipeline.Work) (pipeline.Made, error) {
	m.node.begin()
	defer m.node.end()
	j := newJob(w, m.store)
	if m.upload != nil {
		if err := j.aim(m.upload, w); err != nil {
			return pipeline.Made{}, err
		}
	}
	j.fit(m.conn.room())
	news := m.listen(j.id)
	defer m.unlisten(j.id)
	for try := 1; ; try++ {
		r, err := m.result(ctx, j, w.Data, news, try)
		if err == nil {
			var made pipeline.Made
			if made, err = m.collect(ctx, j, r); err == nil {
				m.node.finish()
				return made, nil
			}
		}
		if !errors.Is(err, errLost) {
			return pipeline.Made{}, err
		}
	}
}

// result is the job's, new or found.
func (m *Maker) result(ctx context.Context, j job, data []byte, news <-chan result, try int) (r result, err error) {
	r, err = m.last(ctx, resultSubject(j.id))
	switch {
	case err == nil && j.Upload != nil && try == 1: // of another life: others may have written to the bucket since
		m.remove(ctx, j, r)
	case !errors.Is(err, jetstream.ErrMsgNotFound):
		return r, err
	}
	if !j.Inline {
		if try > 2 { // lost twice: what lies there may be another content
			m.at.sources.remove(ctx, j.Source.Hash)
		}
		if err := keep(ctx, m.at.sources, j.Source, data); err != nil {
			return r, err
		}
	}
	if j.Aside != nil {
		if err := keep(ctx, m.sources, *j.Aside, j.recipe); err != nil { // a few, which many jobs share and the server forgets
			return r, err
		}
	}
	if err := m.ask(ctx, j, try); err != nil {
		return r, err
	}
	return m.wait(ctx, j, news)
}

// keep stores a blob, unless it is there.
func keep(ctx context.Context, in store, b blob, data []byte) error {
	hash, err := hex.DecodeString(b.Hash)
	if err != nil {
		return fmt.Errorf("internal error: a hash of %q: %w", b.Hash, err)
	}
	return in.put(ctx, b.Hash, hash, data)
}

// ask puts the job into the queue, unless it is there. Its message's id is its own, so that one that is sent twice is queued once; from
// the second try on it is another one, because the server remembers the first after the job is gone.
func (m *Maker) ask(ctx context.Context, j job, try int) error {
	id := j.id
	if try > 1 {
		id = fmt.Sprintf("%s.%s.%d", id, m.node.name, try)
	}
	err := m.conn.patiently(ctx, func(ctx context.Context) error {
		for {
			_, err := m.conn.publish(ctx, j.subject, message(j, j.data), jetstream.WithMsgID(id))
			if j.Upload == nil || !errors.Is(err, errQueued) {
				return err
			}
			if free, err := m.replace(ctx, j); err != nil || !free {
				return err
			}
		}
	})
	if errors.Is(err, errQueued) {
		return nil
	}
	return err
}

// collect turns a result into what the pipeline wants. What failed is forgotten at once, so that it can be asked for again; what was
// made only once it is stored.
func (m *Maker) collect(ctx context.Context, j job, r result) (pipeline.Made, error) {
	if r.Fault != nil {
		m.forget(ctx, j, r)
		err := r.Fault.err()
		if r.Dead {
			err = &pipeline.SpentError{Err: err, Attempts: r.Attempts}
		}
		return pipeline.Made{}, err
	}
	var sent []pipeline.Sent
	if j.Upload != nil {
		var err error
		if sent, err = j.sentOutputs(r); err != nil {
			return pipeline.Made{}, err
		}
	}
	data := r.data
	if r.Object != "" {
		var err error
		data, err = m.at.outputs.get(ctx, r.Object, r.size())
		if errors.Is(err, jetstream.ErrObjectNotFound) { // another watching side was first to store them
			m.remove(ctx, j, r)
			return pipeline.Made{}, errLost
		}
		if err != nil {
			return pipeline.Made{}, err
		}
	}
	if len(r.Parts) > 0 {
		if err := r.unbundle(data); errors.Is(err, errDamaged) {
			m.conn.opts.Warn(fmt.Errorf("cluster: %w: they are made again", err))
			m.remove(ctx, j, r)
			return pipeline.Made{}, errLost
		} else if err != nil {
			return pipeline.Made{}, err
		}
	}
	return pipeline.Made{Result: r.Made, Sent: sent, Stored: func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		m.forget(ctx, j, r)
	}}, nil
}

// forget removes all that is left of a job. The photo goes first: a worker that is given the job again meanwhile finds its result, or nothing
// to make another one from.
func (m *Maker) forget(ctx context.Context, j job, r result) {
	if !j.Inline {
		m.at.sources.remove(ctx, j.Source.Hash)
	}
	m.remove(ctx, j, r)
}

// remove removes a result and what it points to.
func (m *Maker) remove(ctx context.Context, j job, r result) {
	if err := m.results.Purge(ctx, jetstream.WithPurgeSubject(bothSubjects(j.id))); err != nil && ctx.Err() == nil {
		m.conn.opts.Warn(fmt.Errorf("cluster: a result stays there until it is too old: %w", err))
	}
	m.at.outputs.remove(ctx, r.Object)
}

// listen returns the channel that a job's result comes in on.
func (m *Maker) listen(id string) <-chan result {
	news := make(chan result, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting[id] = news
	return news
}

func (m *Maker) unlisten(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, id)
}

// hear is told of every result, also other watching sides'.
func (m *Maker) hear(msg *nats.Msg) {
	id := strings.TrimPrefix(msg.Subject, toldPrefix)
	m.mu.Lock()
	news := m.waiting[id]
	m.mu.Unlock()
	if news == nil {
		return
	}
	r, err := decodeResult(msg.Data)
	if err != nil {
		return
	}
	select {
	case news <- r:
	default: // one is there already
	}
}
