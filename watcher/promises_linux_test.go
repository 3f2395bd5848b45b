package watcher_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pixmill/watcher"
)

func TestOddKindsAreLeftAlone(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.must(syscall.Mkfifo(b.path("pipe.jpg"), 0o644))
		b.start(o)
		b.must(syscall.Mkfifo(b.path("later.jpg"), 0o644))
		b.write(b.path("invalid\xff.jpg"), jpeg(100))
		b.want("invalid\xff.jpg")
	})
}

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

// The kernel's queue is made short for the moment in which the watcher opens it.
func TestRealOverflow(t *testing.T) {
	const limit = "/proc/sys/fs/inotify/max_queued_events"
	before, err := os.ReadFile(limit)
	if err != nil || os.WriteFile(limit, []byte("16"), 0) != nil {
		t.Skip("setting ", limit, " needs root")
	}
	defer os.WriteFile(limit, before, 0)
	b := newInbox(t)
	b.start(options(watcher.Events))
	b.write(b.path("first.jpg"), jpeg(100))
	b.until("the first file", func() bool { return len(b.names()) == 1 })
	os.WriteFile(limit, before, 0)
	names := []string{"first.jpg"}
	for i := range 5000 {
		name := fmt.Sprintf("%d/%d.jpg", i%50, i)
		b.write(b.path(name), jpeg(100))
		names = append(names, name)
	}
	b.want(names...)
	if b.w.Stats().Overflows == 0 || b.warned("max_queued_events") == 0 {
		t.Errorf("no overflow, this tested nothing: %+v, %q", b.w.Stats(), b.warns)
	}
}

// After an overflow that hid moves and removals of folders, events still come for them, under their new names. Rescan is
// an hour: events it must be.
func TestOverflowHidesMovedFolders(t *testing.T) {
	const limit = "/proc/sys/fs/inotify/max_queued_events"
	before, err := os.ReadFile(limit)
	if err != nil || os.WriteFile(limit, []byte("4"), 0) != nil {
		t.Skip("setting ", limit, " needs root")
	}
	defer os.WriteFile(limit, before, 0)
	b := newInbox(t)
	const n = 300
	for i := range n {
		b.must(os.MkdirAll(b.path(fmt.Sprintf("d%d/sub", i)), 0o755))
	}
	b.start(options(watcher.Events))
	b.write(b.path("first.jpg"), jpeg(100))
	b.until("the first file", func() bool { return len(b.names()) == 1 })
	os.WriteFile(limit, before, 0)
	var want []string
	for i := range n {
		old, now := fmt.Sprintf("d%d", i), fmt.Sprintf("e%d", i)
		b.must(os.Rename(b.path(old), b.path(now)))
		if i%2 == 0 {
			b.must(os.Mkdir(b.path(old), 0o755))
			want = append(want, old+"/x.jpg")
		}
		want = append(want, now+"/sub/x.jpg")
	}
	// Settle down: as many scans as the overflows asked for.
	time.Sleep(time.Second)
	for _, name := range want {
		b.write(b.path(name), jpeg(100))
		time.Sleep(time.Millisecond)
	}
	b.until("files in moved folders", func() bool { return len(b.names()) == len(want)+1 })
	got := b.names()
	slices.Sort(got)
	if len(slices.Compact(got)) != len(want)+1 {
		t.Error("some came twice")
	}
	t.Log(strings.TrimSpace(fmt.Sprintf("%+v", b.w.Stats())))
}
