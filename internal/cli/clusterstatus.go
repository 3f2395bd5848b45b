package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"pixmill/internal/cluster"
	"pixmill/internal/config"
)

// clusterPatience is how long status waits for the cluster to answer.
const clusterPatience = 10 * time.Second

func (a *app) clusterStatus(ctx context.Context, o config.Overrides, asJSON bool) error {
	_, conn, _, err := a.join(o, "status")
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, clusterPatience)
	defer cancel()
	seen, err := conn.Look(ctx)
	if err != nil {
		return fmt.Errorf("the cluster does not answer: %w", err)
	}
	if asJSON {
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(seen)
	}
	return a.printCluster(seen)
}

func (a *app) printCluster(o cluster.Overview) error {
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tROLE\tVERSION\tDONE\tPHOTOS/S\tIN FLIGHT\tSEEN")
	for _, n := range o.Nodes {
		flight := fmt.Sprint(n.InFlight)
		if n.Capacity > 0 {
			flight += fmt.Sprintf(" of %d", n.Capacity)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.1f\t%s\t%.0f s ago\n", n.Name, n.Role, n.Version, humanize.Comma(n.Done), n.Rate, flight, n.Seen)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%s waiting, %d with workers, %d of them again; %s of photos and %s of outputs on their way\n",
		humanize.Comma(int64(o.Waiting)), o.Out, o.Redelivered, humanize.Bytes(o.SourceBytes), humanize.Bytes(o.OutputBytes))
	return err
}
