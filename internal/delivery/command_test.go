//go:build unix

package delivery

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sh(script string, args ...string) Command {
	return Command{Args: append([]string{"sh", "-c", script, "sh"}, args...), Timeout: time.Minute}
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	c := sh(`printf '%s|' "$KEY" "$PWD" "$@" >out`, "a b", "$(touch x)", "")
	c.Dir, c.Env = dir, []string{"KEY=v=1"}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(filepath.Join(dir, "out"))
	if want := "v=1|" + dir + "|a b|$(touch x)||"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommandFails(t *testing.T) {
	for name, test := range map[string]struct {
		command Command
		want    string
	}{
		"code":    {sh("exit 7"), "sh: exit code 7"},
		"stderr":  {sh("for i in 1 2 3 4 5 6 7; do echo line $i; echo; done >&2; exit 1"), "sh: exit code 1: line 3 | line 4 | line 5 | line 6 | line 7"},
		"long":    {sh("i=0; while [ $i -lt 9000 ]; do echo $i; i=$((i+1)); done >&2; exit 1"), "sh: exit code 1: 8995 | 8996 | 8997 | 8998 | 8999"},
		"signal":  {sh("kill -9 $$"), "sh: signal: killed"},
		"missing": {Command{Args: []string{"/no/such/program"}, Timeout: time.Minute}, "/no/such/program: fork/exec /no/such/program: no such file or directory"},
	} {
		if err := test.command.Run(t.Context()); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// A command that does not end is ended with all that it has started, one that ignores the request as well.
func TestCommandIsEnded(t *testing.T) {
	for name, script := range map[string]string{
		"heeds":   `(while :; do echo x >>alive; sleep 0.05; done) & wait`,
		"ignores": `trap "" TERM; while :; do echo x >>alive; sleep 0.05; done`,
	} {
		t.Run(name, func(t *testing.T) {
			c := sh(script)
			c.Dir, c.Timeout = t.TempDir(), 500*time.Millisecond
			err := c.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), "sh: not done after 500ms, ended") {
				t.Errorf("got %v", err)
			}
			alive := func() int64 {
				info, err := os.Stat(filepath.Join(c.Dir, "alive"))
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
			time.Sleep(200 * time.Millisecond) // what was killed may be at its last line
			before := alive()
			time.Sleep(500 * time.Millisecond)
			if after := alive(); before == 0 || after != before {
				t.Errorf("it lives on: %d lines, then %d", before/2, after/2)
			}
		})
	}
}

func TestCommandIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := sh("sleep 600").Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What a command leaves running in the background holds nobody up.
func TestCommandInBackground(t *testing.T) {
	dir := t.TempDir()
	c := sh(`sleep 600 & echo $! >pid`)
	c.Dir = dir
	if err := c.Run(t.Context()); err != nil {
		t.Error(err)
	}
	pid, _ := os.ReadFile(filepath.Join(dir, "pid"))
	if err := exec.Command("kill", strings.TrimSpace(string(pid))).Run(); err != nil {
		t.Errorf("it was ended with the command: %v", err)
	}
}
