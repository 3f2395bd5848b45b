package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"
)

// folder is one of the folders that pixmill writes to, opened as an os.Root when it is first asked for.
type folder struct {
	path string
	disk disk
	flat bool // nothing is written to the folders in it

	mu    sync.Mutex
	root  *os.Root
	ready map[string]bool // folders below it that are there, durably

	folds sync.Once
	fold  bool // names that differ only in case, or in how letters are composed, are one
}

// tempPrefix begins the name of every file that is not whole yet; pixmill's watcher and most site generators ignore dot files.
const tempPrefix = ".pixmill-"

var (
	tempCount atomic.Int64
	started   = time.Now()
)

// open returns the root; create says whether a folder that is not there is made.
func (f *folder) open(create bool) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		return f.root, nil
	}
	if create {
		if err := makeFolders(f.disk, f.path); err != nil {
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

// makeFolders makes a folder with all above it, durably.
func makeFolders(d disk, folder string) error {
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(folder)
	if parent == folder {
		return fmt.Errorf("%s: %w", folder, fs.ErrNotExist)
	}
	if err := makeFolders(d, parent); err != nil {
		return err
	}
	if err := d.MakeFolder(folder); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return errors.Join(err, fmt.Errorf("%s is not a folder", folder))
	}
	return d.SyncPath(parent)
}

// blame names the folder and the remedy where it may not be written to.
func (f *folder) blame(err error) error {
	var path *fs.PathError
	switch {
	case !errors.Is(err, fs.ErrPermission) || !errors.As(err, &path):
		return err
	default:
		return fmt.Errorf("%s: %w: may the user that runs pixmill write there?", f.path, path.Err)
	}
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

// holds reports whether a whole output of a source last changed at modTime stands under name, and its size.
func (f *folder) holds(name string, modTime time.Time) (int64, bool) {
	info, err := f.stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 || !sameTime(modTime, info.ModTime()) {
		return 0, false
	}
	return info.Size(), true
}

// What a file system cannot keep becomes the nearest that it can: FAT has no time before 1980 (in whatever zone), others none after January
// 2038, and Chtimes none after 2262.
var (
	firstTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Unix(math.MaxInt32, 0)
)

// sameTime compares a source's time with its output's, on a file system that may keep whole or even seconds only, and not of every year.
func sameTime(source, output time.Time) bool {
	switch {
	case source.Before(output) && output.Sub(firstTime).Abs() <= 14*time.Hour, source.After(output) && !output.Before(lastTime):
		return true
	case output.Nanosecond() != 0:
		return output.Equal(source)
	}
	lost := source.Sub(output)
	return lost == 0 || lost > 0 && lost < 2*time.Second && source.Nanosecond() != 0
}

// key is what two names have in common that are one name there. Windows and macOS keep the case of names, and do not tell them apart by it.
func (f *folder) key(name string) string {
	f.folds.Do(func() { f.fold = f.fold || foldsCase(f.path) })
	if !f.fold {
		return name
	}
	return strings.ToLower(norm.NFC.String(name))
}

// foldsCase reports whether a folder, as long as it is there, is found by its name in the other case too.
func foldsCase(folder string) bool {
	dir, name := filepath.Split(folder)
	other := strings.ToUpper(name)
	if other == name {
		other = strings.ToLower(name)
	}
	info, err := os.Stat(folder)
	if err != nil || other == name {
		return runtime.GOOS == "windows" || runtime.GOOS == "darwin"
	}
	there, err := os.Stat(filepath.Join(dir, other))
	return err == nil && os.SameFile(info, there)
}

// follow lets go of a root that somebody moved away: what is written is to be found where the config says. Who is at work on it finds its temp
// gone, and tries again.
func (f *folder) follow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root == nil {
		return
	}
	was, err := f.root.Stat(".")
	if err != nil {
		return
	}
	if is, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(is, was) {
		f.root = nil // closing it is left to its last user
	}
}

// create makes a temp file in the folder of name, and that folder if need be. It returns the temp's name.
func (f *folder) create(name string) (file, string, error) {
	dir := path.Dir(name)
	temp := path.Join(dir, fmt.Sprintf("%s%d-%d.tmp", tempPrefix, os.Getpid(), tempCount.Add(1)))
	f.follow()
	file, err := f.tryCreate(dir, temp)
	if errors.Is(err, fs.ErrNotExist) { // somebody removed the folder, or the whole output, while we run
		f.close()
		file, err = f.tryCreate(dir, temp)
	}
	return file, temp, err
}

func (f *folder) tryCreate(dir, temp string) (file, error) {
	root, err := f.open(true)
	if err != nil {
		return nil, err
	}
	if err := f.prepare(root, dir); err != nil {
		return nil, err
	}
	return f.disk.Create(root, temp)
}

// prepare makes dir with all above it, durably.
func (f *folder) prepare(root *os.Root, dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.makeDir(root, dir)
}

func (f *folder) makeDir(root *os.Root, dir string) error {
	if dir == "." || f.ready[dir] {
		return nil
	}
	if err := f.makeDir(root, path.Dir(dir)); err != nil {
		return err
	}
	if _, err := root.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := f.disk.Mkdir(root, dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	// One that was there may be from a run that was killed before it could do this.
	if err := f.disk.SyncFolder(root, path.Dir(dir)); err != nil {
		return err
	}
	f.ready[dir] = true
	return nil
}

// sweep removes the temp files below the folder that are older than this process.
func (f *folder) sweep() error {
	root, err := f.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if f.flat && d.IsDir() && name != "." {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() || !strings.HasPrefix(d.Name(), tempPrefix) || !strings.HasSuffix(d.Name(), ".tmp") {
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().Before(started) {
			if err := f.disk.Remove(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}
