// Command pixmill, as main.go, that writes down what it spends: the CPU profile of all its life into $PROFILE/cpu, and what was allocated into
// $PROFILE/allocs. bench/dashboard-profile.sh builds it in main.go's place.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"

	"pixmill/internal/cli"
)

func main() {
	code, err := profiled(os.Getenv("PROFILE"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "pixmill:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func profiled(dir string) (int, error) {
	cpu, err := os.Create(filepath.Join(dir, "cpu"))
	if err != nil {
		return 0, err
	}
	defer cpu.Close()
	allocs, err := os.Create(filepath.Join(dir, "allocs")) // now: the sandbox leaves no other files than those that are open
	if err != nil {
		return 0, err
	}
	defer allocs.Close()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return 0, err
	}
	code := cli.Main(os.Args)
	pprof.StopCPUProfile()
	return code, pprof.Lookup("allocs").WriteTo(allocs, 0)
}
