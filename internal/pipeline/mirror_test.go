package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pixmill/sink"
	"pixmill/watcher"
)

// mirrored runs a pipeline over files to its end, with the outputs following the inbox.
func (m *mill) mirrored(mirror *Mirror, files ...watcher.File) {
	m.t.Helper()
	in := make(chan watcher.File, len(files))
	for _, f := range files {
		in <- f
	}
	close(in)
	m.reports = nil
	m.must(m.pipeline().Run(m.t.Context(), Intake{Root: m.root.Name(), Inbox: true, Files: in, Mirror: mirror}))
}

// An original that is gone takes its outputs with it, if the inbox is the one, and no other way.
func TestMirror(t *testing.T) {
	for name, test := range map[string]struct {
		marker string // what is in it; "-": there is none
		gone   bool
		warns  string
	}{
		"ours":            {"id", true, ""},
		"put there":       {"", true, ""},
		"none":            {"-", false, "its marker is not to be seen, so no outputs are removed"},
		"another inbox's": {"other", false, "marker in it is of another inbox"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMill(t)
			var warned []string
			m.opts.Warn = func(err error) { warned = append(warned, err.Error()) }
			m.must(m.run(t.Context(), m.drop("scene.jpg", "a.jpg"), m.drop("grey.jpg", "b.jpg"), m.drop("truncated-50.jpg", "bad.jpg")))
			if test.marker != "-" {
				m.must(m.root.WriteFile("marker", []byte(test.marker+"\n"), 0o644))
			}
			m.must(m.root.Remove("a.jpg"))
			m.must(m.root.Remove("bad.jpg"))
			mirror := NewMirror(m.root.Name(), "marker", "id")
			mirror.Gone("b.jpg") // which is not true
			m.mirrored(mirror)
			want := []string{"a-s.jpg", "b-s.jpg"}
			if test.gone {
				want = want[1:]
			}
			if got := m.outputs(); !slices.Equal(got, want) {
				t.Errorf("%q stand, want %q", got, want)
			}
			if removed := m.statuses()["a.jpg"] == string(sink.Removed); removed != test.gone {
				t.Errorf("reported %v", m.statuses())
			}
			if got := strings.Join(warned, "\n"); !strings.Contains(got, test.warns) || (got == "") != (test.warns == "") {
				t.Errorf("warned %q", got)
			}
			var names []string
			m.must(m.sink.Names(func(name string) { names = append(names, name) }))
			if slices.Contains(names, "bad.jpg") == test.gone {
				t.Errorf("the ledger knows %q", names)
			}
		})
	}
}

// A photo under another name takes what was made of it along: its outputs are copies.
func TestMovedPhotoIsNotMadeAgain(t *testing.T) {
	m := newMill(t)
	m.must(m.root.WriteFile("marker", nil, 0o644))
	f := m.drop("scene.jpg", "a.jpg")
	m.must(m.run(t.Context(), f))
	made := filepath.Join(m.dir, "output", "a-s.jpg")
	info, err := os.Stat(made)
	m.must(err)
	mark := bytes.Repeat([]byte("x"), int(info.Size()))
	m.must(os.WriteFile(made, mark, 0o644))
	m.must(os.Chtimes(made, time.Time{}, info.ModTime()))
	m.must(m.root.Rename("a.jpg", "b.jpg"))
	f.Path = "b.jpg"
	m.mirrored(NewMirror(m.root.Name(), "marker", "id"), f)
	if got := m.outputs(); !slices.Equal(got, []string{"b-s.jpg"}) {
		t.Fatalf("%q stand", got)
	}
	if data, _ := os.ReadFile(filepath.Join(m.dir, "output", "b-s.jpg")); !bytes.Equal(data, mark) {
		t.Error("it was made again")
	}
}

// Originals in quarantine are gone from the inbox, and their outputs of before stay.
func TestQuarantineIsNoDeparture(t *testing.T) {
	m := newMill(t)
	m.must(m.sink.Close())
	var err error
	m.sink, err = sink.Open(sink.Options{Output: filepath.Join(m.dir, "output"), State: filepath.Join(m.dir, "state"),
		Quarantine: filepath.Join(m.dir, "quarantine"), Failed: sink.Quarantine})
	m.must(err)
	m.opts.Sink = m.sink
	m.must(m.root.WriteFile("marker", nil, 0o644))
	m.must(m.run(t.Context(), m.drop("scene.jpg", "a.jpg")))
	m.mirrored(NewMirror(m.root.Name(), "marker", "id"), m.drop("truncated-50.jpg", "a.jpg"))
	if _, err := m.root.Stat("a.jpg"); !os.IsNotExist(err) || !slices.Equal(m.outputs(), []string{"a-s.jpg"}) {
		t.Errorf("%q stand; in the inbox: %v", m.outputs(), err)
	}
}

// Inboxes are looked at each for itself: one that is not mounted keeps its outputs, while those of another go.
func TestMirrorsSideBySide(t *testing.T) {
	m := newMill(t)
	m.opts.Others = map[string]Settings{"other": {Variants: m.opts.Variants}}
	m.must(m.sink.Close())
	var err error
	m.sink, err = sink.Open(sink.Options{Output: filepath.Join(m.dir, "output"), State: filepath.Join(m.dir, "state"),
		Others: map[string]sink.Places{"other": {Output: filepath.Join(m.dir, "other")}}})
	m.must(err)
	m.opts.Sink = m.sink
	second := filepath.Join(m.dir, "second")
	m.must(os.Mkdir(second, 0o755))
	m.must(os.WriteFile(filepath.Join(second, "marker"), nil, 0o644))
	run := func(own, others []watcher.File) {
		t.Helper()
		give := func(files []watcher.File) <-chan watcher.File {
			in := make(chan watcher.File, len(files))
			for _, f := range files {
				in <- f
			}
			close(in)
			return in
		}
		m.must(m.pipeline().Run(t.Context(),
			Intake{Root: m.root.Name(), Inbox: true, Files: give(own), Mirror: NewMirror(m.root.Name(), "marker", "id")},
			Intake{Root: second, Name: "other", Inbox: true, Files: give(others), Mirror: NewMirror(second, "marker", "id")}))
	}
	f := m.drop("scene.jpg", "a.jpg")
	m.must(os.Link(filepath.Join(m.root.Name(), "a.jpg"), filepath.Join(second, "a.jpg")))
	run([]watcher.File{f}, []watcher.File{f})
	there := func(path string) bool { _, err := os.Stat(filepath.Join(m.dir, path)); return err == nil }
	if !there("output/a-s.jpg") || !there("other/a-s.jpg") {
		t.Fatal("not everything was made")
	}
	m.must(m.root.Remove("a.jpg")) // which lacks its marker
	m.must(os.Remove(filepath.Join(second, "a.jpg")))
	run(nil, nil)
	if !there("output/a-s.jpg") || there("other/a-s.jpg") {
		t.Errorf("stands: %t, of the other inbox %t", there("output/a-s.jpg"), there("other/a-s.jpg"))
	}
	m.must(m.root.WriteFile("marker", nil, 0o644))
	run(nil, nil)
	if there("output/a-s.jpg") {
		t.Error("the outputs stay although the inbox is the one")
	}
}
