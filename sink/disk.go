package sink

import (
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"time"
)

// disk is what the sink does to file systems, call by call: the seam at which tests make calls fail and record them. Names are below
// their root.
type disk interface {
	MakeFolder(path string) error // its parent is there
	Mkdir(root *os.Root, name string) error
	Create(root *os.Root, name string) (file, error) // a new file, open for writing
	Append(path string) (file, error)                // a file that may be there already
	Chtimes(root *os.Root, name string, t time.Time) error
	Rename(root *os.Root, from, to string) error
	Link(from *os.Root, old string, to *os.Root, name string) error
	Remove(root *os.Root, name string) error
	SyncFolder(root *os.Root, name string) error // makes the names in a folder durable
	SyncPath(path string) error                  // the same for a folder that is no root
}

type file interface {
	io.WriteCloser
	Sync() error
}

// system is the operating system's.
type system struct{}

func (system) MakeFolder(path string) error           { return os.Mkdir(path, 0o755) }
func (system) Mkdir(root *os.Root, name string) error { return root.Mkdir(name, 0o755) }

func (system) Create(root *os.Root, name string) (file, error) {
	return given(root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644))
}

func (system) Append(path string) (file, error) {
	return given(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644))
}

// given keeps a nil *os.File from becoming an interface that is not nil.
func given(f *os.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (system) Chtimes(root *os.Root, name string, t time.Time) error {
	if last := time.Unix(0, math.MaxInt64); t.After(last) { // which would become one before 1970
		t = last
	}
	return root.Chtimes(name, time.Time{}, t)
}

func (system) Rename(root *os.Root, from, to string) error {
	return patiently(func() error { return root.Rename(from, to) })
}

func (system) Link(from *os.Root, old string, to *os.Root, name string) error {
	if from == to {
		return from.Link(old, name)
	}
	return hardLink(from, old, to, name)
}

func (system) Remove(root *os.Root, name string) error {
	return patiently(func() error { return root.Remove(name) })
}

// Windows has no call that makes the names in a folder durable, and needs none.
func (system) SyncFolder(root *os.Root, name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (system) SyncPath(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
