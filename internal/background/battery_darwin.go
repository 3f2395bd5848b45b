package background

import (
	"os/exec"
	"strings"
)

// OnBattery reports whether the machine runs on its battery; where that is not known, it does not.
func OnBattery() bool {
	out, err := exec.Command("/usr/bin/pmset", "-g", "batt").Output()
	return err == nil && strings.Contains(string(out), "'Battery Power'")
}
