package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pixmill/sink"
	"pixmill/sink/ledger"
)

func TestOnlyWhatTheLedgerKnowsIsServed(t *testing.T) {
	h := newHouse(t, nil)
	h.drop("scene.jpg", "a.jpg")
	h.settled(1)
	secret := filepath.Join(h.dir, "secret.jpg")
	h.must(os.WriteFile(secret, []byte("secret"), 0o600))
	h.must(os.WriteFile(filepath.Join(h.dir, "output", "other.jpg"), []byte("not ours"), 0o600))

	got := h.expect(200, "GET", "/api/v1/photos/1/outputs/0", "")
	if _, err := jpeg.Decode(strings.NewReader(got.body)); err != nil || got.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%v, %q", err, got.Header)
	}
	h.expect(304, "GET", "/api/v1/photos/1/outputs/0", "", "If-None-Match", got.Header.Get("ETag"))
	original := h.expect(200, "GET", "/api/v1/photos/1/original", "")
	if want, err := os.ReadFile(filepath.Join(images, "scene.jpg")); err != nil || original.body != string(want) {
		t.Error("the original is another file", err)
	}
	for _, path := range []string{
		"/api/v1/photos/1/outputs/../../../secret.jpg", "/api/v1/photos/1/outputs/%2e%2e%2f%2e%2e%2fsecret.jpg", "/api/v1/photos/1/outputs/-1",
		"/api/v1/photos/1/outputs/other.jpg", "/output/other.jpg", "/inbox/a.jpg", "/api/v1/photos/..%2f..%2fsecret.jpg/original",
		"/page/index.html", "/../config.toml", "/openapi.json",
	} {
		if got := h.ask("GET", path, ""); got.StatusCode < 300 || strings.Contains(got.body, "secret\n") {
			t.Errorf("%s: %s %q", path, got.Status, got.body)
		}
	}

	// A link that leads out of the folder, where an output was, or the original.
	for folder, path := range map[string]string{"output/a-l.jpg": "/api/v1/photos/1/outputs/0", "inbox/a.jpg": "/api/v1/photos/1/original"} {
		file := filepath.Join(h.dir, folder)
		h.must(os.Remove(file))
		if os.Symlink(secret, file) == nil {
			if got := h.expect(404, "GET", path, ""); strings.Contains(got.body, "secret\"") {
				t.Errorf("%s: %q", path, got.body)
			}
		}
	}
}

// An output that stands in the bucket only comes from there: what the ledger knows, as long as that says, and nothing else.
func TestOutputsInTheBucket(t *testing.T) {
	var asked []string
	kept := map[string]string{}
	h := newHouse(t, func(o *Options) {
		o.Bucket = func(_ context.Context, out ledger.Output) (io.ReadCloser, error) {
			asked = append(asked, out.Place+"/"+out.Path)
			if out.Path == "a-3down.jpg" {
				return nil, errors.New("s3://photos: SlowDown")
			}
			text, there := kept[out.Path]
			if !there {
				return nil, fs.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}
	})
	h.must(os.WriteFile(filepath.Join(h.dir, "inbox", ".a.jpg"), []byte("a"), 0o600)) // which the watcher does not see
	root, err := os.OpenRoot(filepath.Join(h.dir, "inbox"))
	h.must(err)
	defer root.Close()
	src := sink.Source{Root: root, Path: ".a.jpg", As: "a.jpg", Name: "a.jpg", Size: 1, Hash: "aa"}
	var outs []sink.Output
	for _, name := range []string{"0whole", "1gone", "2short", "3down"} {
		outs = append(outs, sink.Output{Variant: name, Format: "jpeg", Ext: "jpg", Template: "{dir}/{name}-{variant}.{ext}", Width: 4, Height: 3})
	}
	outs = append(outs, sink.Output{Variant: "4page", Format: "html", Ext: "html", Template: "{dir}/{name}-{variant}.{ext}"})
	names, _, err := h.d.opts.Sink.Claim(src, outs)
	h.must(err)
	for i, name := range names {
		outs[i].Sent = &sink.Sent{Path: name, Bytes: 7, Hash: "bb"}
	}
	_, err = h.d.opts.Sink.Commit(src, outs, sink.Record{})
	h.must(err)
	kept["a-0whole.jpg"], kept["a-2short.jpg"] = "a photo and more", "a"

	got := h.expect(200, "GET", "/api/v1/photos/1/outputs/0?v=1", "")
	if got.body != "a photo" || got.Header.Get("Content-Type") != "image/jpeg" || got.Header.Get("Content-Security-Policy") != policy || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%q, %v", got.body, got.Header)
	}
	if len(asked) != 1 || asked[0] != "s3://photos/a-0whole.jpg" {
		t.Errorf("asked for %q", asked)
	}
	h.expect(304, "GET", "/api/v1/photos/1/outputs/0", "", "If-None-Match", got.Header.Get("ETag"))
	if got := h.expect(404, "GET", "/api/v1/photos/1/outputs/1?v=1", ""); strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("a failure is kept: %v", got.Header)
	}
	if got, err := http.Get(h.server.URL + "/api/v1/photos/1/outputs/2"); err == nil {
		if _, err = io.ReadAll(got.Body); err == nil {
			t.Error("what ends early looks whole")
		}
		got.Body.Close()
	}
	h.expect(502, "GET", "/api/v1/photos/1/outputs/3", "")
	h.expect(415, "GET", "/api/v1/photos/1/outputs/4", "")
	before := len(asked)
	for _, path := range []string{"/api/v1/photos/1/outputs/5", "/api/v1/photos/1/outputs/..%2fa", "/api/v1/photos/2/outputs/0", "/api/v1/photos/1/outputs/a-0whole.jpg"} {
		h.expect(404, "GET", path, "")
	}
	if len(asked) != before {
		t.Errorf("the bucket was asked for %q", asked[before:])
	}
	h.d.opts.Bucket = nil
	h.expect(404, "GET", "/api/v1/photos/1/outputs/0", "")
}

