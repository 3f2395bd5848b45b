package watcher_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pixmill/watcher"
)

// patience bounds every wait; a test that waits that long has failed.
const patience = 30 * time.Second

// jpeg is whole by its end marker; it says which one it is by its size.
func jpeg(size int) []byte {
	b := append([]byte("\xff\xd8\xff\xda\x00\x02"), bytes.Repeat([]byte{7}, size-8)...)
	return append(b, 0xff, 0xd9)
}

// inbox is a watched folder and what has come out of it.
type inbox struct {
	*testing.T
	dir, outside string
	w            *watcher.Watcher

	mu    sync.Mutex
	files []watcher.File
	warns []string
}

// The quiet time is an hour unless a test says otherwise: whatever comes did not come because of it.
func options(mode watcher.Mode) watcher.Options {
	return watcher.Options{Mode: mode, Recursive: true, Settle: time.Hour, Poll: 30 * time.Millisecond, Rescan: time.Hour}
}

func newInbox(t *testing.T) *inbox {
	base := t.TempDir()
	b := &inbox{T: t, dir: filepath.Join(base, "inbox"), outside: filepath.Join(base, "outside")}
	b.must(os.Mkdir(b.dir, 0o755))
	b.must(os.Mkdir(b.outside, 0o755))
	return b
}

func (b *inbox) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *inbox) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b *inbox) write(path string, data []byte) {
	b.Helper()
	b.must(os.MkdirAll(filepath.Dir(path), 0o755))
	b.must(os.WriteFile(path, data, 0o644))
}

// make creates the watcher; start also runs it and collects what it hands over.
func (b *inbox) make(o watcher.Options) {
	b.Helper()
	o.Root = b.dir
	o.Warn = func(err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.warns = append(b.warns, err.Error())
	}
	w, err := watcher.New(o)
	b.must(err)
	b.w = w
}

func (b *inbox) run(ctx context.Context) {
	b.Helper()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.w.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
}

func (b *inbox) start(o watcher.Options) *inbox {
	b.Helper()
	b.make(o)
	b.run(context.Background())
	go func() {
		for f := range b.w.Files() {
			b.mu.Lock()
			b.files = append(b.files, f)
			b.mu.Unlock()
		}
	}()
	return b
}

func (b *inbox) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, len(b.files))
	for i, f := range b.files {
		names[i] = f.Path
	}
	return names
}

func (b *inbox) until(what string, there func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !there(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.Fatalf("waited %v for %s; %d files came, warnings %q, %+v", patience, what, len(b.files), b.warns, b.w.Stats())
		}
	}
}

// want waits for these files, in any order, and then for a moment in which a file too many would come.
func (b *inbox) want(names ...string) {
	b.Helper()
	slices.Sort(names)
	b.until(fmt.Sprint(len(names), " files"), func() bool { return len(b.names()) >= len(names) })
	time.Sleep(400 * time.Millisecond)
	got := b.names()
	slices.Sort(got)
	if !slices.Equal(got, names) {
		if len(got)+len(names) > 40 {
			b.Fatalf("%d files came, want %d", len(got), len(names))
		}
		b.Fatalf("got %q, want %q", got, names)
	}
}

func (b *inbox) warned(part string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, w := range b.warns {
		if strings.Contains(w, part) {
			n++
		}
	}
	return n
}

func (b *inbox) known(n int) {
	b.Helper()
	b.until(fmt.Sprint(n, " files known"), func() bool { return b.w.Stats().Known == n })
}

// both tells a story under events and under polling.
func both(t *testing.T, story func(b *inbox, o watcher.Options)) {
	for _, mode := range []watcher.Mode{watcher.Events, watcher.Poll} {
		t.Run(string(mode), func(t *testing.T) { story(newInbox(t), options(mode)) })
	}
}

func TestAtStart(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.write(b.path("a.jpg"), jpeg(100))
		b.write(b.path("deep/er/b.jpg"), jpeg(100))
		b.start(o).want("a.jpg", "deep/er/b.jpg")
	})
}

func TestCreated(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		b.write(b.path("a.jpg"), jpeg(100))
		b.write(b.path("new/er/b.jpg"), jpeg(100))
		b.write(b.path("line\nbreak.jpg"), jpeg(100))
		b.want("a.jpg", "new/er/b.jpg", "line\nbreak.jpg")
	})
}

func kernelTells(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		t.Skip("the kernel does not tell of writers here")
	}
}

