package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"pixmill/internal/background"
	"pixmill/internal/config"
	"pixmill/internal/pipeline"
)

func (a *app) watchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "watch",
		Short: "Watch the inbox until Ctrl-C (the default)",
		Long: `Take in everything in the inbox, then watch it: a photo dropped there comes out in every configured size.
The first Ctrl-C finishes what is in flight, the second stops at once; nothing is lost either way.

A changed config file is read while watching, on SIGHUP too: variants, limits and most of [pool] hold for the photos that come from
then on, and a line says what changed; one with a mistake changes nothing. The rest needs a restart.`,
		Args: noArgs,
	}
	overrides := addOverrides(c.Flags())
	a.addSandbox(c.Flags())
	clustered := c.Flags().Bool("cluster", false, "have photos made by the workers of a cluster: see 'pixmill worker'")
	addURL(c.Flags(), overrides)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		work := func() error { return a.watch(cmd.Context(), *overrides, *clustered) }
		if !background.UnderManager() {
			return work()
		}
		a.stop = make(chan struct{})
		return background.Serve(work, func() { close(a.stop) })
	}
	return c
}

func (a *app) watch(ctx context.Context, o config.Overrides, clustered bool) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	file := a.reloader(o, log)
	c, err := file.load()
	if err != nil {
		return err
	}
	if err := makeFolders(c); err != nil {
		return err
	}
	var remote workers
	if clustered {
		if err := remote.open(ctx, c, log); err != nil {
			return err
		}
		defer remote.close()
	}
	s, err := a.newSessionOf(remote.maker(), c, log, false)
	if err != nil {
		return err
	}
	remote.extend(&s.policy)
	s.policy.Read = append(s.policy.Read, configReads(a.configFile)...)
	if c.Pool.Background {
		if err := background.Lower(); err != nil {
			log.Warn("pool.background: the priority stays as it is: " + err.Error())
		}
	}
	welcome(c, log)
	file.begin(s)
	board := s.show(ctx, file, o)
	defer s.serve(ctx, board)()
	defer a.live(board.State)()
	_, err = s.run(ctx, func(ctx context.Context) ([]pipeline.Intake, error) {
		go file.run(ctx)
		in, err := s.inboxes(ctx, false)
		if err == nil {
			background.Ready(ctx, func() { s.pipeline.Stats() }) // which waits for locks that a stuck pool would hold
		}
		return in, err
	})
	return err
}

// welcome says, in two lines for each pipeline, where to drop photos and what comes out.
func welcome(c config.Config, log *slog.Logger) {
	all := c.All()
	for i, p := range all {
		stops := ""
		if i == len(all)-1 {
			stops = "; Ctrl-C stops"
		}
		log.Info(titled(p) + "drop photos into  " + p.Inbox)
		log.Info(fmt.Sprintf("they come out in  %s  as %s%s", p.Output, summary(p.Variants), stops))
	}
}

// titled is what stands before what is said of one pipeline.
func titled(p config.Pipeline) string {
	if p.Name == "" {
		return ""
	}
	return p.Name + ": "
}

// summary is "320w, 640w, 960w (same format)".
func summary(variants []config.Variant) string {
	names := make([]string, len(variants))
	for i, v := range variants {
		names[i] = v.Name
		if formats := strings.Join(v.Formats, "+"); formats != "same" {
			names[i] += " " + formats
		}
	}
	return strings.Join(names, ", ")
}
