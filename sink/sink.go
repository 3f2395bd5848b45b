// Package sink is where results go: outputs written whole or not at all, the ledger, the savings log, originals and rejects.
//
//	Recall ─► Compare ─► Twin ─► Commit: names ─► temps ─► fsync ─► rename ─► fsync folder ─► ledger ─► savings line ─► fate
//	                                                                                   Fail ─┘
//
// The ledger (package ledger) is asked whether a source is known and which of its outputs stand; what stands in the folders and is in
// no ledger is taken over into it, so that a lost ledger is rebuilt in passing. The order of Commit's steps is the promise:
// a crash at any instruction leaves the original where it was or all outputs complete and recorded. All writes go through os.Root:
// no name can leave its folder. Two sources that map to one output name never overwrite each other: the ledger says whose
// an output is, and the later source gets a name of its own.
//
// A Sink may be used by several goroutines at once.
package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"pixmill/sink/ledger"
)

// Fate is what becomes of an original.
type Fate string

// The fates: Keep and Archive or Delete for one that is done, Keep or Quarantine for one that failed.
const (
	Keep       Fate = "keep"
	Archive    Fate = "archive"
	Delete     Fate = "delete"
	Quarantine Fate = "quarantine"
)

// Options are where things go; folders are absolute. The zero value of a Fate is Keep.
type Options struct {
	Output     string
	State      string // ledger.db, savings.jsonl and lock lie here
	Archive    string // needed where Done is Archive
	Quarantine string // needed where Failed is Quarantine
	Done       Fate
	Failed     Fate
	Others     map[string]Places // of the pipelines besides the default one, by their names
	Manifest   Manifest
	Mirror     bool        // outputs that nothing stands for any more go
	Place      string      // names the bucket that outputs may stand in instead of a folder; "": there is none
	ReadOnly   bool        // nothing is made or written, and no lock is taken: for looking only
	Warn       func(error) // things that went right in another way than asked; nil: dropped

	disk   disk                                // nil: the operating system's
	ledger func(path string) (recorder, error) // nil: ledger.Open
}

// recorder is what the sink asks of a ledger.
type recorder interface {
	Commit(ledger.Entry) error
	Queue(ledger.Entry)
	Flush() error
	Note(key, value string) error
	Text(key string) (string, error)
	Forget(name string) error
	Remove(name string)
	Page(name, hash string, n int) ([]ledger.Source, error)
	Names(behind string, n int) ([]string, error)
	Versions(name string) ([]ledger.Source, error)
	Twins(hash string) ([]ledger.Source, error)
	Owner(path string) (o ledger.Owner, ok bool, err error)
	Since(time.Time) ([]ledger.Source, error)
	Upload(target, path string) (ledger.Output, ledger.Upload, bool, error)
	Missing(target, after string, n int, but ...string) ([]string, error)
	CountMissing(target string, but ...string) (int, error)
	Orphans(target, after string, n int) ([]string, error)
	Pipelines() ([]string, error)
	Withdrawn(target, path string) error
	UploadedHash(target, path string) (string, error)
	Uploaded(ledger.Upload) error
	Close() error
}

// Source is one input file as it was read.
type Source struct {
	Root          *os.Root // the folder it was found in
	Path          string   // below Root, slash-separated; its folder is mirrored in the output
	Pipeline      string   // "": the default one
	As            string   // the path that outputs are named after; "": Path
	Name          string   // what the log calls it, and what tells sources apart
	Inbox         bool     // whether the fates apply: files named on the command line are never moved or deleted
	Archived      bool     // it left the inbox: other photos may have had its name before and after it
	Sidecar       bool     // something is said of it in a file beside it, which goes where it goes
	Size          int64    // bytes
	ModTime       time.Time
	Hash          string // hexadecimal digest of the content; "" when it was not read
	Width, Height int    // pixels, as seen; 0 when unknown
	Format        string
	Probe         []byte // what the headers said, in the pipeline's own form; kept in the ledger for Recall
	About         *About // what is told of it; nil: not known
	Rules         string // digest of what a failure depends on besides the source; "": it may pass by itself, so Recall does not tell of it

	known *ledger.Source // the version that the ledger has of it
}

