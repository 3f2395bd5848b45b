package watcher_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"pixmill/watcher"
	"runtime"
	"slices"
	"testing"
	"time"
)

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
		b.want("a.jpg", "new/er/b.jpg")
	})
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

// What the reader found gone comes again if a scan finds it, and only then.
func TestForget(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		o.Rescan = 50 * time.Millisecond
		b.write(b.path("sub/a.jpg"), jpeg(100))
		b.write(b.path("sub/b.jpg"), jpeg(100))
		b.start(o).want("sub/a.jpg", "sub/b.jpg")
		for _, name := range []string{"sub/a.jpg", "sub/never.jpg", "no/such/folder.jpg", "sub", ""} {
			b.w.Forget(name)
		}
		b.want("sub/a.jpg", "sub/a.jpg", "sub/b.jpg")
		b.known(2)
	})
}

func TestInboxVanishes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open, as the inbox is while it is listed, can't be renamed there")
	}
	both(t, func(b *inbox, o watcher.Options) {
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
