// Package sink is where results go: outputs written whole or not at all, the savings log, originals and rejects.
//
// Commit takes one source's encoded outputs through temp file, fsync, rename and fsync of the folder, then writes the savings
// line, and only then touches the original, so that a crash at any instruction leaves the original where it was or all
// outputs complete and recorded. All writes go through os.Root: no name can leave its folder. Two sources that map to one
// output name never overwrite each other: the log says whose an output is, and the later source gets a name of its own.
//
// Nothing is created before something is written. A Sink may be used by several goroutines at once.
package sink

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
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
	State      string // savings.jsonl lies here
	Archive    string // needed where Done is Archive
	Quarantine string // needed where Failed is Quarantine
	Done       Fate
	Failed     Fate
	Warn       func(error) // things that went right in another way than asked; nil: dropped
}

// Source is one input file as it was read.
type Source struct {
	Root          *os.Root // the folder it was found in
	Path          string   // below Root, slash-separated; its folder is mirrored in the output
	Name          string   // what the log calls it, and what tells sources apart
	Inbox         bool     // whether the fates apply: files named on the command line are never moved or deleted
	Size          int64    // bytes
	ModTime       time.Time
	Hash          string // hexadecimal digest of the content; "" when it was not read
	Width, Height int    // pixels, as seen; 0 when unknown
}

// Output is one encoded variant of a source.
type Output struct {
	Variant, Format, Ext string
	Template             string // of the path below Options.Output: {dir} {name} {variant} {format} {ext}
	Width, Height        int    // pixels
	Data                 []byte
}

// origin is the photo an output was made from, or that claimed its name in this run.
type origin struct {
	source, hash string
	claimed      bool
}

// Sink writes results. Open makes one.
type Sink struct {
	opts   Options
	output folder

	archive, quarantine folder

	log savings

	mu    sync.Mutex
	owner map[string]origin // output path → whose it is
	last  map[string]string // Source.Name → hash of what was made of it last
}

// Open reads the savings log, for whose an output is; it creates nothing.
func Open(o Options) (*Sink, error) {
	s := &Sink{
		opts:       o,
		output:     folder{path: o.Output},
		archive:    folder{path: o.Archive},
		quarantine: folder{path: o.Quarantine},
		owner:      map[string]origin{},
		last:       map[string]string{},
		log:        savings{path: filepath.Join(o.State, "savings.jsonl")},
	}
	if s.opts.Done == "" {
		s.opts.Done = Keep
	}
	if s.opts.Failed == "" {
		s.opts.Failed = Keep
	}
	if s.opts.Warn == nil {
		s.opts.Warn = func(error) {}
	}
	if err := s.log.read(s.remember); err != nil {
		return nil, fmt.Errorf("%s: the savings log cannot be read: %w", s.log.path, err)
	}
	return s, nil
}

// Close closes the log and the folders.
func (s *Sink) Close() error {
	s.output.close()
	s.archive.close()
	s.quarantine.close()
	return s.log.close()
}

// remember takes one line of the log into account. The caller holds mu, or is Open.
func (s *Sink) remember(r Record) {
	if r.Status != Done {
		return
	}
	for _, o := range r.Outputs {
		s.owner[o.Path] = origin{r.Source, r.Hash, s.owner[o.Path].claimed}
	}
	s.last[r.Source] = r.Hash
}

// originalStays reports whether a source that is done stays where it is.
func (s *Sink) originalStays(src Source) bool {
	return !src.Inbox || s.opts.Done == Keep
}
