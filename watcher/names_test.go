package watcher_test

import (
	"fmt"
	"os"
	"path/filepath"
	"pixmill/watcher"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTemporaryNames(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Ignore = []string{".*", "*.crdownload"}
		b.start(o)
		for temp, name := range map[string]string{"browser.jpg.crdownload": "browser.jpg", ".rsync.jpg.x1Y2z3": "rsync.jpg"} {
			b.write(b.path(temp), jpeg(500)[:300])
			b.write(b.path(temp), jpeg(500))
			b.must(os.Rename(b.path(temp), b.path(name)))
		}
		b.want("browser.jpg", "rsync.jpg")
	})
}

func TestMovedFolder(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		b.write(filepath.Join(b.outside, "album/a.jpg"), jpeg(100))
		b.write(filepath.Join(b.outside, "album/sub/b.jpg"), jpeg(100))
		b.must(os.Rename(filepath.Join(b.outside, "album"), b.path("album")))
		b.want("album/a.jpg", "album/sub/b.jpg")
		// Moved inside the inbox, it is watched under its new name, to the bottom.
		b.must(os.Rename(b.path("album"), b.path("moved")))
		b.want("album/a.jpg", "album/sub/b.jpg", "moved/a.jpg", "moved/sub/b.jpg")
		b.write(b.path("moved/sub/c.jpg"), jpeg(100))
		b.want("album/a.jpg", "album/sub/b.jpg", "moved/a.jpg", "moved/sub/b.jpg", "moved/sub/c.jpg")
		b.must(os.Rename(b.path("moved"), filepath.Join(b.outside, "gone")))
		b.known(0)
	})
}

func TestFolderRemovedAndMadeAgain(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		var names []string
		for i := range 50 {
			name := fmt.Sprintf("album/%d.jpg", i)
			b.must(os.RemoveAll(b.path("album")))
			b.write(b.path(name), jpeg(100+i))
			names = append(names, name)
			b.until(name, func() bool { return slices.Contains(b.names(), name) })
		}
		b.want(names...)
	})
}

// fsnotify reports some errors with its lock held; a watcher that does not read them while it adds a watch hangs.
func TestFoldersMovedAndRemovedFast(t *testing.T) {
	t.Parallel()
	b := newInbox(t)
	b.start(options(watcher.Events))
	for i := range 1500 {
		a, z := b.path(fmt.Sprint("a", i)), b.path(fmt.Sprint("z", i))
		b.must(os.Mkdir(a, 0o755))
		if i%3 == 0 {
			runtime.Gosched()
		} else if i%3 == 1 {
			time.Sleep(50 * time.Microsecond)
		}
		b.must(os.Rename(a, z))
		b.must(os.Remove(z))
	}
	b.write(b.path("alive/a.jpg"), jpeg(100))
	b.want("alive/a.jpg")
}

func TestVersions(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.write(b.path("a.jpg"), jpeg(100))
		b.start(o).want("a.jpg")
		b.must(os.Chmod(b.path("a.jpg"), 0o600))
		b.want("a.jpg")
		b.write(b.path("a.jpg"), jpeg(200))
		b.want("a.jpg", "a.jpg")
		b.write(filepath.Join(b.outside, "new.jpg"), jpeg(300))
		b.must(os.Rename(filepath.Join(b.outside, "new.jpg"), b.path("a.jpg")))
		b.want("a.jpg", "a.jpg", "a.jpg")
		b.must(os.Remove(b.path("a.jpg")))
		b.known(0)
		b.write(b.path("a.jpg"), jpeg(300))
		b.want("a.jpg", "a.jpg", "a.jpg", "a.jpg")
	})
}

// A replacement of the same size and time is another file.
func TestReplacedByATwin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its listings don't tell a file from another one of the same size and time")
	}
	both(t, func(b *inbox, o watcher.Options) {
		when := time.Now().Add(-time.Hour).Truncate(time.Second)
		twin := filepath.Join(b.outside, "twin.jpg")
		for _, name := range []string{b.path("a.jpg"), twin} {
			b.write(name, jpeg(100))
			b.must(os.Chtimes(name, when, when))
		}
		b.start(o).want("a.jpg")
		b.must(os.Rename(twin, b.path("a.jpg")))
		b.want("a.jpg", "a.jpg")
	})
}

// Unpackers, wget and file managers set a file's time after they have closed it.
func TestTimeSetAfterClosing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its events don't tell a new time from new content: the photo comes again, and its hash tells that it is the same")
	}
	t.Parallel()
	b := newInbox(t)
	o := options(watcher.Events)
	o.Rescan = 3 * time.Second // long after the event of the change: a scan right between the two takes it for a new version
	b.start(o)
	b.write(b.path("a.jpg"), jpeg(100))
	b.want("a.jpg")
	when := time.Now().Add(-24 * time.Hour)
	b.must(os.Chtimes(b.path("a.jpg"), when, when))
	time.Sleep(4 * time.Second)
	b.want("a.jpg")
}

