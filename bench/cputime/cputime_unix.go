//go:build unix

// Package cputime tells what CPU time this process has taken.
package cputime

import (
	"syscall"
	"time"
)

// Now is the time that this process has taken, user and system.
func Now() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
