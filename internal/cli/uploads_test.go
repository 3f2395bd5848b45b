package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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
	caches     map[string]string
	order      []string // of what was put, and of what was removed, with - before it
	puts, asks int
	fail       func(path string) error
}

func newCellar() *cellar {
	return &cellar{kept: map[string]string{}, hashes: map[string]string{}, caches: map[string]string{}}
}

func (c *cellar) Put(_ context.Context, o delivery.Object, file io.ReadSeeker) (delivery.Object, error) {
	data, err := io.ReadAll(file)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.puts++
	if c.fail != nil {
		err = errors.Join(err, c.fail(o.Path))
	}
	if err == nil {
		c.kept[o.Path], c.hashes[o.Path], c.caches[o.Path] = string(data), o.Hash, o.CacheControl
		c.order = append(c.order, o.Path)
	}
	return o, err
}

func (c *cellar) Delete(_ context.Context, o delivery.Object) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		if err := c.fail("-" + o.Path); err != nil {
			return err
		}
	}
	delete(c.kept, o.Path)
	delete(c.hashes, o.Path)
	c.order = append(c.order, "-"+o.Path)
	return nil
}

func (c *cellar) Has(_ context.Context, o delivery.Object) (delivery.Object, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	return o, c.hashes[o.Path] == o.Hash, nil
}

func (c *cellar) Open(_ context.Context, o delivery.Object) (io.ReadCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, there := c.kept[o.Path]
	if !there || int64(len(text)) != o.Size {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func (c *cellar) String() string { return "cellar" }

// content is what is kept under a path, while uploads go on.
func (c *cellar) content(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[path]
}

// uploader is a session without a pipeline: the test commits outputs, and tells of them.
type uploader struct {
	*session
	t      *testing.T
	dir    string
	log    bytes.Buffer
	finish func()
}

func startUploads(t *testing.T, dir string, place place, change ...func(*config.Config, *sink.Options)) *uploader {
	t.Helper()
	u := &uploader{t: t, dir: dir}
	log := slog.New(&textHandler{out: &u.log, level: slog.LevelInfo, mu: new(sync.Mutex)})
	u.session = &session{log: log, after: deliveries{log: log}, config: config.Config{Upload: config.Upload{
		MaxAttempts: 3, Backoff: time.Millisecond, MaxBackoff: time.Millisecond, Timeout: time.Minute,
	}}}
	opts := sink.Options{Output: filepath.Join(dir, "output"), State: filepath.Join(dir, "state")}
	for _, f := range change {
		f(&u.config, &opts)
	}
	var err error
	if u.sink, err = sink.Open(opts); err != nil {
		t.Fatal(err)
	}
	u.config.SetAbsent(u.sink.Absent())
	u.sink.Tell("", map[string][]string{"s": nil})
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
	u.commitAs(name, content, "{name}.{ext}")
}

func (u *uploader) commitAs(name, content, template string, more ...sink.Output) {
	u.t.Helper()
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		u.t.Fatal(err)
	}
	defer root.Close()
	src := sink.Source{Root: root, Path: name, Name: name, Inbox: true, Size: 1, ModTime: time.Unix(1e9, 0), Hash: name + content}
	outs := append([]sink.Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: template, Width: 4, Height: 3, Data: []byte(content)}}, more...)
	u.tell(u.sink.Commit(src, outs, sink.Record{}))
}

func (u *uploader) remove(name string) {
	u.t.Helper()
	u.tell(u.sink.Remove(name))
}

