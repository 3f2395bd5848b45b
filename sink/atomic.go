package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"time"
)

// writeTemp writes what r gives, durably, to a temp file in the folder of name, with a modification time. It returns the
// temp's name as soon as there is one, for the caller to rename or remove.
func (f *folder) writeTemp(name string, r io.Reader, modTime time.Time) (string, error) {
	file, temp, err := f.create(name)
	if err != nil {
		return "", err
	}
	root, err := f.open(false)
	if err != nil {
		return temp, errors.Join(err, file.Close())
	}
	_, err = io.Copy(file, r)
	if err == nil {
		err = root.Chtimes(temp, time.Time{}, modTime)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return temp, err
	}
	if runtime.GOOS == "windows" { // closing a handle that wrote sets the time anew there
		err = root.Chtimes(temp, time.Time{}, modTime)
	}
	return temp, err
}

// put writes one whole file under a name that must be free: fs.ErrExist if it is not.
func (f *folder) put(name string, r io.Reader, modTime time.Time) error {
	temp, err := f.writeTemp(name, r, modTime)
	if temp == "" {
		return err
	}
	root, openErr := f.open(false)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	if err == nil {
		err = publish(root, temp, name)
	}
	if rmErr := root.Remove(temp); !errors.Is(rmErr, fs.ErrNotExist) {
		err = errors.Join(err, rmErr)
	}
	if err != nil {
		return err
	}
	return syncFolder(root, path.Dir(name))
}

// publish gives a temp its final name without replacing anything. The temp may be left under its old name too.
func publish(root *os.Root, temp, name string) error {
	err := root.Link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links (FAT, exFAT, some network shares).
	if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fs.ErrExist)
	}
	return root.Rename(temp, name)
}

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
	switch fate {
	case Archive:
		_, err = s.archive.take(src)
	case Quarantine:
		var name string
		if name, err = s.quarantine.take(src); err == nil {
			err = s.quarantine.explain(name, rec)
		}
	}
	if err != nil {
		return err
	}
	if err := src.Root.Remove(src.Path); err != nil {
		return err
	}
	return syncFolder(src.Root, path.Dir(src.Path))
}

// take gives an original a second name below the folder, the first of name, name~2, name~3 … that is free, and returns it.
// The original keeps its first name: whoever crashes now has it twice, not never.
func (f *folder) take(src Source) (string, error) {
	root, err := f.open(true)
	if err != nil {
		return "", err
	}
	ext := path.Ext(src.Path)
	base := src.Path[:len(src.Path)-len(ext)]
	for n := 1; n < 10_000; n++ {
		name := src.Path
		if n > 1 {
			name = fmt.Sprintf("%s~%d%s", base, n, ext)
		}
		if _, err := root.Lstat(name); err == nil {
			continue
		}
		err := f.link(root, src, name)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", fmt.Errorf("%s holds 10,000 files named %s already: move them elsewhere", f.path, src.Path)
}

// link puts an original at name: by a hard link where both are on one file system, else as a copy.
func (f *folder) link(root *os.Root, src Source, name string) error {
	if err := f.prepare(root, path.Dir(name)); err != nil {
		return err
	}
	err := hardLink(src.Root, src.Path, root, name)
	if err == nil {
		return syncFolder(root, path.Dir(name))
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

// explain writes the record of a quarantined file beside it.
func (f *folder) explain(name string, rec Record) error {
	text, err := rec.indented()
	if err != nil {
		return err
	}
	name += ".json"
	temp, err := f.writeTemp(name, bytes.NewReader(text), rec.Time)
	if err != nil {
		return err
	}
	root, err := f.open(false)
	if err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return syncFolder(root, path.Dir(name))
}
