package sink

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestForeignFileIsNotOverwritten(t *testing.T) {
	h := newHouse(t, Options{})
	h.must(os.MkdirAll(filepath.Join(h.dir, "output"), 0o755))
	h.must(os.WriteFile(filepath.Join(h.dir, "output/a-small.jpg"), []byte("mine"), 0o644))
	h.must(os.Chtimes(filepath.Join(h.dir, "output/a-small.jpg"), time.Unix(1e9, 0), time.Unix(1e9, 0)))
	h.commit(h.drop("a.jpg", "one"), "a")
	h.wantTree("output", map[string]string{"a-small.jpg": "mine", "a~6f6e65-small.jpg": "a small", "a~6f6e65-large.jpg": "a large"})
}

// The log speaks of one output folder; in another one its names are free.
func TestAnotherOutputFolder(t *testing.T) {
	h := newHouse(t, Options{})
	h.commit(h.drop("a.jpg", "one"), "a")
	h.opts.Output = filepath.Join(h.dir, "elsewhere")
	h.reopen()
	h.commit(h.drop("a.jpeg", "two"), "b")
	h.wantTree("elsewhere", map[string]string{"a-small.jpg": "b small", "a-large.jpg": "b large"})
}

func TestNamesStayInside(t *testing.T) {
	h := newHouse(t, Options{})
	outside := filepath.Join(h.dir, "outside")
	h.must(os.MkdirAll(outside, 0o755))
	h.must(os.MkdirAll(h.opts.Output, 0o755))
	link := filepath.Join(h.opts.Output, "link")
	err := os.Symlink(outside, link)
	if _, there := os.Lstat(link); err != nil || there != nil { // wine 8 makes none, and says that it did
		t.Skip("no symbolic links here:", errors.Join(err, there))
	}
	for _, path := range []string{"../a.jpg", "link/a.jpg"} {
		src := h.drop("a.jpg", "one")
		src.Path, src.Name = path, path
		if _, err := h.Commit(src, outputs("a"), Record{}); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	h.wantTree("outside", nil)
}

// What a killed run left is swept by the next start, in every folder, and nothing else is.
func TestSweep(t *testing.T) {
	h := newHouse(t, Options{})
	past, future := started.Add(-time.Minute), started.Add(time.Minute)
	leave := func() {
		for _, dir := range []string{"output/deep/down", "archive", "quarantine"} {
			dir = filepath.Join(h.dir, dir)
			h.must(os.MkdirAll(dir, 0o755))
			for name, at := range map[string]time.Time{".pixmill-1-1.tmp": past, ".pixmill-2-2.tmp": future, ".hidden.tmp": past, "a.jpg": past} {
				h.must(os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644))
				h.must(os.Chtimes(filepath.Join(dir, name), at, at))
			}
		}
	}
	leave()
	h.reopen()
	if _, there := h.tree("archive")[".pixmill-1-1.tmp"]; !there {
		t.Error("an orderly end was taken for a crash")
	}
	h.crash()
	h.reopen()
	left := map[string]string{".pixmill-2-2.tmp": ".pixmill-2-2.tmp", ".hidden.tmp": ".hidden.tmp", "a.jpg": "a.jpg"}
	for _, dir := range []string{"output/deep/down", "archive", "quarantine"} {
		h.wantTree(dir, left)
	}
	leave()
	h.stop()
	h.must(os.RemoveAll(h.opts.State))
	h.reopen()
	h.wantTree("archive", left)
}

func TestOutputFolderRemovedWhileRunning(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open can't be removed there")
	}
	h := newHouse(t, Options{})
	h.commit(h.drop("sub/a.jpg", "one"), "a")
	h.must(os.RemoveAll(h.opts.Output))
	if h.Complete(h.drop("sub/a.jpg", "one"), outputs("")) {
		t.Error("complete without any output")
	}
	h.commit(h.drop("sub/b.jpg", "two"), "b")
	h.wantTree("output", map[string]string{"sub/b-small.jpg": "b small", "sub/b-large.jpg": "b large"})
}

// Somebody moves the output folder away, and puts another one there or none: what is made afterwards lies where it should.
func TestOutputFolderMovedAwayWhileRunning(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open can't be renamed there")
	}
	h := newHouse(t, Options{})
	h.commit(h.drop("sub/a.jpg", "one"), "a")
	for i, again := range []bool{false, true} {
		h.must(os.Rename(h.opts.Output, fmt.Sprint(h.opts.Output, "-away", i)))
		if again {
			h.must(os.Mkdir(h.opts.Output, 0o755))
		}
		name := fmt.Sprint("sub/b", i)
		h.commit(h.drop(name+".jpg", fmt.Sprint("two", i)), "b")
		h.wantTree("output", map[string]string{name + "-small.jpg": "b small", name + "-large.jpg": "b large"})
		if h.Complete(h.drop("sub/a.jpg", "one"), outputs("")) {
			t.Error("complete without any output")
		}
	}
	h.wantTree("output-away0", map[string]string{"sub/a-small.jpg": "a small", "sub/a-large.jpg": "a large"})
}

// Where a file system takes names that differ only in case, or in composed letters, for one, photos of such names don't meet.
func TestNamesThatAreOneElsewhere(t *testing.T) {
	for _, fold := range []bool{false, true} {
		h := newHouse(t, Options{})
		if !fold && foldsCase(h.dir) {
			continue // one that tells them apart is not to be had here
		}
		h.Sink.branches[""].output.fold = fold
		claim := func(name, text string) (first string, renamed bool) {
			t.Helper()
			names, renamed, err := h.Claim(h.drop(name, text), outputs(""))
			h.must(err)
			return names[0], renamed
		}
		for _, pair := range [][2]string{{"A.jpg", "a.jpg"}, {"d/\u00c9t\u00e9.jpg", "D/e\u0301te\u0301.jpg"}} {
			if first, renamed := claim(pair[0], "one"); renamed {
				t.Errorf("%q is the first, and became %q", pair[0], first)
			}
			second, renamed := claim(pair[1], "two")
			if renamed != fold || strings.Contains(second, "~") != fold {
				t.Errorf("one name: %t; %q became %q", fold, pair[1], second)
			}
		}
		h.unclaim("A.jpg")
		h.unclaim("a.jpg")
		if _, renamed := claim("a.jpg", "two"); renamed {
			t.Error("a name that was given back is not free")
		}
	}
}
