package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pixmill/internal/smalldisk"
	"pixmill/pool"
	"pixmill/sink"
	"pixmill/watcher"
)

// A disk that is really full: intake stops, nothing fails, nothing partial stands, and with room again all is made.
// With the state on the same disk, the ledger can't be written either.
func TestFullDisk(t *testing.T) {
	t.Run("disk", func(t *testing.T) { fillUp(t, smalldisk.Mount(t, "256k"), 200<<10, "") })
	t.Run("disk of the state", func(t *testing.T) { fillUp(t, smalldisk.Mount(t, "1m"), 900<<10, "state") })
	t.Run("quota", func(t *testing.T) { fillUp(t, smalldisk.Quota(t), 900<<10, "") })
	t.Run("quota of the state", func(t *testing.T) { fillUp(t, smalldisk.Quota(t), 860<<10, "state") })
}

// fillUp lets a pipeline meet a disk that has no more room than ballast leaves.
func fillUp(t *testing.T, small string, ballastSize int, state string) {
	m := newMill(t)
	m.must(m.sink.Close())
	folder := filepath.Join(m.dir, "state")
	if state != "" {
		folder = filepath.Join(small, state)
	}
	var err error
	m.sink, err = sink.Open(sink.Options{Output: filepath.Join(small, "output"), State: folder, Done: sink.Delete})
	m.must(err)
	m.opts.Sink = m.sink
	m.opts.Variants[0].Width = 0 // full size
	warned := make(chan string, 100)
	m.opts.Warn = func(err error) { warned <- err.Error() }
	m.opts.Pool = pool.Options{MaxWorkers: 2, Queue: 1, Retry: pool.Retry{MaxAttempts: 1}}
	ballast := filepath.Join(small, "ballast")
	m.must(os.WriteFile(ballast, make([]byte, ballastSize), 0o644))
	var files []watcher.File
	for i := range 8 {
		files = append(files, m.drop("subsampling-444.jpg", fmt.Sprintf("%d.jpg", i)))
		m.must(m.root.WriteFile(files[i].Path, append(m.read(files[i].Path), byte(i)), 0o644))
		info, err := m.root.Stat(files[i].Path)
		m.must(err)
		files[i].Size, files[i].ModTime = info.Size(), info.ModTime()
	}
	ended := make(chan error)
	go func() { ended <- m.run(t.Context(), files...) }()
	if said := <-warned; !strings.Contains(said, "the disk is full") {
		t.Error(said)
	}
	time.Sleep(300 * time.Millisecond)
	left := 0
	for _, f := range files {
		if _, err := m.root.Stat(f.Path); err == nil {
			left++
		}
	}
	if left < 2 {
		t.Fatalf("%d originals are left: the disk was not full enough to test anything", left)
	}
	m.must(os.Remove(ballast))
	m.must(<-ended)
	for _, r := range m.reports {
		if r.Status != sink.Done {
			t.Errorf("got %+v", r.Record)
		}
	}
	entries, err := os.ReadDir(filepath.Join(small, "output"))
	m.must(err)
	if len(m.reports) != len(files) || len(entries) != len(files) {
		t.Errorf("%d reports, %d outputs of %d", len(m.reports), len(entries), len(files))
	}
	if n := len(warned); n == 0 || n > 3 {
		t.Errorf("%d more warnings: want that it goes on, and no line for every photo", n)
	}
}

// An output folder that can't be written to is nobody's fault: the originals stay, and the next start makes them.
func TestReadOnlyOutput(t *testing.T) {
	m := newMill(t)
	small := smalldisk.Mount(t, "1m")
	m.must(m.sink.Close())
	open := func() {
		var err error
		m.sink, err = sink.Open(sink.Options{Output: filepath.Join(small, "output"), State: filepath.Join(m.dir, "state"), Done: sink.Delete})
		m.must(err)
		m.opts.Sink = m.sink
	}
	open()
	f := m.drop("scene.jpg", "a.jpg")
	smalldisk.ReadOnly(t, small, true)
	m.must(m.run(t.Context(), f))
	if len(m.reports) != 1 || m.reports[0].Status != sink.Dead || !strings.Contains(m.reports[0].Reason, "read-only") {
		t.Errorf("got %+v", m.reports)
	}
	if _, err := m.root.Stat("a.jpg"); err != nil {
		t.Error(err)
	}
	smalldisk.ReadOnly(t, small, false)
	m.must(m.sink.Close())
	open()
	m.must(m.run(t.Context(), f))
	if last := m.reports[len(m.reports)-1]; last.Status != sink.Done {
		t.Errorf("with the folder back: %+v", last)
	}
}

// Inbox, output, a folder in the output, archive, quarantine and state, each on a file system of its own: nothing can be renamed or linked from
// one to the other, and all ends where it should.
func TestEveryFolderOnItsOwnDisk(t *testing.T) {
	m := newMill(t)
	m.must(m.sink.Close())
	output, archive, quarantine, state := smalldisk.Mount(t, "1m"), smalldisk.Mount(t, "1m"), smalldisk.Mount(t, "1m"), smalldisk.Mount(t, "4m")
	m.must(os.Mkdir(filepath.Join(output, "trip"), 0o755))
	inner := smalldisk.MountAt(t, filepath.Join(output, "trip"), "1m")
	m.must(os.Mkdir(filepath.Join(m.dir, "inbox", "trip"), 0o755))
	var err error
	m.sink, err = sink.Open(sink.Options{Output: output, State: state, Archive: archive, Quarantine: quarantine, Done: sink.Archive, Failed: sink.Quarantine,
		Warn: func(err error) { t.Error(err) }})
	m.must(err)
	m.opts.Sink = m.sink
	m.must(m.run(t.Context(), m.drop("grey.jpg", "a.jpg"), m.drop("scene.jpg", "trip/b.jpg"), m.drop("truncated-50.jpg", "trip/bad.jpg")))
	for _, path := range []string{
		filepath.Join(output, "a-s.jpg"), filepath.Join(inner, "b-s.jpg"), filepath.Join(archive, "a.jpg"), filepath.Join(archive, "trip/b.jpg"),
		filepath.Join(quarantine, "trip/bad.jpg"), filepath.Join(quarantine, "trip/bad.jpg.json"), filepath.Join(state, "savings.jsonl"),
	} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	for _, folder := range []string{m.root.Name(), output, archive, quarantine} {
		m.must(filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (folder == m.root.Name() || strings.HasPrefix(d.Name(), ".pixmill-")) {
				t.Errorf("%s is left", path)
			}
			return err
		}))
	}
	if fmt.Sprint(m.statuses()) != "map[a.jpg:done trip/b.jpg:done trip/bad.jpg:rejected]" {
		t.Errorf("got %v", m.statuses())
	}
}
