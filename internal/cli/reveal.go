package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"pixmill/internal/background"
	"pixmill/internal/config"
	"pixmill/internal/delivery"
)

const (
	revealKey  = "reveal"      // of orders to show a file
	revealName = "reveal-file" // the command that does
	revealTime = 15 * time.Second
	lookTime   = 2 * time.Second // for a desktop that does not answer
)

// revealer shows files in the file manager of who sits at this machine; nil where there is none, or where others can come to the dashboard, too.
// File managers are started by programs that the sandbox has no room for, so it is the launcher that asks.
func (s *session) revealer(ctx context.Context) func(context.Context, string) error {
	host, _, _ := net.SplitHostPort(s.config.Dashboard.Listen)
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if !config.Loopback(host) || !background.CanReveal(ctx) {
		return nil
	}
	for _, p := range s.config.All() {
		s.setup.Shown = append(s.setup.Shown, p.Inbox, p.Originals.Archive, p.Originals.Quarantine)
	}
	return func(ctx context.Context, file string) error {
		if s.launcher.Load() == nil {
			return background.Reveal(ctx, file)
		}
		return s.command(ctx, hookOrder{Key: revealKey, Source: file})
	}
}

// reveal makes the command that shows a file. What asks for it may have been taken over: it gets the files of pixmill's own folders shown, and no others.
func (s hookSetup) reveal(file string) (delivery.Command, error) {
	if !filepath.IsAbs(file) || !slices.ContainsFunc(s.Shown, func(folder string) bool { return config.Within(file, folder) }) {
		return delivery.Command{}, fmt.Errorf("%s: lies in none of the inboxes", file)
	}
	own, err := os.Executable()
	return delivery.Command{Args: []string{own, revealName, file}, Dir: s.Folder, Timeout: revealTime}, err
}

// revealCommand is for the launcher alone.
func (a *app) revealCommand() *cobra.Command {
	return &cobra.Command{
		Use:    revealName + " FILE",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(cmd *cobra.Command, args []string) error { return background.Reveal(cmd.Context(), args[0]) },
	}
}
