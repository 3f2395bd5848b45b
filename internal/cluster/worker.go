package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/prometheus/client_golang/prometheus"

	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
)

// WorkerOptions of a Worker. The zero value: one photo a CPU at once, no bound on memory.
type WorkerOptions struct {
	Workers int        // photos that are resized at once; as many more are fetched and stored meanwhile. 0: one a CPU
	Budget  int64      // bytes for sources, pixels and outputs; 0: no limit
	Retry   pool.Retry // its waits only: how often a job is tried is up to the watching side

	// Open opens the buckets that jobs name, or says why not; nil: none.
	Open func(Bucket) (Place, error)

	Report func(Done) // called from several goroutines; nil: dropped
}

// Done is how a job ended, for whoever wants to tell people.
type Done struct {
	Job     string
	Outputs int
	Took    time.Duration
	Err     error // "" for one that was made
}

// Worker makes photos for watching sides.
type Worker struct {
	conn *Conn
	opts WorkerOptions
	streams

	beat  time.Duration // between two heartbeats
	node  *node
	pool  *pool.Pool[*delivery, struct{}]
	cpus  chan struct{} // one for each photo that is being resized
	slots chan struct{} // one for each job in hand

	metrics  metrics
	registry *prometheus.Registry

	mu     sync.Mutex
	hand   map[*delivery]struct{}
	places map[Bucket]*place
	large  struct { // the last recipe that did not come with its job
		hash   string
		recipe resize.Recipe
	}
}

// delivery is a job in hand: a message that is neither acknowledged nor given back.
type delivery struct{ jetstream.Msg }

// NewWorker waits until there is a cluster to work for.
func NewWorker(ctx context.Context, c *Conn, o WorkerOptions) (*Worker, error) {
	if o.Workers <= 0 {
		o.Workers = pool.SizeFor(pool.CPUBound, 0)
	}
	if o.Report == nil {
		o.Report = func(Done) {}
	}
	w := &Worker{conn: c, opts: o, cpus: make(chan struct{}, o.Workers), slots: make(chan struct{}, 2*o.Workers), hand: map[*delivery]struct{}{}, places: map[Bucket]*place{}}
	var err error
	if w.streams, err = c.find(ctx); err != nil {
		return nil, err
	}
	err = c.patiently(ctx, func(ctx context.Context) error {
		consumer, err := w.jobs.Consumer(ctx, workersConsumer())
		if err == nil {
			w.beat = consumer.CachedInfo().Config.AckWait / 3
		}
		return absent(err)
	})
	if err != nil {
		return nil, err
	}
	w.node = newNode(c, w.nodes)
	w.node.Capacity = cap(w.slots)
	w.registry = prometheus.NewRegistry()
	w.register(w.registry)
	w.pool = pool.New(w.work, pool.Options{MaxWorkers: cap(w.slots), Queue: cap(w.slots), Budget: o.Budget})
	return w, nil
}

// Run works until intake ends, finishes what is in hand, and gives back what the end of work does not leave time for.
func (w *Worker) Run(intake, work context.Context) {
	beside, stop := context.WithCancel(context.WithoutCancel(work))
	var all sync.WaitGroup
	all.Go(func() { w.node.run(beside) })
	all.Go(func() { w.keepInHand(beside) })
	all.Go(func() { w.pool.Run(work) })
	all.Go(w.settle)

	w.pull(intake)
	w.pool.Shutdown(work) // its error: not all was finished, which follows
	w.mu.Lock()
	left := slices.Collect(maps.Keys(w.hand))
	w.mu.Unlock()
	for _, d := range left {
		w.let(d, func() error { return d.NakWithDelay(w.opts.Retry.Backoff) })
	}
	stop()
	all.Wait()
}

// Stats is what the worker tells the cluster of itself.
func (w *Worker) Stats() Node { return w.node.Stats() }

// pull takes a job whenever there is a slot for one, so that none waits here that another worker could do.
func (w *Worker) pull(ctx context.Context) {
	for ctx.Err() == nil {
		var messages jetstream.MessagesContext
		err := w.conn.patiently(ctx, func(ctx context.Context) error {
			consumer, err := w.jobs.Consumer(ctx, workersConsumer())
			if err == nil {
				messages, err = consumer.Messages(jetstream.PullMaxMessages(1), jetstream.PullHeartbeat(5*time.Second))
			}
			return absent(err)
		})
		if err != nil {
			return
		}
		stop := context.AfterFunc(ctx, messages.Drain)
		w.take(ctx, messages)
		stop()
		messages.Stop()
	}
}

