package cli

import (
	"context"
	"log/slog"
	"sync"

	"pixmill/internal/delivery"
)

// deliveries are what follows the photos, on pools of their own: nothing here holds a photo up.
type deliveries struct {
	log    *slog.Logger
	queues []queue
	idle   *delivery.Idle // nil: nobody cares
}

// queue is one kind of delivery.
type queue interface {
	Run(context.Context) error    // until Finish, or ctx ends
	Finish(context.Context) error // nothing new comes: waits for what was given
	Pending() int
	Left() string // what was not done, for people; "": nothing
}

// start lets the deliveries go on until finish is called, which waits for those that were given by then. When ctx ends, what is left is
// given up, and that is said.
func (d *deliveries) start(ctx context.Context) (finish func()) {
	var running sync.WaitGroup
	end := make(chan struct{})
	for _, q := range d.queues {
		running.Go(func() {
			if err := q.Run(ctx); err != nil && ctx.Err() == nil {
				d.log.Error(err.Error())
			}
		})
	}
	if d.idle != nil {
		running.Go(func() { d.idle.Run(ctx, end) })
	}
	return func() {
		for _, q := range d.queues {
			if q.Finish(ctx) != nil {
				break // ctx has ended
			}
		}
		close(end)
		running.Wait()
		for _, q := range d.queues {
			if left := q.Left(); left != "" {
				d.log.Warn(left)
			}
		}
	}
}

func (d *deliveries) pending() (n int) {
	for _, q := range d.queues {
		n += q.Pending()
	}
	return n
}
