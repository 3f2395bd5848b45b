//go:build !linux

package pipeline

import "testing"

func mountSmall(t *testing.T, _ string) string {
	t.Skip("a small file system can only be mounted on Linux; TestFullDiskIsWaitedFor holds for all")
	return ""
}

func readOnly(*testing.T, string, bool) {}

func mountQuota(t *testing.T) string { return mountSmall(t, "") }

func mountAt(t *testing.T, _, _ string) string { return mountSmall(t, "") }