// take hands jobs to the pool until ctx ends, or the server has lost the consumer.
func (w *Worker) take(ctx context.Context, messages jetstream.MessagesContext) {
	for {
		select {
		case w.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		msg, err := next(messages)
		if err != nil {
			<-w.slots
			return
		}
		d := &delivery{msg}
		w.hold(d)
		if err := w.pool.Submit(context.WithoutCancel(ctx), d); err != nil { // work has ended
			<-w.slots
			return
		}
	}
}

// next is messages.Next, but that it looks again, after longer and longer waits. A message that comes before nats.go has noted that its request was
// sent keeps it from sending the next one (v1.55.0: pullSubscription.fetchInProgress), which it would find out when heartbeats lack, or when it is
// asked again.
func next(messages jetstream.MessagesContext) (jetstream.Msg, error) {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		if msg, err := messages.Next(jetstream.NextMaxWait(wait)); !errors.Is(err, nats.ErrTimeout) {
			return msg, err
		}
	}
}

func (w *Worker) hold(d *delivery) {
	w.node.begin()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hand[d] = struct{}{}
}

// let says how a delivery ended.
func (w *Worker) let(d *delivery, end func() error) {
	w.mu.Lock()
	_, held := w.hand[d]
	delete(w.hand, d)
	w.mu.Unlock()
	if !held {
		return
	}
	w.node.end()
	if err := end(); err != nil { // it comes again, here or elsewhere, and its result is found
		w.conn.opts.Warn(fmt.Errorf("cluster: a job's end could not be told: %w", err))
	}
}

// keepInHand tells the server of all jobs in hand that they are being worked on.
func (w *Worker) keepInHand(ctx context.Context) {
	for tick := time.NewTicker(w.beat); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return
		}
		w.mu.Lock()
		for d := range w.hand {
			d.InProgress() // one that fails is made good by the next
		}
		w.mu.Unlock()
	}
}

// settle frees the slot of every job that ended. A panic counts as a failed attempt.
func (w *Worker) settle() {
	for r := range w.pool.Results() {
		var panicked *pool.PanicError
		if errors.As(r.Err, &panicked) {
			w.fail(context.Background(), r.Job, &resize.PanicError{Value: panicked.Value, Stack: panicked.Stack})
		}
		<-w.slots
	}
}

// work is one attempt at one job. How it ended is said to the server; the error is the pool's only where it panics.
func (w *Worker) work(ctx context.Context, t *pool.Task[*delivery]) (none struct{}, err error) {
	start := time.Now()
	j, err := decodeJob(t.Job.Subject(), t.Job.Data())
	outputs := 0
	if err == nil {
		outputs, err = w.make(ctx, t, j)
	}
	switch {
	case err == nil:
		w.node.finish()
	case errors.Is(err, context.Canceled):
		return none, nil // Run gives it back
	case !pipeline.Rejects(err): // which was said in the job's result
		w.fail(ctx, t.Job, err)
	}
	w.count(Done{Job: j.id, Outputs: outputs, Took: time.Since(start), Err: err})
	return none, nil
}

