package sink

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/sink/ledger"
	"pixmill/sink/manifest"
)

// newSite is a house with a manifest, which its variants are told of.
func newSite(t *testing.T, o Options) *house {
	h := newHouse(t, o)
	h.opts.Manifest = Manifest{File: filepath.Join(h.dir, "site", "data", "photos.json"), Base: "/p/"}
	h.reopen()
	h.Tell("", told)
	return h
}

var told = map[string][]string{"small": {"same"}, "large": {"jpeg"}}

// published is the manifest as it would be if pixmill ended now.
func (h *house) published() (photos []manifest.Photo) {
	h.t.Helper()
	h.must(h.Publish())
	var m struct{ Photos []manifest.Photo }
	h.must(json.Unmarshal([]byte(h.tree("site")["data/photos.json"]), &m))
	return m.Photos
}

func (h *house) sources() (names []string) {
	h.t.Helper()
	for _, p := range h.published() {
		names = append(names, p.Source)
	}
	return names
}

func TestManifest(t *testing.T) {
	h := newSite(t, Options{})
	if got := h.sources(); len(got) != 0 {
		t.Errorf("nothing is done, and the manifest has %q", got)
	}
	src := h.drop("trip/a.jpg", "one")
	src.About = &About{Title: "One", Color: "#112233"}
	h.commit(src, "a")
	h.commit(h.drop("b.jpg", "two"), "b")
	outside := h.drop("c.jpg", "three")
	outside.Name, outside.Inbox = filepath.ToSlash(filepath.Join(h.dir, "secret", "c.jpg")), false
	h.commit(outside, "c")
	_, err := h.Fail(h.drop("bad.jpg", "bad"), Record{Status: Rejected, Reason: "no"})
	h.must(err)
	if got, want := h.sources(), []string{"c.jpg", "b.jpg", "trip/a.jpg"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: absolute paths come first, and are not told", got, want)
	}
	a := h.published()[2]
	if a.Title != "One" || a.Srcset != "/p/trip/a-small.jpg 4w, /p/trip/a-large.jpg 8w" || a.Album != "trip" || a.Hash != src.Hash {
		t.Errorf("got %+v", a)
	}
	// What a start finds, it does not write again; what its config tells anew, it does.
	path := h.opts.Manifest.File
	before, err := os.Stat(path)
	h.must(err)
	h.reopen()
	h.Tell("", told)
	h.published()
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the same manifest was written again: %v", err)
	}
	h.Tell("", map[string][]string{"small": nil})
	if got := h.published()[2]; len(got.Outputs) != 1 || got.Outputs[0].Variant != "small" {
		t.Errorf("a variant that is no more is told of: %+v", got.Outputs)
	}
	h.Tell("", map[string][]string{"huge": {"same"}})
	if got := h.published(); len(got) != 3 || len(got[2].Outputs) != 2 {
		t.Errorf("photos whose variants are no more are not told of until they are made anew: %+v", got)
	}
	h.reopen() // its end writes what was not written yet
	h.Tell("", told)
	h.commit(h.drop("d.jpg", "four"), "d")
	h.stop()
	if text := h.tree("site")["data/photos.json"]; !strings.Contains(text, `"d.jpg"`) {
		t.Errorf("the last photo is not in it:\n%s", text)
	}
}

// renames counts how often a manifest is replaced.
type renames struct {
	disk
	n *atomic.Int64
}

func (r renames) Rename(root *os.Root, from, to string) error {
	if strings.HasSuffix(to, ".json") {
		r.n.Add(1)
	}
	return r.disk.Rename(root, from, to)
}

// However many photos come, the manifest is written once a second; and once more when the last has come.
func TestManifestIsNotWrittenTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		h := newSite(t, Options{disk: renames{system{}, &n}})
		time.Sleep(3 * time.Second)
		n.Store(0)
		for i := range 100 { // in ten seconds
			h.commit(h.drop(fmt.Sprint(i, ".jpg"), "text"), "a")
			time.Sleep(100 * time.Millisecond)
		}
		if got := n.Load(); got < 8 || got > 12 {
			t.Errorf("written %d times in ten seconds", got)
		}
		time.Sleep(5 * time.Second)
		n.Store(0)
		if got := len(h.published()); got != 100 || n.Load() != 0 {
			t.Errorf("%d photos, and it was not up to date five seconds later (%d)", got, n.Load())
		}
		time.Sleep(time.Hour)
		if n.Load() != 0 {
			t.Error("it is written while nothing happens")
		}
		h.stop()
	})
}

// A photo known under one name is told of under the other without being looked at again.
func TestAboutOfTwins(t *testing.T) {
	h := newHouse(t, Options{})
	src := h.drop("a.jpg", "same")
	src.About = &About{BlurHash: "blur"}
	h.commit(src, "a")
	again, _, err := h.Recall(h.drop("a.jpg", "same"))
	h.must(err)
	if again.About != nil {
		t.Error("a source of another time is taken for the known one")
	}
	src.About = nil
	if known, _, err := h.Recall(src); err != nil || known.About == nil || known.About.BlurHash != "blur" {
		t.Errorf("recalled %+v, %v", known.About, err)
	}
	twin, outs, err := h.Twin(h.drop("b.jpg", "same"), h.standing(h.drop("b.jpg", "same"), outputs("")))
	h.must(err)
	if twin.About == nil || twin.About.BlurHash != "blur" || string(outs[0].Data) == "" {
		t.Errorf("twin %+v, outputs %+v", twin.About, outs)
	}
}

