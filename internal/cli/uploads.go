package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/sink"
	"pixmill/sink/ledger"
)

// uploads brings outputs to a bucket. The ledger knows what is up, and so what lacks: what was just made is handed over at once, and
// everything else (of earlier runs, of an hour without a server, of a queue that was full) is found there.
//
//	hear ─► queue ─► deliver: lock the path → what does the ledger know? → hash → there already? → put → note
//	feed ─► pass: what lacks in the ledger → pages → manifests → what is to go ─┘
type uploads struct {
	session *session
	place   place
	timeout time.Duration
	queue   *delivery.Queue[upload]
	more    chan struct{} // the ledger has outputs that lack and are in no queue
	ending  chan struct{} // closed: nothing new comes
	over    chan struct{} // closed: Run has returned
	feeding atomic.Bool   // a pass is under way, or will be soon
	down    atomic.Bool   // the last upload that ended was in vain
	locks   [64]sync.Mutex
	follows bool // there is something that has to come after the outputs

	files, bytes, gone atomic.Int64  // that were sent, and how many were removed
	looked             time.Duration // of the last pass: what reading the ledger took
	behind             bool          // the last pass was not done to its end
	kept               struct {      // of what is to go and may not: the key lacks the right
		now  bool   // there was some in this pass
		told string // why, as it was told
	}
	missing int // outputs, at the end, or 1 for what follows them
}

// place is where uploads go.
type place interface {
	Put(context.Context, delivery.Object, io.ReadSeeker) (delivery.Object, error)
	Has(context.Context, delivery.Object) (delivery.Object, bool, error)
	Delete(context.Context, delivery.Object) error
	Open(context.Context, delivery.Object) (io.ReadCloser, error)
	String() string
}

// upload is one output to be brought up, or what was one and is to go.
type upload struct {
	path     string
	again    bool     // it may be up and only the ledger not know
	gone     bool     // nothing stands for it any more
	manifest *os.File // it is one, as it was when a pass began; path is its key
	of       *turn    // nil: nobody waits for it
}

// addUploads lets a session bring its outputs to a place; nil: nowhere.
func (s *session) addUploads(p place) {
	if p == nil {
		return
	}
	c := s.config.Upload
	u := &uploads{session: s, place: p, timeout: c.Timeout, more: make(chan struct{}, 1),
		ending: make(chan struct{}), over: make(chan struct{}), follows: slices.ContainsFunc(s.config.All(), follows)}
	u.queue = delivery.New(u.deliver, u.ended, delivery.Options{
		Workers: c.Parallel,
		Rate:    float64(c.Rate),
		Retry:   pool.Retry{MaxAttempts: c.MaxAttempts, Backoff: c.Backoff, MaxBackoff: c.MaxBackoff, Retryable: u.retryable},
	})
	s.uploads = u
	s.after.queues = append(s.after.queues, u)
	s.heard = append(s.heard, u.hear)
}

// hear hands over what was just made; a pass comes after it where something follows. A photo that was complete may have been taken over from the
// folders just now.
func (u *uploads) hear(r pipeline.Report) {
	switch r.Status {
	case sink.Done:
		for _, o := range r.Outputs {
			switch {
			case o.Place != "": // a worker brought it there
				u.files.Add(1)
				u.bytes.Add(o.Bytes)
			case !isPage(o.Path) && u.queue.Give(upload{path: o.Path}) != nil:
				u.wantMore()
			}
		}
		if u.follows {
			u.wantMore()
		}
	case sink.Skipped, sink.Removed:
		u.wantMore()
	}
}

func (u *uploads) wantMore() {
	select {
	case u.more <- struct{}{}:
	default:
	}
}

// Run uploads until Finish.
func (u *uploads) Run(ctx context.Context) error {
	defer close(u.over)
	var feeding sync.WaitGroup
	defer feeding.Wait()
	feeding.Go(func() {
		u.feed(ctx)
		u.queue.Finish(ctx)
	})
	return u.queue.Run(ctx)
}

