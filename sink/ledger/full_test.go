//go:build unix

package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pixmill/internal/smalldisk"
)

// On a full disk, and where a quota is used up, an entry fails with what says so, what was committed stays, and with room again the same
// ledger goes on.
func TestFullDisk(t *testing.T) {
	for name, test := range map[string]struct {
		mount func(*testing.T) string
		want  error
	}{
		"disk":  {func(t *testing.T) string { return smalldisk.Mount(t, "1m") }, syscall.ENOSPC},
		"quota": {smalldisk.Quota, syscall.EDQUOT},
	} {
		t.Run(name, func(t *testing.T) {
			dir := test.mount(t)
			l := openTest(t, filepath.Join(dir, "l.db"))
			defer l.Close()
			commit(t, l, Entry{Source: photo("first", "first", output("first", "s", "r"))})
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o644); !errors.Is(err, test.want) {
				t.Fatalf("the disk is not full: %v", err)
			}
			var full error
			n := 0
			for ; full == nil && n < 10_000; n++ {
				name := fmt.Sprint(n)
				full = l.Commit(Entry{Source: photo(name, name, output(name, "s", "r"))})
			}
			if !errors.Is(full, test.want) {
				t.Fatalf("got %v, want %v", full, test.want)
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			commit(t, l, Entry{Source: photo("last", "last", output("last", "s", "r"))})
			if got, err := l.Totals(); got.Sources != n+1 || err != nil {
				t.Errorf("%d sources, %v; want %d", got.Sources, err, n+1)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "room-*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}
