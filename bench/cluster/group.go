package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// group is a control group of its own for some processes: their CPU time is counted, and may be limited. Making one takes root.
type group struct{ cpu, account string } // folders; the same with cgroup v2

const cgroups = "/sys/fs/cgroup"

func v1() bool {
	_, err := os.Stat(filepath.Join(cgroups, "cpu", "cgroup.procs"))
	return err == nil
}

// newGroup lets its processes have share of one CPU; 0: as much as there is.
func newGroup(name string, share float64) (group, error) {
	name = fmt.Sprintf("pixmill-bench-%d-%s", os.Getpid(), name)
	g := group{filepath.Join(cgroups, name), filepath.Join(cgroups, name)}
	if v1() {
		g = group{filepath.Join(cgroups, "cpu", name), filepath.Join(cgroups, "cpuacct", name)}
	}
	for _, dir := range []string{g.cpu, g.account} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return g, err
		}
	}
	quota := strconv.Itoa(int(share * 100_000))
	switch {
	case share == 0:
		return g, nil
	case v1():
		if err := os.WriteFile(filepath.Join(g.cpu, "cpu.shares"), []byte("20000"), 0o644); err != nil { // so that others here don't take it
			return g, err
		}
		return g, os.WriteFile(filepath.Join(g.cpu, "cpu.cfs_quota_us"), []byte(quota), 0o644)
	default:
		return g, os.WriteFile(filepath.Join(g.cpu, "cpu.max"), []byte(quota+" 100000"), 0o644)
	}
}

// command starts in the group.
func (g group) command(dir, name string, args ...string) *exec.Cmd {
	script := `for f; do case $f in --) shift; break;; esac; echo $$ >"$f/cgroup.procs"; shift; done; exec "$@"`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh", g.cpu, g.account, "--", name}, args...)...)
	cmd.Dir = dir
	return cmd
}

// used is the CPU time of all its processes.
func (g group) used() time.Duration {
	if v1() {
		text, _ := os.ReadFile(filepath.Join(g.account, "cpuacct.usage"))
		n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return time.Duration(n)
	}
	text, _ := os.ReadFile(filepath.Join(g.cpu, "cpu.stat"))
	for _, line := range strings.Split(string(text), "\n") {
		if micros, found := strings.CutPrefix(line, "usage_usec "); found {
			n, _ := strconv.ParseInt(micros, 10, 64)
			return time.Duration(n) * time.Microsecond
		}
	}
	return 0
}

func (g group) remove() {
	os.Remove(g.cpu)
	os.Remove(g.account)
}

// moved is how many bytes the loopback interface has carried; in a network namespace of our own that is our traffic alone.
func moved() int64 {
	text, _ := os.ReadFile("/proc/net/dev")
	for _, line := range strings.Split(string(text), "\n") {
		if name, figures, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "lo" {
			n, _ := strconv.ParseInt(strings.Fields(figures)[0], 10, 64)
			return n
		}
	}
	return 0
}
