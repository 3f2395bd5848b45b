package background

import (
	"context"
	"os/exec"
)

// CanReveal reports whether this user has a desktop whose file manager can be asked to show a file.
func CanReveal(context.Context) bool { return true }

// Reveal opens the Finder at a file, whose path is absolute.
func Reveal(ctx context.Context, file string) error {
	return exec.CommandContext(ctx, "/usr/bin/open", "-R", file).Run()
}
