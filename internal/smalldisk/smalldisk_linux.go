// Package smalldisk gives tests file systems that are full soon. They take root, and are skipped without; other systems have none.
package smalldisk

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Mount mounts a file system of a size, such as "1m", and returns its folder.
func Mount(t *testing.T, size string) string {
	t.Helper()
	return MountAt(t, t.TempDir(), size)
}

// MountAt is Mount on a folder.
func MountAt(t *testing.T, dir, size string) string {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("a small file system can't be mounted here, which takes root:", err)
	}
	unmountAfter(t, dir)
	return dir
}

// ReadOnly makes a file system of Mount's read-only, or writable again.
func ReadOnly(t *testing.T, dir string, on bool) {
	t.Helper()
	flags := uintptr(syscall.MS_REMOUNT)
	if on {
		flags |= syscall.MS_RDONLY
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size=1m"); err != nil {
		t.Fatal(err)
	}
}

// Quota mounts a btrfs and returns a folder below it that may hold a megabyte. Where that is used up, writing memory that a file stands for, as
// SQLite does, is a SIGBUS: package sqlite recovers from it, and the race detector's runtime dies of it.
func Quota(t *testing.T) string {
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
			unmountAfter(t, dir)
		}
	}
	return small
}

func unmountAfter(t *testing.T, dir string) {
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}
