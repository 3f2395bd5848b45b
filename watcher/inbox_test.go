package watcher_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
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
var patience = flag.Duration("stress.patience", 30*time.Second, "how long to wait for what must come")

// TestMain has more stories told at once than there are CPUs: they wait more than they work.
func TestMain(m *testing.M) {
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		flag.Set("test.parallel", "8")
	}
	os.Exit(m.Run())
}

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

func (b *inbox) came() []watcher.File {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.files)
}

func (b *inbox) names() []string {
	files := b.came()
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Path
	}
	return names
}

func (b *inbox) until(what string, there func() bool) {
	b.Helper()
	for end := time.Now().Add(*patience); !there(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.Fatalf("waited %v for %s; %d files came, warnings %q, %+v", *patience, what, len(b.files), b.warns, b.w.Stats())
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

// symlink makes one, where it can be had.
func (b *inbox) symlink(to, name string) {
	b.Helper()
	err := os.Symlink(to, name)
	if _, there := os.Lstat(name); err != nil || there != nil { // wine 8 makes none, and says that it did
		b.Skip("no symbolic links here:", errors.Join(err, there))
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

// both tells a story under events and under polling. Most stories wait most of the time: they are told side by side.
func both(t *testing.T, story func(b *inbox, o watcher.Options)) {
	t.Parallel()
	for _, mode := range []watcher.Mode{watcher.Events, watcher.Poll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			story(newInbox(t), options(mode))
		})
	}
}

func kernelTells(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		t.Skip("the kernel does not tell of writers here")
	}
}
