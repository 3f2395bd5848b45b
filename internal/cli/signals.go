package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stages are how a run ends: intake at the first SIGINT or SIGTERM, work when the drain's time is over; at a second signal
// work ends at once and forced is closed.
type stages struct {
	intake, work context.Context
	forced       <-chan struct{}
	release      func()
}

// untilSignals waits for signals, for whoever works. rest says what becomes of what is not finished; stop is another first signal; nil: there is none.
func untilSignals(ctx context.Context, drain time.Duration, rest string, stop <-chan struct{}, log *slog.Logger) stages {
	work, cancelWork := context.WithCancel(ctx)
	intake, cancelIntake := context.WithCancel(work)
	signals := make(chan os.Signal, 2)
	forced := make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer cancelWork()
		select {
		case <-signals:
		case <-stop:
		case <-work.Done():
			return
		}
		log.Info(fmt.Sprintf("stopping: finishing what is in flight, for up to %s; once more stops at once", drain))
		cancelIntake()
		select {
		case <-signals:
			close(forced)
		case <-time.After(drain):
			log.Warn(fmt.Sprintf("not finished after %s (pool.shutdown_timeout): the rest %s", drain, rest))
		case <-work.Done():
		}
	}()
	return stages{intake, work, forced, func() {
		signal.Stop(signals)
		cancelWork()
	}}
}
