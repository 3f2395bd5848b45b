package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"pixmill/internal/delivery"
)

// launch starts the process that runs the commands of a session whose own process is to be confined.
func (s *session) launch() error {
	l, err := delivery.StartLauncher(s.setup, "/proc/self/exe", os.Args[0], launchName)
	if err != nil {
		return fmt.Errorf("the process that runs hooks cannot be started: %w: --no-sandbox does without", err)
	}
	s.launcher.Store(l)
	return nil
}

// endLauncher lets it end, if there is one.
func (s *session) endLauncher() error {
	if l := s.launcher.Load(); l != nil {
		return l.Close()
	}
	return nil
}

// command has a command run: by the launcher, where there is one.
func (s *session) command(ctx context.Context, o hookOrder) error {
	if l := s.launcher.Load(); l != nil {
		return l.Run(ctx, o)
	}
	c, err := s.setup.command(o)
	if err != nil {
		return err
	}
	return c.Run(ctx)
}

const launchName = "launch-hooks"

// launchCommand is for launch alone.
func (a *app) launchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    launchName,
		Hidden: true,
		Args:   noArgs,
		RunE: func(*cobra.Command, []string) error {
			// It ends when nobody orders any more. Signals for all of us are not for it; caught they are, since ignored ones would be so in commands, too.
			signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
			return delivery.Launch(os.Stdin, os.Stdout, func(setup json.RawMessage) (func(json.RawMessage) (delivery.Command, error), error) {
				var s hookSetup
				err := json.Unmarshal(setup, &s)
				return func(about json.RawMessage) (delivery.Command, error) {
					var o hookOrder
					if err := json.Unmarshal(about, &o); err != nil {
						return delivery.Command{}, errors.New("no order")
					}
					return s.command(o)
				}, err
			})
		},
	}
}