// The file looks whole after every piece.
func TestSlowWriter(t *testing.T) {
	kernelTells(t)
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		f, err := os.Create(b.path("slow.jpg"))
		b.must(err)
		for range 10 {
			_, err := f.Write(jpeg(1000))
			b.must(err)
			time.Sleep(30 * time.Millisecond)
		}
		if got := b.names(); len(got) > 0 {
			b.Fatalf("handed over while it was open: %q", got)
		}
		b.must(f.Close())
		b.want("slow.jpg")
		if b.files[0].Size != 10_000 {
			b.Errorf("%d bytes", b.files[0].Size)
		}
	})
}

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

func TestBurst(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		var names []string
		for i := range 10_000 {
			name := fmt.Sprintf("%02d/%05d.jpg", i%37, i)
			names = append(names, name)
			b.write(b.path(name), jpeg(100))
		}
		b.want(names...)
	})
}

func TestNestedFolders(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		var names []string
		for i := range 200 {
			dir := fmt.Sprint(i)
			for range 10 {
				names = append(names, dir+"/a.jpg")
				b.write(b.path(dir+"/a.jpg"), jpeg(100))
				dir += "/d"
			}
		}
		b.want(names...)
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
	b := newInbox(t)
	b.start(options(watcher.Events))
	for i := range 3000 {
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

func TestLeftOut(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Ignore = []string{".*", "Thumbs.db", "@eaDir"}
		o.Exclude = []string{b.path("out"), b.path("deep/out"), b.outside, ""}
		b.start(o)
		for _, name := range []string{"out/a.jpg", "out/sub/a.jpg", "deep/out/a.jpg", "@eaDir/a.jpg", ".git/a.jpg", "Thumbs.db"} {
			b.write(b.path(name), jpeg(100))
		}
		b.write(b.path("outer/a.jpg"), jpeg(100))
		b.want("outer/a.jpg")
	})
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

func TestRemovedBeforeComplete(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		b.write(b.path("cut.jpg"), jpeg(500)[:300])
		b.until("it to be seen", func() bool { return b.w.Stats().Waiting == 1 })
		b.must(os.Remove(b.path("cut.jpg")))
		b.known(0)
		b.want()
	})
}

// Where neither kernel nor format tells, quiet does, and the file is handed over as it is.
func TestQuiet(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Settle = 50 * time.Millisecond
		b.start(o)
		b.write(b.path("cut.jpg"), jpeg(500)[:300])
		b.write(b.path("empty.jpg"), nil)
		b.want("cut.jpg", "empty.jpg")
	})
}

func TestSymlinks(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Exclude = []string{b.path("out")}
		secret := filepath.Join(b.outside, "secret.jpg")
		b.write(secret, jpeg(100))
		b.write(b.path("real/a.jpg"), jpeg(100))
		b.write(b.path("out/own.jpg"), jpeg(100))
		b.must(os.Symlink(secret, b.path("leaves.jpg")))
		b.must(os.Symlink("real/a.jpg", b.path("stays.jpg")))
		b.must(os.Symlink("out/own.jpg", b.path("own.jpg")))
		b.must(os.Symlink("..", b.path("real/loop")))
		b.must(os.Symlink("nowhere", b.path("dangling.jpg")))
		b.start(o).want("real/a.jpg", "stays.jpg")
		if n := b.warned("leaves.jpg"); n != 1 {
			b.Errorf("warned %d times: %q", n, b.warns)
		}
	})
}

func TestOnce(t *testing.T) {
	b := newInbox(t)
	b.write(b.path("a.jpg"), jpeg(100))
	b.write(b.path("deep/cut.jpg"), jpeg(500)[:300])
	o := options(watcher.Auto)
	o.Once, o.Settle = true, 50*time.Millisecond
	b.make(o)
	b.run(context.Background())
	var got []string
	for f := range b.w.Files() { // ends by itself
		got = append(got, f.Path)
	}
	if slices.Sort(got); !slices.Equal(got, []string{"a.jpg", "deep/cut.jpg"}) {
		t.Errorf("got %q", got)
	}
}

