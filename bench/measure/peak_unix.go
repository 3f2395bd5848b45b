//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// peak is the process's largest resident set, from getrusage.
func peak(s *os.ProcessState) string {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return "unknown"
	}
	bytes := int64(usage.Maxrss)
	if runtime.GOOS == "linux" {
		bytes *= 1024
	}
	return fmt.Sprintf("%d MB", bytes/1e6)
}
