package sink

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two pipelines with one ledger: photos of one name don't meet, neither do their outputs, and each has its own folders and fates.
func TestPipelinesShareALedger(t *testing.T) {
	h := newHouse(t, Options{})
	blog := filepath.Join(h.dir, "blog")
	h.opts.Others = map[string]Places{"blog": {Output: filepath.Join(blog, "output"), Archive: filepath.Join(blog, "archive"), Done: Archive}}
	h.reopen()
	outs := func(data string) []Output {
		return []Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{dir}/{name}-{variant}.{ext}", Recipe: "r", Data: []byte(data)}}
	}
	holds := func(name, want string) {
		t.Helper()
		if data, err := os.ReadFile(filepath.Join(h.dir, filepath.FromSlash(name))); string(data) != want {
			t.Errorf("%s holds %q, want %q (%v)", name, data, want, err)
		}
	}
	own := h.drop("a.jpg", "own")
	_, err := h.Commit(own, outs("of own"), Record{})
	h.must(err)

	other := h.drop("elsewhere/a.jpg", "blog's")
	other.As, other.Pipeline, other.Name = "a.jpg", "blog", Qualified("blog", "a.jpg")
	rec, err := h.Commit(other, outs("of blog's"), Record{})
	h.must(err)
	if rec.Source != "blog:a.jpg" || rec.Outputs[0].Path != "blog:a-s.jpg" || len(h.warns) != 0 {
		t.Errorf("recorded as %+v, warned %q", rec, h.warns)
	}
	holds("output/a-s.jpg", "of own")
	holds("blog/output/a-s.jpg", "of blog's")
	holds("blog/archive/elsewhere/a.jpg", "blog's")
	holds("inbox/a.jpg", "own")
	if f, _, err := h.OpenOutput("blog:a-s.jpg"); err != nil || filepath.Dir(f.Name()) != filepath.Join(blog, "output") {
		t.Errorf("opened %v, %v", f, err)
	} else {
		f.Close()
	}

	// Both are known again, each as its own.
	for _, src := range []Source{own, other} {
		src.Hash = ""
		known, _, err := h.Recall(src)
		h.must(err)
		compared, err := h.Compare(known, outs(""))
		h.must(err)
		if !known.Known() || compared[0].Stands != Qualified(src.Pipeline, "a-s.jpg") {
			t.Errorf("%s: known %t, stands as %q", src.Name, known.Known(), compared[0].Stands)
		}
	}

	// What one has made of a content, the other copies.
	twin := h.drop("twin.jpg", "blog's")
	_, copied, err := h.Twin(twin, []Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{name}.{ext}", Recipe: "r"}})
	h.must(err)
	if string(copied[0].Data) != "of blog's" {
		t.Errorf("copied %q", copied[0].Data)
	}

	// A path that reads like another pipeline's is refused; one that only looks so is not.
	for name, refused := range map[string]bool{"blog:a.jpg": true, "blog:x/a.jpg": true, "12:30/a.jpg": false, "blog/a.jpg": false} {
		if _, _, err := h.Recall(Source{Path: name, Name: name}); (err != nil) != refused || refused && !strings.Contains(err.Error(), "pipeline blog") {
			t.Errorf("%s: %v", name, err)
		}
	}

	// What a pipeline made goes with its original, and nothing of another.
	_, err = h.Remove("blog:a.jpg")
	h.must(err)
	holds("blog/output/a-s.jpg", "")
	holds("output/a-s.jpg", "of own")
}

// A ledger that is lost is filled from the savings log for all pipelines.
func TestPipelinesAreRemembered(t *testing.T) {
	h := newHouse(t, Options{})
	h.opts.Others = map[string]Places{"blog": {Output: filepath.Join(h.dir, "blog")}}
	h.reopen()
	src := h.drop("a.jpg", "one")
	src.Pipeline, src.Name = "blog", "blog:a.jpg"
	out := []Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{name}.{ext}", Recipe: "r", Data: []byte("made")}}
	_, err := h.Commit(src, out, Record{})
	h.must(err)
	h.stop()
	h.must(os.Remove(LedgerPath(h.opts.State)))
	h.reopen()
	h.must(h.ledger.Flush())
	known, _, err := h.Recall(src)
	h.must(err)
	compared, err := h.Compare(known, []Output{{Variant: "s", Format: "jpeg", Ext: "jpg", Template: "{name}.{ext}", Recipe: "r"}})
	h.must(err)
	if !known.Known() || compared[0].Stands != "blog:a.jpg" {
		t.Errorf("known %t, stands as %q", known.Known(), compared[0].Stands)
	}
}

// Each pipeline has a manifest of its own photos, by their paths in its folders; names that stand beside a pipeline's in the order of all are none of its.
func TestPipelinesHaveTheirManifests(t *testing.T) {
	h := newSite(t, Options{})
	file := filepath.Join(h.dir, "blog", "list.json")
	h.opts.Others = map[string]Places{
		"blog": {Output: filepath.Join(h.dir, "blog"), Manifest: Manifest{File: file, List: true, Base: "/b/"}},
		"shop": {Output: filepath.Join(h.dir, "shop")},
	}
	h.reopen()
	h.Tell("", told)
	h.Tell("blog", map[string][]string{"small": nil})
	for _, name := range []string{"blog9.jpg", "a.jpg", "blog:x/a.jpg", "blog:b.jpg", "shop:a.jpg"} {
		src := h.drop("at/"+strings.ReplaceAll(name, ":", "/"), name) // Windows has no colons in names
		src.Name = name
		src.Pipeline, src.As = h.Split(name)
		h.commit(src, name)
	}
	if got := strings.Join(h.sources(), " "); got != "a.jpg blog9.jpg" {
		t.Errorf("the manifest at the top has %s", got)
	}
	read := func() string {
		text, err := os.ReadFile(file)
		h.must(err)
		return string(text)
	}
	text := read()
	for _, want := range []string{`"source":"x/a.jpg"`, `"album":"x"`, `"srcset":"/b/x/a-small.jpg 4w"`, `"path":"x/a-small.jpg"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	if strings.Count(text, `"source"`) != 2 || strings.Contains(text, "blog:") {
		t.Errorf("the blog's manifest is\n%s", text)
	}
	before, err := os.Stat(filepath.Join(h.dir, "site", "data", "photos.json"))
	h.must(err)
	time.Sleep(2 * time.Millisecond)
	_, err = h.Remove("blog:b.jpg")
	h.must(err)
	h.must(h.Publish())
	if text := read(); strings.Contains(text, "b.jpg") || !strings.Contains(text, "x/a.jpg") {
		t.Errorf("after a photo has gone, it is\n%s", text)
	}
	if after, err := os.Stat(filepath.Join(h.dir, "site", "data", "photos.json")); err != nil || !os.SameFile(before, after) {
		t.Errorf("the other manifest was written, too: %v", err)
	}
}
