//go:build !(linux || darwin || windows)

package cli

// availableMemory is not asked of the system here.
func availableMemory() int64 { return fallbackMemory }
