// Command packaging writes what comes with the binary in a package: man pages and shell completions, from the commands themselves.
//
//	go run ./packaging DIR
//
// makes DIR/man/pixmill.1 … and DIR/completions/pixmill.bash, .zsh, .fish, .ps1.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"pixmill/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./packaging DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1], cli.Command()); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// undated pages are the same for everyone who makes them.
var undated = time.Unix(0, 0)

func write(dir string, root *cobra.Command) error {
	man, completions := filepath.Join(dir, "man"), filepath.Join(dir, "completions")
	for _, d := range []string{man, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Title: "PIXMILL", Section: "1", Source: "pixmill " + cli.Version, Date: &undated}
	if err := doc.GenManTree(root, header, man); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(completions, "pixmill."+name) }
	return errors.Join(
		root.GenBashCompletionFileV2(in("bash"), true),
		root.GenZshCompletionFile(in("zsh")),
		root.GenFishCompletionFile(in("fish"), true),
		root.GenPowerShellCompletionFileWithDesc(in("ps1")),
	)
}
