//go:build linux || darwin || freebsd || netbsd || openbsd

package sink

import (
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// hardLink links a file of one root into another one, which os.Root itself cannot: through the two folders' descriptors, so
// that no symbolic link on the way leads out of either.
func hardLink(from *os.Root, oldName string, to *os.Root, newName string) error {
	oldDir, err := from.Open(path.Dir(oldName))
	if err != nil {
		return err
	}
	defer oldDir.Close()
	newDir, err := to.Open(path.Dir(newName))
	if err != nil {
		return err
	}
	defer newDir.Close()
	err = unix.Linkat(int(oldDir.Fd()), path.Base(oldName), int(newDir.Fd()), path.Base(newName), 0)
	if err != nil {
		return &os.LinkError{Op: "link", Old: oldName, New: newName, Err: err}
	}
	return nil
}