func TestSymlinks(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Exclude = []string{b.path("out")}
		secret := filepath.Join(b.outside, "secret.jpg")
		b.write(secret, jpeg(100))
		b.write(b.path("real/a.jpg"), jpeg(100))
		b.write(b.path("out/own.jpg"), jpeg(100))
		b.symlink(secret, b.path("leaves.jpg"))
		b.symlink("real/a.jpg", b.path("stays.jpg"))
		b.symlink("out/own.jpg", b.path("own.jpg"))
		b.symlink("..", b.path("real/loop"))
		b.symlink("nowhere", b.path("dangling.jpg"))
		b.start(o).want("real/a.jpg", "stays.jpg")
		if n := b.warned("leaves.jpg"); n != 1 {
			b.Errorf("warned %d times: %q", n, b.warns)
		}
	})
}

// A photo that is renamed is another one: its new name comes, and the old one is no more.
func TestRenamed(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		b.write(filepath.Join(b.outside, "in.jpg"), jpeg(100))
		b.must(os.Rename(filepath.Join(b.outside, "in.jpg"), b.path("in.jpg")))
		b.want("in.jpg")
		b.must(os.Mkdir(b.path("sub"), 0o755))
		b.must(os.Rename(b.path("in.jpg"), b.path("sub/other.jpg")))
		b.want("in.jpg", "sub/other.jpg")
		b.known(1)
		b.must(os.Rename(b.path("sub/other.jpg"), b.path("sub/Other.JPG"))) // only in case
		if there, err := os.ReadDir(b.path("sub")); err != nil || there[0].Name() != "Other.JPG" {
			b.Skip("a name is not changed in its case here, as in wine 8:", err)
		}
		b.want("in.jpg", "sub/other.jpg", "sub/Other.JPG")
		b.must(os.Rename(b.path("sub/Other.JPG"), filepath.Join(b.outside, "out.jpg")))
		b.known(0)
	})
}

// One photo under two names comes under both, and again under both when it is written to through a third.
func TestHardLinks(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Rescan = 50 * time.Millisecond // no event tells of what is written through a name elsewhere
		b.start(o)
		elsewhere := filepath.Join(b.outside, "a.jpg")
		b.write(elsewhere, jpeg(100))
		b.must(os.Link(elsewhere, b.path("one.jpg")))
		b.must(os.Link(elsewhere, b.path("two.jpg")))
		b.want("one.jpg", "two.jpg")
		b.write(elsewhere, jpeg(200))
		b.want("one.jpg", "two.jpg", "one.jpg", "two.jpg")
		b.must(os.Remove(b.path("one.jpg")))
		b.known(1)
	})
}

// The same word in composed and decomposed letters is two names, where the file system lets them stand side by side. Either comes back as
// it was written, byte for byte.
func TestUnicodeNames(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		names := []string{"caf\u00e9.jpg"}
		b.write(b.path(names[0]), jpeg(100))
		if other := "cafe\u0301.jpg"; !there(b.path(other)) {
			names = append(names, other)
			b.write(b.path(other), jpeg(100))
		}
		for _, name := range []string{"日本/写真.jpg", "🌄.jpg", " a b .jpg", "-rf.jpg", "$(x);'\"*?.jpg", "\u202egpj.jpg", "line\nbreak\ttab.jpg"} {
			if runtime.GOOS == "windows" && strings.ContainsAny(name, "\"*?\n\t") {
				continue
			}
			names = append(names, name)
			b.write(b.path(name), jpeg(100))
		}
		b.want(names...)
	})
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Links that lead in circles, or to what is no photo, are told of once, and end nothing.
func TestSymlinkLoops(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Rescan = 50 * time.Millisecond
		b.symlink("self.jpg", b.path("self.jpg"))
		b.symlink("pong.jpg", b.path("ping.jpg"))
		b.symlink("ping.jpg", b.path("pong.jpg"))
		b.symlink(b.dir, b.path("inbox"))
		b.symlink(".", b.path("here"))
		b.symlink(os.DevNull, b.path("nothing.jpg"))
		b.start(o)
		b.write(b.path("a.jpg"), jpeg(100))
		b.want("a.jpg")
		rescans := b.w.Stats().Rescans
		b.until("two more scans", func() bool { return b.w.Stats().Rescans > rescans+2 })
		for _, name := range []string{"self.jpg", "ping.jpg", "pong.jpg", "inbox/inbox", "here", "nothing.jpg"} {
			if n := b.warned(name + ": symlink refused"); n != 1 {
				b.Errorf("%s: warned %d times: %q", name, n, b.warns)
			}
		}
	})
}
