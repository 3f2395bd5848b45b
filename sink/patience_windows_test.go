package sink

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A manifest or an output that somebody reads, and an original that a scanner looks at, are replaced and removed when they are let go.
func TestHeldFiles(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	hold := func(name string) {
		f, err := os.Open(filepath.Join(dir, name)) // which shares reading and writing
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(300*time.Millisecond, func() { f.Close() })
	}
	for _, name := range []string{"old", "new"} {
		if err := root.WriteFile(name, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hold("old")
	if err := (system{}).Rename(root, "new", "old"); err != nil {
		t.Error(err)
	}
	if text, err := root.ReadFile("old"); string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	hold("old")
	if err := (system{}).Remove(root, "old"); err != nil {
		t.Error(err)
	}
	if _, err := root.Lstat("old"); err == nil {
		t.Error("it is still there")
	}
}
