//go:build !linux && !darwin && !windows

package background

// OnBattery is not known for this system.
func OnBattery() bool { return false }
