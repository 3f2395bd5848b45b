package watcher

import (
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// readFlags open a file without waiting for the other end of a FIFO that took the file's place.
const readFlags = os.O_RDONLY | unix.O_NONBLOCK | unix.O_NOFOLLOW

// askKernel takes a read lease and releases it at once: it is refused with EAGAIN while anybody has the file open for
// writing, and with another error where leases are not to be had: EACCES for a file of another user (without
// CAP_LEASE), EINVAL on some file systems. A file server is not asked: it knows no writers on other machines, and one that
// grants no delegation refuses with EAGAIN as well. A writer who opens the file in the microseconds between waits until the
// release; the SIGIO that the kernel sends us then is ignored by Go's runtime. See fcntl(2), "Leases".
func askKernel(f *os.File) writer {
	raw, err := f.SyscallConn()
	if err != nil {
		return unsaid
	}
	answer := unsaid
	err = raw.Control(func(fd uintptr) {
		if remoteFile(int(fd)) {
			return
		}
		_, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
		if err == nil {
			unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK)
		}
		switch {
		case errors.Is(err, unix.EAGAIN):
			answer = writing
		case err == nil:
			answer = nobody
		}
	})
	if err != nil {
		return unsaid
	}
	return answer
}

// inUse tells an error of opening that means that somebody is writing.
func inUse(error) bool { return false }

// shared are file systems that other machines, or user space, change without this kernel knowing: it sends no events of
// that, and its leases say nothing about it. Numbers as in statfs(2); those without a name are VirtualBox's and VMware's.
var shared = []uint32{
	unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.NCP_SUPER_MAGIC,
	unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC, unix.CODA_SUPER_MAGIC,
	unix.CEPH_SUPER_MAGIC, unix.OCFS2_SUPER_MAGIC, 0x786f4256, 0xbacbacbc,
}

func remoteFile(fd int) bool {
	var st unix.Statfs_t
	return unix.Fstatfs(fd, &st) == nil && slices.Contains(shared, uint32(st.Type))
}

func remote(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && slices.Contains(shared, uint32(st.Type))
}
