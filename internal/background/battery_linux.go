package background

import "os"

// OnBattery reports whether the machine runs on its battery; where that is not known, it does not.
func OnBattery() bool { return discharging(os.DirFS("/sys/class/power_supply")) }
