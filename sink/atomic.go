package sink

import (
	"errors"
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
		err = f.disk.Chtimes(root, temp, modTime)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return temp, err
	}
	if runtime.GOOS == "windows" { // closing a handle that wrote sets the time anew there
		err = f.disk.Chtimes(root, temp, modTime)
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
		err = f.publish(root, temp, name)
	}
	if rmErr := f.disk.Remove(root, temp); !errors.Is(rmErr, fs.ErrNotExist) {
		err = errors.Join(err, rmErr)
	}
	if err != nil {
		return err
	}
	return f.disk.SyncFolder(root, path.Dir(name))
}

// publish gives a temp its final name without replacing anything. The temp may be left under its old name too.
func (f *folder) publish(root *os.Root, temp, name string) error {
	err := f.disk.Link(root, temp, root, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links (FAT, exFAT, some network shares).
	if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fs.ErrExist)
	}
	return f.disk.Rename(root, temp, name)
}
