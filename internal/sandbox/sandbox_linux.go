package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/landlock-lsm/go-landlock/landlock"
	kernel "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Rights over folders; of those for writing, links and renames from folder to folder only where the kernel knows them (Landlock 2).
const (
	readFile    = kernel.AccessFSReadFile
	readFolder  = readFile | kernel.AccessFSReadDir
	writeFolder = readFolder | kernel.AccessFSWriteFile | kernel.AccessFSTruncate | kernel.AccessFSMakeReg | kernel.AccessFSMakeDir |
		kernel.AccessFSRemoveFile | kernel.AccessFSRemoveDir
)

// What Landlock's versions brought.
const (
	withRefer   = 2
	withTCP     = 4
	withScope   = 6
	withSockets = 9
)

// resolving are the files that looking up a machine's name and checking its certificate take.
var resolving = []string{
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/gai.conf", "/run/systemd/resolve", "/run/NetworkManager",
	"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/certs",
}

// version is Landlock's in this kernel; 0: none.
func version() int {
	v, err := kernel.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return v
}

// Covers says what this kernel can confine, or by an *OffError why nothing.
func Covers() (string, error) {
	v := version()
	switch {
	case v < 1:
		return "", &OffError{"this kernel has no Landlock: Linux 5.13 or newer has it, where `landlock` is among its lsm= modules"}
	case v < withTCP:
		return fmt.Sprintf("files (Landlock %d; the network needs Linux 6.7)", v), nil
	case v < withScope:
		return fmt.Sprintf("files and network (Landlock %d)", v), nil
	}
	return fmt.Sprintf("files, network and signals (Landlock %d)", v), nil
}

// Confine restricts all threads to the policy, as far as this kernel can, and sees to it that no program started by them gains privileges.
// Where the kernel has no Landlock the error is an *OffError. It cannot be undone; a second call can only take more.
func Confine(p Policy) error {
	if err := kernel.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("the sandbox cannot be made: no_new_privs: %w", err)
	}
	if _, err := Covers(); err != nil {
		return err
	}
	config := landlock.V11
	if p.AnyNet {
		config.HandledAccessNet = 0
	}
	if err := config.BestEffort().Restrict(p.rules()...); err != nil {
		return fmt.Errorf("the sandbox cannot be made: %w", err)
	}
	return nil
}

func (p Policy) rules() []landlock.Rule {
	write := landlock.AccessFSSet(writeFolder)
	if version() >= withRefer {
		write |= kernel.AccessFSRefer
	}
	rules := []landlock.Rule{landlock.PathAccess(write, p.Write...)}
	read := slices.Clone(p.Read)
	for _, path := range p.Read {
		if above := filepath.Dir(path); mounted(path, above) {
			read = append(read, above)
		}
	}
	if len(p.Connect) > 0 || p.AnyNet {
		read = append(read, resolving...)
	}
	for _, path := range read {
		info, err := os.Stat(path)
		switch {
		case err != nil: // nothing to be read there
		case info.IsDir():
			rules = append(rules, landlock.PathAccess(readFolder, path))
		default:
			rules = append(rules, landlock.PathAccess(readFile, path))
		}
	}
	for _, path := range p.Sockets {
		rules = append(rules, landlock.PathAccess(kernel.AccessFSResolveUnix, path).IgnoreIfMissing())
	}
	if p.AnyNet {
		return rules
	}
	for _, port := range p.Bind {
		rules = append(rules, landlock.BindTCP(port))
	}
	for _, port := range p.Connect {
		rules = append(rules, landlock.ConnectTCP(port))
	}
	if len(p.Connect) > 0 { // names are asked for by UDP, from any port
		rules = append(rules, landlock.ConnectTCP(53), landlock.ConnectSendUDP(53), landlock.BindUDP(0))
	}
	return rules
}

// mounted says whether another file system than that of the folder above it lies at a path.
func mounted(path, above string) bool {
	var here, there unix.Stat_t
	return unix.Stat(path, &here) == nil && unix.Stat(above, &there) == nil && here.Dev != there.Dev
}
