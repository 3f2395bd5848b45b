package watcher_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pixmill/watcher"
)

func TestOddKindsAreLeftAlone(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		make := func(when string) {
			b.must(unix.Mkfifo(b.path(when+"-pipe.jpg"), 0o644))
			b.must(unix.Mknod(b.path(when+"-socket.jpg"), unix.S_IFSOCK|0o644, 0))
			null := int(unix.Mkdev(1, 3))
			if err := unix.Mknod(b.path(when+"-device.jpg"), unix.S_IFCHR|0o644, null); err != nil {
				b.Log("without a device, which takes root: ", err)
			}
		}
		make("before")
		b.start(o)
		make("after")
		b.write(b.path("invalid\xff.jpg"), jpeg(100))
		b.want("invalid\xff.jpg")
		if b.warned("") > 0 {
			b.Errorf("got %q", b.warns)
		}
	})
}

// What can't be read is told of once, with the remedy, holds nothing else up, and comes when it can be read. Root reads everything: the
// test runs itself again as nobody.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	var nobody *syscall.SysProcAttr
	if os.Getuid() == 0 {
		nobody = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if !child(t, nobody) {
		return
	}
	for _, mode := range []watcher.Mode{watcher.Events, watcher.Poll} {
		b, o := newInbox(t), options(mode)
		for _, name := range []string{"file.jpg", "folder/a.jpg", "unsearchable/a.jpg", "readable.jpg"} {
			b.write(b.path(name), jpeg(100))
		}
		closed := map[string]os.FileMode{"file.jpg": 0, "folder": 0, "unsearchable": 0o600}
		for name, mode := range closed {
			b.must(os.Chmod(b.path(name), mode))
		}
		b.start(o)
		b.want("readable.jpg")
		time.Sleep(3 * o.Poll) // in which it is looked at again
		for name, part := range map[string]string{"file.jpg": "file.jpg: file can't be read: permission denied; give", "folder": "folder: folder can't be listed: permission denied; give",
			"unsearchable": "unsearchable: folder can't be listed: permission denied; give"} {
			if n := b.warned(part); n != 1 {
				t.Errorf("%s: %s: warned %d times: %q", mode, name, n, b.warns)
			}
		}
		for name := range closed {
			b.must(os.Chmod(b.path(name), 0o755))
		}
		b.want("readable.jpg", "file.jpg", "folder/a.jpg", "unsearchable/a.jpg")
	}
}