// Finish waits until what lacks is up, or was tried in vain.
func (u *uploads) Finish(ctx context.Context) error {
	close(u.ending)
	select {
	case <-u.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pending is how many uploads are under way; a pass, or one that is about to begin, counts as one.
func (u *uploads) Pending() int {
	n := u.queue.Pending()
	if u.feeding.Load() || len(u.more) > 0 && !u.down.Load() {
		n++
	}
	return n
}

var seed = maphash.MakeSeed()

// deliver brings one output up as it stands, or removes what was one. Nobody else is at the same path meanwhile, so that an older content never
// comes last.
func (u *uploads) deliver(ctx context.Context, j upload) error {
	lock := &u.locks[maphash.String(seed, j.path)%uint64(len(u.locks))]
	lock.Lock()
	defer lock.Unlock()
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	switch {
	case j.gone:
		return u.withdraw(ctx, j.path)
	case j.manifest != nil:
		return u.announce(ctx, j)
	}
	out, up, known, err := u.session.sink.Upload(u.place.String(), j.path)
	if err != nil || !known || up.Made.Equal(out.Time) && up.Bytes == out.Bytes {
		return err
	}
	file, info, err := u.session.sink.OpenOutput(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody deleted it: it is up when it is made again
	}
	if err != nil {
		return err
	}
	defer file.Close()
	key, err := uploadKey(u.session.config, j.path)
	if err != nil {
		return err
	}
	o, err := u.object(key, info.Size(), file)
	switch {
	case err != nil:
		return err
	case o.Hash == up.Hash: // made again, with the same bytes
		o.ETag = up.ETag
	default:
		if o, err = u.send(ctx, o, file, j.again); err != nil {
			return err
		}
	}
	return u.session.sink.Uploaded(ledger.Upload{
		Target: u.place.String(), Path: j.path, Made: out.Time, Bytes: out.Bytes, Hash: o.Hash, ETag: o.ETag, Time: time.Now(),
	})
}

// uploadKey is an output's place in the bucket: those of a pipeline lie below its name.
func uploadKey(c config.Config, output string) (string, error) {
	if p, path := c.Locate(output); p.Name != "" {
		return p.Name + "/" + path, nil
	}
	top, _, _ := strings.Cut(output, "/")
	if slices.ContainsFunc(c.Pipelines, func(p config.Pipeline) bool { return p.Name == top }) {
		return "", &delivery.RefusedError{Err: fmt.Errorf("in the bucket, %s is the folder of the pipeline of this name: rename yours", top)}
	}
	return output, nil
}

// object is a file as it is to be in the bucket. What tells of outputs changes under its name, so caches keep it shortly.
func (u *uploads) object(path string, size int64, file io.ReadSeeker) (delivery.Object, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return delivery.Object{}, err
	}
	o := delivery.Object{Path: path, Size: size, Hash: hex.EncodeToString(h.Sum(nil))}
	if isPage(path) || strings.HasSuffix(path, ".json") {
		o.CacheControl = u.session.config.Upload.ManifestCacheControl
	}
	_, err := file.Seek(0, io.SeekStart)
	return o, err
}

// withdraw removes what was an output.
func (u *uploads) withdraw(ctx context.Context, path string) error {
	key, err := uploadKey(u.session.config, path)
	if err != nil {
		return err
	}
	return u.session.sink.Withdraw(u.place.String(), path, func() error {
		err := u.place.Delete(ctx, delivery.Object{Path: key})
		if err == nil {
			u.gone.Add(1)
		}
		return err
	})
}

// announce brings up a manifest, if another one is up. The ledger keeps manifests apart from outputs.
func (u *uploads) announce(ctx context.Context, j upload) error {
	info, err := j.manifest.Stat()
	if err != nil {
		return err
	}
	if _, err := j.manifest.Seek(0, io.SeekStart); err != nil {
		return err
	}
	o, err := u.object(j.path, info.Size(), j.manifest)
	if err != nil {
		return err
	}
	target := u.place.String() + " manifests"
	if hash, err := u.session.sink.UploadedHash(target, j.path); err != nil || hash == o.Hash {
		return err
	}
	if o, err = u.send(ctx, o, j.manifest, j.again); err != nil {
		return err
	}
	return u.session.sink.Uploaded(ledger.Upload{Target: target, Path: j.path, Bytes: o.Size, Hash: o.Hash, ETag: o.ETag, Time: time.Now()})
}

// send puts an object where it may be already.
func (u *uploads) send(ctx context.Context, o delivery.Object, file io.ReadSeeker, again bool) (delivery.Object, error) {
	if again {
		if found, there, err := u.place.Has(ctx, o); err != nil || there {
			return found, err
		}
	}
	o, err := u.place.Put(ctx, o, file)
	if err == nil {
		u.files.Add(1)
		u.bytes.Add(o.Size)
	}
	return o, err
}

// retryable: a server that is down has been asked often enough by the upload before.
func (u *uploads) retryable(err error) bool {
	return !refused(err) && !u.down.Load()
}

func refused(err error) bool {
	var no *delivery.RefusedError
	return errors.As(err, &no)
}

// ended tells of the first upload that was in vain, and when they succeed again; how many lack is told at the end.
func (u *uploads) ended(r delivery.Ended[upload]) {
	err := r.Err
	if refused(err) && r.Job.manifest == nil {
		err = nil // what follows would wait for ever
	}
	defer r.Job.of.ended(err)
	switch {
	case errors.Is(r.Err, context.Canceled):
	case r.Job.gone && refused(r.Err):
		u.wantMore()
		u.keep(r.Job.path, r.Err)
	case r.Err != nil:
		u.wantMore()
		what := "upload"
		if r.Job.gone {
			what = "removal"
		}
		text := what + " of " + sink.Printable(r.Job.path) + ": " + sink.Printable(r.Err.Error())
		if u.down.Swap(true) {
			u.session.log.Debug(text)
		} else {
			u.session.log.Warn(text + ": it is tried again later, and so are those that follow")
		}
	case u.down.Swap(false):
		u.session.log.Info("uploads go on")
	}
}

// keep tells why something may not be removed, once for all paths. The server is not down.
func (u *uploads) keep(path string, err error) {
	why := err.Error()
	if key, err := uploadKey(u.session.config, path); err == nil {
		why = strings.ReplaceAll(why, key, "…")
	}
	text := "removal of " + sink.Printable(path) + ": " + sink.Printable(err.Error())
	u.kept.now = true
	if u.kept.told == why {
		u.session.log.Debug(text)
		return
	}
	u.kept.told = why
	u.session.log.Warn(text + ": it is tried again later: what is to go stays there until the credentials allow to delete")
}

// Left says at the end what was sent and what lacks.
func (u *uploads) Left() string {
	if n := u.files.Load(); n > 0 {
		u.session.log.Info(fmt.Sprintf("%s, %s went to %s", english.Plural(int(n), "file", ""), humanize.Bytes(uint64(u.bytes.Load())), u.place))
	}
	if n := u.gone.Load(); n > 0 {
		u.session.log.Info(fmt.Sprintf("%s removed from %s", english.PluralWord(int(n), "1 file was", fmt.Sprintf("%d files were", n)), u.place))
	}
	var err error
	if u.missing, err = u.session.sink.CountMissing(u.place.String()); err != nil {
		return "uploads: " + err.Error()
	}
	switch {
	case u.missing == 0 && u.behind:
		u.missing = 1
		return fmt.Sprintf("at %s, the manifest is not up yet, or not everything is gone that is to go: the next start goes on with it", u.place)
	case u.missing == 0:
		return ""
	}
	return english.PluralWord(u.missing, "1 output is", fmt.Sprintf("%d outputs are", u.missing)) + fmt.Sprintf(" not up at %s: the next start goes on with them", u.place)
}
