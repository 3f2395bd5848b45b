package pool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"pixmill/pool"
)

func Example() {
	ctx := context.Background()
	p := pool.New(func(ctx context.Context, t *pool.Task[string]) (int, error) {
		if t.Job == "" {
			return 0, errors.New("nothing to count")
		}
		return len(strings.Fields(t.Job)), nil
	}, pool.Options{
		MaxWorkers: 1, // the order of the results is that of the jobs
		Retry:      pool.Retry{MaxAttempts: 2},
	})

	go func() {
		for _, line := range []string{"out of sight", "", "out of mind"} {
			if err := p.Submit(ctx, line); err != nil {
				log.Print(err)
			}
		}
		if err := p.Shutdown(ctx); err != nil {
			log.Print(err)
		}
	}()
	ran := make(chan error)
	go func() { ran <- p.Run(ctx) }()

	for r := range p.Results() {
		fmt.Printf("%q: %d, %v, attempts: %d\n", r.Job, r.Value, r.Err, r.Attempts)
	}
	fmt.Println("run:", <-ran)
	fmt.Println("dead letters:", len(p.DeadLetters()))
	// Output:
	// "out of sight": 3, <nil>, attempts: 1
	// "out of mind": 3, <nil>, attempts: 1
	// "": 0, nothing to count, attempts: 2
	// run: <nil>
	// dead letters: 1
}
