package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pixmill/internal/cli"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, cli.Command()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"man/pixmill.1":              "--config",
		"man/pixmill-watch.1":        "SIGHUP",
		"man/pixmill-service.1":      "systemd",
		"completions/pixmill.bash":   "__start_pixmill",
		"completions/pixmill.zsh":    "#compdef pixmill",
		"completions/pixmill.fish":   "complete -c pixmill",
		"completions/pixmill.ps1":    "Register-ArgumentCompleter",
		"man/pixmill-service-logs.1": "follow",
		"man/pixmill-reprocess.1":    "variant",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(strings.ReplaceAll(string(text), `\-`, "-"), want) {
			t.Errorf("%s lacks %q: %v", name, want, err)
		}
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.Command(bash, "-n", filepath.Join(dir, "completions/pixmill.bash")).CombinedOutput(); err != nil {
			t.Errorf("bash: %v\n%s", err, out)
		}
	}
}
