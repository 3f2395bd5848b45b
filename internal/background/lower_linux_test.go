package background

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Lower cannot be undone without privileges, so a process of its own does it.
func TestLower(t *testing.T) {
	if os.Getenv("LOWER") != "" {
		if err := Lower(); err != nil {
			t.Fatal(err)
		}
		stat, err := os.ReadFile("/proc/self/stat")
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])) // from field 3 on (proc_pid_stat(5))
		if nice := fields[19-3]; nice != "10" {
			t.Errorf("nice is %s", nice)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLower$")
	cmd.Env = append(os.Environ(), "LOWER=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
