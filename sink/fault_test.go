package sink

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pixmill/sink/ledger"
)

var errInjected = errors.New("injected fault")

// faults is a disk whose nth call fails; with lasting, every later one too. What the ledger commits counts as a call.
type faults struct {
	disk
	n       int // calls until the fault; 0: none
	lasting bool
	err     error
	across  bool // hard links don't reach from one folder to another: they are on different file systems

	mu     sync.Mutex
	calls  int
	failed []string
}

func (f *faults) call(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.n > 0 && (f.calls == f.n || f.lasting && f.calls > f.n) {
		f.failed = append(f.failed, what)
		return fmt.Errorf("%s: %w", what, f.err)
	}
	return nil
}

func (f *faults) MakeFolder(p string) error {
	return f.then("mkdir "+p, func() error { return f.disk.MakeFolder(p) })
}

func (f *faults) Mkdir(r *os.Root, name string) error {
	return f.then("mkdir "+name, func() error { return f.disk.Mkdir(r, name) })
}

func (f *faults) Chtimes(r *os.Root, name string, t time.Time) error {
	return f.then("chtimes "+name, func() error { return f.disk.Chtimes(r, name, t) })
}

func (f *faults) Rename(r *os.Root, from, to string) error {
	return f.then("rename "+to, func() error { return f.disk.Rename(r, from, to) })
}

func (f *faults) Remove(r *os.Root, name string) error {
	return f.then("remove "+name, func() error { return f.disk.Remove(r, name) })
}

func (f *faults) SyncFolder(r *os.Root, name string) error {
	return f.then("fsync of folder "+name, func() error { return f.disk.SyncFolder(r, name) })
}

func (f *faults) SyncPath(p string) error {
	return f.then("fsync of folder "+p, func() error { return f.disk.SyncPath(p) })
}

func (f *faults) Link(from *os.Root, old string, to *os.Root, name string) error {
	return f.then("link "+name, func() error {
		if f.across && from != to {
			return errors.New("invalid cross-device link")
		}
		return f.disk.Link(from, old, to, name)
	})
}

func (f *faults) then(what string, do func() error) error {
	if err := f.call(what); err != nil {
		return err
	}
	return do()
}

func (f *faults) Create(r *os.Root, name string) (file, error) {
	if err := f.call("create " + name); err != nil {
		return nil, err
	}
	return f.opened(f.disk.Create(r, name))
}

func (f *faults) Append(p string) (file, error) {
	if err := f.call("open " + p); err != nil {
		return nil, err
	}
	return f.opened(f.disk.Append(p))
}

func (f *faults) opened(opened file, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return &faultyFile{opened, f}, nil
}

type faultyFile struct {
	file
	f *faults
}

// Write writes half of it before it fails.
func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.f.call("write"); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f *faultyFile) Sync() error { return f.f.then("fsync", f.file.Sync) }

func (f *faultyFile) Close() error { return errors.Join(f.f.call("close"), f.file.Close()) }

// faultyLedger fails as its disk does.
type faultyLedger struct {
	recorder
	f *faults
}

func (l faultyLedger) Commit(e ledger.Entry) error {
	return l.f.then("ledger commit", func() error { return l.recorder.Commit(e) })
}

// story is what a run does to three photos: two are made, one is rejected. It returns at an error that three attempts did not mend, as
// the pool does, with the next photo.
type story struct {
	*house
	sources map[string]Source
}

func newStory(t *testing.T, o Options) *story {
	s := &story{newHouse(t, o), map[string]Source{}}
	for _, name := range []string{"a.jpg", "trip/deep/b.jpg", "bad.jpg"} {
		src := s.drop(name, "original "+name)
		src.ModTime = started.Add(-time.Hour)
		s.must(s.inbox.Chtimes(name, time.Time{}, src.ModTime))
		s.sources[name] = src
	}
	return s
}

// names in their order.
var storyNames = []string{"a.jpg", "trip/deep/b.jpg", "bad.jpg"}

// play works on what is not settled yet, as a start of pixmill does.
func (s *story) play() {
	for _, name := range storyNames {
		src := s.sources[name]
		for range 3 {
			if _, err := s.inbox.Lstat(name); err != nil {
				break
			}
			if s.attempt(src, name) == nil {
				break
			}
		}
	}
}

func (s *story) attempt(src Source, name string) error {
	if name == "bad.jpg" {
		_, err := s.Fail(src, Record{Status: Rejected, Reason: "bad", Attempts: 1})
		return err
	}
	src, _, err := s.Recall(src)
	if err != nil {
		return err
	}
	src = s.Confirm(src)
	outs, err := s.Compare(src, outputs(""))
	if err != nil {
		return err
	}
	lacking := 0
	for i := range outs {
		outs[i].Data = []byte(name + " " + outs[i].Variant)
		if outs[i].Stands == "" {
			lacking++
		}
	}
	if lacking == 0 {
		return s.Release(src)
	}
	_, err = s.Commit(src, outs, Record{Attempts: 1})
	return err
}

