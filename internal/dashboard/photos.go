package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pixmill/sink"
	"pixmill/sink/ledger"
)

// Photo is a source that is done, and what was made of it.
type Photo struct {
	ID           int64     `json:"id"`
	Place        string    `json:"place"` // in the list, for `older` and `newer`
	Source       string    `json:"source"`
	Time         time.Time `json:"time"`     // when it was done
	Modified     time.Time `json:"modified"` // the source
	Width        int       `json:"width"`
	Height       int       `json:"height"`
	Format       string    `json:"format"`
	Bytes        int64     `json:"bytes"`
	OutputBytes  int64     `json:"output_bytes"`
	SavedPercent float64   `json:"saved_percent"`
	DurationMS   float64   `json:"duration_ms"`
	Attempts     int       `json:"attempts"`
	Hash         string    `json:"hash"`
	Outputs      []Output  `json:"outputs"`
	Stages       []Stage   `json:"stages"` // empty for photos of some time ago
	Says         []Fact    `json:"says"`   // its metadata, for people
}

// Output is one file that was made.
type Output struct {
	N       int    `json:"n"` // by which it is fetched
	Path    string `json:"path"`
	Variant string `json:"variant"`
	Format  string `json:"format"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Bytes   int64  `json:"bytes"`
}

func (d *Dashboard) photo(s ledger.Source) Photo {
	p := Photo{
		ID: s.ID, Place: place(s.Place()), Source: s.Name, Time: s.Time, Modified: s.ModTime, Width: s.Width, Height: s.Height, Format: s.Format,
		Bytes: s.Size, DurationMS: float64(s.Duration.Microseconds()) / 1000, Attempts: s.Attempts, Hash: s.Hash,
		Outputs: make([]Output, len(s.Outputs)), Stages: d.monitor.stages(s.Name, s.Time), Says: says(s.Probe),
	}
	for i, o := range s.Outputs {
		p.Outputs[i] = Output{i, o.Path, o.Variant, o.Format, o.Width, o.Height, o.Bytes}
		p.OutputBytes += o.Bytes
	}
	if p.Stages == nil {
		p.Stages = []Stage{}
	}
	p.SavedPercent = sink.SavedPercent(p.Bytes, p.OutputBytes)
	return p
}

// place writes a ledger.Place as text: the time in nanoseconds, the ID.
func place(p ledger.Place) string {
	return strconv.FormatInt(p.Time.UnixNano(), 10) + "." + strconv.FormatInt(p.ID, 10)
}

func parsePlace(text string) (p ledger.Place, ok bool) {
	if text == "" {
		return p, true
	}
	at, id, found := strings.Cut(text, ".")
	nanos, err := strconv.ParseInt(at, 10, 64)
	p.Time = time.Unix(0, nanos)
	if err == nil {
		p.ID, err = strconv.ParseInt(id, 10, 64)
	}
	return p, found && err == nil
}

// Sizes of pages.
const (
	usualPage = 100
	mostPage  = 500
)

// page is the part of a list that a request asks for; false: it has been answered.
func page(w http.ResponseWriter, r *http.Request, failed bool) (ledger.Page, bool) {
	q := r.URL.Query()
	older, okOlder := parsePlace(q.Get("older"))
	newer, okNewer := parsePlace(q.Get("newer"))
	limit, okLimit := number(q.Get("limit"), usualPage, 1, mostPage)
	if !okOlder || !okNewer {
		fail(w, http.StatusBadRequest, "older, newer: write the place of a photo, as answers have it")
		return ledger.Page{}, false
	}
	if !okLimit {
		fail(w, http.StatusBadRequest, fmt.Sprintf("limit: write a whole number from 1 to %d", mostPage))
		return ledger.Page{}, false
	}
	return ledger.Page{Failed: failed, Older: older, Newer: newer, Match: q.Get("match"), Most: int(limit)}, true
}

func (d *Dashboard) getPhotos(w http.ResponseWriter, r *http.Request) {
	p, ok := page(w, r, false)
	if !ok {
		return
	}
	sources, err := d.ledger.Latest(p)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	photos := make([]Photo, len(sources))
	for i, s := range sources {
		photos[i] = d.photo(s)
	}
	answer(w, struct {
		Photos []Photo `json:"photos"`
	}{photos})
}

// getMarks gives the places at which the pages of a long list begin, so that it can be shown from anywhere.
func (d *Dashboard) getMarks(w http.ResponseWriter, r *http.Request) {
	every, ok := number(r.URL.Query().Get("every"), usualPage, 1, 1_000_000)
	if !ok {
		fail(w, http.StatusBadRequest, "every: write a whole number from 1")
		return
	}
	places, total, err := d.ledger.Marks(false, r.URL.Query().Get("match"), int(every))
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	marks := make([]string, len(places))
	for i, p := range places {
		marks[i] = place(p)
	}
	answer(w, struct {
		Total int      `json:"total"`
		Every int      `json:"every"`
		Marks []string `json:"marks"`
	}{total, int(every), marks})
}

// source finds what a request's path names; false: it has been answered.
func (d *Dashboard) source(w http.ResponseWriter, r *http.Request) (s ledger.Source, ok bool) {
	id, ok := number(r.PathValue("id"), 0, 1, 1<<62)
	if !ok {
		fail(w, http.StatusBadRequest, "the number of a photo is a whole number")
		return s, false
	}
	s, ok, err := d.ledger.Find(id)
	switch {
	case err != nil:
		fail(w, http.StatusInternalServerError, err.Error())
		return s, false
	case !ok:
		fail(w, http.StatusNotFound, "the ledger has no such photo any more")
		return s, false
	}
	return s, true
}

func (d *Dashboard) getPhoto(w http.ResponseWriter, r *http.Request) {
	if s, ok := d.source(w, r); ok {
		answer(w, d.photo(s))
	}
}

func (d *Dashboard) getOutput(w http.ResponseWriter, r *http.Request) {
	s, ok := d.source(w, r)
	if !ok {
		return
	}
	n, ok := number(r.PathValue("n"), 0, 0, int64(len(s.Outputs)-1))
	if !ok {
		fail(w, http.StatusNotFound, "the photo has no such output")
		return
	}
	o := s.Outputs[n]
	f, _, err := d.opts.Sink.OpenOutput(o.Path)
	if err != nil && o.Place != "" {
		d.fetch(w, r, o)
		return
	}
	if err != nil {
		fail(w, http.StatusNotFound, "the output is gone: the next start makes it again")
		return
	}
	defer f.Close()
	picture(w, r, f, o.Format)
}

// fetch serves an output that stands in a bucket only. What comes from there is as long as the ledger says, and called what the ledger calls it.
func (d *Dashboard) fetch(w http.ResponseWriter, r *http.Request, o ledger.Output) {
	kind, ok := shown[o.Format]
	if !ok {
		fail(w, http.StatusUnsupportedMediaType, "browsers do not show "+o.Format)
		return
	}
	if r.Header.Get("If-None-Match") == tag(o.Time, o.Bytes) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*stallTime)
	defer cancel()
	err := fs.ErrNotExist
	var body io.ReadCloser
	if d.opts.Bucket != nil {
		body, err = d.opts.Bucket(ctx, o)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fail(w, http.StatusNotFound, "the output is at "+o.Place+" only, and there is none, or upload.url names another bucket")
		return
	case err != nil:
		fail(w, http.StatusBadGateway, err.Error())
		return
	}
	defer body.Close()
	describe(w, r, kind, o.Time, o.Bytes)
	w.Header().Set("Content-Length", strconv.FormatInt(o.Bytes, 10))
	if _, err := io.CopyN(w, body, o.Bytes); err != nil {
		panic(http.ErrAbortHandler) // who asked is to know that it is not whole
	}
}

// getOriginal serves the photo itself, where it lies in the inbox as it was, or in the archive.
func (d *Dashboard) getOriginal(w http.ResponseWriter, r *http.Request) {
	s, ok := d.source(w, r)
	if !ok {
		return
	}
	f, err := d.original(s)
	if err != nil {
		fail(w, http.StatusNotFound, "the original is gone, was changed, or lies outside the inbox")
		return
	}
	defer f.Close()
	picture(w, r, f, s.Format)
}

func (d *Dashboard) original(s ledger.Source) (*os.File, error) {
	if !filepath.IsLocal(filepath.FromSlash(s.Name)) { // of a photo outside the inboxes
		return nil, fs.ErrNotExist
	}
	inbox, src := d.opts.Original(s)
	f, err := os.OpenInRoot(inbox, filepath.FromSlash(src.Path))
	if err == nil {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == s.Size && info.ModTime().Equal(s.ModTime) {
			return f, nil
		}
		f.Close()
	}
	return d.opts.Sink.OpenArchived(src)
}

// shown are the formats that browsers show; what another file holds, a browser is not to guess.
var shown = map[string]string{"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "bmp": "image/bmp"}

// picture serves an image file, which has the same bytes under the same URL as long as it has the same time.
func picture(w http.ResponseWriter, r *http.Request, f *os.File, format string) {
	kind, ok := shown[format]
	info, err := f.Stat()
	switch {
	case !ok:
		fail(w, http.StatusUnsupportedMediaType, "browsers do not show "+format)
		return
	case err != nil || !info.Mode().IsRegular():
		fail(w, http.StatusNotFound, errors.New("it is not a file").Error())
		return
	}
	describe(w, r, kind, info.ModTime(), info.Size())
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// describe sets the headers of a picture.
func describe(w http.ResponseWriter, r *http.Request, kind string, made time.Time, size int64) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, no-cache")
	if r.URL.Query().Has("v") { // the page says when the photo was made
		w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	}
	w.Header().Set("ETag", tag(made, size))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(10 * stallTime))
}

func tag(made time.Time, size int64) string {
	return fmt.Sprintf(`"%x-%x"`, made.UnixNano(), size)
}
