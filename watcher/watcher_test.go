package watcher

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

	"github.com/fsnotify/fsnotify"
)

// patience bounds every wait; a test that waits that long has failed.
const patience = 2 * time.Minute

// inbox is a watched folder and what came out of it.
type inbox struct {
	t   testing.TB
	dir string
	w   *Watcher

	mu    sync.Mutex
	got   []File
	warns []string
	ended chan struct{}
}

var jpeg = append([]byte{0xff, 0xd8, 0xff, 0xe0}, append(bytes.Repeat([]byte{7}, 2000), 0xff, 0xd9)...)

// never is a quiet time that no test waits for: what comes is known to be complete by other means.
const never = time.Hour

func newInbox(t testing.TB) *inbox { return &inbox{t: t, dir: t.TempDir(), ended: make(chan struct{})} }

// start watches, and takes files until the test ends.
func (b *inbox) start(o Options) *inbox {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	b.run(ctx, o)
	go func() {
		for f := range b.w.Files() {
			b.mu.Lock()
			b.got = append(b.got, f)
			b.mu.Unlock()
		}
	}()
	b.t.Cleanup(func() {
		cancel()
		<-b.ended
	})
	return b
}

func (b *inbox) run(ctx context.Context, o Options) {
	b.t.Helper()
	o.Root, o.Recursive = b.dir, true
	o.Warn = func(err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.warns = append(b.warns, err.Error())
	}
	var err error
	if b.w, err = New(o); err != nil {
		b.t.Fatal(err)
	}
	go func() {
		defer close(b.ended)
		if err := b.w.Run(ctx); err != nil {
			b.t.Error(err)
		}
	}()
}

func (b *inbox) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b *inbox) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *inbox) write(name string, data []byte) {
	b.t.Helper()
	b.must(os.MkdirAll(filepath.Dir(b.path(name)), 0o755))
	b.must(os.WriteFile(b.path(name), data, 0o644))
}

func (b *inbox) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, len(b.got))
	for i, f := range b.got {
		names[i] = f.Path
	}
	return names
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

func (b *inbox) until(what string, there func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); !there(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			names := b.names()
			b.t.Fatalf("waited %s for %s; got %d files, the last %q, warnings %q", patience, what, len(names), names[max(0, len(names)-5):], b.warns)
		}
	}
}

// want waits until these files, and no others, came.
func (b *inbox) want(names ...string) {
	b.t.Helper()
	slices.Sort(names)
	b.until(fmt.Sprint(len(names), " files"), func() bool { return len(b.names()) >= len(names) })
	b.settled()
	got := b.names()
	slices.Sort(got)
	if !slices.Equal(got, names) {
		b.t.Fatalf("got %q, want %q", got, names)
	}
}

// settled lets a marker go through, so that everything before it has been seen, by events and by one scan more.
func (b *inbox) settled() {
	b.t.Helper()
	scans := b.w.Stats().Scans
	b.until("a scan", func() bool { return b.w.Stats().Scans >= scans+2 })
	b.until("rest", func() bool { s := b.w.Stats(); return s.Waiting+s.Ready == 0 })
}

// both runs a story under events and under polling.
func both(t *testing.T, story func(t *testing.T, b *inbox, o Options)) {
	for _, mode := range []Mode{Events, Poll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			story(t, newInbox(t), Options{Mode: mode, Settle: never, Poll: 20 * time.Millisecond, Rescan: 50 * time.Millisecond})
		})
	}
}

func TestFoundAtStart(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.write("a.jpg", jpeg)
		b.write("deep/er/b.jpg", jpeg)
		b.start(o).want("a.jpg", "deep/er/b.jpg")
	})
}

func TestCreated(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.start(o)
		b.write("a.jpg", jpeg)
		b.write("new/er/b.jpg", jpeg)
		b.want("a.jpg", "new/er/b.jpg")
	})
}

