package watcher_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"pixmill/watcher"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

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
	names, began := []string{"first.jpg"}, time.Now()
	for i := range *burst {
		name := fmt.Sprintf("%d/%d.jpg", i%50, i)
		b.write(b.path(name), jpeg(100))
		names = append(names, name)
	}
	b.want(names...)
	b.figures(began)
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

// child runs the test that calls it once more, in a process of its own as attr wants it; true in there.
func child(t *testing.T, attr *syscall.SysProcAttr) bool {
	t.Helper()
	const inside = "WATCHER_TEST_CHILD"
	if os.Getenv(inside) == t.Name() {
		return true
	}
	dir, err := os.MkdirTemp("", "watcher") // which another user may enter, as t.TempDir's not
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	flags := []string{"-test.run=^" + t.Name() + "$", "-test.v"}
	flag.Visit(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "stress.") {
			flags = append(flags, "-"+f.Name+"="+f.Value.String())
		}
	})
	cmd := exec.Command("/proc/self/exe", flags...) // by this name even who may not enter its folder can start it
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, []string{inside + "=" + t.Name(), "TMPDIR=" + dir}, attr
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skip("no such process can be started here: ", err)
	}
	if t.Log(string(out)); err != nil {
		t.Error(err)
	}
	return false
}

// ulimit -n 64: the number of files, and of folders, has nothing to do with how many are open.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	if !child(t, nil) {
		return
	}
	few := syscall.Rlimit{Cur: 64, Max: 64}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []watcher.Mode{watcher.Events, watcher.Poll} {
		b := newInbox(t)
		var names []string
		drop := func(from, to int) {
			for i := from; i < to; i++ {
				names = append(names, fmt.Sprintf("%d/%d/%d.jpg", i%100, i%7, i))
				b.write(b.path(names[i]), jpeg(100))
			}
		}
		drop(0, *burst/2)
		began := time.Now()
		b.start(options(mode))
		drop(*burst/2, *burst)
		b.want(names...)
		b.figures(began)
		if b.warned("") > 0 {
			t.Errorf("%s: %q", mode, b.warns)
		}
	}
}

// Folders beyond the system's limit of watches are polled, which is said once, with the remedy; with more room they are watched. The limit
// is that of a user namespace, so that it is nobody else's.
func TestTooManyFolders(t *testing.T) {
	t.Parallel()
	if !child(t, &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}) {
		return
	}
	allow := func(watches string) {
		if err := os.WriteFile("/proc/sys/user/max_inotify_watches", []byte(watches), 0); err != nil {
			t.Fatal(err)
		}
	}
	allow("20")
	b := newInbox(t)
	const folders = 50
	var names []string
	drop := func(file string) {
		for i := range folders {
			names = append(names, fmt.Sprintf("%d/sub/%s.jpg", i, file))
			b.write(b.path(names[len(names)-1]), jpeg(100))
		}
	}
	drop("before")
	b.start(options(watcher.Events))
	b.want(names...)
	drop("after")
	b.want(names...)
	b.write(b.path("49/sub/new/er/late.jpg"), jpeg(100))
	names = append(names, "49/sub/new/er/late.jpg")
	b.want(names...)
	if s := b.w.Stats(); s.Watches != 20 || s.Polled != 2*folders+1+2-20 || s.Rescans != 1 {
		t.Errorf("%+v", s)
	}
	if b.warned("") != 1 || b.warned("`sysctl fs.inotify.max_user_watches=...`") != 1 {
		t.Errorf("want one warning with the remedy, got %q", b.warns)
	}
	allow("1000")
	b.until("all to be watched", func() bool { s := b.w.Stats(); return s.Polled == 0 && s.Watches == 2*folders+1+2 })
	drop("watched")
	b.want(names...)
	if b.warned("") != 1 {
		t.Errorf("got %q", b.warns)
	}
}