// The picture shows the outputs under the names they got, and is one itself.
func TestPictureOutput(t *testing.T) {
	h := newSite(t, Options{})
	h.opts.Manifest.Sizes = "50vw"
	h.reopen()
	h.Tell("", told)
	src := h.drop("a.jpg", "one")
	_, err := h.Commit(src, append(outputs("a"), Picture("r")), Record{})
	h.must(err)
	text := h.tree("output")["a.jpg.html"]
	if !strings.Contains(text, `srcset="/p/a-small.jpg 4w, /p/a-large.jpg 8w" sizes="50vw"`) {
		t.Errorf("got %s", text)
	}
	if !h.Complete(src, append(outputs(""), Picture("r"))) || h.Complete(src, append(outputs(""), Picture("r2"))) {
		t.Error("it does not stand, or it stands for another recipe")
	}
	if p := h.published()[0]; p.Snippet != "a.jpg.html" || len(p.Outputs) != 2 {
		t.Errorf("the manifest has %+v", p)
	}
	twin, outs, err := h.Twin(h.drop("b.jpg", "one"), append(outputs(""), Picture("r")))
	h.must(err)
	if twin.Hash != src.Hash || outs[2].Data != nil {
		t.Error("another photo's picture was copied")
	}
}

// BenchmarkManifest is one rewriting of it, for photos with ten outputs each.
func BenchmarkManifest(b *testing.B) {
	for _, photos := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("photos=%d", photos), func(b *testing.B) {
			dir := b.TempDir()
			s, err := Open(Options{Output: filepath.Join(dir, "output"), State: filepath.Join(dir, "state"),
				Manifest: Manifest{File: filepath.Join(dir, "photos.json"), Base: "/photos/"}})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			about := encodeAbout(&About{Title: "A title", Date: "2024-05-06T07:08:09", Camera: "Camera", ThumbHash: strings.Repeat("h", 28), Placeholder: strings.Repeat("p", 700)})
			for i := range photos {
				src := ledger.Source{Name: fmt.Sprintf("album-%d/img%06d.jpg", i%100, i), Hash: fmt.Sprintf("%064x", i), Status: "done", Width: 4000, Height: 3000, About: about}
				for w := range 10 {
					width := 320 * (w/2 + 1)
					format := []string{"jpeg", "webp"}[w%2]
					src.Outputs = append(src.Outputs, ledger.Output{Path: fmt.Sprintf("album-%d/img%06d-%dw.%s", i%100, i, width, format),
						Variant: fmt.Sprintf("%dw", width), Format: format, Recipe: "0123456789abcdef", Width: width, Height: width * 3 / 4, Bytes: 100_000})
				}
				s.ledger.Queue(ledger.Entry{Source: src})
			}
			told := map[string][]string{}
			for w := range 5 {
				told[fmt.Sprintf("%dw", 320*(w+1))] = nil
			}
			s.Tell("", told)
			if err := s.Publish(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := s.publish(s.branches[""]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(photos), "µs/photo")
		})
	}
}

// A manifest that can't be written is a warning, the old one stays whole, and it is tried again.
func TestManifestThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		h := newSite(t, Options{disk: failing{system{}, &broken}})
		h.commit(h.drop("a.jpg", "one"), "a")
		time.Sleep(5 * time.Second)
		before := h.tree("site")
		broken.Store(true)
		h.commit(h.drop("b.jpg", "two"), "b")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if after := h.tree("site"); !maps.Equal(before, after) {
			t.Errorf("it left %q", after)
		}
		if len(h.warns) != 1 || !strings.Contains(h.warns[0], "photos.json: the manifest cannot be written") {
			t.Errorf("warned %q", h.warns)
		}
		broken.Store(false)
		if got := h.sources(); !slices.Equal(got, []string{"a.jpg", "b.jpg"}) {
			t.Errorf("afterwards it has %q", got)
		}
		h.stop()
	})
}

// failing refuses to rename manifests.
type failing struct {
	disk
	broken *atomic.Bool
}

func (f failing) Rename(root *os.Root, from, to string) error {
	if f.broken.Load() && strings.HasSuffix(to, ".json") {
		return syscall.EIO
	}
	return f.disk.Rename(root, from, to)
}

// observed is a ledger that tells when something was removed from it.
type observed struct {
	recorder
	removed func()
}

func (o observed) Remove(name string) {
	o.recorder.Remove(name)
	o.removed()
}

// Who sees in the ledger that a photo is gone finds no manifest that still names it.
func TestManifestAfterRemoval(t *testing.T) {
	h := newSite(t, Options{Mirror: true})
	h.commit(h.drop("a.jpg", "one"), "a")
	if got := h.sources(); len(got) != 1 {
		t.Fatalf("got %q", got)
	}
	seen := []string{"not looked"}
	h.Sink.ledger = observed{h.Sink.ledger, func() { seen = h.sources() }}
	_, err := h.Remove("a.jpg")
	h.must(err)
	if len(seen) != 0 {
		t.Errorf("the manifest has %q", seen)
	}
}
