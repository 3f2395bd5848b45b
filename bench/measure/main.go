// Command measure runs a command and prints what it took, by the operating system's own account: CPU seconds, wall seconds
// and peak resident memory.
//
//	go run -C bench ./measure pixmill run
package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: measure COMMAND [ARG...]")
		os.Exit(2)
	}
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "cpu %.2f s (user %.2f, system %.2f)  wall %.2f s  peak RSS %s\n",
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), cmd.ProcessState.UserTime().Seconds(),
		cmd.ProcessState.SystemTime().Seconds(), wall.Seconds(), peak(cmd.ProcessState))
	os.Exit(cmd.ProcessState.ExitCode())
}
