//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// check ends the watchers, and then each photo has its outputs, whole, and one record; nothing else is there, also on the hubs.
func (f *fleet) check() {
	for i, w := range f.watchers {
		f.must(w.cmd.Process.Signal(syscall.SIGTERM))
		f.must(w.cmd.Wait())
		w.cmd = nil
		records := f.records(w)
		for source, n := range records {
			if n != 1 {
				f.Errorf("%s: %s has %d records", w.name, source, n)
			}
		}
		if len(records) != f.dropped[i] {
			f.Errorf("%s has records of %d of %d photos", w.name, len(records), f.dropped[i])
		}
		found := 0
		root := filepath.Join(w.dir, "output")
		f.must(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			found++
			data, err := os.ReadFile(path)
			_, variant, _ := strings.Cut(strings.TrimSuffix(d.Name(), ".jpg"), "-")
			if !bytes.Equal(data, f.reference[variant]) {
				f.Errorf("%s is not what undisturbed work makes", path)
			}
			return err
		}))
		if found != 2*f.dropped[i] {
			f.Errorf("%s has %d outputs of %d photos", w.name, found, f.dropped[i])
		}
	}
	var status struct {
		Waiting int `json:"waiting"`
		Out     int `json:"out"`
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(500 * time.Millisecond) { // what was done twice is still being put back
		out, err := exec.Command("pixmill", "-c", filepath.Join(f.watchers[0].dir, "config.toml"), "status", "--cluster", "--json").Output()
		if err == nil {
			err = json.Unmarshal(out, &status)
		}
		if err == nil && status.Waiting == 0 && status.Out == 0 {
			return
		}
		if time.Now().After(end) {
			f.Fatalf("in the end %d jobs wait and %d are with workers: %v", status.Waiting, status.Out, err)
		}
	}
}

// records counts the lines of a watcher's savings log by source. What a killed run had made and not yet recorded gets its own when the next run ends.
func (f *fleet) records(w *member) map[string]int {
	data, err := os.ReadFile(filepath.Join(w.dir, ".pixmill", "savings.jsonl"))
	f.must(err)
	all := map[string]int{}
	for line := range bytes.Lines(data) {
		var rec struct{ Source, Status, Reason string }
		if json.Unmarshal(line, &rec) == nil {
			all[rec.Source]++
			if rec.Status != "done" {
				f.Errorf("%s: %s is %s: %s", w.name, rec.Source, rec.Status, rec.Reason)
			}
		}
	}
	return all
}
