// Package cli is pixmill's command line: one file a command, and the output that people read. It turns the config into each
// room's Options and knows how to end: results go to stdout, everything else to stderr.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailures    = 1   // some images failed, were rejected or could not be read
	exitUsage       = 2   // usage or configuration
	exitInterrupted = 130 // interrupted twice
)

var (
	errFailures    = errors.New("some images were not made") // told already, line by line
	errInterrupted = errors.New("interrupted twice: what was in flight is still in the inbox")
)

// usageError is a mistake in flags, arguments or configuration, and in what they point to.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	tightenHeap()
	a := &app{stdout: &redirect{w: os.Stdout}, stderr: &redirect{w: os.Stderr}}
	root := a.command()
	strict(root)
	root.SetArgs(args[1:])
	err := root.ExecuteContext(context.Background())
	if err != nil && !errors.Is(err, errFailures) {
		fmt.Fprintln(a.stderr, "pixmill:", err)
	}
	return exitCode(err)
}

// Command is the command line, for who writes about it: man pages and completions.
func Command() *cobra.Command {
	return (&app{stdout: &redirect{w: os.Stdout}, stderr: &redirect{w: os.Stderr}}).command()
}

func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitFailures
	}
}

// app is what the commands share: the global flags and where output goes.
type app struct {
	stdout, stderr *redirect
	configFile     string
	logFormat      string
	logFile        string
	stop           chan struct{} // closed when a service manager that sends no signals wants us to end; nil: it never does
	verbose        bool
	noSandbox      bool
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "pixmill",
		Short: "Every size of every photo, seconds after it was dropped into a folder",
		Long: `pixmill watches a folder. A photo dropped into the inbox comes out, seconds later, in every configured size: oriented,
resized, smaller, written whole or not at all, with a line in the savings log that says what it saved.

Without a command it does what "pixmill watch" does.`,
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.configFile, "config", "c", "config.toml", "configuration `FILE`; paths inside it are relative to its folder")
	flags.StringVar(&a.logFormat, "log-format", "text", "how the log on stderr is written: text or json")
	flags.StringVar(&a.logFile, "log-file", "", "write the log to `FILE` and not to stderr; at 10 MB it begins anew, and three old ones are kept")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log every step, also files that need nothing")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		var invalid *pflag.InvalidValueError
		if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int" {
			err = fmt.Errorf("--%s: %q is not a whole number", invalid.GetFlag().Name, invalid.GetValue())
		}
		return usageError{fmt.Errorf("%w: `%s --help` lists the flags", err, c.CommandPath())}
	})

	watch := a.watchCommand()
	tell := root.Flags().Bool("version", false, "print the version") // cobra's own takes a template, for which the linker keeps all methods of all types
	root.RunE = func(c *cobra.Command, args []string) error {
		if *tell {
			fmt.Fprintln(a.stdout, version())
			return nil
		}
		return watch.RunE(c, args)
	}
	root.Flags().AddFlagSet(watch.Flags())
	root.AddCommand(watch, a.runCommand(), a.checkCommand(), a.statusCommand(), a.retryCommand(), a.reprocessCommand(),
		a.reportCommand(), a.workerCommand(), a.hubCommand(), a.serviceCommand(), a.launchCommand(), a.revealCommand(), a.initCommand(), a.versionCommand())
	for _, c := range append(root.Commands(), root) {
		c.Args = usageArgs(c.Args)
	}
	return root
}

// strict makes mistakes of what cobra's own commands, help and completion, would answer with their help.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = usageArgs(func(_ *cobra.Command, args []string) error {
				at, rest, err := root.Find(args)
				if err != nil || !at.HasSubCommands() { // of a command without any, what follows counts for nothing
					return err
				}
				return noArgs(at, rest)
			})
		case "completion":
			c.Args, c.RunE = usageArgs(noArgs), func(c *cobra.Command, _ []string) error { return c.Help() }
			for _, shell := range c.Commands() {
				shell.Args = usageArgs(noArgs)
			}
		}
	}
}

// noArgs is cobra.NoArgs with messages that tell a command that is misspelt from an argument too many.
func noArgs(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !c.HasSubCommands():
		return fmt.Errorf("%s takes no arguments, but got %q", c.CommandPath(), args[0])
	}
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%s has no command %q: did you mean %s?", c.CommandPath(), args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("%s has no command %q", c.CommandPath(), args[0])
}

// usageArgs makes an argument error a usage error that says where help is.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w: `%s --help` says what goes there", err, c.CommandPath())}
		}
		return nil
	}
}
