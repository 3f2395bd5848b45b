package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Command is a program to be run, without a shell.
type Command struct {
	Args    []string // the program and its arguments
	Dir     string   // it runs in; "": ours
	Env     []string // "key=value", beside our own environment
	Timeout time.Duration
}

// grace is how long a command has between being asked to end and being killed.
const grace = 2 * time.Second

// Run runs a command to its end. It has a process group of its own, so that a Ctrl-C at the terminal is not meant for it; when ctx or its
// time is over, the whole group is ended. An error tells the exit code and the last lines of what it wrote to stderr.
func (c Command) Run(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	var said tail
	cmd.Stderr = &said
	group(cmd)
	cmd.WaitDelay = grace
	err := cmd.Run()
	if limited.Err() != nil && cmd.Process != nil {
		endGroup(cmd.Process.Pid)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		err = fmt.Errorf("not done after %s, ended", c.Timeout)
	case errors.Is(err, exec.ErrWaitDelay): // it is done, and has left something behind that held stderr open
		return nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		err = fmt.Errorf("exit code %d", exit.ExitCode())
	}
	if last := said.last(5); last != "" {
		return fmt.Errorf("%s: %w: %s", c.Args[0], err, last)
	}
	return fmt.Errorf("%s: %w", c.Args[0], err)
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

const mostKept = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - mostKept; extra > 0 {
		t.kept = slices.Delete(t.kept, 0, extra)
	}
	return len(p), nil
}

// last joins the last n lines that are not empty.
func (t *tail) last(n int) string {
	var lines []string
	for line := range bytes.Lines(t.kept) {
		if line := strings.TrimSpace(strings.ToValidUTF8(string(line), "�")); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
