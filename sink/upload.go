package sink

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"pixmill/sink/ledger"
)

// Upload is what the ledger knows of an output and of what is up of it at a target; there is false where it knows of no such output.
func (s *Sink) Upload(target, path string) (o ledger.Output, up ledger.Upload, there bool, err error) {
	return s.ledger.Upload(target, path)
}

// Missing are the next n outputs behind a path that are not up at a target, but those of absent pipelines. What was taken over from the folders may be on its way to the
// ledger.
func (s *Sink) Missing(target, after string, n int) ([]string, error) {
	if err := s.ledger.Flush(); err != nil {
		return nil, err
	}
	return s.ledger.Missing(target, after, n, s.notHere()...)
}

// CountMissing is how many there are of them.
func (s *Sink) CountMissing(target string) (int, error) {
	if err := s.ledger.Flush(); err != nil {
		return 0, err
	}
	return s.ledger.CountMissing(target, s.notHere()...)
}

// Uploaded notes that an output is up.
func (s *Sink) Uploaded(u ledger.Upload) error { return s.ledger.Uploaded(u) }

// Orphans are the next n paths behind one under which something is up at a target that is no output any more.
func (s *Sink) Orphans(target, after string, n int) ([]string, error) {
	if err := s.ledger.Flush(); err != nil {
		return nil, err
	}
	return s.ledger.Orphans(target, after, n)
}

// Withdraw has what is up under a path at a target removed, unless it is an output, or about to become one; nobody claims the path meanwhile. After a crash
// the ledger knows at least that what is up is not to be relied on.
func (s *Sink) Withdraw(target, path string, remove func() error) error {
	key := s.key(path)
	s.mu.Lock()
	_, claimed := s.claims[key]
	if claimed || s.leaving[key] {
		s.mu.Unlock()
		return nil
	}
	s.leaving[key] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.leaving, key)
		s.left.Broadcast()
	}()
	if err := s.ledger.Flush(); err != nil {
		return err
	}
	if _, known, err := s.ledger.Owner(path); known || err != nil {
		return err
	}
	if err := s.ledger.Uploaded(ledger.Upload{Target: target, Path: path}); err != nil {
		return err
	}
	if err := remove(); err != nil {
		return err
	}
	return s.ledger.Withdrawn(target, path)
}

// await waits until nothing is withdrawn under names. The caller holds mu.
func (s *Sink) await(names []string) {
	for slices.ContainsFunc(names, func(name string) bool { return s.leaving[s.key(name)] }) {
		s.left.Wait()
	}
}

// OpenManifest opens a pipeline's manifest as it is now: what it names then is in the ledger. It is nil where there is to be none.
func (s *Sink) OpenManifest(pipeline string) (*os.File, error) {
	b := s.branch(pipeline)
	if b.site == nil {
		return nil, nil
	}
	if err := s.refresh(b); err != nil {
		return nil, err
	}
	root, err := b.site.folder.open(false)
	if err != nil {
		return nil, err
	}
	return root.Open(filepath.Base(b.Manifest.File))
}

// UploadedHash is the hash of what is up at a target under a path that is no output's; "": nothing is known to be.
func (s *Sink) UploadedHash(target, path string) (string, error) {
	return s.ledger.UploadedHash(target, path)
}

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
