package background

import "golang.org/x/sys/unix"

// setpriority(2) of macOS: throttles CPU, disk and network of a process.
const (
	prioDarwinProcess = 4
	prioDarwinBG      = 0x1000
)

// Lower makes this process a background one. Errors leave the priority as it was.
func Lower() error { return unix.Setpriority(prioDarwinProcess, 0, prioDarwinBG) }
