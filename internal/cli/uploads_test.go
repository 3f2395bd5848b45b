package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/delivery"
	"pixmill/internal/pipeline"
	"pixmill/sink"
)

// cellar is a place that keeps what is put there, and fails as it is told.
type cellar struct {
	mu         sync.Mutex
	kept       map[string]string // path → content
	hashes     map[string]string
	puts, asks int
	fail       func(path string) error
}

func newCellar() *cellar { return &cellar{kept: map[string]string{}, hashes: map[string]string{}} }

func (c *cellar) Put(_ context.Context, o delivery.Object, file io.ReadSeeker) (delivery.Object, error) {
	data, err := io.ReadAll(file)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.puts++
	if c.fail != nil {
		err = errors.Join(err, c.fail(o.Path))
	}
	if err == nil {
		c.kept[o.Path], c.hashes[o.Path] = string(data), o.Hash
	}
	return o, err
}

func (c *cellar) Has(_ context.Context, o delivery.Object) (delivery.Object, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	return o, c.hashes[o.Path] == o.Hash, nil
}

func (c *cellar) String() string { return "cellar" }

// uploader is a session without a pipeline: the test commits outputs, and tells of them.
type uploader struct {
	*session
	t      *testing.T
	dir    string
	log    bytes.Buffer
	finish func()
}

func startUploads(t *testing.T, dir string, place place) *uploader {
	t.Helper()
	u := &uploader{t: t, dir: dir}
	log := slog.New(&textHandler{out: &u.log, level: slog.LevelInfo, mu: new(sync.Mutex)})
	u.session = &session{log: log, after: deliveries{log: log}, config: config.Config{Upload: config.Upload{
		MaxAttempts: 3, Backoff: time.Millisecond, MaxBackoff: time.Millisecond, Timeout: time.Minute,
	}}}
	var err error
	if u.sink, err = sink.Open(sink.Options{Output: filepath.Join(dir, "output"), State: filepath.Join(dir, "state")}); err != nil {
		t.Fatal(err)
	}
	u.addUploads(place)
	u.finish = u.after.start(t.Context())
	return u
}

// stop ends the session, and returns what it logged.
func (u *uploader) stop() string {
	u.finish()
	if err := u.sink.Close(); err != nil {
		u.t.Error(err)
	}
	return u.log.String()
}

// commit makes an output of a source, and tells of it.
func (u *uploader) commit(name, content string) {
	u.t.Helper()
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		u.t.Fatal(err)
	}
	defer root.Close()
	src := sink.Source{Root: root, Path: name, Name: name, Inbox: true, Size: 1, ModTime: time.Unix(1e9, 0), Hash: name + content}
	rec, err := u.sink.Commit(src, []sink.Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{name}.{ext}", Data: []byte(content)}}, sink.Record{})
	if err != nil {
		u.t.Fatal(err)
	}
	for _, hear := range u.heard {
		hear(pipeline.Report{Record: rec})
	}
}

func TestUploads(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	u := startUploads(t, dir, place)
	u.commit("a.jpg", "one")
	u.commit("b.jpg", "two")
	if log := u.stop(); place.kept["a.jpg"] != "one" || place.kept["b.jpg"] != "two" || log != "2 files, 6 B went to cellar\n" {
		t.Errorf("%v, %s", place.kept, log)
	}
	// A restart has nothing to do, and asks nothing.
	place.puts, place.asks = 0, 0
	u = startUploads(t, dir, place)
	if log := u.stop(); place.puts+place.asks != 0 || log != "" {
		t.Errorf("%d put, %d asked, %s", place.puts, place.asks, log)
	}
	// The same bytes again are noted, others go up.
	u = startUploads(t, dir, place)
	u.commit("a.jpg", "one")
	u.commit("b.jpg", "three")
	if log := u.stop(); place.puts != 1 || place.kept["b.jpg"] != "three" || log != "1 file, 5 B went to cellar\n" {
		t.Errorf("%d put, %v, %s", place.puts, place.kept, log)
	}
	// What is up already, and only the ledger does not know, is asked for and not sent.
	place.puts, place.asks = 0, 0
	if err := os.RemoveAll(filepath.Join(dir, "state")); err != nil {
		t.Fatal(err)
	}
	refusing := newCellar()
	refusing.fail = func(string) error { return &delivery.RefusedError{Err: errors.New("no")} }
	u = startUploads(t, dir, refusing)
	u.commit("a.jpg", "one")
	u.commit("b.jpg", "three")
	u.stop()
	u = startUploads(t, dir, place)
	if u.stop(); refusing.puts < 2 || refusing.puts > 4 || place.puts != 0 || place.asks != 2 { // the first look at the ledger may find them as well
		t.Errorf("%d refused, %d put, %d asked", refusing.puts, place.puts, place.asks)
	}
}