// Output is one variant of a source.
type Output struct {
	Variant, Format, Ext string
	Template             string // of the path below Options.Output: {dir} {name} {variant} {format} {ext} {hash}
	Recipe               string // digest of what decides its bytes besides the source's
	Width, Height        int    // pixels
	Data                 []byte // encoded; not needed where it stands, or was sent
	Sent                 *Sent  // it was brought to Options.Place; nil: it was not
	Kept                 bool   // Data are the source's own, as resize.Output has it
	Quality              int    // that was searched for; 0: none was

	// Filled in by Compare.
	Stands string    // the path where it stands as it should; "": it is to be made
	Lacks  string    // why not: "" for one that is new
	Bytes  int64     // of one that stands
	Made   time.Time // when, of one that stands
	Place  string    // of one that stands there only; "": in the folder
}

// Sent is an output that whoever made it brought to its place.
type Sent struct {
	Path  string // that was claimed for it
	Bytes int64
	Hash  string // hexadecimal SHA-256
	ETag  string // what the place calls this content
}

// origin is the photo an output was made from, or that claimed its name in this run.
type origin struct{ source, hash string }

// Sink writes results. Open makes one.
type Sink struct {
	opts     Options
	disk     disk
	branches map[string]*branch // by the pipeline's name; "": the default one's
	absent   []string           // names of those that the ledger knows and the config does not

	ledger recorder // nil: there is none to be read
	log    savings
	lock   *lock

	unlogged atomic.Bool // the savings log lacks lines

	mu      sync.Mutex
	claims  map[string]origin   // key of an output path → who is about to write it, or would
	claimed map[string][]string // Source.Name → its claims
	leaving map[string]bool     // keys of output paths whose objects are being withdrawn
	left    sync.Cond           // of mu: one of them is
}

// Open takes the state folder's lock and opens the ledger. One that is damaged is set aside and filled anew from the savings log and, as the
// sources come by, from the folders; what a killed run left behind is swept. With ReadOnly, it only looks.
func Open(o Options) (*Sink, error) {
	s := &Sink{opts: o, disk: o.disk, claims: map[string]origin{}, claimed: map[string][]string{}, leaving: map[string]bool{}}
	s.left.L = &s.mu
	if s.disk == nil {
		s.disk = system{}
	}
	s.branches = map[string]*branch{"": newBranch("", Places{o.Output, o.Archive, o.Quarantine, o.Done, o.Failed, o.Manifest, o.Mirror}, s.disk)}
	for name, p := range o.Others {
		s.branches[name] = newBranch(name, p, s.disk)
	}
	s.log = savings{path: filepath.Join(o.State, "savings.jsonl"), disk: s.disk}
	if s.opts.Warn == nil {
		s.opts.Warn = func(error) {}
	}
	if o.ReadOnly {
		return s, s.look()
	}
	if err := makeFolders(s.disk, o.State); err != nil {
		return nil, fmt.Errorf("the state folder cannot be made: %w", err)
	}
	var err error
	if s.lock, err = takeLock(o.State); err != nil {
		return nil, err
	}
	if err := s.openLedger(); err != nil {
		return nil, errors.Join(err, s.lock.release(true))
	}
	err = s.meet()
	if err == nil && s.lock.unclean {
		err = s.recover()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.startPublishing()
	return s, nil
}

// LedgerPath is where the ledger of a state folder lies.
func LedgerPath(state string) string { return filepath.Join(state, "ledger.db") }

// look opens the ledger for reading, if there is one that can be read.
func (s *Sink) look() error {
	l, err := ledger.Read(LedgerPath(s.opts.State))
	switch {
	case err == nil:
		s.ledger = l
		return s.meet()
	case errors.Is(err, ledger.ErrCorrupt):
		s.opts.Warn(fmt.Errorf("%w: the next run sets it aside and rebuilds it", err))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}

// Close closes the ledger, the log and the folders, and gives the lock back.
func (s *Sink) Close() error {
	err := s.stopPublishing()
	for _, b := range s.branches {
		b.close()
	}
	switch {
	case s.lock == nil:
	case s.unlogged.Load():
		err = errors.Join(err, s.relog())
	default:
		err = errors.Join(err, s.logged(time.Now()))
	}
	err = errors.Join(err, s.log.close())
	if s.ledger != nil {
		err = errors.Join(err, s.ledger.Close())
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.release(err == nil))
	}
	return err
}

// Text is a note of the ledger, or "".
func (s *Sink) Text(key string) (string, error) { return s.ledger.Text(key) }

// Note keeps one; "" removes it.
func (s *Sink) Note(key, value string) error { return s.ledger.Note(key, value) }

// Forget removes what is known of a failure: its original is gone.
func (s *Sink) Forget(name string) error { return s.ledger.Forget(name) }

// Stays reports whether a source that is done stays where it is.
func (s *Sink) Stays(src Source) bool { return !src.Archived && (!src.Inbox || s.of(src).Done == Keep) }
