package background

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
)

// CanReveal reports whether this user has a desktop whose file manager can be asked to show a file.
func CanReveal(context.Context) bool { return true }

// Reveal opens the Explorer at a file, whose path is absolute.
func Reveal(ctx context.Context, file string) error {
	cmd := exec.CommandContext(ctx, "explorer.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + file + `"`} // which splits it in its own way; no name has quotes
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) { // it ends with 1 whatever it did
		return nil
	}
	return err
}
