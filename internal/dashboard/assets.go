package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
)

// pageFiles are the page: what is in the folder is what is served, as it is; there is no build step.
//
//go:embed page
var pageFiles embed.FS

//go:embed openapi.json
var description []byte

// asset is a file of the page, in both forms that it is sent in.
type asset struct {
	kind        string
	plain, tiny []byte
	tag         string
}

// kinds of files that the page has; a system's own table of types may say anything.
var kinds = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml"}

// assets are by their path in the URL.
var assets = sync.OnceValue(func() map[string]asset {
	entries, err := pageFiles.ReadDir("page")
	if err != nil {
		panic(fmt.Sprintf("the page is part of the program: %v", err))
	}
	all := map[string]asset{}
	for _, e := range entries {
		data, err := pageFiles.ReadFile("page/" + e.Name())
		if err != nil {
			panic(fmt.Sprintf("the page is part of the program: %v", err))
		}
		all["/"+e.Name()] = newAsset(kinds[path.Ext(e.Name())], data)
	}
	all["/"] = all["/index.html"]
	return all
})

func newAsset(kind string, data []byte) asset {
	var tiny bytes.Buffer
	z, _ := gzip.NewWriterLevel(&tiny, gzip.BestCompression)
	_, _ = z.Write(data)
	_ = z.Close() // into memory
	sum := sha256.Sum256(data)
	return asset{kind, data, tiny.Bytes(), `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func isAsset(path string) bool {
	_, ok := assets()[path]
	return ok
}

func getAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := assets()[r.URL.Path]
	if !ok {
		fail(w, http.StatusNotFound, "there is nothing here: / has the page, /api/v1/openapi.json says what else there is")
		return
	}
	a.serve(w, r)
}

func getDescription(w http.ResponseWriter, r *http.Request) {
	newAsset("application/json", description).serve(w, r)
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.tag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		data = a.tiny
	}
	_, _ = w.Write(data)
}
