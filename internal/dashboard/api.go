package dashboard

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// route is one line of the API: its pattern is that of http.ServeMux and of openapi.json.
type route struct {
	method, path string
	handle       http.HandlerFunc
}

// routes are all that there is besides the page's own files; openapi.json describes each.
func (d *Dashboard) routes() []route {
	return []route{
		{"GET", "/api/v1/openapi.json", getDescription},
		{"GET", "/api/v1/session", d.getSession},
		{"POST", "/api/v1/session", d.postSession},
		{"DELETE", "/api/v1/session", d.deleteSession},
		{"GET", "/api/v1/state", d.getState},
		{"GET", "/api/v1/events", d.getEvents},
		{"PUT", "/api/v1/intake", d.putIntake},
		{"PUT", "/api/v1/workers", d.putWorkers},
		{"GET", "/api/v1/config", d.getConfig},
		{"GET", "/api/v1/pipelines", d.getPipelines},
		{"GET", "/api/v1/photos", d.getPhotos},
		{"GET", "/api/v1/photos/marks", d.getMarks},
		{"GET", "/api/v1/photos/{id}", d.getPhoto},
		{"GET", "/api/v1/photos/{id}/original", d.getOriginal},
		{"GET", "/api/v1/photos/{id}/outputs/{n}", d.getOutput},
		{"GET", "/api/v1/failures", d.getFailures},
		{"POST", "/api/v1/failures/retry", d.postRetry},
		{"POST", "/api/v1/failures/dismiss", d.postDismiss},
		{"GET", "/api/v1/failures/{id}/place", d.getPlace},
		{"POST", "/api/v1/failures/{id}/reveal", d.postReveal},
		{"GET", "/api/v1/savings", d.getSavings},
		{"GET", "/api/v1/savings.csv", d.getSavingsCSV},
		{"POST", "/api/v1/uploads", d.postUpload},
		{"GET", "/metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP},
		{"GET", "/healthz", getHealth},
		{"GET", "/readyz", d.getReady},
	}
}

// handler is everything that is served.
func (d *Dashboard) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range d.routes() {
		mux.HandleFunc(r.method+" "+r.path, r.handle)
	}
	mux.HandleFunc("GET /", getAsset)
	return d.guard(d.contain(mux))
}

// contain keeps a handler's panic to its request, and says where it was. What may have changed something is news.
func (d *Dashboard) contain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				d.opts.Warn(errors.New("dashboard: internal error, please report it: " + r.Method + " " + r.URL.Path + ": " + string(debug.Stack())))
				fail(w, http.StatusInternalServerError, "internal error: the log says more")
			}
		}()
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet {
			d.news.tell()
		}
	})
}

// quiet drops what net/http says of other people's connections.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// problem is the body of every answer that is an error.
type problem struct {
	Error string `json:"error"`
}

func fail(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	write(w, problem{text})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	write(w, v)
}

// write leaves errors to whoever has gone away.
func write(w io.Writer, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// mostBody is how many bytes of JSON a request may send.
const mostBody = 1 << 20

// take reads a request's JSON; false: it has been answered, with what is wrong with it.
func take(w http.ResponseWriter, r *http.Request, v any) bool {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(stallTime))
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		fail(w, http.StatusBadRequest, "the body is not the JSON that is expected: "+err.Error())
		return false
	}
	return true
}

// number reads a whole number from a path or query; absent: def.
func number(text string, def, least, most int64) (int64, bool) {
	if text == "" {
		return def, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= least && n <= most
}

func (d *Dashboard) getState(w http.ResponseWriter, _ *http.Request) { answer(w, d.State()) }

func getHealth(w http.ResponseWriter, _ *http.Request) { answer(w, status{"ok"}) }

type status struct {
	Status string `json:"status"`
}

// getReady says whether photos that are dropped now would be made.
func (d *Dashboard) getReady(w http.ResponseWriter, _ *http.Request) {
	for _, in := range d.opts.Inboxes {
		if _, err := os.Stat(in.Folder); err != nil {
			fail(w, http.StatusServiceUnavailable, "the inbox is gone: "+in.Folder)
			return
		}
	}
	if d.opts.Pipeline.Paused() {
		fail(w, http.StatusServiceUnavailable, "intake is paused")
		return
	}
	answer(w, status{"ready"})
}

// intake says whether photos are taken in.
type intake struct {
	Paused bool `json:"paused"`
}

func (d *Dashboard) putIntake(w http.ResponseWriter, r *http.Request) {
	var in intake
	if !take(w, r, &in) {
		return
	}
	d.opts.Pipeline.Pause(in.Paused)
	answer(w, in)
}

// workers is how many photos are worked on at once.
type workers struct {
	Workers int `json:"workers"`
}

// mostWorkers is what config.toml allows, too.
const mostWorkers = 4096

func (d *Dashboard) putWorkers(w http.ResponseWriter, r *http.Request) {
	var in workers
	if !take(w, r, &in) {
		return
	}
	if in.Workers < 1 || in.Workers > mostWorkers {
		fail(w, http.StatusBadRequest, "workers: write a whole number from 1 to "+strconv.Itoa(mostWorkers))
		return
	}
	if d.opts.SetPool == nil {
		fail(w, http.StatusNotImplemented, "the number of workers can't be changed while pixmill runs: pool.workers in config.toml sets it")
		return
	}
	if err := d.opts.SetPool(in.Workers); err != nil {
		fail(w, http.StatusConflict, err.Error())
		return
	}
	answer(w, in)
}

func (d *Dashboard) getConfig(w http.ResponseWriter, _ *http.Request) {
	all, err := d.opts.Settings()
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, struct {
		Settings []Setting `json:"settings"`
	}{all})
}

func (d *Dashboard) getPipelines(w http.ResponseWriter, _ *http.Request) {
	answer(w, struct {
		Pipelines []Inbox `json:"pipelines"`
	}{d.opts.Inboxes})
}
