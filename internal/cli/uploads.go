package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
//	feed: what lacks in the ledger, at the start, at the end, and a while after something went wrong ─┘
type uploads struct {
	session *session
	place   place
	timeout time.Duration
	queue   *delivery.Queue[upload]
	more    chan struct{} // the ledger has outputs that lack and are in no queue
	ending  chan struct{} // closed: nothing new comes
	over    chan struct{} // closed: Run has returned
	feeding atomic.Bool   // the ledger is being gone through
	down    atomic.Bool   // the last upload that ended was in vain
	locks   [64]sync.Mutex

	files, bytes atomic.Int64 // that were sent
	missing      int          // outputs, at the end
}

// place is where uploads go.
type place interface {
	Put(context.Context, delivery.Object, io.ReadSeeker) (delivery.Object, error)
	Has(context.Context, delivery.Object) (delivery.Object, bool, error)
	String() string
}

// upload is one output to be brought up.
type upload struct {
	path  string
	again bool // it may be up and only the ledger not know
}

// lull is how long after something went wrong the ledger is gone through again.
const lull = time.Minute

// bucket is where a config's uploads go; nil: nowhere.
func bucket(c config.Upload) (place, error) {
	if c.URL == "" {
		return nil, nil
	}
	b, err := config.ParseBucket(c.URL)
	if err != nil {
		return nil, err
	}
	place, err := delivery.NewBucket(delivery.BucketOptions{
		Name: b.Name, Prefix: b.Prefix, Endpoint: b.Endpoint, Region: b.Region, PathStyle: b.PathStyle, CacheControl: c.CacheControl,
	})
	if err != nil {
		return nil, fmt.Errorf("upload.url: %w", err)
	}
	return place, nil
}

// uploadPort is where uploads connect to; 0: nowhere. With a proxy, it is the proxy's.
func uploadPort(c config.Upload) uint16 {
	b, err := config.ParseBucket(c.URL)
	if err != nil {
		return 0
	}
	server, err := url.Parse(cmp.Or(b.Endpoint, "https://s3.amazonaws.com"))
	if err != nil {
		return 0
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: server}); err == nil && proxy != nil {
		server = proxy
	}
	port := server.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[server.Scheme]
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// addUploads lets a session bring its outputs to a place; nil: nowhere.
func (s *session) addUploads(p place) {
	if p == nil {
		return
	}
	c := s.config.Upload
	u := &uploads{session: s, place: p, timeout: c.Timeout, more: make(chan struct{}, 1),
		ending: make(chan struct{}), over: make(chan struct{})}
	u.queue = delivery.New(u.deliver, u.ended, delivery.Options{
		Workers: c.Parallel,
		Rate:    float64(c.Rate),
		Retry:   pool.Retry{MaxAttempts: c.MaxAttempts, Backoff: c.Backoff, MaxBackoff: c.MaxBackoff, Retryable: u.retryable},
	})
	s.uploads = u
	s.after.queues = append(s.after.queues, u)
	s.heard = append(s.heard, u.hear)
}

// hear hands over what was just made. A photo that was complete may have been taken over from the folders just now.
func (u *uploads) hear(r pipeline.Report) {
	switch r.Status {
	case sink.Done:
		for _, o := range r.Outputs {
			if u.queue.Give(upload{path: o.Path}) != nil {
				u.wantMore()
			}
		}
	case sink.Skipped:
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

// Pending is how many uploads are under way; the search for more counts as one.
func (u *uploads) Pending() int {
	n := u.queue.Pending()
	if u.feeding.Load() {
		n++
	}
	return n
}

// feed goes through the ledger at the start, a while after there may be more, and at the end, unless that is in vain.
func (u *uploads) feed(ctx context.Context) {
	for {
		u.scan(ctx)
		select {
		case <-u.more:
		case <-u.ending:
		case <-ctx.Done():
		}
		select {
		case <-time.After(lull):
		case <-u.ending:
			if !u.down.Load() {
				u.scan(ctx)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

// scan queues what the ledger says is not up.
func (u *uploads) scan(ctx context.Context) {
	u.feeding.Store(true)
	defer u.feeding.Store(false)
	for after := ""; ; {
		paths, err := u.session.sink.Missing(u.place.String(), after, batch)
		if err != nil {
			u.session.log.Warn("uploads: " + err.Error())
			return
		}
		for _, p := range paths {
			if u.queue.Submit(ctx, upload{p, true}) != nil {
				return // ctx has ended
			}
			after = p
		}
		if len(paths) < batch {
			return
		}
	}
}

var seed = maphash.MakeSeed()

// deliver brings one output up as it stands. Nobody else is at the same path meanwhile, so that an older content never comes last.
func (u *uploads) deliver(ctx context.Context, j upload) error {
	lock := &u.locks[maphash.String(seed, j.path)%uint64(len(u.locks))]
	lock.Lock()
	defer lock.Unlock()
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
	key, err := u.key(j.path)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	o, err := object(key, info.Size(), file)
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

// key is an output's place in the bucket: those of a pipeline lie below its name.
func (u *uploads) key(output string) (string, error) {
	c := u.session.config
	if p, path := c.Locate(output); p.Name != "" {
		return p.Name + "/" + path, nil
	}
	top, _, _ := strings.Cut(output, "/")
	if slices.ContainsFunc(c.Pipelines, func(p config.Pipeline) bool { return p.Name == top }) {
		return "", &delivery.RefusedError{Err: fmt.Errorf("in the bucket, %s is the folder of the pipeline of this name: rename yours", top)}
	}
	return output, nil
}

func object(path string, size int64, file io.ReadSeeker) (delivery.Object, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return delivery.Object{}, err
	}
	_, err := file.Seek(0, io.SeekStart)
	return delivery.Object{Path: path, Size: size, Hash: hex.EncodeToString(h.Sum(nil))}, err
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
	var refused *delivery.RefusedError
	return !errors.As(err, &refused) && !u.down.Load()
}

// ended tells of the first upload that was in vain, and when they succeed again; how many lack is told at the end.
func (u *uploads) ended(r delivery.Ended[upload]) {
	switch {
	case errors.Is(r.Err, context.Canceled):
	case r.Err != nil:
		u.wantMore()
		text := "upload of " + sink.Printable(r.Job.path) + ": " + sink.Printable(r.Err.Error())
		if u.down.Swap(true) {
			u.session.log.Debug(text)
		} else {
			u.session.log.Warn(text + ": it is tried again later, and so are those that follow")
		}
	case u.down.Swap(false):
		u.session.log.Info("uploads go on")
	}
}

// Left says at the end what was sent and what lacks.
func (u *uploads) Left() string {
	if n := u.files.Load(); n > 0 {
		u.session.log.Info(fmt.Sprintf("%s, %s went to %s", english.Plural(int(n), "file", ""), humanize.Bytes(uint64(u.bytes.Load())), u.place))
	}
	var err error
	if u.missing, err = u.session.sink.CountMissing(u.place.String()); err != nil {
		return "uploads: " + err.Error()
	}
	if u.missing == 0 {
		return ""
	}
	return english.PluralWord(u.missing, "1 output is", fmt.Sprintf("%d outputs are", u.missing)) + fmt.Sprintf(" not up at %s: the next start goes on with them", u.place)
}
