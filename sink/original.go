package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// part lets an original meet its fate. It touches nothing that changed since it was read.
func (s *Sink) part(src Source, fate Fate, rec Record) error {
	if !src.Inbox || fate == Keep {
		return nil
	}
	info, err := src.Root.Lstat(src.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody took it meanwhile
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != src.Size || !info.ModTime().Equal(src.ModTime) {
		return errors.New("it changed while it was worked on")
	}
	var name string
	switch fate {
	case Archive:
		if name, err = s.of(src).archive.take(src); err == nil {
			err = s.of(src).archive.takeSidecar(src, name)
		}
	case Quarantine:
		if name, err = s.of(src).quarantine.take(src); err == nil {
			err = errors.Join(s.of(src).quarantine.takeSidecar(src, name), s.of(src).quarantine.explain(name, rec))
		}
	}
	if err != nil {
		return err
	}
	if err := s.disk.Remove(src.Root, src.Path); err != nil {
		return err
	}
	if src.Sidecar {
		if err := s.disk.Remove(src.Root, src.Path+sidecarExt); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.disk.SyncFolder(src.Root, path.Dir(src.Path))
}

// take gives an original a second name below the folder, the first of name, name~2, name~3 … that is free, and returns it.
// The original keeps its first name: whoever crashes now has it twice, not never, and the next take finds it there.
func (f *folder) take(src Source) (string, error) {
	f.follow()
	root, err := f.open(true)
	if err != nil {
		return "", err
	}
	for n := 1; n < 10_000; n++ {
		name := nth(src.Path, n)
		if info, err := root.Lstat(name); err == nil {
			if taken, err := sameFile(src, root, name, info); taken || err != nil {
				return name, errors.Join(err, f.disk.SyncFolder(root, path.Dir(name)))
			}
			continue
		}
		err := f.link(root, src, name)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", fmt.Errorf("%s holds 10,000 files named %s already: move them elsewhere", f.path, src.Path)
}

// sidecarExt follows the whole name of an original in that of the file that says something of it.
const sidecarExt = ".toml"

// takeSidecar gives what lies beside an original its place beside the original's new name.
func (f *folder) takeSidecar(src Source, name string) error {
	if !src.Sidecar {
		return nil
	}
	root, err := f.open(true)
	if err != nil {
		return err
	}
	src.Path += sidecarExt
	info, err := src.Root.Stat(src.Path)
	if err == nil {
		src.ModTime = info.ModTime()
		err = f.link(root, src, name+sidecarExt)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) { // taken already, by who was killed after that
		return nil
	}
	return err
}

// sameFile reports whether an original was taken already: it is the same file, or a copy with the same time.
func sameFile(src Source, root *os.Root, name string, there fs.FileInfo) (bool, error) {
	here, err := src.Root.Lstat(src.Path)
	if err != nil {
		return false, err
	}
	if os.SameFile(here, there) {
		return true, nil
	}
	if !there.Mode().IsRegular() || there.Size() != src.Size || !sameTime(src.ModTime, there.ModTime()) {
		return false, nil
	}
	a, err := src.Root.Open(src.Path)
	if err != nil {
		return false, err
	}
	defer a.Close()
	b, err := root.Open(name)
	if err != nil {
		return false, err
	}
	defer b.Close()
	return sameContent(a, b)
}

func sameContent(a, b io.Reader) (bool, error) {
	one, two := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(a, one)
		m, errB := io.ReadFull(b, two)
		if !bytes.Equal(one[:n], two[:m]) {
			return false, nil
		}
		for _, err := range []error{errA, errB} {
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				return false, err
			}
		}
		if errA != nil || errB != nil {
			return errA != nil && errB != nil, nil
		}
	}
}

// link puts an original at name: by a hard link where both are on one file system, else as a copy.
func (f *folder) link(root *os.Root, src Source, name string) error {
	if err := f.prepare(root, path.Dir(name)); err != nil {
		return err
	}
	err := f.disk.Link(src.Root, src.Path, root, name)
	if err == nil {
		return f.disk.SyncFolder(root, path.Dir(name))
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	file, err := src.Root.Open(src.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f.put(name, file, src.ModTime)
}

// Restore takes an original back from quarantine to the path it had in the inbox, and reports whether it was there. The file in the
// quarantine of the same name may be another one; size and time tell.
func (s *Sink) Restore(src Source) (bool, error) {
	from, err := s.of(src).quarantine.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	name, ok := second(from, src)
	if !ok {
		return false, nil
	}
	inbox := folder{path: src.Root.Name(), disk: s.disk}
	defer inbox.close()
	to, err := inbox.open(false)
	if err != nil {
		return false, err
	}
	moved := src
	moved.Root, moved.Path = from, name
	if err := inbox.link(to, moved, src.Path); err != nil {
		return false, err
	}
	if info, err := from.Stat(name + sidecarExt); err == nil {
		moved.Path, moved.ModTime = name+sidecarExt, info.ModTime()
		if err := inbox.link(to, moved, src.Path+sidecarExt); err != nil && !errors.Is(err, fs.ErrExist) {
			return false, err
		}
	}
	for _, n := range []string{name, name + sidecarExt, name + ".json"} {
		if err := s.disk.Remove(from, n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
	}
	return true, s.disk.SyncFolder(from, path.Dir(name))
}

// Archived is the path below the archive of an original that left the inbox.
func (s *Sink) Archived(src Source) (name string, ok bool) {
	root, err := s.of(src).archive.open(false)
	if err != nil {
		return "", false
	}
	return second(root, src)
}

// Quarantined is the path below the quarantine of an original that left the inbox.
func (s *Sink) Quarantined(src Source) (name string, ok bool) {
	root, err := s.of(src).quarantine.open(false)
	if err != nil {
		return "", false
	}
	return second(root, src)
}

// OpenArchived opens an original that left the inbox for the archive.
func (s *Sink) OpenArchived(src Source) (*os.File, error) {
	name, ok := s.Archived(src)
	if !ok {
		return nil, fmt.Errorf("%s: %w", src.Path, fs.ErrNotExist)
	}
	root, err := s.of(src).archive.open(false)
	if err != nil {
		return nil, err
	}
	return root.Open(name)
}

// second finds the name that take gave an original, by its size and time.
func second(root *os.Root, src Source) (string, bool) {
	for n := 1; n < 10_000; n++ {
		name := nth(src.Path, n)
		info, err := root.Lstat(name)
		if err != nil {
			return "", false
		}
		if info.Mode().IsRegular() && info.Size() == src.Size && sameTime(src.ModTime, info.ModTime()) {
			return name, true
		}
	}
	return "", false
}

// nth is name, name~2, name~3 …
func nth(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := path.Ext(name)
	return fmt.Sprintf("%s~%d%s", name[:len(name)-len(ext)], n, ext)
}

// explain writes the record of a quarantined file beside it.
func (f *folder) explain(name string, rec Record) error {
	text, err := rec.indented()
	if err != nil {
		return err
	}
	name += ".json"
	temp, err := f.writeTemp(name, bytes.NewReader(text), rec.Time)
	root, openErr := f.open(false)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	if err == nil {
		err = f.disk.Rename(root, temp, name)
	}
	if err != nil {
		if temp != "" {
			f.disk.Remove(root, temp)
		}
		return err
	}
	return f.disk.SyncFolder(root, path.Dir(name))
}
