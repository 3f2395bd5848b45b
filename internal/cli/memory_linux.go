package cli

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// availableMemory is the machine's memory or, where it is less, what the cgroup allows, in bytes.
func availableMemory() int64 {
	var info unix.Sysinfo_t
	total := int64(fallbackMemory)
	if unix.Sysinfo(&info) == nil {
		total = int64(info.Totalram) * int64(info.Unit)
	}
	return min(total, cgroupMemory(total))
}

// cgroupMemory is the least limit of this process's cgroup (v2) and those above it, or of the v1 memory controller.
func cgroupMemory(least int64) int64 {
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return least
	}
	for _, line := range strings.Split(string(self), "\n") {
		id, rest, _ := strings.Cut(line, ":")
		controllers, dir, _ := strings.Cut(rest, ":")
		root, file := "/sys/fs/cgroup", "memory.max"
		switch {
		case id == "0":
		case strings.Contains(controllers, "memory"):
			root, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		for ; ; dir = dir[:max(strings.LastIndexByte(dir, '/'), 0)] {
			text, err := os.ReadFile(root + dir + "/" + file)
			if n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil && n > 0 {
				least = min(least, n)
			}
			if dir == "" {
				break
			}
		}
	}
	return least
}
