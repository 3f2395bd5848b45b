//go:build !unix

package main

import "time"

var started = time.Now()

// cpu is wall time here.
func cpu() time.Duration { return time.Since(started) }