// A file that is held open and grows comes once and whole, and with a quiet time of an hour it was not quiet that told.
func TestSlowWriter(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
			t.Skip("the kernel does not tell of writers here")
		}
		b.start(o)
		f, err := os.Create(b.path("slow.jpg"))
		b.must(err)
		for range 10 { // after every piece it looks whole
			_, err = f.Write(jpeg)
			b.must(err)
			time.Sleep(30 * time.Millisecond)
		}
		if got := b.names(); len(got) > 0 {
			t.Fatalf("handed over while it was open: %q", got)
		}
		b.must(f.Close())
		b.want("slow.jpg")
		if b.got[0].Size != int64(10*len(jpeg)) {
			t.Errorf("%d bytes", b.got[0].Size)
		}
	})
}

func TestTempNames(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		o.Ignore = []string{".*", "*.crdownload"}
		b.start(o)
		for temp, name := range map[string]string{"browser.jpg.crdownload": "browser.jpg", ".rsync.jpg.x1Y2z3": "rsync.jpg"} {
			b.write(temp, jpeg[:1000])
			b.write(temp, jpeg)
			b.must(os.Rename(b.path(temp), b.path(name)))
		}
		b.want("browser.jpg", "rsync.jpg")
	})
}

func TestBurst(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	b := newInbox(t)
	b.start(Options{Mode: Events, Settle: never, Rescan: time.Second})
	var names []string
	for i := range n {
		name := fmt.Sprintf("%02d/%05d.jpg", i%37, i)
		names = append(names, name)
		b.write(name, jpeg)
	}
	b.want(names...)
}

// Folders that are made faster than they can be put under events.
func TestNestedFolders(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		o.Poll, o.Rescan = 200*time.Millisecond, 500*time.Millisecond // a scan of 480 folders takes its time
		b.start(o)
		var names []string
		for i := range 40 {
			dir := fmt.Sprint(i)
			for range 12 {
				name := dir + "/a.jpg"
				b.write(name, jpeg)
				names = append(names, name)
				dir += "/d"
			}
		}
		b.want(names...)
	})
}

func TestMovedInAndOut(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.start(o)
		outside := filepath.Join(t.TempDir(), "album")
		b.must(os.MkdirAll(filepath.Join(outside, "sub"), 0o755))
		b.must(os.WriteFile(filepath.Join(outside, "a.jpg"), jpeg, 0o644))
		b.must(os.WriteFile(filepath.Join(outside, "sub", "b.jpg"), jpeg, 0o644))
		b.must(os.Rename(outside, b.path("album")))
		b.want("album/a.jpg", "album/sub/b.jpg")
		b.must(os.Rename(b.path("album"), outside))
		b.until("the folder to be forgotten", func() bool { return b.w.Stats().Known == 0 })
		b.must(os.WriteFile(filepath.Join(outside, "c.jpg"), jpeg, 0o644)) // none of ours any more
		b.must(os.Rename(outside, b.path("again")))
		b.want("album/a.jpg", "album/sub/b.jpg", "again/a.jpg", "again/c.jpg", "again/sub/b.jpg")
		b.write("again/sub/d.jpg", jpeg)
		b.want("album/a.jpg", "album/sub/b.jpg", "again/a.jpg", "again/c.jpg", "again/sub/b.jpg", "again/sub/d.jpg")
	})
}

func TestLeftOut(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.must(os.MkdirAll(b.path("real-out"), 0o755))
		b.must(os.Symlink(b.path("real-out"), b.path("link-out")))
		o.Ignore = []string{".*", "Thumbs.db", "@eaDir"}
		o.Exclude = []string{b.path("out"), b.path("link-out"), b.dir + "/deep/out", "/elsewhere"}
		b.write(".hidden.jpg", jpeg)
		b.start(o)
		for _, name := range []string{"out/a.jpg", "out/sub/a.jpg", "real-out/a.jpg", "deep/out/a.jpg", "@eaDir/a.jpg", ".git/a.jpg", "Thumbs.db", "deep/.x.jpg"} {
			b.write(name, jpeg)
		}
		b.write("outer/a.jpg", jpeg)
		b.want("outer/a.jpg")
	})
}

