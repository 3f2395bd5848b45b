package cli

import "golang.org/x/sys/unix"

// availableMemory is the machine's memory in bytes.
func availableMemory() int64 {
	if n, err := unix.SysctlUint64("hw.memsize"); err == nil {
		return int64(n)
	}
	return fallbackMemory
}
