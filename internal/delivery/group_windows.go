package delivery

import (
	"os/exec"
	"syscall"
)

// group keeps a Ctrl-C at the console from a command.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func endGroup(int) {}
