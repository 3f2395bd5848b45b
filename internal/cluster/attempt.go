package cluster

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
)

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
