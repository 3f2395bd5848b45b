package pipeline

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pixmill/sink"
	"pixmill/watcher"
)

// Photos from years that not everything between a camera and an output can keep are made once, like any other.
func TestPhotosOfAnyYear(t *testing.T) {
	m := newMill(t)
	var files []watcher.File
	for i, year := range []int{1850, 1960, 1970, 2037, 2105, 2300} {
		f := m.drop("grey.jpg", string(rune('a'+i))+".jpg")
		path := filepath.Join(m.root.Name(), f.Path)
		when := unix.Timespec{Sec: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()}
		m.must(unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{when, when}, 0))
		info, err := m.root.Stat(f.Path)
		m.must(err)
		f.ModTime = info.ModTime()
		files = append(files, f)
	}
	for _, want := range []sink.Status{sink.Done, sink.Skipped} {
		m.reports = nil
		m.must(m.run(t.Context(), files...))
		for _, r := range m.reports {
			if r.Status != want {
				t.Errorf("%s: %s, want %s: %s", r.Source, r.Status, want, r.Reason)
			}
		}
		if len(m.reports) != len(files) {
			t.Errorf("%d reports", len(m.reports))
		}
	}
}
