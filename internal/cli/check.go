package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/internal/sandbox"
	"pixmill/sink"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Validate the config and print what would be done; touch nothing",
		Long: `Read the config and report every mistake in it, with its line. Then print, for the inbox as it stands, which file would give
which outputs, and which would be rejected and why. Folders that cannot be written to are named, and the exit code is 1. Nothing is written, made
or moved.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.check(cmd.Context()) },
	}
}

func (a *app) check(ctx context.Context) error {
	c, log, err := a.begin(config.Overrides{})
	if err != nil {
		return err
	}
	s, err := a.newSession(c, log, true)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "config: valid")
	for _, p := range c.All() {
		fmt.Fprintf(a.stdout, "%sinbox:  %s\n%[1]soutput: %[3]s  (%[4]s)\n", titled(p), p.Inbox, p.Output, summary(p.Variants))
	}
	fmt.Fprintf(a.stdout, "pool:   %s, %s for pixels\n", english.Plural(c.Pool.Workers, "worker", ""), humanize.IBytes(uint64(budget(c))))
	if covers, err := sandbox.Covers(); err != nil {
		fmt.Fprintf(a.stdout, "sandbox: off: %v\n", err)
	} else {
		fmt.Fprintf(a.stdout, "sandbox: %s\n", covers)
	}
	if c.Upload.URL != "" {
		fmt.Fprintf(a.stdout, "upload: %s\n", c.Upload.URL)
	}
	for _, p := range c.All() {
		if file := p.ManifestFile(); file != "" {
			fmt.Fprintf(a.stdout, "%ssite:   %s\n", titled(p), file)
		}
	}
	unwritable := a.printUnwritable(s.policy.Write)
	fmt.Fprintln(a.stdout)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var t totals
	there := 0
	for _, p := range c.All() {
		if _, err := os.Stat(p.Inbox); errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(a.stdout, titled(p)+"the inbox is not there yet: `pixmill` makes it")
			continue
		}
		there++
		in, err := s.folder(ctx, p.Inbox, "", true)
		if err != nil {
			return errors.Join(err, s.sink.Close())
		}
		for f := range in.Files {
			plan := s.pipeline.Plan(in, f)
			t.add(plan.Record, time.Time{})
			a.printPlan(plan)
		}
	}
	if there == 0 {
		return errors.Join(unwritable, s.sink.Close())
	}
	if t.finished() > 0 {
		fmt.Fprintln(a.stdout)
	}
	fmt.Fprintf(a.stdout, "%s to make → %s; %d would be rejected; %d left alone\n", english.Plural(t.done, "image", ""),
		english.Plural(t.files, "file", ""), t.failed(), t.skipped)
	return errors.Join(unwritable, s.sink.Close())
}

// printUnwritable names the folders that `run` would fail to write to; with one of them the error is errFailures.
func (a *app) printUnwritable(folders []string) (found error) {
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		if err := writable(folder); err != nil {
			fmt.Fprintf(a.stdout, "mistake: %s cannot be written to: %v: let this user (%s) write there, or name another folder in the config\n", folder, cause(err), userName())
			found = errFailures
		}
	}
	return found
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Geteuid())
}

func (a *app) printPlan(p pipeline.Plan) {
	if p.Status != sink.Done {
		fmt.Fprintln(a.stdout, p.Record)
		return
	}
	fmt.Fprintf(a.stdout, "%s  %d×%d  %s  %s\n", sink.Printable(p.Source), p.Width, p.Height, p.Format, humanize.Bytes(uint64(p.SourceBytes)))
	for i, o := range p.Outputs {
		why := ""
		if p.Lacks[i] != "" {
			why = "  (" + p.Lacks[i] + ")"
		}
		size := ""
		if o.Width > 0 { // HTML has none
			size = fmt.Sprintf("  %d×%d", o.Width, o.Height)
		}
		fmt.Fprintf(a.stdout, "    → %s%s%s\n", sink.Printable(o.Path), size, why)
	}
	if p.Renamed {
		fmt.Fprintln(a.stdout, "    (another photo has outputs of the plain name already)")
	}
}