// One shot does not wait for a program that holds a file open and does nothing.
func TestOnceWithAnIdleWriter(t *testing.T) {
	kernelTells(t)
	b := newInbox(t)
	b.write(b.path("a.jpg"), jpeg(100))
	f, err := os.Create(b.path("open.jpg"))
	b.must(err)
	defer f.Close()
	_, err = f.Write(jpeg(100))
	b.must(err)
	o := options(watcher.Auto)
	o.Once, o.Settle = true, 50*time.Millisecond
	b.make(o)
	b.run(context.Background())
	var got []string
	for deadline := time.After(5 * time.Second); ; {
		select {
		case f, ok := <-b.w.Files():
			if ok {
				got = append(got, f.Path)
				continue
			}
		case <-deadline:
			t.Fatal("still waiting")
		}
		break
	}
	if !slices.Equal(got, []string{"a.jpg"}) || b.warned("open.jpg") != 1 {
		t.Errorf("got %q, warnings %q", got, b.warns)
	}
}

// The reader is there from the beginning: the first file it gets is the first of all in order.
func TestOrder(t *testing.T) {
	const n = 500
	for order, want := range map[watcher.Order]int{watcher.Oldest: 0, watcher.Newest: n - 1, watcher.Smallest: 0, watcher.Largest: n - 1} {
		b := newInbox(t)
		for i := range n {
			name := b.path(fmt.Sprintf("%03d.jpg", i*7919%n)) // shuffled
			b.write(name, jpeg(100+i*7919%n))
			when := time.Now().Add(time.Duration(i*7919%n-n) * time.Minute)
			b.must(os.Chtimes(name, when, when))
		}
		o := options(watcher.Auto)
		o.Once, o.Order = true, order
		b.make(o)
		b.run(context.Background())
		var got []string
		for f := range b.w.Files() {
			got = append(got, f.Path)
		}
		sorted := slices.Sorted(slices.Values(got))
		if want == n-1 {
			slices.Reverse(sorted)
		}
		if len(got) != n || !slices.Equal(got, sorted) {
			t.Errorf("%s: first %q of %d", order, got[0], len(got))
		}
	}
}

func TestBackPressure(t *testing.T) {
	const n = 500
	b := newInbox(t)
	b.make(options(watcher.Events))
	b.run(context.Background())
	for i := range n {
		b.write(b.path(fmt.Sprintf("%d.jpg", i)), jpeg(100))
	}
	b.until("all to be ready", func() bool { return b.w.Stats().Ready == n })
	got := map[string]int{}
	for len(got) < n {
		got[(<-b.w.Files()).Path]++
	}
	for name, times := range got {
		if times != 1 {
			t.Errorf("%s came %d times", name, times)
		}
	}
}

func TestGiveUp(t *testing.T) {
	kernelTells(t)
	b := newInbox(t)
	o := options(watcher.Events)
	o.GiveUp = 60 * time.Millisecond
	b.start(o)
	f, err := os.Create(b.path("open.jpg"))
	b.must(err)
	_, err = f.Write(jpeg(100))
	b.must(err)
	b.until("the warning", func() bool { return b.warned("open.jpg") > 0 })
	time.Sleep(200 * time.Millisecond)
	if n := b.warned("open.jpg"); n != 1 {
		t.Errorf("warned %d times", n)
	}
	b.must(f.Close())
	b.want("open.jpg")
}

func TestInboxVanishes(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Rescan = 30 * time.Millisecond
		b.write(b.path("a.jpg"), jpeg(100))
		b.start(o).want("a.jpg")
		b.must(os.Rename(b.dir, b.dir+"-away"))
		b.until("the warning", func() bool { return b.warned("is gone") == 1 })
		b.must(os.Rename(b.dir+"-away", b.dir))
		b.until("the inbox to be back", func() bool { return b.warned("is back") == 1 })
		b.write(b.path("sub/b.jpg"), jpeg(100))
		b.want("a.jpg", "sub/b.jpg")
		b.must(os.RemoveAll(b.dir))
		b.until("the second warning", func() bool { return b.warned("is gone") == 2 })
		b.must(os.Mkdir(b.dir, 0o755))
		b.until("the inbox to be back", func() bool { return b.warned("is back") == 2 })
		b.write(b.path("c.jpg"), jpeg(100))
		b.want("a.jpg", "sub/b.jpg", "c.jpg")
	})
}

func TestNewRefuses(t *testing.T) {
	b := newInbox(t)
	b.write(b.path("file"), nil)
	for name, o := range map[string]watcher.Options{
		"no folder":       {Root: b.path("none")},
		"a file":          {Root: b.path("file")},
		"mode":            {Root: b.dir, Mode: "x"},
		"order":           {Root: b.dir, Order: "x"},
		"pattern":         {Root: b.dir, Ignore: []string{"["}},
		"all is left out": {Root: b.dir, Exclude: []string{filepath.Dir(b.dir)}},
	} {
		if _, err := watcher.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