// check holds every file against the promise; end says that all must be settled.
func (s *story) check(t *testing.T, what string, end bool) {
	t.Helper()
	here, out, archive, quarantine := s.tree("inbox"), s.tree("output"), s.tree("archive"), s.tree("quarantine")
	for name := range s.sources {
		text := "original " + name
		if got, in := here[name]; in {
			if got != text {
				t.Errorf("%s: %s has changed to %q", what, name, got)
			}
			if end && s.opts.Done != Keep && name != "bad.jpg" || end && s.opts.Failed == Quarantine && name == "bad.jpg" {
				t.Errorf("%s: %s never left", what, name)
			}
		} else if name == "bad.jpg" {
			if quarantine[name] != text || !strings.Contains(quarantine[name+".json"], `"reason": "bad"`) {
				t.Errorf("%s: quarantine holds %q", what, quarantine)
			}
		} else if s.opts.Done == Archive && archive[name] != text {
			t.Errorf("%s: archive holds %q", what, archive)
		}
		if name == "bad.jpg" {
			continue
		}
		stem := strings.TrimSuffix(name, ".jpg")
		_, in := here[name]
		for _, variant := range []string{"small", "large"} {
			got, made := out[stem+"-"+variant+".jpg"]
			if made && got != name+" "+variant || !made && (!in || end) {
				t.Errorf("%s: %s of %s is %q, in the inbox: %t", what, variant, name, got, in)
			}
		}
		versions, err := s.Sink.ledger.Versions(name)
		s.must(err)
		if recorded := len(versions) > 0 && len(versions[0].Outputs) == 2; !recorded && (!in || end) {
			t.Errorf("%s: %s is not recorded, in the inbox: %t", what, name, in)
		}
	}
	for _, tree := range []map[string]string{out, archive, quarantine} {
		for name := range tree {
			if end && strings.HasPrefix(path.Base(name), tempPrefix) {
				t.Errorf("%s: %s was not swept", what, name)
			}
		}
	}
	if end {
		if lines := strings.Count(s.tree("state")["savings.jsonl"], `"status":"done"`); lines != 2 {
			t.Errorf("%s: %d lines in the savings log", what, lines)
		}
		if len(archive) > 2 || len(out) != 4 || len(quarantine) > 2 {
			t.Errorf("%s: left over: %q %q %q", what, archive, out, quarantine)
		}
	}
}

// Every call to the file systems, and every commit to the ledger, fails once, and from then on, in turn, until a run completes without its
// fault: after each failure nothing is partial or lost, and the next start settles everything.
func TestEveryFault(t *testing.T) {
	inMemory(t)
	injected := 0
	for _, fates := range [][2]Fate{{Keep, Keep}, {Archive, Quarantine}, {Delete, Quarantine}} {
		for _, across := range []bool{false, true} {
			for _, lasting := range []bool{false, true} {
				for n := 1; ; n++ {
					f := &faults{disk: system{}, err: errInjected, lasting: lasting, across: across}
					s := newStory(t, Options{Done: fates[0], Failed: fates[1]})
					s.stop()
					s.opts.disk = f
					s.opts.ledger = func(path string) (recorder, error) {
						l, err := ledger.Open(path)
						return faultyLedger{l, f}, err
					}
					s.reopen()
					f.calls, f.n = 0, n
					s.play()
					what := fmt.Sprintf("%s, across %t, lasting %t, call %d, failed %.1q", fates[0], across, lasting, n, f.failed)
					s.check(t, what, false)
					f.n = 0
					s.crash()
					s.pastTemps()
					s.opts.disk, s.opts.ledger = nil, nil
					s.reopen()
					s.play()
					s.reopen() // an orderly end writes what lines are lacking
					s.check(t, what+", after a restart", true)
					s.stop()
					if t.Failed() {
						return
					}
					if len(f.failed) == 0 {
						break
					}
					injected++
				}
			}
		}
	}
	t.Logf("%d faults injected", injected)
	if injected < 200 {
		t.Errorf("only %d faults were injected: the seam has lost its calls", injected)
	}
}

// pastTemps makes temps look as if an earlier process had left them.
func (h *house) pastTemps() {
	for _, folder := range []string{"output", "archive", "quarantine"} {
		for name := range h.tree(folder) {
			temp := filepath.Join(h.dir, folder, filepath.FromSlash(name))
			if !strings.HasPrefix(path.Base(name), tempPrefix) {
				continue
			}
			if info, err := os.Stat(temp); err == nil && info.ModTime().After(started) {
				past := started.Add(-time.Minute)
				h.must(os.Chtimes(temp, past, past))
			}
		}
	}
}

// inMemory puts a test's folders where an fsync costs nothing, if there is such a place.
func inMemory(t *testing.T) {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		t.Setenv("TMPDIR", "/dev/shm")
	}
}

// Between file systems an original is copied, synced, and only then unlinked; this is the real thing, where the machine has two.
func TestArchiveOnAnotherFileSystem(t *testing.T) {
	other, err := os.MkdirTemp("/dev/shm", "pixmill-test-")
	if err != nil {
		t.Skip("no second file system here; TestEveryFault plays one:", err)
	}
	defer os.RemoveAll(other)
	h := newHouse(t, Options{Done: Archive, Failed: Quarantine})
	h.opts.Archive, h.opts.Quarantine = filepath.Join(other, "archive"), filepath.Join(other, "quarantine")
	h.reopen()
	src := h.drop("trip/a.jpg", "one")
	h.commit(src, "a")
	bad := h.drop("b.jpg", "two")
	_, err = h.Fail(bad, Record{Status: Rejected, Reason: "bad"})
	h.must(err)
	h.wantTree("inbox", nil)
	for name, want := range map[string]string{"archive/trip/a.jpg": "one", "quarantine/b.jpg": "two"} {
		got, err := os.ReadFile(filepath.Join(other, name))
		if string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	info, err := os.Stat(filepath.Join(other, "archive/trip/a.jpg"))
	h.must(err)
	if !info.ModTime().Equal(src.ModTime) {
		t.Errorf("the copy's time is %v, want %v", info.ModTime(), src.ModTime)
	}
	restored, err := h.Restore(Source{Root: h.inbox, Path: "b.jpg", Size: bad.Size, ModTime: bad.ModTime})
	if !restored || err != nil {
		t.Errorf("restored %t, %v", restored, err)
	}
	h.wantTree("inbox", map[string]string{"b.jpg": "two"})
}
