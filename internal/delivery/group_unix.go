//go:build unix

package delivery

import (
	"os/exec"
	"syscall"
)

// group gives a command a process group of its own; when its context ends, the group is asked to end.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// endGroup kills what is left of the group of a command that was asked to end.
func endGroup(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL) // its error: there is nobody left
}
