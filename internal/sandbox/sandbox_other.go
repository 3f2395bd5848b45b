//go:build !linux

package sandbox

import "runtime"

// Covers says that there is nothing.
func Covers() (string, error) {
	return "", &OffError{"a process on " + runtime.GOOS + " cannot confine itself"}
}

// Confine does nothing, and says so by an *OffError.
func Confine(Policy) error {
	_, err := Covers()
	return err
}
