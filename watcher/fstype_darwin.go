package watcher

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// silent reports whether a folder's file system sends no events of what others do to it (statfs(2), f_fstypename).
func silent(folder string) bool {
	var st unix.Statfs_t
	if unix.Statfs(folder, &st) != nil {
		return false
	}
	name := unix.ByteSliceToString(st.Fstypename[:])
	return slices.Contains([]string{"nfs", "smbfs", "afpfs", "webdav"}, name) || strings.Contains(name, "fuse")
}
