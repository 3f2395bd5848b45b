package dashboard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
	"pixmill/sink/ledger"
	"pixmill/watcher"
)

const images = "../../testdata/images"

// house is a pixmill with its dashboard, in a temp folder.
type house struct {
	t       testing.TB
	dir     string
	d       *Dashboard
	server  *httptest.Server
	watcher *watcher.Watcher
	warned  chan error
}

// newHouse starts one; with changes its options.
func newHouse(t testing.TB, with func(*Options)) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), warned: make(chan error, 100)}
	inbox, output, state := filepath.Join(h.dir, "inbox"), filepath.Join(h.dir, "output"), filepath.Join(h.dir, "state")
	h.must(os.Mkdir(inbox, 0o755))
	s, err := sink.Open(sink.Options{Output: output, State: state, Place: "s3://photos"})
	h.must(err)
	h.watcher, err = watcher.New(watcher.Options{Root: inbox, Recursive: true, Settle: 10 * time.Millisecond, Ignore: []string{".*", "*.part"}})
	h.must(err)
	o := Options{
		Listen: "127.0.0.1:8420", Version: "test", Sink: s, State: state, Inboxes: []Inbox{{Folder: inbox}}, Original: func(f ledger.Source) (string, sink.Source) {
			return inbox, sink.Source{Path: f.Name, Size: f.Size, ModTime: f.ModTime}
		}, Ignore: []string{".*", "*.part"},
		Watched:  h.watcher.Stats,
		Find:     func(f ledger.Source) (string, bool) { return filepath.Join(inbox, f.Name), true },
		Settings: func() ([]Setting, error) { return []Setting{{"inbox", `"inbox"`, "default"}}, nil },
		Warn:     func(err error) { h.warned <- err },
	}
	report := func(r pipeline.Report) { h.d.Heard(r) }
	small := resize.Variant{Name: "s", Width: 20, Fit: resize.Inside, Position: "center", Kernel: "lanczos3", Formats: []string{"same"}}
	large := small
	large.Name, large.Width = "l", 60
	const template = "{dir}/{name}-{variant}.{ext}"
	o.Pipeline, err = pipeline.New(pipeline.Options{
		Variants: []pipeline.Variant{{Variant: small, Path: template}, {Variant: large, Path: template}},
		Sink:     s, Report: report, Pool: pool.Options{MaxWorkers: 2, Budget: 1 << 28},
	})
	h.must(err)
	again := &pipeline.Intake{Root: inbox, Inbox: true, Retry: true}
	o.Retry = func(ctx context.Context, f ledger.Source) error {
		info, err := os.Stat(filepath.Join(inbox, f.Name))
		if err != nil {
			return err
		}
		return o.Pipeline.Ask(ctx, again, watcher.File{Path: f.Name, Size: info.Size(), ModTime: info.ModTime()})
	}
	if with != nil {
		with(&o)
	}
	h.d = New(o)
	h.must(h.d.open())
	h.server = httptest.NewServer(h.d.handler())

	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 2)
	go func() { ran <- h.watcher.Run(ctx) }()
	go func() {
		ran <- o.Pipeline.Run(context.Background(), pipeline.Intake{Root: inbox, Inbox: true, Files: h.watcher.Files()})
	}()
	t.Cleanup(func() {
		h.server.CloseClientConnections()
		h.server.Close()
		o.Pipeline.Pause(false)
		cancel()
		for range 2 {
			if err := <-ran; err != nil {
				t.Error(err)
			}
		}
		for _, err := range []error{h.d.close(), s.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// drop puts a test image into the inbox, whole.
func (h *house) drop(image, name string) {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(images, image))
	h.must(err)
	temp := filepath.Join(h.dir, "dropped")
	h.must(os.WriteFile(temp, data, 0o644))
	h.must(os.Rename(temp, filepath.Join(h.dir, "inbox", name)))
}

// settled waits until so many sources have ended.
func (h *house) settled(n int) {
	h.t.Helper()
	h.until("sources to end", func() bool { return h.d.State().Settled >= n })
}

func (h *house) until(what string, there func() bool) {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); !there(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("waited a minute for %s: %+v", what, h.d.State())
		}
	}
}

// reply is what came back.
type reply struct {
	*http.Response
	body string
}

// ask sends a request; headers are pairs, "Host" among them.
func (h *house) ask(method, path, body string, headers ...string) reply {
	h.t.Helper()
	r, err := http.NewRequest(method, h.server.URL+path, strings.NewReader(body))
	h.must(err)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	h.must(err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	h.must(err)
	return reply{got, string(text)}
}

// expect is ask with a status that must come back.
func (h *house) expect(status int, method, path, body string, headers ...string) reply {
	h.t.Helper()
	got := h.ask(method, path, body, headers...)
	if got.StatusCode != status {
		h.t.Errorf("%s %s %v: %s %s, want %d", method, path, headers, got.Status, got.body, status)
	}
	return got
}