func TestNotRecursive(t *testing.T) {
	b := newInbox(t)
	b.write("a.jpg", jpeg)
	b.write("sub/b.jpg", jpeg)
	w, err := New(Options{Root: b.dir, Once: true})
	b.must(err)
	go w.Run(t.Context())
	var got []string
	for f := range w.Files() {
		got = append(got, f.Path)
	}
	if !slices.Equal(got, []string{"a.jpg"}) {
		t.Errorf("got %q", got)
	}
}

// A new version comes again, by being written over or replaced; a changed mode is no new version.
func TestVersions(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.write("a.jpg", jpeg)
		b.start(o).want("a.jpg")
		b.must(os.Chmod(b.path("a.jpg"), 0o600))
		b.want("a.jpg")
		b.write("a.jpg", append(slices.Clone(jpeg), jpeg...))
		b.want("a.jpg", "a.jpg")
		b.write("../temp.jpg", jpeg)
		b.must(os.Rename(filepath.Join(b.dir, "..", "temp.jpg"), b.path("a.jpg")))
		b.want("a.jpg", "a.jpg", "a.jpg")
		b.must(os.Remove(b.path("a.jpg")))
		b.until("it to be forgotten", func() bool { return b.w.Stats().Known == 0 })
		b.write("a.jpg", jpeg)
		b.want("a.jpg", "a.jpg", "a.jpg", "a.jpg")
	})
}

func TestRemovedBeforeComplete(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.start(o)
		b.write("cut.jpg", jpeg[:500])
		b.until("it to be seen", func() bool { return b.w.Stats().Waiting == 1 })
		b.must(os.Remove(b.path("cut.jpg")))
		b.want()
	})
}

// Where neither kernel nor format tells, quiet does, and the file is handed over as it is.
func TestQuiet(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		o.Settle = 50 * time.Millisecond
		b.start(o)
		b.write("cut.jpg", jpeg[:500])
		b.write("empty.jpg", nil)
		b.want("cut.jpg", "empty.jpg")
	})
}

func TestLinks(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		outside := filepath.Join(t.TempDir(), "secret.jpg")
		b.must(os.WriteFile(outside, jpeg, 0o644))
		b.write("real/a.jpg", jpeg)
		b.must(os.Symlink(outside, b.path("leaves.jpg")))
		b.must(os.Symlink("real/a.jpg", b.path("stays.jpg")))
		b.must(os.Symlink("..", b.path("real/loop")))
		b.must(os.Symlink("nowhere", b.path("dangling.jpg")))
		b.start(o).want("real/a.jpg", "stays.jpg")
		if n := b.warned("leaves.jpg is a link that leaves the inbox"); n != 1 {
			t.Errorf("warned %d times: %q", n, b.warns)
		}
	})
}

// Lost events are made up for by a scan: here the queue says that it overflowed while nobody watched.
func TestOverflow(t *testing.T) {
	b := newInbox(t)
	b.run(t.Context(), Options{Mode: Poll, Poll: never, Settle: never})
	b.until("the first scan", func() bool { return b.w.Stats().Scans == 1 })
	l, err := b.w.newLoop()
	b.must(err)
	defer l.close()
	l.rescan()
	b.write("sub/missed.jpg", jpeg)
	l.failure(fmt.Errorf("reading: %w", fsnotify.ErrEventOverflow))
	if l.seen["sub/missed.jpg"] == nil || b.w.Stats().Overflows != 1 {
		t.Errorf("after an overflow: %v, %+v", l.seen, b.w.Stats())
	}
}

