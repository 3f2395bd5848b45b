package sink

import (
	"io/fs"
	"os"

	"pixmill/sink/ledger"
)

// Upload is what the ledger knows of an output and of what is up of it at a target; there is false where it knows of no such output.
func (s *Sink) Upload(target, path string) (o ledger.Output, up ledger.Upload, there bool, err error) {
	return s.ledger.Upload(target, path)
}

// Missing are the next n outputs behind a path that are not up at a target. What was taken over from the folders may be on its way to the
// ledger.
func (s *Sink) Missing(target, after string, n int) ([]string, error) {
	if err := s.ledger.Flush(); err != nil {
		return nil, err
	}
	return s.ledger.Missing(target, after, n)
}

// CountMissing is how many outputs are not up at a target.
func (s *Sink) CountMissing(target string) (int, error) {
	if err := s.ledger.Flush(); err != nil {
		return 0, err
	}
	return s.ledger.CountMissing(target)
}

// Uploaded notes that an output is up.
func (s *Sink) Uploaded(u ledger.Upload) error { return s.ledger.Uploaded(u) }

// OpenOutput opens an output, of whatever pipeline, as it stands.
func (s *Sink) OpenOutput(path string) (*os.File, fs.FileInfo, error) {
	b, name := s.at(path)
	root, err := b.output.open(false)
	if err != nil {
		return nil, nil, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
