package sink

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pixmill/sink/ledger"
)

// inode is a file's content as a power loss may leave it: what was synced is safe, of the rest nobody knows.
type inode struct {
	written, synced []byte
}

// step is one call that changed something, as the log of TestPowerLoss keeps it.
type step struct {
	what  string
	apply func(*medium)
}

// change is a new or a removed name in a folder.
type change struct {
	name string
	node *inode // nil: removed
	dir  bool
}

// medium is what a disk knows after some steps. Each folder keeps its changes in their order, and how many of them are safe.
type medium struct {
	changes   map[string][][]change // by folder; those that belong together, as a rename's, are one
	safe      map[string]int
	committed map[string]bool // sources that the ledger has; SQLite does its own syncing
}

// recording is a disk that works, and keeps a log.
type recording struct {
	disk
	mu    sync.Mutex
	steps []step
	nodes map[string]*inode // by path, as everybody sees it now
}

func (r *recording) log(what string, apply func(*medium)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, step{what, apply})
}

func at(root *os.Root, name string) string { return filepath.ToSlash(filepath.Join(root.Name(), name)) }

func (m *medium) change(folder string, c ...change) { m.changes[folder] = append(m.changes[folder], c) }

func (r *recording) made(p string, err error) error {
	if err == nil {
		r.log("mkdir "+p, func(m *medium) { m.change(path.Dir(p), change{path.Base(p), nil, true}) })
	}
	return err
}

func (r *recording) MakeFolder(p string) error {
	return r.made(filepath.ToSlash(p), r.disk.MakeFolder(p))
}

func (r *recording) Mkdir(root *os.Root, name string) error {
	return r.made(at(root, name), r.disk.Mkdir(root, name))
}

func (r *recording) Create(root *os.Root, name string) (file, error) {
	f, err := r.disk.Create(root, name)
	if err != nil {
		return nil, err
	}
	p, n := at(root, name), &inode{}
	r.nodes[p] = n
	r.log("create "+name, func(m *medium) {
		*n = inode{}
		m.change(path.Dir(p), change{path.Base(p), n, false})
	})
	return &recordedFile{f, n, r}, nil
}

type recordedFile struct {
	file
	node *inode
	r    *recording
}

func (f *recordedFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	data := slices.Clone(p[:n])
	f.r.log("write", func(*medium) { f.node.written = append(f.node.written, data...) })
	return n, err
}

func (f *recordedFile) Sync() error {
	err := f.file.Sync()
	if err == nil {
		f.r.log("fsync", func(*medium) { f.node.synced = f.node.written })
	}
	return err
}

func (r *recording) Rename(root *os.Root, from, to string) error {
	err := r.disk.Rename(root, from, to)
	if err == nil {
		p, q := at(root, from), at(root, to)
		n := r.nodes[p]
		delete(r.nodes, p)
		r.nodes[q] = n
		r.log("rename to "+to, func(m *medium) {
			m.change(path.Dir(p), change{path.Base(p), nil, false}, change{path.Base(q), n, false})
		})
	}
	return err
}

func (r *recording) Link(from *os.Root, old string, to *os.Root, name string) error {
	err := r.disk.Link(from, old, to, name)
	if err == nil {
		p := at(to, name)
		n := r.nodes[at(from, old)]
		r.nodes[p] = n
		r.log("link "+name, func(m *medium) { m.change(path.Dir(p), change{path.Base(p), n, false}) })
	}
	return err
}

func (r *recording) Remove(root *os.Root, name string) error {
	err := r.disk.Remove(root, name)
	if err == nil {
		p := at(root, name)
		r.log("remove "+name, func(m *medium) { m.change(path.Dir(p), change{path.Base(p), nil, false}) })
	}
	return err
}

func (r *recording) synced(p string, err error) error {
	if err == nil {
		r.log("fsync of folder "+p, func(m *medium) { m.safe[p] = len(m.changes[p]) })
	}
	return err
}

func (r *recording) SyncFolder(root *os.Root, name string) error {
	return r.synced(at(root, name), r.disk.SyncFolder(root, name))
}

func (r *recording) SyncPath(p string) error {
	return r.synced(filepath.ToSlash(p), r.disk.SyncPath(p))
}

type recordedLedger struct {
	recorder
	r *recording
}

func (l recordedLedger) Commit(e ledger.Entry) error {
	err := l.recorder.Commit(e)
	if err == nil {
		l.r.log("ledger has "+e.Source.Name, func(m *medium) { m.committed[e.Source.Name] = true })
	}
	return err
}

// after is the tree of files when the power goes: lucky says of each folder whether its changes that were not synced came to the disk all
// the same, torn makes of a content what may be left of it. Whatever lies in a folder that is not there, is not there.
func (m *medium) after(lucky func(folder string) bool, torn func(*inode) []byte) map[string]string {
	files, folders := map[string]string{}, map[string]bool{}
	for _, folder := range slices.Sorted(maps.Keys(m.changes)) { // those above come first
		n := m.safe[folder]
		if lucky(folder) {
			n = len(m.changes[folder])
		}
		if above, known := folders[folder]; known && !above {
			n = 0
		}
		there := map[string]change{}
		for _, group := range m.changes[folder][:n] {
			for _, c := range group {
				if delete(there, c.name); c.node != nil || c.dir {
					there[c.name] = c
				}
			}
		}
		for _, group := range m.changes[folder] {
			for _, c := range group {
				if _, is := there[c.name]; c.dir {
					folders[path.Join(folder, c.name)] = is
				} else if is {
					files[path.Join(folder, c.name)] = string(torn(there[c.name].node))
				}
			}
		}
	}
	return files
}

