package watcher_test

import (
	"fmt"
	"os"
	"path/filepath"
	"pixmill/watcher"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// An idle watcher does not keep the inbox from being unmounted.
func TestUnmount(t *testing.T) {
	b := newInbox(t)
	if err := unix.Mount("none", b.dir, "tmpfs", 0, ""); err != nil {
		t.Skip("mounting needs root: ", err)
	}
	mounted := true
	defer func() {
		if mounted {
			unix.Unmount(b.dir, unix.MNT_DETACH)
		}
	}()
	b.write(b.path("a.jpg"), jpeg(100))
	b.start(options(watcher.Events)).want("a.jpg")
	if err := unix.Unmount(b.dir, 0); err != nil {
		t.Fatal("unmounting the inbox of an idle watcher: ", err)
	}
	mounted = false
}

// An inbox with a marker that is unmounted and mounted again: said once each, nothing is forgotten, nothing comes twice, and what is new
// comes, also what was put there meanwhile. What somebody puts on the bare mount point is not taken.
func TestRemount(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Marker, o.Rescan = ".here", 50*time.Millisecond
		disk := filepath.Join(b.outside, "disk")
		b.must(os.Mkdir(disk, 0o755))
		b.write(filepath.Join(disk, ".here"), nil)
		b.write(filepath.Join(disk, "sub/a.jpg"), jpeg(100))
		mount := func() {
			b.Helper()
			if err := unix.Mount(disk, b.dir, "", unix.MS_BIND, ""); err != nil {
				b.Skip("mounting needs root: ", err)
			}
		}
		unmount := func() {
			b.Helper()
			// Who lists the inbox in this moment has it open.
			b.until("the inbox to be let go of", func() bool { return unix.Unmount(b.dir, 0) == nil })
		}
		mount()
		b.Cleanup(func() { unix.Unmount(b.dir, unix.MNT_DETACH) })
		b.start(o).want("sub/a.jpg")
		for i := range 2 {
			unmount()
			b.until("the warning", func() bool { return b.warned(".here is missing") == i+1 })
			b.write(b.path("bare.jpg"), jpeg(100))
			b.write(filepath.Join(disk, fmt.Sprintf("meanwhile%d.jpg", i)), jpeg(100))
			time.Sleep(150 * time.Millisecond) // three scans
			mount()
			b.until("the inbox to be back", func() bool { return b.warned("is back") == i+1 })
			b.write(b.path(fmt.Sprintf("sub/after%d.jpg", i)), jpeg(100))
			names := []string{"sub/a.jpg", "meanwhile0.jpg", "sub/after0.jpg", "meanwhile1.jpg", "sub/after1.jpg"}
			b.want(names[:3+2*i]...)
		}
		if b.warned("") != 4 {
			b.Errorf("got %q", b.warns)
		}
	})
}
