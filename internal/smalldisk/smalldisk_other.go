//go:build !linux

// Package smalldisk gives tests file systems that are full soon. They take root, and are skipped without; other systems have none.
package smalldisk

import "testing"

// Mount skips the test.
func Mount(t *testing.T, _ string) string {
	t.Skip("a small file system can only be mounted on Linux; TestFullDiskIsWaitedFor of internal/pipeline holds for all")
	return ""
}

// MountAt skips the test.
func MountAt(t *testing.T, _, _ string) string { return Mount(t, "") }

// ReadOnly does nothing: there is no file system of Mount's.
func ReadOnly(*testing.T, string, bool) {}

// Quota skips the test.
func Quota(t *testing.T) string { return Mount(t, "") }
