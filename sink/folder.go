package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// folder is one of the folders that pixmill writes to, opened as an os.Root when it is first written to.
type folder struct {
	path string

	mu    sync.Mutex
	root  *os.Root
	ready map[string]bool // folders below it that exist and were swept
}

// tempPrefix begins the name of every file that is not whole yet; pixmill's watcher and most site generators ignore dot files.
const tempPrefix = ".pixmill-"

var (
	tempCount atomic.Int64
	started   = time.Now()
)

// open returns the root; make says whether a folder that is not there is made.
func (f *folder) open(create bool) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		return f.root, nil
	}
	if create {
		if err := os.MkdirAll(f.path, 0o755); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	f.root, f.ready = root, map[string]bool{}
	return root, nil
}

func (f *folder) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		f.root.Close()
		f.root = nil
	}
}

func (f *folder) stat(name string) (fs.FileInfo, error) {
	root, err := f.open(false)
	if err != nil {
		return nil, err
	}
	return root.Lstat(name)
}

func (f *folder) exists(name string) bool {
	_, err := f.stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// holds reports whether a whole output of a source last changed at modTime stands under name.
func (f *folder) holds(name string, modTime time.Time) bool {
	info, err := f.stat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && sameTime(modTime, info.ModTime())
}

// sameTime compares a source's time with its output's, on a file system that may keep whole or even seconds only.
func sameTime(source, output time.Time) bool {
	if output.Nanosecond() != 0 {
		return output.Equal(source)
	}
	lost := source.Sub(output)
	return lost == 0 || lost > 0 && lost < 2*time.Second && source.Nanosecond() != 0
}

// create makes a temp file in the folder of name, and that folder if need be. It returns the temp's name.
func (f *folder) create(name string) (*os.File, string, error) {
	dir := path.Dir(name)
	temp := path.Join(dir, fmt.Sprintf("%s%d-%d.tmp", tempPrefix, os.Getpid(), tempCount.Add(1)))
	file, err := f.tryCreate(dir, temp)
	if errors.Is(err, fs.ErrNotExist) { // somebody removed the folder, or the whole output, while we run
		f.close()
		file, err = f.tryCreate(dir, temp)
	}
	return file, temp, err
}

func (f *folder) tryCreate(dir, temp string) (*os.File, error) {
	root, err := f.open(true)
	if err != nil {
		return nil, err
	}
	if err := f.prepare(root, dir); err != nil {
		return nil, err
	}
	return root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// prepare makes dir with all above it, durably, and sweeps the temp files that a killed run left there.
func (f *folder) prepare(root *os.Root, dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ready[dir] {
		return nil
	}
	if _, err := root.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for d := dir; d != "."; {
			d = path.Dir(d)
			if err := syncFolder(root, d); err != nil {
				return err
			}
		}
	}
	if err := sweep(root, dir); err != nil {
		return err
	}
	f.ready[dir] = true
	return nil
}

// sweep removes temp files that are older than this process.
func sweep(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, n := range names {
		if !strings.HasPrefix(n, tempPrefix) || !strings.HasSuffix(n, ".tmp") {
			continue
		}
		temp := path.Join(dir, n)
		if info, err := root.Lstat(temp); err == nil && info.Mode().IsRegular() && info.ModTime().Before(started) {
			if err := root.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// syncFolder makes the names in a folder durable. Windows has no such call and needs none.
func syncFolder(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
