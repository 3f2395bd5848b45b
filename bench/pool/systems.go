// Package pool measures pixmill/pool against bare channels and against other pools, on the same work. It belongs to a module
// of its own, so that the competitors do not enter pixmill's go.mod. See README.md for the command and for what is compared.
package pool

import (
	"context"
	"sync"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	conc "github.com/sourcegraph/conc/pool"

	"pixmill/pool"
)

// Every system has as many workers, and as long a queue if it has one to set.
const (
	workers = 2
	queue   = 20
)

// system is something that does work on numbers. start returns how to submit one, which may be called concurrently, and how to
// wait until all work is done and all results are read, which returns how many those were; -1: the system gives none.
type system struct {
	name  string
	start func(work func(int) int) (submit func(int), finish func() int)
}

var systems = []system{
	{"pixmill", startPixmill},
	{"channels-results", startChannelsResults},
	{"channels", startChannels},
	{"pond", startPond},
	{"pond-results", startPondResults},
	{"ants", startAnts},
	{"workerpool", startWorkerpool},
	{"conc", startConc},
	{"conc-results", startConcResults},
}

// count reads results to their end.
func count[R any](results <-chan R) (total func() int) {
	n := make(chan int)
	go func() {
		read := 0
		for range results {
			read++
		}
		n <- read
	}()
	return func() int { return <-n }
}

// must is for errors that would make a measurement worthless.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func startPixmill(work func(int) int) (func(int), func() int) {
	ctx := context.Background()
	p := pool.New(func(_ context.Context, t *pool.Task[int]) (int, error) { return work(t.Job), nil },
		pool.Options{MaxWorkers: workers, Queue: queue, Retry: pool.Retry{MaxAttempts: 3}})
	go func() { must(p.Run(ctx)) }()
	total := count(p.Results())
	return func(i int) { must(p.Submit(ctx, i)) }, func() int {
		must(p.Shutdown(ctx))
		return total()
	}
}

func startChannelsResults(work func(int) int) (func(int), func() int) {
	jobs, results := make(chan int, queue), make(chan int, queue)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for j := range jobs {
				results <- work(j)
			}
		})
	}
	total := count(results)
	return func(i int) { jobs <- i }, func() int {
		close(jobs)
		all.Wait()
		close(results)
		return total()
	}
}

func startChannels(work func(int) int) (func(int), func() int) {
	jobs := make(chan int, queue)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for j := range jobs {
				work(j)
			}
		})
	}
	return func(i int) { jobs <- i }, func() int {
		close(jobs)
		all.Wait()
		return -1
	}
}

// The pools without results take functions without parameters. They get the same one each time: a closure over the job would
// cost them an allocation.

func startPond(work func(int) int) (func(int), func() int) {
	p := pond.NewPool(workers, pond.WithQueueSize(queue))
	task := func() { work(0) }
	return func(int) { must(p.Go(task)) }, func() int {
		p.StopAndWait()
		return -1
	}
}

func startPondResults(work func(int) int) (func(int), func() int) {
	p := pond.NewResultPool[int](workers, pond.WithQueueSize(queue))
	futures, results := make(chan pond.ResultTask[int], queue), make(chan int, queue)
	go func() {
		defer close(results)
		for f := range futures {
			r, err := f.Wait()
			must(err)
			results <- r
		}
	}()
	total := count(results)
	return func(i int) { futures <- p.Submit(func() int { return work(i) }) }, func() int {
		p.StopAndWait()
		close(futures)
		return total()
	}
}

func startAnts(work func(int) int) (func(int), func() int) {
	p, err := ants.NewPool(workers)
	must(err)
	var all sync.WaitGroup // ants has no way to wait for the work
	task := func() {
		defer all.Done()
		work(0)
	}
	submit := func(int) {
		all.Add(1)
		must(p.Submit(task))
	}
	return submit, func() int {
		all.Wait()
		p.Release()
		return -1
	}
}

func startWorkerpool(work func(int) int) (func(int), func() int) {
	p := workerpool.New(workers) // its queue has no bound
	task := func() { work(0) }
	return func(int) { p.Submit(task) }, func() int {
		p.StopWait()
		return -1
	}
}

func startConc(work func(int) int) (func(int), func() int) {
	p := conc.New().WithMaxGoroutines(workers)
	task := func() { work(0) }
	return func(int) { p.Go(task) }, func() int {
		p.Wait()
		return -1
	}
}

func startConcResults(work func(int) int) (func(int), func() int) {
	p := conc.NewWithResults[int]().WithMaxGoroutines(workers) // keeps all results until the end
	return func(i int) { p.Go(func() int { return work(i) }) }, func() int { return len(p.Wait()) }
}