func TestOnce(t *testing.T) {
	for _, order := range []Order{Found, Oldest, Newest, Smallest, Largest} {
		b := newInbox(t)
		for i, name := range []string{"b.jpg", "c.jpg", "a.jpg"} {
			b.write(name, append(bytes.Repeat([]byte{1}, 1000-100*i), jpeg...))
			when := time.Now().Add(time.Duration(-10+i) * time.Hour)
			b.must(os.Chtimes(b.path(name), when, when))
		}
		b.write("cut.jpg", jpeg[:100])
		b.run(t.Context(), Options{Once: true, Order: order, Settle: 100 * time.Millisecond})
		b.until("all to be ready", func() bool { return b.w.Stats().Ready == 4 })
		var got []string
		for f := range b.w.Files() { // ends by itself
			got = append(got, f.Path)
		}
		want := map[Order][]string{
			Oldest: {"b.jpg", "c.jpg", "a.jpg", "cut.jpg"}, Newest: {"cut.jpg", "a.jpg", "c.jpg", "b.jpg"},
			Smallest: {"cut.jpg", "a.jpg", "c.jpg", "b.jpg"}, Largest: {"b.jpg", "c.jpg", "a.jpg", "cut.jpg"},
		}[order]
		if order == Found {
			slices.Sort(got)
			want = []string{"a.jpg", "b.jpg", "c.jpg", "cut.jpg"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", order, got, want)
		}
	}
}

// A reader who does not come holds nothing else up, and gets everything when he does.
func TestBackPressure(t *testing.T) {
	b := newInbox(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.run(ctx, Options{Mode: Events, Settle: never, Rescan: 50 * time.Millisecond})
	for i := range 500 {
		b.write(fmt.Sprintf("%d.jpg", i), jpeg)
	}
	b.until("all to be ready", func() bool { return b.w.Stats().Ready == 500 })
	got := map[string]int{}
	for len(got) < 500 {
		got[(<-b.w.Files()).Path]++
	}
	cancel()
	if _, open := <-b.w.Files(); open {
		t.Error("one file too many")
	}
	for name, n := range got {
		if n != 1 {
			t.Errorf("%s came %d times", name, n)
		}
	}
}

func TestGiveUp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a kernel that tells of writers")
	}
	b := newInbox(t)
	b.start(Options{Mode: Events, Settle: never, GiveUp: 60 * time.Millisecond, Rescan: 50 * time.Millisecond})
	f, err := os.Create(b.path("open.jpg"))
	b.must(err)
	_, err = f.Write(jpeg)
	b.must(err)
	b.until("the warning", func() bool { return b.warned("open.jpg is not complete after 60ms") > 0 })
	time.Sleep(100 * time.Millisecond)
	if n := b.warned("not complete"); n != 1 {
		t.Errorf("warned %d times", n)
	}
	b.must(f.Close())
	b.want("open.jpg")
}

// An inbox that vanishes and comes back, as a mounted one does, is waited for.
func TestInboxVanishes(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		b.write("a.jpg", jpeg)
		o.Poll = 20 * time.Millisecond
		b.start(o).want("a.jpg")
		away := b.dir + "-away"
		b.must(os.Rename(b.dir, away))
		defer os.RemoveAll(away)
		b.until("the warning", func() bool { return b.warned("is gone") == 1 })
		b.must(os.Rename(away, b.dir))
		b.until("the inbox to be back", func() bool { return b.warned("is back") == 1 })
		b.write("sub/b.jpg", jpeg)
		b.want("a.jpg", "sub/b.jpg")
		b.must(os.RemoveAll(b.dir))
		b.until("the second warning", func() bool { return b.warned("is gone") == 2 })
		b.must(os.Mkdir(b.dir, 0o755)) // another folder of the same name
		b.until("the inbox to be back", func() bool { return b.warned("is back") == 2 })
		b.write("c.jpg", jpeg)
		b.want("a.jpg", "sub/b.jpg", "c.jpg")
	})
}

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"no root": {Root: filepath.Join(dir, "none")}, "a file": {Root: file}, "mode": {Root: dir, Mode: "x"}, "order": {Root: dir, Order: "x"}, "pattern": {Root: dir, Ignore: []string{"["}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// BenchmarkScan is a first scan of 10,000 files, to the last one handed over.
func BenchmarkScan(b *testing.B) {
	in := newInbox(b)
	for i := range 10_000 {
		in.write(fmt.Sprintf("%02d/%05d.jpg", i%50, i), jpeg)
	}
	for b.Loop() {
		w, err := New(Options{Root: in.dir, Recursive: true, Once: true})
		in.must(err)
		go w.Run(b.Context())
		n := 0
		for range w.Files() {
			n++
		}
		if n != 10_000 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/file")
}
