package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pixmill/internal/background"
	"pixmill/internal/config"
)

func (a *app) serviceCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "service",
		Short: "Let pixmill watch in the background, from login on",
		Long: `Let pixmill watch the inbox of this config in the background, from login on, by the system's own means: a systemd user unit on
Linux, a launchd agent on macOS, a service on Windows (which only an administrator can install).`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	name := c.PersistentFlags().String("name", "pixmill", "of the service, where there is to be more than one")
	add := func(use, short string, do func(*background.Service, config.Config) error) *cobra.Command {
		sub := &cobra.Command{Use: use, Short: short, Args: usageArgs(noArgs), RunE: func(*cobra.Command, []string) error {
			s, conf, err := a.service(*name)
			if err != nil {
				return err
			}
			return do(s, conf)
		}}
		c.AddCommand(sub)
		return sub
	}
	add("install", "Write the service for this config, to start at every login", func(s *background.Service, conf config.Config) error {
		if err := makeFolders(conf); err != nil {
			return err
		}
		if err := os.MkdirAll(conf.State, 0o755); err != nil {
			return err
		}
		if err := s.Install(); err != nil {
			return fmt.Errorf("the service cannot be installed: %w: `pixmill service uninstall` removes one that is there", err)
		}
		fmt.Fprintf(a.stdout, "installed: it starts at login, and now with `pixmill service start`; photos go into %s\n", conf.Inbox)
		return nil
	})
	add("uninstall", "Remove the service", func(s *background.Service, _ config.Config) error {
		if state, err := s.State(); err == nil && state == "running" {
			if err := s.Stop(); err != nil {
				return err
			}
		}
		return s.Uninstall()
	})
	add("start", "Start it now", func(s *background.Service, _ config.Config) error { return s.Start() })
	add("stop", "Finish what is in flight and stop, until the next login", func(s *background.Service, _ config.Config) error { return s.Stop() })
	add("status", "Say whether it runs", func(s *background.Service, _ config.Config) error {
		state, err := s.State()
		if err == nil {
			fmt.Fprintln(a.stdout, state)
		}
		return err
	})
	var follow *bool
	var lines *int
	logs := add("logs", "Print what it logged", func(_ *background.Service, conf config.Config) error {
		return a.serviceLogs(*name, conf, *lines, *follow)
	})
	follow, lines = logs.Flags().BoolP("follow", "f", false, "go on printing"), logs.Flags().IntP("lines", "n", 50, "how many of the last `LINES`")
	return c
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// service is that of the config file, which has to be valid: a service that cannot start helps nobody.
func (a *app) service(name string) (*background.Service, config.Config, error) {
	if !serviceName.MatchString(name) {
		return nil, config.Config{}, usageError{fmt.Errorf("--name: %q is not a service's name: write letters, digits, - and _", name)}
	}
	conf, err := config.Load(a.configFile)
	if err != nil {
		return nil, conf, usageError{err}
	}
	file, err := filepath.Abs(a.configFile)
	if err != nil {
		return nil, conf, err
	}
	args := []string{"watch", "--config", file}
	if !journals() {
		args = append(args, "--log-file", serviceLog(conf))
	}
	s, err := background.New(background.Options{Name: name, Config: file, Arguments: args, Log: conf.State})
	return s, conf, err
}

// journals reports whether the system keeps what a service writes to stderr, and limits it.
func journals() bool { return runtime.GOOS == "linux" }

func serviceLog(c config.Config) string { return filepath.Join(c.State, "pixmill.log") }

// serviceLogs prints the journal, or the end of the log file.
func (a *app) serviceLogs(name string, c config.Config, lines int, follow bool) error {
	if journals() {
		args := []string{"--user", "--unit", name, "--lines", fmt.Sprint(lines), "--output", "cat"}
		if follow {
			args = append(args, "--follow")
		}
		cmd := exec.Command("journalctl", args...)
		cmd.Stdout, cmd.Stderr = a.stdout, a.stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("journalctl: %w", err)
		}
		return nil
	}
	if follow {
		return usageError{errors.New("--follow: not on this system: open " + serviceLog(c) + " in a viewer")}
	}
	last, err := lastLines(serviceLog(c), lines)
	if err != nil {
		return err
	}
	for _, line := range last {
		fmt.Fprintln(a.stdout, line)
	}
	return nil
}

// lastLines are the last n of a file.
func lastLines(file string, n int) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: nothing was logged there yet: %w", file, err)
	}
	defer f.Close()
	var last []string
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			last = append(last, strings.TrimRight(line, "\r\n"))
			last = slices.Delete(last, 0, max(len(last)-n, 0))
		}
		if err == io.EOF {
			return last, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
