package sink

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Places are where the photos of one pipeline go; folders are absolute. The zero value of a Fate is Keep.
type Places struct {
	Output       string
	Archive      string // needed where Done is Archive
	Quarantine   string // needed where Failed is Quarantine
	Done, Failed Fate
	Manifest     Manifest
	Mirror       bool // outputs that nothing stands for any more go
}

// branch is the Places of one pipeline, opened.
type branch struct {
	Places
	name                        string // of the pipeline
	output, archive, quarantine folder
	site                        *publisher // nil: there is no manifest
	told                        atomic.Pointer[map[string][]string]
}

func newBranch(name string, p Places, d disk) *branch {
	if p.Done == "" {
		p.Done = Keep
	}
	if p.Failed == "" {
		p.Failed = Keep
	}
	return &branch{
		Places:     p,
		name:       name,
		output:     folder{path: p.Output, disk: d},
		archive:    folder{path: p.Archive, disk: d},
		quarantine: folder{path: p.Quarantine, disk: d},
	}
}

func (b *branch) close() {
	b.output.close()
	b.archive.close()
	b.quarantine.close()
}

// Qualified is how the ledger, the log and people tell a path of one pipeline, of a source or an output, from those of the others: the
// default one's, whose name is "", are plain.
func Qualified(pipeline, path string) string {
	if pipeline == "" {
		return path
	}
	return pipeline + ":" + path
}

// Split is a qualified path's pipeline, "" for the default one, and the path without it.
func (s *Sink) Split(name string) (pipeline, path string) {
	if pipeline, path, found := strings.Cut(name, ":"); found && s.branches[pipeline] != nil {
		return pipeline, path
	}
	return "", name
}

// at is where a qualified path of an output leads.
func (s *Sink) at(name string) (*branch, string) {
	pipeline, path := s.Split(name)
	return s.branches[pipeline], path
}

// key is what two qualified paths of outputs have in common that lead to one file.
func (s *Sink) key(name string) string {
	pipeline, path := s.Split(name)
	return Qualified(pipeline, s.branches[pipeline].output.key(path))
}

func (s *Sink) exists(name string) bool {
	b, path := s.at(name)
	return b.output.exists(path)
}

func (s *Sink) holds(name string, modTime time.Time) (int64, bool) {
	b, path := s.at(name)
	return b.output.holds(path, modTime)
}

// of is where a source's outputs, and the source itself, go.
func (s *Sink) of(src Source) *branch { return s.branch(src.Pipeline) }

// branch is a pipeline's; one that has never been has the default one's.
func (s *Sink) branch(pipeline string) *branch {
	if b := s.branches[pipeline]; b != nil {
		return b
	}
	return s.branches[""]
}

// unambiguous refuses a photo of the default pipeline whose path reads like one of another's.
func (s *Sink) unambiguous(src Source) error {
	if pipeline, _ := s.Split(src.Name); pipeline != src.Pipeline {
		return fmt.Errorf("its path begins with %q, as the photos of pipeline %s are called: rename the folder or the file", pipeline+":", pipeline)
	}
	return nil
}

// InInbox is a source's path in the inbox of a pipeline, if it is of that, by its name.
func (s *Sink) InInbox(pipeline, name string) (path string, ok bool) {
	of, path := s.Split(name)
	return path, of == pipeline && !filepath.IsAbs(filepath.FromSlash(path))
}
