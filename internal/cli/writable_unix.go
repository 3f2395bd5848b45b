//go:build unix

package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// writable says why this user could not write to a folder, or make it where it is not there; it touches nothing.
func writable(folder string) error {
	info, err := os.Stat(folder)
	switch above := filepath.Dir(folder); {
	case errors.Is(err, fs.ErrNotExist) && above != folder:
		return writable(above)
	case err != nil:
		return err
	case !info.IsDir():
		return syscall.ENOTDIR
	}
	return unix.Access(folder, unix.W_OK|unix.X_OK)
}
