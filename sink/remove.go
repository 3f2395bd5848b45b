package sink

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"pixmill/sink/ledger"
)

// Remove removes the outputs of a source whose original is gone, and what is known of it; the record of one that is not known is empty. A file
// that somebody has put in an output's place stays, and all stays of an original that is in quarantine. After a crash in the midst of it the ledger still knows of the source, and Remove can be called again.
func (s *Sink) Remove(name string) (Record, error) {
	rec := Record{Status: Removed, Reason: "the original is gone", Outputs: []OutputRecord{}}
	versions, err := s.ledger.Versions(name)
	failed := func(v ledger.Source) bool { return Status(v.Status) != Done }
	b, _ := s.at(name)
	if err != nil || len(versions) == 0 || b.Failed == Quarantine && slices.ContainsFunc(versions, failed) {
		return Record{}, err
	}
	var src Source
	for _, v := range versions {
		if failed(v) {
			continue
		}
		src = Source{Size: v.Size, Hash: v.Hash, Width: v.Width, Height: v.Height}
		for _, o := range v.Outputs {
			removed, err := s.discard(o, v)
			if err != nil {
				return rec, err
			}
			if removed || o.Place != "" { // from there it goes after its manifest
				rec.Outputs = append(rec.Outputs, OutputRecord{Path: o.Path, Variant: o.Variant, Width: o.Width, Height: o.Height, Format: o.Format, Bytes: o.Bytes})
			}
		}
	}
	b.changing(func() error { s.ledger.Remove(name); return nil })
	src.Name = name
	rec.complete(src)
	s.line(rec)
	return rec, nil
}

// discard removes an output that is as it was written, and the folders that are empty without it.
func (s *Sink) discard(o ledger.Output, of ledger.Source) (bool, error) {
	if size, there := s.holds(o.Path, of.ModTime); !there || size != o.Bytes {
		return false, nil
	}
	b, name := s.at(o.Path)
	root, err := b.output.open(false)
	if err != nil {
		return false, err
	}
	if err := s.disk.Remove(root, name); err != nil {
		return false, err
	}
	b.output.prune(root, path.Dir(name))
	return true, nil
}

// prune removes a folder, and those above it, as far as they are empty.
func (f *folder) prune(root *os.Root, dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; dir != "."; dir = path.Dir(dir) {
		if f.disk.Remove(root, dir) != nil {
			return
		}
		delete(f.ready, dir)
	}
}

// supersede removes what a source's outputs replace under other names: those of a version that is no more, or of a recipe. It comes before
// the ledger forgets of them, so that a crash leaves none that nobody knows of.
func (s *Sink) supersede(src Source, names []string, outs []Output) error {
	if !s.of(src).Mirror {
		return nil
	}
	versions, err := s.ledger.Versions(src.Name)
	if err != nil {
		return err
	}
	for _, v := range versions {
		same := v.Hash == src.Hash || v.Hash == ""
		if !same && !s.Stays(src) {
			continue // another photo of the name
		}
		for _, o := range v.Outputs {
			again := func(made Output) bool { return made.Variant == o.Variant && made.Format == o.Format }
			if slices.Contains(names, o.Path) || same && !slices.ContainsFunc(outs, again) {
				continue
			}
			if _, err := s.discard(o, v); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// withdraw removes files of a source in whose place there is an object in the bucket now.
func (s *Sink) withdraw(src Source, names []string, outs []Output) error {
	if !slices.ContainsFunc(outs, func(o Output) bool { return o.Sent != nil }) {
		return nil
	}
	versions, err := s.ledger.Versions(src.Name)
	if err != nil {
		return err
	}
	for _, v := range versions {
		for _, row := range v.Outputs {
			at := slices.Index(names, row.Path)
			if at < 0 || outs[at].Sent == nil || row.Place != "" {
				continue
			}
			if _, err := s.discard(row, v); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Names tells the name of every source that is known, in their order.
func (s *Sink) Names(tell func(name string)) error {
	if err := s.ledger.Flush(); err != nil {
		return err
	}
	for last := ""; ; {
		names, err := s.ledger.Names(last, page)
		if err != nil || len(names) == 0 {
			return err
		}
		for _, last = range names {
			tell(last)
		}
	}
}