func TestPhotosOfOtherFoldersAndChangedOnesAreNotServed(t *testing.T) {
	h := newHouse(t, nil)
	h.drop("scene.jpg", "a.jpg")
	h.settled(1)
	outside := filepath.Join(h.dir, "outside.jpg")
	h.must(os.WriteFile(outside, []byte("outside"), 0o600))
	info, err := os.Stat(outside)
	h.must(err)
	for _, name := range []string{outside, "../outside.jpg", "a.jpg"} {
		if f, err := h.d.original(ledger.Source{Name: name, Size: info.Size(), ModTime: info.ModTime()}); err == nil {
			f.Close()
			t.Errorf("%s was opened", name)
		}
	}
}

func TestReveal(t *testing.T) {
	shown := make(chan string, 10)
	no := make(chan error, 1)
	h := newHouse(t, func(o *Options) {
		o.Reveal = func(_ context.Context, file string) error {
			shown <- file
			select {
			case err := <-no:
				return err
			default:
				return nil
			}
		}
	})
	h.drop("truncated-50.jpg", "bad.jpg")
	h.settled(1)
	const path = "/api/v1/failures/1/reveal"
	h.expect(200, "POST", path, "")
	if got := <-shown; got != filepath.Join(h.dir, "inbox", "bad.jpg") {
		t.Error(got)
	}
	no <- errors.New("there is no desktop")
	h.expect(502, "POST", path, "")
	<-shown

	h.expect(404, "POST", "/api/v1/failures/2/reveal", "")
	h.expect(400, "POST", "/api/v1/failures/bad.jpg/reveal", "")
	h.expect(404, "GET", path, "")
	h.expect(403, "POST", path, "", "Origin", "https://evil.example")
	h.expect(403, "POST", path, "", "Sec-Fetch-Site", "cross-site")
	h.expect(421, "POST", path, "", "Host", "evil.example")
	h.d.opts.Find = func(ledger.Source) (string, bool) { return "/gone.jpg", false }
	h.expect(404, "POST", path, "")
	h.d.opts.Find = func(ledger.Source) (string, bool) { return "/there.jpg", true }
	h.d.opts.Reveal = nil
	h.expect(501, "POST", path, "")
	if len(shown) > 0 {
		t.Error("shown all the same:", <-shown)
	}
}

