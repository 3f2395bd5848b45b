//go:build unix

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
)

var fleetSkew = flag.Duration("fleet.skew", 0, "how wrong the clocks of TestFleet's members are, each in its own way; for a test that is built as bench/chaos.sh does")

// skewClocks lets a third of the members be behind, a third right and a third ahead, in this order; neighbours are never alike.
func (f *fleet) skewClocks() {
	if *fleetSkew == 0 {
		return
	}
	for i, m := range f.all() {
		m.skew = *fleetSkew * time.Duration(i%3-1)
		cmd := exec.Command("clock")
		cmd.Env = m.env()
		out, err := cmd.Output()
		f.must(err)
		says, err := time.Parse(time.RFC3339, string(out))
		f.must(err)
		if off := time.Until(says) - m.skew; off.Abs() > time.Minute {
			f.Fatalf("%s's clock is to be wrong by %s and is by %s: build the test as bench/chaos.sh does", m.name, m.skew, m.skew+off)
		}
	}
}

func (m *member) env() []string {
	return append(os.Environ(), fmt.Sprint("PIXMILL_SKEW=", int(m.skew.Seconds())))
}