// One upload in five fails, and every output is up in the end, once.
func TestUploadsWithFailures(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	n := 0
	place.fail = func(string) error {
		if n++; n%5 == 0 {
			return errors.New("lost")
		}
		return nil
	}
	u := startUploads(t, dir, place)
	for i := range 40 {
		u.commit(fmt.Sprintf("%d.jpg", i), fmt.Sprint(i))
	}
	log := u.stop()
	for i := range 40 {
		if place.kept[fmt.Sprintf("%d.jpg", i)] != fmt.Sprint(i) {
			t.Errorf("%d lacks", i)
		}
	}
	if place.puts != 49 || strings.Contains(log, "warning") {
		t.Errorf("%d puts, %s", place.puts, log)
	}
}

// With a server that is down, only the first upload gets all its attempts; it is told once, and the next start goes on.
func TestUploadsToDeadServer(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	place.fail = func(string) error { return errors.New("nobody there") }
	u := startUploads(t, dir, place)
	for i := range 40 {
		u.commit(fmt.Sprintf("%d.jpg", i), fmt.Sprint(i))
	}
	log := u.stop()
	if n := strings.Count(log, "nobody there"); n != 1 || !strings.HasSuffix(log, "warning: 40 outputs are not up at cellar: the next start goes on with them\n") || u.uploads.missing != 40 {
		t.Errorf("told %d times:\n%s", n, log)
	}
	if most := 40 + 2*2*len(u.uploads.locks); place.puts > most {
		t.Errorf("%d attempts", place.puts)
	}
	place.fail = nil
	u = startUploads(t, dir, place)
	if log = u.stop(); len(place.kept) != 40 || log != "40 files, 70 B went to cellar\n" {
		t.Errorf("%d up, %s", len(place.kept), log)
	}
}

// A newer content never loses against an older one that is on its way.
func TestUploadsKeepOrder(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	u := startUploads(t, dir, place)
	for i := range 50 {
		u.commit("a.jpg", fmt.Sprint(i))
	}
	if log := u.stop(); place.kept["a.jpg"] != "49" || strings.Contains(log, "warning") {
		t.Errorf("%q is up, %s", place.kept["a.jpg"], log)
	}
}

// The sandbox leaves the port open that uploads need, and no other.
func TestUploadPort(t *testing.T) {
	for _, key := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(key, "")
	}
	for address, want := range map[string]uint16{
		"":                                   0,
		"s3://photos":                        443,
		"s3://photos?endpoint=http://host":   80,
		"s3://photos?endpoint=https://h:900": 900,
	} {
		if got := uploadPort(config.Upload{URL: address}); got != want {
			t.Errorf("%q: %d, want %d", address, got, want)
		}
	}
}

// In the bucket, what a pipeline makes lies below its name, and nothing of the default one does.
func TestUploadKeys(t *testing.T) {
	u := &uploads{session: &session{config: config.Config{Pipelines: []config.Pipeline{{Name: "blog"}}}}}
	for output, want := range map[string]string{"2024/a.jpg": "2024/a.jpg", "blog:2024/a.jpg": "blog/2024/a.jpg", "blog/a.jpg": "", "blog.jpg": "blog.jpg"} {
		got, err := u.key(output)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", output, got, err)
		}
	}
}
