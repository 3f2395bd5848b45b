package ledger

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// mountSmall mounts a file system of its own.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("a small file system can't be mounted here, which takes root:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// mountQuota mounts a btrfs with a folder below it that may hold a megabyte.
func mountQuota(t *testing.T) string {
	t.Helper()
	if underRace {
		t.Skip("the race detector does not survive a SIGBUS that is recovered from; without it this test runs")
	}
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 128<<20); err != nil {
		t.Fatal(err)
	}
	small := filepath.Join(dir, "small")
	for _, command := range [][]string{
		{"mkfs.btrfs", "-q", image},
		{"mount", "-o", "loop", image, dir},
		{"btrfs", "quota", "enable", dir},
		{"btrfs", "subvolume", "create", small},
		{"btrfs", "qgroup", "limit", "1M", small},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("a quota can't be set here, which takes root, btrfs and its programs: %s: %v %s", command[0], err, out)
		}
		if command[0] == "mount" {
			t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
		}
	}
	return small
}

// On a full disk, and where a quota is used up, an entry fails with what says so, what was committed stays, and with room again the same
// ledger goes on.
func TestFullDisk(t *testing.T) {
	for name, test := range map[string]struct {
		mount func(*testing.T) string
		want  error
	}{
		"disk":  {mountSmall, syscall.ENOSPC},
		"quota": {mountQuota, syscall.EDQUOT},
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