func (u *uploader) tell(rec sink.Record, err error) {
	u.t.Helper()
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

// sited has a manifest, and outputs that follow their originals.
func sited(c *config.Config, o *sink.Options) {
	c.Output, c.Manifest, c.MirrorDeletes = o.Output, "photos.json", true
	c.Upload.ManifestCacheControl, c.Upload.Parallel = "short", 1
	o.Manifest, o.Mirror = sink.Manifest{File: filepath.Join(o.Output, "photos.json")}, true
}

// What tells of outputs goes up after them, and what is told of no more goes after that.
func TestUploadsInOrder(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	stop := func(u *uploader, want string) {
		t.Helper()
		if log := u.stop(); strings.Contains(log, "warning") {
			t.Error(log)
		}
		if got := strings.Join(place.order, " "); got != want {
			t.Errorf("in the order %q, want %q", got, want)
		}
		place.order = nil
	}
	stop(startUploads(t, dir, place, sited), "photos.json")
	u := startUploads(t, dir, place, sited)
	u.commitAs("a.jpg", "one", "{name}-1.{ext}", sink.Picture("r"))
	stop(u, "a-1.jpg a.jpg.html photos.json")
	if place.caches["a-1.jpg"] != "" || place.caches["a.jpg.html"] != "short" || place.caches["photos.json"] != "short" {
		t.Errorf("cached as %v", place.caches)
	}
	if !strings.Contains(place.kept["photos.json"], "a-1.jpg") {
		t.Errorf("the manifest is %s", place.kept["photos.json"])
	}
	u = startUploads(t, dir, place, sited)
	u.commitAs("b.jpg", "two", "{name}.{ext}")
	stop(u, "b.jpg photos.json")
	stop(startUploads(t, dir, place, sited), "")

	// An output that is made again under another name replaces the one of before.
	u = startUploads(t, dir, place, sited)
	u.commitAs("a.jpg", "three", "{name}-2.{ext}", sink.Picture("r"))
	stop(u, "a-2.jpg a.jpg.html photos.json -a-1.jpg")

	// What leaves while nothing is uploaded is known all the same.
	alone, err := sink.Open(sink.Options{Output: filepath.Join(dir, "output"), State: filepath.Join(dir, "state")})
	if err == nil {
		_, err = alone.Remove("b.jpg")
	}
	if err := errors.Join(err, alone.Close()); err != nil {
		t.Fatal(err)
	}
	unmirrored := func(c *config.Config, o *sink.Options) {
		sited(c, o)
		c.MirrorDeletes = false
	}
	stop(startUploads(t, dir, place, unmirrored), "photos.json")
	stop(startUploads(t, dir, place, sited), "-b.jpg")
	u = startUploads(t, dir, place, sited)
	u.remove("a.jpg")
	stop(u, "photos.json -a-2.jpg -a.jpg.html")
	if len(place.kept) != 1 || strings.Contains(place.kept["photos.json"], ".jpg") {
		t.Errorf("kept %v", place.kept)
	}
	// A photo that comes back goes up again, although its bytes were there once.
	u = startUploads(t, dir, place, sited)
	u.commitAs("b.jpg", "two", "{name}.{ext}")
	stop(u, "b.jpg photos.json")
}

// A manifest that is switched off stays as it last was, in the bucket as in the folder; switched on again, it tells what is.
func TestManifestThatIsSwitchedOff(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	u := startUploads(t, dir, place, sited)
	u.commit("a.jpg", "one")
	u.stop()
	before := place.kept["photos.json"]
	u = startUploads(t, dir, place, func(c *config.Config, o *sink.Options) {
		sited(c, o)
		c.Manifest, o.Manifest = "", sink.Manifest{}
	})
	u.commit("b.jpg", "two")
	u.stop()
	here, err := os.ReadFile(filepath.Join(dir, "output", "photos.json"))
	if err != nil || string(here) != before || place.kept["photos.json"] != before || place.kept["b.jpg"] == "" {
		t.Errorf("in the folder %s (%v), in the bucket %v", here, err, place.kept)
	}
	u = startUploads(t, dir, place, sited)
	if u.stop(); !strings.Contains(place.kept["photos.json"], "b.jpg") {
		t.Errorf("in the bucket %s", place.kept["photos.json"])
	}
}

// Of a pipeline that is not in the config any more nothing goes up, nor away.
func TestUploadsOfAnAbsentPipeline(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	blog := func(c *config.Config, o *sink.Options) {
		sited(c, o)
		c.Pipelines = []config.Pipeline{{Name: "blog", Inbox: "in", Output: filepath.Join(dir, "blog"), Site: config.Site{MirrorDeletes: true}}}
		o.Others = map[string]sink.Places{"blog": {Output: filepath.Join(dir, "blog"), Mirror: true}}
	}
	add := func(u *uploader, name, content string) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		u.tell(u.sink.Commit(sink.Source{Root: root, Path: name, Pipeline: "blog", Name: sink.Qualified("blog", name), Inbox: true, Size: 1, ModTime: time.Unix(1e9, 0), Hash: content},
			[]sink.Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{name}.{ext}", Width: 4, Height: 3, Data: []byte(content)}}, sink.Record{}))
	}
	u := startUploads(t, dir, place, blog)
	u.commit("a.jpg", "one")
	add(u, "b.jpg", "two")
	u.stop()
	// One whose original is gone, and one that could not go up.
	u = startUploads(t, dir, place, blog)
	place.fail = func(path string) error {
		if path != "photos.json" {
			return &delivery.RefusedError{Err: errors.New("no")}
		}
		return nil
	}
	add(u, "c.jpg", "three")
	u.remove("blog:b.jpg")
	if u.stop(); u.uploads.missing != 1 || place.kept["blog/b.jpg"] != "two" {
		t.Errorf("%d missing, %v", u.uploads.missing, place.kept)
	}
	place.fail, place.order = nil, nil
	u = startUploads(t, dir, place, sited)
	if log := u.stop(); u.uploads.missing != 0 || place.order != nil || strings.Contains(place.kept["photos.json"], "blog") {
		t.Errorf("%d missing, %v went, %s, %s", u.uploads.missing, place.order, place.kept["photos.json"], log)
	}
	u = startUploads(t, dir, place, blog)
	if u.stop(); strings.Join(place.order, " ") != "blog/c.jpg -blog/b.jpg" {
		t.Errorf("%v went", place.order)
	}
}

// Until the manifest is up, too, there is something left to do: whoever waits for nothing to be, as on_idle, finds the bucket complete.
func TestUploadsArePendingUntilTheManifestIsUp(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	synctest.Test(t, func(t *testing.T) {
		u := startUploads(t, dir, place, sited)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := u.uploads.Pending(); n != 0 || place.content("photos.json") == "" {
			t.Errorf("%d pending before, the manifest %q", n, place.content("photos.json"))
		}
		u.commit("a.jpg", "one")
		for range 10 {
			time.Sleep(newsPause / 20)
			synctest.Wait()
			if u.uploads.Pending() == 0 || place.content("a.jpg") == "" || strings.Contains(place.content("photos.json"), "a.jpg") {
				t.Fatalf("%d pending, the manifest %s", u.uploads.Pending(), place.content("photos.json"))
			}
		}
		time.Sleep(newsPause)
		synctest.Wait()
		if n := u.uploads.Pending(); n != 0 || !strings.Contains(place.content("photos.json"), "a.jpg") {
			t.Errorf("%d pending afterwards, the manifest %s", n, place.content("photos.json"))
		}
		u.stop()
	})
}

// As long as an output is not up, the manifest of before stays, and what it names.
func TestUploadsThatFailHoldBackWhatFollows(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	u := startUploads(t, dir, place, sited)
	u.commit("a.jpg", "one")
	u.commit("b.jpg", "two")
	u.stop()
	before := place.kept["photos.json"]
	place.fail = func(path string) error {
		if path == "c.jpg" {
			return errors.New("lost")
		}
		return nil
	}
	u = startUploads(t, dir, place, sited)
	u.commit("c.jpg", "three")
	u.remove("a.jpg")
	if log := u.stop(); place.kept["photos.json"] != before || place.kept["a.jpg"] == "" || u.uploads.missing != 1 {
		t.Errorf("%d missing, %v, %s", u.uploads.missing, place.kept, log)
	}
	// Nor does what only the manifest lacks pass for done, or what cannot be removed.
	for _, path := range []string{"photos.json", "-a.jpg"} {
		place.fail = func(p string) error {
			if p == path {
				return &delivery.RefusedError{Err: errors.New("no")}
			}
			return nil
		}
		u = startUploads(t, dir, place, sited)
		log := u.stop()
		if (place.kept["photos.json"] == before) != (path == "photos.json") || place.kept["a.jpg"] == "" {
			t.Errorf("%s: %v", path, place.kept)
		}
		if path == "photos.json" && (u.uploads.missing != 1 || !strings.Contains(log, "the manifest is not up yet")) {
			t.Errorf("%d missing, %s", u.uploads.missing, log)
		}
		if !strings.Contains(log, "no: it is tried again later") {
			t.Errorf("%s: %s", path, log)
		}
	}
	place.fail = nil
	u = startUploads(t, dir, place, sited)
	if log := u.stop(); place.kept["a.jpg"] != "" || !strings.Contains(log, "1 file was removed from cellar") || u.uploads.missing != 0 {
		t.Errorf("%v, %s", place.kept, log)
	}
}

// That the key may not delete is told once, and again when it is for another reason; what goes up meanwhile is no news.
func TestRemovalsThatAreRefused(t *testing.T) {
	dir, place := t.TempDir(), newCellar()
	synctest.Test(t, func(t *testing.T) {
		u := startUploads(t, dir, place, sited)
		for _, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
			u.commit(name, name)
		}
		wait := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		wait(time.Minute)
		said := "denied"
		place.mu.Lock()
		place.fail = func(path string) error {
			if strings.HasPrefix(path, "-") {
				return &delivery.RefusedError{Err: errors.New(said + " on " + path[1:])}
			}
			return nil
		}
		place.mu.Unlock()
		u.remove("a.jpg")
		u.remove("b.jpg")
		wait(10 * time.Minute)
		u.commit("d.jpg", "d")
		wait(10 * time.Minute)
		if log := u.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "removal of a.jpg: denied on a.jpg: it is tried again later") {
			t.Errorf("logged %s", log)
		}
		if place.content("d.jpg") == "" || place.content("a.jpg") == "" {
			t.Errorf("kept %v", place.kept)
		}
		u.log.Reset()
		place.mu.Lock()
		said = "locked"
		place.mu.Unlock()
		wait(5 * time.Minute)
		place.mu.Lock()
		place.fail = nil
		place.mu.Unlock()
		wait(5 * time.Minute)
		if log := u.log.String(); strings.Count(log, "\n") != 2 || !strings.Contains(log, "locked on a.jpg") || !strings.Contains(log, "can be removed again") || place.content("a.jpg") != "" {
			t.Errorf("logged %s", log)
		}
		u.stop()
	})
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
		if got := bucketPort(address); got != want {
			t.Errorf("%q: %d, want %d", address, got, want)
		}
	}
}

// In the bucket, what a pipeline makes lies below its name, and nothing of the default one does.
func TestUploadKeys(t *testing.T) {
	u := &uploads{session: &session{config: config.Config{Pipelines: []config.Pipeline{{Name: "blog"}}}}}
	for output, want := range map[string]string{"2024/a.jpg": "2024/a.jpg", "blog:2024/a.jpg": "blog/2024/a.jpg", "blog/a.jpg": "", "blog.jpg": "blog.jpg"} {
		got, err := uploadKey(u.session.config, output)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", output, got, err)
		}
	}
}
