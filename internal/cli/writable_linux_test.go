package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func TestWritable(t *testing.T) {
	top := t.TempDir()
	folder := func(name string, mode fs.FileMode) string {
		path := filepath.Join(top, name)
		if err := errors.Join(os.MkdirAll(path, 0o755), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := errors.Join(os.Chmod(filepath.Dir(top), 0o755), os.WriteFile(filepath.Join(top, "file"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	open, closed := folder("open", 0o777), folder("closed", 0o555)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // and never unlocked: the thread, which is nobody's from here on, ends with the goroutine
		if os.Getuid() == 0 {
			if _, _, no := syscall.RawSyscall(syscall.SYS_SETREUID, 65534, ^uintptr(0), 0); no != 0 {
				t.Errorf("becoming nobody: %v", no)
				return
			}
		}
		for path, want := range map[string]error{
			open:                              nil,
			filepath.Join(open, "new/er"):     nil,
			closed:                            fs.ErrPermission,
			filepath.Join(closed, "new/er"):   fs.ErrPermission,
			filepath.Join(top, "file"):        syscall.ENOTDIR,
			filepath.Join(top, "file", "new"): syscall.ENOTDIR,
			"/proc/self/nothing/such":         fs.ErrPermission,
		} {
			if err := writable(path); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", path, err, want)
			}
		}
	}()
	<-ended
	for _, path := range []string{filepath.Join(open, "new"), filepath.Join(closed, "new")} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was made", path)
		}
	}
}
