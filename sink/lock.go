package sink

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// lock keeps a state folder to one process. The operating system gives it back when the process ends, however that happens;
// the file holds the process's ID while it runs, and is empty after an orderly end.
type lock struct {
	file    *os.File
	unclean bool // the process before was killed, or there was none
}

// errLocked is the operating system's word for a lock that somebody holds.
var errLocked = errors.New("is locked")

// InUseError says that another process works with a state folder.
type InUseError struct{ State, PID string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s: pixmill runs already with this state folder (process %s): stop that one first, or set another `state`", e.State, e.PID)
}

func takeLock(state string) (*lock, error) {
	path := filepath.Join(state, "lock")
	_, statErr := os.Stat(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the lock cannot be taken: %w", err)
	}
	before := make([]byte, 32)
	n, _ := f.ReadAt(before, 0)
	pid := strings.TrimSpace(string(before[:n]))
	if err := tryLock(f); errors.Is(err, errLocked) {
		f.Close()
		if pid == "" {
			pid = "unknown"
		}
		return nil, &InUseError{state, pid}
	} else if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: cannot be locked: %w", path, err), f.Close())
	}
	l := &lock{file: f, unclean: pid != "" || statErr != nil}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: cannot be written: %w", path, err), f.Close())
	}
	return l, nil
}

// release gives the lock back; clean says that nothing has to be made good.
func (l *lock) release(clean bool) error {
	var err error
	if clean {
		err = l.file.Truncate(0)
	}
	return errors.Join(err, l.file.Close())
}
