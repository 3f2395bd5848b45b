package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"pixmill/internal/cluster"
	"pixmill/internal/config"
	"pixmill/internal/sandbox"
	"pixmill/resize"
)

func (a *app) workerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "worker",
		Short: "Make photos for the watching sides of a cluster, until Ctrl-C",
		Long: `Take jobs from the cluster, make their photos and give them back to whoever watches: see "pixmill watch --cluster". What is made,
and at what quality, the job says; [pool] says how much is done at once here, [cluster] where the others are, [upload] url and
[cluster] store the only buckets that jobs may name. No other key counts.
The first Ctrl-C finishes what is in hand, for up to pool.shutdown_timeout; the rest goes to other workers.`,
		Args: noArgs,
	}
	var o config.Overrides
	c.Flags().IntVar(&o.Workers, "workers", 0, "how many photos are worked on at once, instead of the config's; 0: the config's")
	addURL(c.Flags(), &o)
	a.addSandbox(c.Flags())
	metrics := c.Flags().String("metrics", "", "serve figures for Prometheus on `HOST:PORT`, under /metrics")
	c.RunE = func(cmd *cobra.Command, _ []string) error { return a.worker(cmd.Context(), o, *metrics) }
	return c
}

func (a *app) worker(ctx context.Context, o config.Overrides, metrics string) error {
	c, conn, log, err := a.join(o, "worker")
	if err != nil {
		return err
	}
	defer conn.Close()
	var scraped net.Listener // before the sandbox, which lets nobody listen any more
	if metrics != "" {
		if scraped, err = net.Listen("tcp", metrics); err != nil {
			return usageError{fmt.Errorf("--metrics: %w", err)}
		}
		defer scraped.Close()
	}
	policy := sandbox.Policy{Write: []string{c.State}}
	join(&policy, c)
	buckets := newSenders(c)
	policy.Connect = append(policy.Connect, buckets.ports(c)...)
	resize.CacheIn(filepath.Join(c.State, "wasm"))
	available := budget(c) // which the sandbox hides
	if _, err := confine(policy, a.noSandbox, log); err != nil {
		return err
	}
	st := untilSignals(ctx, c.Pool.ShutdownTimeout, "goes to other workers", nil, log)
	defer st.release()
	w, err := cluster.NewWorker(st.intake, conn, cluster.WorkerOptions{
		Workers: c.Pool.Workers,
		Budget:  available,
		Retry:   retries(c),
		Open:    buckets.open,
		Report: func(d cluster.Done) {
			if d.Err != nil {
				log.Warn(fmt.Sprintf("job %.16s: %v", d.Job, d.Err))
				return
			}
			log.Debug(fmt.Sprintf("job %.16s: %s in %s", d.Job, english.Plural(d.Outputs, "output", ""), d.Took.Round(time.Millisecond)))
		},
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	log.Info(fmt.Sprintf("working with %s and %s for pixels; Ctrl-C stops", english.Plural(c.Pool.Workers, "worker", ""), humanize.IBytes(uint64(available))))
	if scraped != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", w.Metrics())
		go (&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}).Serve(scraped)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(st.intake, st.work)
	}()
	select {
	case <-ended:
	case <-st.forced: // the others take over after cluster.ack_wait
		return errInterrupted
	}
	log.Info(english.Plural(int(w.Stats().Done), "image", "") + " made")
	return nil
}
