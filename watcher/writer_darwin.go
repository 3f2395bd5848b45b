package watcher

import (
	"slices"

	"golang.org/x/sys/unix"
)

// shared are file systems that other machines, or user space, change without an event here.
var shared = []string{"nfs", "smbfs", "afpfs", "webdav", "ftp", "macfuse", "osxfuse", "fusefs", "virtiofs", "9p"}

func remote(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && slices.Contains(shared, unix.ByteSliceToString(st.Fstypename[:]))
}
