package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// On a full disk an entry fails with ENOSPC, what was committed stays, and with room again the same ledger goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("a small file system can't be mounted here, which takes root:", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	l := openTest(t, filepath.Join(dir, "l.db"))
	defer l.Close()
	commit(t, l, Entry{Source: photo("first", "first", output("first", "s", "r"))})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	var full error
	n := 0
	for ; full == nil && n < 10_000; n++ {
		name := fmt.Sprint(n)
		full = l.Commit(Entry{Source: photo(name, name, output(name, "s", "r"))})
	}
	if !errors.Is(full, syscall.ENOSPC) {
		t.Fatalf("got %v, want ENOSPC", full)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	commit(t, l, Entry{Source: photo("last", "last", output("last", "s", "r"))})
	if got, err := l.Totals(); got.Sources != n+1 || err != nil {
		t.Errorf("%d sources, %v; want %d", got.Sources, err, n+1)
	}
}
