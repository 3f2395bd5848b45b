package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// Upload has the workers bring outputs to a bucket, so that only records travel back.
type Upload struct {
	Bucket
	Key func(path string) (string, error) // of an output below the prefix, by its path below the output folder
}

// target is where the outputs of one photo go.
type target struct {
	Bucket Bucket `json:"bucket"`
	Keys   []key  `json:"keys"`
}

type key struct {
	Variant string `json:"variant"`
	Format  string `json:"format"`
	Key     string `json:"key"`

	path string
}

// of is the key of an output.
func (t *target) of(o resize.Target) (key, error) {
	for _, k := range t.Keys {
		if k.Variant == o.Variant && k.Format == o.Format {
			return k, nil
		}
	}
	return key{}, fmt.Errorf("the job names no key for %s as %s", o.Variant, o.Format)
}

// sent is an output that is in the bucket.
type sent struct {
	Bytes int64  `json:"bytes"`
	Hash  string `json:"hash"` // hexadecimal SHA-256
	ETag  string `json:"etag"`
}

// aim has a job's outputs sent to a bucket. There is one job of a photo then, whatever its content or recipe: one that came before must not write
// after one that came later. So the photo's name is the job's subject, and its id is within.
func (j *job) aim(at *Upload, w pipeline.Work) error {
	names, err := w.Names()
	if err != nil {
		return err
	}
	t := &target{Bucket: at.Bucket}
	for _, n := range names {
		k, err := at.Key(n.Path)
		if err != nil {
			return err
		}
		t.Keys = append(t.Keys, key{n.Variant, n.Format, k, n.Path})
	}
	j.Upload = t
	sum := sha256.Sum256(append(encode(t), j.id...))
	j.ID = j.Source.Hash + "-" + hex.EncodeToString(sum[:8])
	photo := sha256.Sum256(encode([]any{t.Bucket.Endpoint, t.Bucket.Name, t.Bucket.Prefix, w.Name}))
	j.id, j.subject = j.ID, jobSubject("photo-"+hex.EncodeToString(photo[:16]))
	return nil
}

// idOf is the name of a job, as its message tells it, also of one that is not understood.
func idOf(subject string, data []byte) string {
	var j struct{ ID string }
	if head, _ := cutMessage(data); json.Unmarshal(head, &j) == nil && j.ID != "" {
		return j.ID
	}
	return subject[len(jobSubject("")):]
}

// sentOutputs are those of a result, under the paths that they were to have.
func (j *job) sentOutputs(r result) ([]pipeline.Sent, error) {
	if len(r.Sent) != len(r.Made.Outputs) {
		return nil, fmt.Errorf("worker %s: %d of %d outputs are in the bucket", r.Worker, len(r.Sent), len(r.Made.Outputs))
	}
	all := make([]pipeline.Sent, len(r.Sent))
	for i, s := range r.Sent {
		k, err := j.Upload.of(r.Made.Outputs[i].Target)
		if err != nil {
			return nil, err
		}
		all[i] = pipeline.Sent{Path: k.path, Bytes: s.Bytes, Hash: s.Hash, ETag: s.ETag}
	}
	return all, nil
}

// replace takes an older job of the same photo out of the queue; false: the one that is there is this one.
func (m *Maker) replace(ctx context.Context, j job) (bool, error) {
	msg, err := m.jobs.GetLastMsgForSubject(ctx, j.subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return true, nil
	}
	if err != nil || idOf(msg.Subject, msg.Data) == j.id {
		return false, err
	}
	if err = m.jobs.DeleteMsg(ctx, msg.Sequence); errors.Is(err, jetstream.ErrMsgNotFound) {
		err = nil
	}
	return true, err
}

// errReplaced is a job that nobody wants any more: it was done, or the photo has changed since.
var errReplaced = errors.New("the job is not in the queue any more")

// wanted asks whether a job is still the one in the queue. An object that was put after another job's would replace that.
func (w *Worker) wanted(ctx context.Context, d *delivery) error {
	return w.conn.patiently(ctx, func(ctx context.Context) error {
		msg, err := w.jobs.GetLastMsgForSubject(ctx, d.Subject())
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && msg.Sequence != sequence(d) {
			return errReplaced
		}
		return err
	})
}

// place opens the bucket of a job. A worker that cannot holds on to the job for a moment: others, who can, get more of them so.
func (w *Worker) place(ctx context.Context, b Bucket) (*place, error) {
	w.mu.Lock()
	known := w.places[b]
	w.mu.Unlock()
	if known != nil {
		return known, nil
	}
	var p Place
	err := errors.New("it goes to no bucket")
	if w.opts.Open != nil {
		p, err = w.opts.Open(b)
	}
	if err != nil {
		select {
		case <-time.After(w.opts.Retry.MaxBackoff):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("worker %s: %w", w.conn.opts.Name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.places[b] == nil {
		w.places[b] = newPlace(p, w.conn.opts.Warn)
	}
	return w.places[b], nil
}

// atOnce is how many outputs of a photo are on their way to the bucket together.
const atOnce = 4

// send brings a photo's outputs to their keys, and drops their data.
func (w *Worker) send(ctx context.Context, d *delivery, j job, p *place, outputs []resize.Output) ([]sent, error) {
	if err := w.wanted(ctx, d); err != nil {
		return nil, err
	}
	all, errs := make([]sent, len(outputs)), make([]error, len(outputs))
	var sending sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range outputs {
		turns <- struct{}{}
		sending.Go(func() {
			all[i], errs[i] = w.put(ctx, d, j, p, outputs[i])
			outputs[i].Data = nil
			<-turns
		})
	}
	sending.Wait()
	return all, errors.Join(errs...)
}

// put brings one output to its key.
func (w *Worker) put(ctx context.Context, d *delivery, j job, p *place, o resize.Output) (s sent, err error) {
	k, err := j.Upload.of(o.Target)
	if err != nil {
		return s, err
	}
	sum := sha256.Sum256(o.Data)
	s = sent{Bytes: int64(len(o.Data)), Hash: hex.EncodeToString(sum[:])}
	again := false
	err = p.patiently(ctx, func(ctx context.Context) (err error) {
		if again {
			if err := w.wanted(ctx, d); err != nil {
				return err
			}
		}
		again = true
		s.ETag, err = p.Put(ctx, k.Key, o.Data, s.Hash)
		return err
	})
	return s, err
}
