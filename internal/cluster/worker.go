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
