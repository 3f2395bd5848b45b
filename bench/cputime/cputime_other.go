//go:build !unix

// Package cputime tells what CPU time this process has taken.
package cputime

import "time"

var started = time.Now()

// Now is wall time here.
func Now() time.Duration { return time.Since(started) }