// The power goes after every step of a run, and takes with it what was not synced, as unkindly as a file system may: names that were not
// synced come or do not, folder by folder; contents that were not synced are gone, or zeros, or cut. Then no output is partial under its final
// name, no original is lost, and what the ledger knows is there.
func TestPowerLoss(t *testing.T) {
	inMemory(t)
	tears := map[string]func(*inode) []byte{
		"gone": func(n *inode) []byte { return n.synced },
		"zeros": func(n *inode) []byte {
			return append(slices.Clone(n.synced), make([]byte, len(n.written)-len(n.synced))...)
		},
		"cut":   func(n *inode) []byte { return n.written[:len(n.synced)+(len(n.written)-len(n.synced))/2] },
		"whole": func(n *inode) []byte { return n.written },
	}
	looks := 0
	for _, fates := range [][2]Fate{{Keep, Keep}, {Archive, Quarantine}, {Delete, Quarantine}} {
		for _, across := range []bool{false, true} {
			r, s := record(t, fates, across)
			for n := range len(r.steps) + 1 {
				m := s.originals(r)
				for _, st := range r.steps[:n] {
					st.apply(m)
				}
				luck := map[string]func(string) bool{
					"what was synced":   func(string) bool { return false },
					"all that happened": func(string) bool { return true },
				}
				for folder := range m.changes {
					luck["what was synced, and all in "+folder] = func(f string) bool { return f == folder }
					luck["all but what was not synced in "+folder] = func(f string) bool { return f != folder }
				}
				for lucky, l := range luck {
					for torn, tear := range tears {
						looks++
						last := "nothing"
						if n > 0 {
							last = r.steps[n-1].what
						}
						s.survives(m, m.after(l, tear), fmt.Sprintf("originals %s, across %t: power goes after step %d, %s; there is %s, unsynced contents are %s",
							fates[0], across, n, last, lucky, torn))
						if t.Failed() {
							return
						}
					}
				}
			}
			s.stop()
		}
	}
	t.Logf("%d ways for the power to go", looks)
	if looks < 1000 {
		t.Errorf("only %d ways: the log lacks steps", looks)
	}
}

// record plays a story on a recording disk.
func record(t *testing.T, fates [2]Fate, across bool) (*recording, *story) {
	s := newStory(t, Options{Done: fates[0], Failed: fates[1]})
	s.stop()
	for _, state := range []string{"state", "output", "archive", "quarantine"} {
		s.must(os.RemoveAll(filepath.Join(s.dir, state)))
	}
	r := &recording{disk: &faults{disk: system{}, across: across}, nodes: map[string]*inode{}}
	s.originals(r)
	s.opts.disk = r
	s.opts.ledger = func(path string) (recorder, error) {
		l, err := ledger.Open(path)
		return recordedLedger{l, r}, err
	}
	s.reopen()
	s.play()
	return r, s
}

// originals is the medium before anything happened: the inbox, safe.
func (s *story) originals(r *recording) *medium {
	m := &medium{changes: map[string][][]change{}, safe: map[string]int{}, committed: map[string]bool{}}
	inbox := filepath.ToSlash(s.inbox.Name())
	for _, dir := range []string{path.Join(inbox, "trip"), path.Join(inbox, "trip/deep")} {
		m.change(path.Dir(dir), change{path.Base(dir), nil, true})
	}
	for name := range s.sources {
		p := path.Join(inbox, name)
		n := r.nodes[p]
		if n == nil {
			text := []byte("original " + name)
			n = &inode{text, text}
			r.nodes[p] = n
		}
		m.change(path.Dir(p), change{path.Base(p), n, false})
	}
	for folder := range m.changes {
		m.safe[folder] = len(m.changes[folder])
	}
	return m
}

// survives holds what a power loss left against the promise.
func (s *story) survives(m *medium, files map[string]string, what string) {
	s.t.Helper()
	under := func(folder, name string) (string, bool) {
		text, there := files[path.Join(filepath.ToSlash(s.dir), folder, name)]
		return text, there
	}
	for name := range s.sources {
		text := "original " + name
		original, here := under("inbox", name)
		if here && original != text {
			s.t.Errorf("%s: %s is %q", what, name, original)
		}
		if name == "bad.jpg" {
			moved, _ := under("quarantine", name)
			if reason, _ := under("quarantine", name+".json"); !here && (moved != text || !strings.Contains(reason, `"bad"`)) {
				s.t.Errorf("%s: %s is lost: quarantine holds %q, %q", what, name, moved, reason)
			}
			continue
		}
		whole := 0
		for _, variant := range []string{"small", "large"} {
			out, there := under("output", strings.TrimSuffix(name, ".jpg")+"-"+variant+".jpg")
			if there && out != name+" "+variant {
				s.t.Errorf("%s: the output %s of %s is %q", what, variant, name, out)
			}
			if there {
				whole++
			}
		}
		if m.committed[name] && whole != 2 {
			s.t.Errorf("%s: the ledger has %s, the disk %d of its outputs", what, name, whole)
		}
		archived, _ := under("archive", name)
		if !here && (!m.committed[name] || s.opts.Done == Archive && archived != text || s.opts.Done == Keep) {
			s.t.Errorf("%s: %s is lost: recorded %t, archive holds %q", what, name, m.committed[name], archived)
		}
	}
}
