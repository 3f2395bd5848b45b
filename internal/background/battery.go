package background

import (
	"io/fs"
	"path"
	"strings"
)

// discharging reads Linux' account of power supplies (Documentation/ABI/testing/sysfs-class-power): the machine runs on a battery when one
// of its own discharges and no mains is online. Batteries of mice and headsets have the scope "Device".
func discharging(supplies fs.FS) bool {
	dirs, _ := fs.ReadDir(supplies, ".") // none: a machine without
	battery := false
	for _, d := range dirs {
		say := func(name string) string {
			text, _ := fs.ReadFile(supplies, path.Join(d.Name(), name))
			return strings.TrimSpace(string(text))
		}
		switch say("type") {
		case "Mains", "USB":
			if say("online") == "1" {
				return false
			}
		case "Battery":
			battery = battery || say("scope") != "Device" && say("status") == "Discharging"
		}
	}
	return battery
}