func TestUploadsCannotLeaveTheInbox(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Inboxes[0].Most = 1 << 20 })
	picture, err := os.ReadFile(filepath.Join(images, "scene.jpg"))
	h.must(err)
	upload := func(code int, name string) reply {
		t.Helper()
		return h.expect(code, "POST", "/api/v1/uploads?name="+url.QueryEscape(name), string(picture))
	}
	for _, name := range []string{"", "../x.jpg", "/x.jpg", "a/../../x.jpg", "a/../x.jpg", `..\x.jpg`, `C:\x.jpg`, "c:x.jpg", "a//x.jpg", "./x.jpg", ".", "..",
		".hidden.jpg", "a/.hidden/x.jpg", "x.jpg.part", "a\x00.jpg", "a\n.jpg", strings.Repeat("x", 250) + ".jpg"} {
		upload(400, name)
	}
	os.Symlink(h.dir, filepath.Join(h.dir, "inbox", "link"))
	if _, err := os.Lstat(filepath.Join(h.dir, "inbox", "link")); err == nil { // wine 8 makes none, and says that it did
		upload(500, "link/x.jpg")
	}
	for _, want := range []string{"x.jpg", "x~2.jpg", "x~3.jpg"} {
		var got uploaded
		h.must(json.Unmarshal([]byte(upload(200, "x.jpg").body), &got))
		if got.Name != want || got.Bytes != int64(len(picture)) {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	upload(200, "trip/day 1/ü.jpg")
	h.settled(4)
	if data, err := os.ReadFile(filepath.Join(h.dir, "inbox", "trip", "day 1", "ü.jpg")); err != nil || !bytes.Equal(data, picture) {
		t.Error("the upload is not what was sent", err)
	}
	var left []string
	h.must(filepath.WalkDir(h.dir, func(path string, _ os.DirEntry, err error) error {
		if strings.Contains(path, uploadPrefix) || strings.HasSuffix(path, "x.jpg") && !strings.Contains(path, "inbox") {
			left = append(left, path)
		}
		return err
	}))
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestUploadsGoToThePipelineThatIsNamed(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		blog := filepath.Join(filepath.Dir(o.Inboxes[0].Folder), "blog")
		if err := os.Mkdir(blog, 0o755); err != nil {
			t.Fatal(err)
		}
		o.Inboxes = append(o.Inboxes, Inbox{Name: "blog", Folder: blog, Most: 1000})
	})
	picture, err := os.ReadFile(filepath.Join(images, "tiny-1x1.jpg"))
	h.must(err)
	h.expect(200, "POST", "/api/v1/uploads?name=trip/x.jpg&pipeline=blog", string(picture))
	if got, err := os.ReadFile(filepath.Join(h.dir, "blog", "trip", "x.jpg")); err != nil || !bytes.Equal(got, picture) {
		t.Error("not in the blog's inbox:", err)
	}
	if entries, err := os.ReadDir(filepath.Join(h.dir, "inbox")); err != nil || len(entries) > 0 {
		t.Errorf("in the other one: %v %v", entries, err)
	}
	for _, name := range []string{"", "../blog", "shop", "inbox"} { // no name is the default one's, and a folder is none
		code := 400
		if name == "" {
			code = 200
		}
		h.expect(code, "POST", "/api/v1/uploads?name=y.jpg&pipeline="+url.QueryEscape(name), string(picture))
	}
	h.expect(413, "POST", "/api/v1/uploads?name=y.jpg&pipeline=blog", strings.Repeat(string(picture), 10))
	stale := filepath.Join(h.dir, "blog", uploadPrefix+"old"+uploadSuffix)
	h.must(os.WriteFile(stale, nil, 0o600))
	long := h.d.started.Add(-time.Hour)
	h.must(os.Chtimes(stale, long, long))
	h.d.sweep()
	if _, err := os.Stat(stale); err == nil {
		t.Error("what a former process left is still there")
	}
}

func TestUploadThatIsTooLargeOrBreaksOffLeavesNothing(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Inboxes[0].Most = 1000 })
	picture, err := os.ReadFile(filepath.Join(images, "scene.jpg"))
	h.must(err)
	h.expect(413, "POST", "/api/v1/uploads?name=x.jpg", string(picture))
	h.expect(413, "POST", "/api/v1/uploads?name=x.jpg", string(picture), "Transfer-Encoding", "chunked")
	h.expect(415, "POST", "/api/v1/uploads?name=x.jpg", "")
	if entries, err := os.ReadDir(filepath.Join(h.dir, "inbox")); err != nil || len(entries) > 0 {
		t.Errorf("%v %v", entries, err)
	}
	stale, fresh := uploadPrefix+"old"+uploadSuffix, uploadPrefix+"new"+uploadSuffix
	for _, name := range []string{stale, fresh} {
		h.must(os.WriteFile(filepath.Join(h.dir, "inbox", name), nil, 0o600))
	}
	long := h.d.started.Add(-time.Hour)
	h.must(os.Chtimes(filepath.Join(h.dir, "inbox", stale), long, long))
	h.d.sweep()
	if _, err := os.Stat(filepath.Join(h.dir, "inbox", stale)); err == nil {
		t.Error("what a former process left is still there")
	}
	if _, err := os.Stat(filepath.Join(h.dir, "inbox", fresh)); err != nil {
		t.Error("an upload under way was swept")
	}
}

func TestUploadThatBreaksOffInTheMiddleLeavesNothing(t *testing.T) {
	h := newHouse(t, nil)
	picture, err := os.ReadFile(filepath.Join(images, "scene.jpg"))
	h.must(err)
	half := string(picture[:len(picture)/2])
	for _, body := range []string{
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(picture), half),
		fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(half), half),
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.server.URL, "http://"))
		h.must(err)
		_, err = io.WriteString(conn, "POST /api/v1/uploads?name=trip/x.jpg HTTP/1.1\r\nHost: localhost\r\n"+body)
		h.must(err)
		inTrip := func() (names []string) {
			entries, _ := os.ReadDir(filepath.Join(h.dir, "inbox", "trip"))
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return names
		}
		h.until("the upload to begin", func() bool { return len(inTrip()) == 1 && strings.HasPrefix(inTrip()[0], uploadPrefix) })
		h.must(conn.Close())
		h.until("it to be gone", func() bool { return len(inTrip()) == 0 })
	}
	if s := h.d.State(); s.Settled > 0 || s.Backlog > 0 {
		t.Errorf("%+v", s)
	}
}
