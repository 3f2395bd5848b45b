package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/sink"
	"pixmill/sink/ledger"
)

// most failures that status lists for people; --json lists all.
const mostFailures = 20

func (a *app) statusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Print what the ledger knows: totals, savings, what failed",
		Long: `Print what was made so far, what it saved, and which photos were rejected or failed, and why; where there are several pipelines, of
each as well. It only reads, also while pixmill runs.`,
		Args: noArgs,
	}
	asJSON := c.Flags().Bool("json", false, "print one JSON object, with every failure")
	clustered := c.Flags().Bool("cluster", false, "print who works in the cluster, and how much is waiting, instead")
	following := c.Flags().Bool("follow", false, "go on to print how the pixmill that watches here does, until Ctrl-C; with --json, a line for each change")
	var o config.Overrides
	addURL(c.Flags(), &o)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if *following {
			return a.follow(cmd.Context(), *asJSON)
		}
		if *clustered || o.URL != "" {
			return a.clusterStatus(cmd.Context(), o, *asJSON)
		}
		return a.status(*asJSON)
	}
	return c
}

// state is what status prints.
type state struct {
	sums
	Pipelines []pipelineSums `json:"pipelines,omitempty"` // where there are several
	Failures  []failure      `json:"failures"`
}

// sums is what was made of some photos.
type sums struct {
	Images       int     `json:"images"` // that are done
	Outputs      int     `json:"outputs"`
	SourceBytes  int64   `json:"source_bytes"`
	OutputBytes  int64   `json:"output_bytes"`
	SavedBytes   int64   `json:"saved_bytes"`
	SavedPercent float64 `json:"saved_percent"`
	Rejected     int     `json:"rejected"`
	Dead         int     `json:"dead"`
}

type pipelineSums struct {
	Name string `json:"name"` // "" for the default one
	sums
}

type failure struct {
	Time     time.Time   `json:"time"`
	Source   string      `json:"source"`
	Status   sink.Status `json:"status"`
	Reason   string      `json:"reason"`
	Attempts int         `json:"attempts"`
}

func (a *app) status(asJSON bool) error {
	l, c, err := a.history()
	if err != nil {
		return err
	}
	st := state{Failures: []failure{}}
	if l != nil {
		defer l.Close()
		if st, err = readState(c, l); err != nil {
			return err
		}
	}
	if asJSON {
		enc := json.NewEncoder(a.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(st)
	}
	a.printState(st)
	return nil
}

// history opens the ledger of the config's state folder, to be read; nil where there is none.
func (a *app) history() (*ledger.Ledger, config.Config, error) {
	c, _, err := a.begin(config.Overrides{})
	if err != nil {
		return nil, c, err
	}
	l, err := ledger.Read(sink.LedgerPath(c.State))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, c, nil
	case errors.Is(err, ledger.ErrCorrupt):
		return nil, c, fmt.Errorf("%w: the next `pixmill run` sets it aside and rebuilds it", err)
	}
	if err != nil {
		return nil, c, err
	}
	known, err := sink.Pipelines(l)
	if err != nil {
		return nil, c, errors.Join(err, l.Close())
	}
	c.SetAbsent(known) // the others are found before
	return l, c, nil
}

func readState(c config.Config, l *ledger.Ledger) (state, error) {
	t, err := l.Totals()
	if err != nil {
		return state{}, err
	}
	st := state{sums: summed(t)}
	names := c.PipelineNames()
	if len(names) > 0 {
		st.Pipelines = make([]pipelineSums, 1)
	}
	for _, name := range names {
		of, err := l.TotalsOf(sink.Qualified(name, ""))
		if err != nil {
			return state{}, err
		}
		st.Pipelines = append(st.Pipelines, pipelineSums{name, summed(of)})
		t = t.Without(of)
	}
	if st.Pipelines != nil {
		st.Pipelines[0].sums = summed(t)
	}
	failed, err := l.Failed()
	if err != nil {
		return state{}, err
	}
	st.Failures = make([]failure, len(failed))
	for i, f := range failed {
		st.Failures[i] = failure{f.Time, f.Name, sink.Status(f.Status), f.Reason, f.Attempts}
	}
	return st, nil
}

func summed(t ledger.Totals) sums {
	return sums{
		Images: t.Sources, Outputs: t.Outputs, SourceBytes: t.BytesIn, OutputBytes: t.BytesOut,
		SavedBytes: t.BytesIn - t.BytesOut, SavedPercent: sink.SavedPercent(t.BytesIn, t.BytesOut),
		Rejected: t.Rejected, Dead: t.Dead,
	}
}

// printPipelines prints what is of each.
func (a *app) printPipelines(all []pipelineSums) {
	if all == nil {
		return
	}
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nimages\toutputs\tbefore\tafter\trejected\tfailed\t  pipeline")
	for _, p := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t  %s\n", humanize.Comma(int64(p.Images)), humanize.Comma(int64(p.Outputs)),
			humanize.Bytes(uint64(p.SourceBytes)), humanize.Bytes(uint64(p.OutputBytes)),
			humanize.Comma(int64(p.Rejected)), humanize.Comma(int64(p.Dead)), cmp.Or(p.Name, defaultPipeline))
	}
	t.Flush()
	fmt.Fprintln(a.stdout)
}

// defaultPipeline is what people call the one that has no name.
const defaultPipeline = "(default)"

func (a *app) printState(st state) {
	row := func(what, text string) { fmt.Fprintf(a.stdout, "%-9s %s\n", what, text) }
	row("images", humanize.Comma(int64(st.Images)))
	row("outputs", humanize.Comma(int64(st.Outputs)))
	if st.Images > 0 {
		row("size", fmt.Sprintf("%s → %s: %s", humanize.Bytes(uint64(st.SourceBytes)), humanize.Bytes(uint64(st.OutputBytes)),
			saved(st.SourceBytes, st.OutputBytes)))
	}
	row("rejected", humanize.Comma(int64(st.Rejected)))
	row("failed", humanize.Comma(int64(st.Dead)))
	a.printPipelines(st.Pipelines)
	for i, f := range st.Failures {
		if i == mostFailures {
			fmt.Fprintf(a.stdout, "  … and %s: --json lists all\n", english.Plural(len(st.Failures)-i, "more", "more"))
			break
		}
		fmt.Fprintf(a.stdout, "  %s  %s  %s: %s\n", f.Time.Format("2006-01-02 15:04"), sink.Printable(f.Source), f.Status, sink.Printable(f.Reason))
	}
	if len(st.Failures) > 0 {
		fmt.Fprintln(a.stdout, "`pixmill retry` tries them again")
	}
}