// make does a job and delivers what came of it; it returns how many outputs there are. A job that has a result already was done by a
// worker that could not acknowledge it any more.
func (w *Worker) make(ctx context.Context, t *pool.Task[*delivery], j job) (int, error) {
	if _, err := w.last(ctx, w.conn, resultSubject(j.id)); !errors.Is(err, jetstream.ErrMsgNotFound) {
		if err == nil {
			w.let(t.Job, t.Job.Ack)
		}
		return 0, err
	}
	r := result{Version: version, Worker: w.node.name, Attempts: attempt(t.Job)}
	var to *place
	var at stores
	recipe, err := w.recipe(ctx, j)
	if err == nil {
		at, err = w.storesOf(ctx, j)
	}
	if err == nil && j.Upload != nil {
		to, err = w.place(ctx, j.Upload.Bucket)
	}
	if err == nil {
		err = t.Reserve(ctx, j.Source.Size+resize.Cost(j.Info, recipe))
	}
	var data []byte
	if err == nil {
		data, err = source(ctx, at, j)
	}
	if errors.Is(err, jetstream.ErrObjectNotFound) { // it was made elsewhere and is stored by now; or else whoever waits finds the job gone, and asks anew
		w.let(t.Job, t.Job.Ack)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	r.Made, err = w.resize(ctx, data, recipe, j.Limits)
	if pipeline.Rejects(err) {
		r.Fault = newFault(err)
		return 0, errors.Join(err, w.deliver(ctx, t.Job, j.id, r, at))
	}
	if err != nil {
		return 0, err
	}
	if to != nil {
		r.Sent, err = w.send(ctx, t.Job, j, to, r.Made.Outputs)
	} else if all := r.bundle(); len(all) <= inline && len(encode(r))+1+len(all) <= w.conn.room() {
		r.data = all
	} else {
		r.Object = j.id + "." + nuid.Next()
		err = at.outputs.put(ctx, r.Object, nil, all)
	}
	if errors.Is(err, errReplaced) {
		w.let(t.Job, t.Job.Ack)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return len(r.Made.Outputs), w.deliver(ctx, t.Job, j.id, r, at)
}

// storesOf are where a job's bytes lie: with the servers, or in a bucket.
func (w *Worker) storesOf(ctx context.Context, j job) (stores, error) {
	if j.Store == nil {
		return w.hubStores(), nil
	}
	p, err := w.place(ctx, *j.Store)
	if err != nil {
		return stores{}, err
	}
	return p.stores(w.conn.opts.Warn), nil
}

// source returns a job's, from its message or the store. What was stored under its hash by mistake is as good as not there.
func source(ctx context.Context, at stores, j job) ([]byte, error) {
	if !j.Inline {
		return fetch(ctx, at.sources, j.Source)
	}
	return j.data, j.Source.verify(j.data)
}

func fetch(ctx context.Context, from store, b blob) ([]byte, error) {
	data, err := from.get(ctx, b.Hash, b.Size)
	if err == nil {
		err = b.verify(data)
	}
	return data, err
}

// recipe is a job's. The last large one is kept: they come in hundreds.
func (w *Worker) recipe(ctx context.Context, j job) (resize.Recipe, error) {
	if j.Aside == nil {
		return decodeRecipe(j.recipe)
	}
	w.mu.Lock()
	known, r := w.large.hash == j.Aside.Hash, w.large.recipe
	w.mu.Unlock()
	if known {
		return r, nil
	}
	data, err := fetch(ctx, w.sources, *j.Aside)
	if err != nil {
		return r, err
	}
	if r, err = decodeRecipe(data); err == nil {
		w.mu.Lock()
		w.large.hash, w.large.recipe = j.Aside.Hash, r
		w.mu.Unlock()
	}
	return r, err
}

// resize waits for a CPU: fetching and storing of other jobs go on meanwhile.
func (w *Worker) resize(ctx context.Context, data []byte, recipe resize.Recipe, limits resize.Limits) (resize.Result, error) {
	select {
	case w.cpus <- struct{}{}:
		defer func() { <-w.cpus }()
	case <-ctx.Done():
		return resize.Result{}, ctx.Err()
	}
	return resize.Process(ctx, data, recipe, limits)
}

// deliver publishes a job's result, if it is the first, and acknowledges the job.
func (w *Worker) deliver(ctx context.Context, d *delivery, id string, r result, at stores) error {
	err := w.conn.conclude(ctx, id, sequence(d), r)
	if errors.Is(err, errTaken) {
		if first, lastErr := w.last(ctx, w.conn, resultSubject(id)); lastErr != nil || first.Object != r.Object {
			at.outputs.remove(ctx, r.Object) // another worker was faster, or our own answer was late
		}
		err = nil
	}
	if err == nil {
		w.let(d, func() error { return d.DoubleAck(ctx) })
	}
	return err
}

// fail notes why an attempt failed, and gives the job back for another one.
func (w *Worker) fail(ctx context.Context, d *delivery, cause error) {
	n := attempt(d)
	id := idOf(d.Subject(), d.Data())
	r := result{Version: version, Worker: w.node.name, Attempts: n, Fault: newFault(cause)}
	err := w.conn.patiently(ctx, func(ctx context.Context) error {
		_, err := w.conn.publish(ctx, failureSubject(id), encode(r))
		return err
	})
	w.let(d, func() error { return errors.Join(err, d.NakWithDelay(wait(w.opts.Retry, n))) })
}

// sequence is a job's message's in its stream.
func sequence(d *delivery) uint64 {
	meta, err := d.Metadata()
	if err != nil {
		return 0
	}
	return meta.Sequence.Stream
}

// attempt is which delivery of its job this is, from 1.
func attempt(d *delivery) int {
	meta, err := d.Metadata()
	if err != nil {
		return 1
	}
	return int(meta.NumDelivered)
}
