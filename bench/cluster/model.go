package main

import (
	"fmt"
	"time"
)

// costs are what one photo takes of each part of a cluster.
type costs struct {
	worker, hub, watcher time.Duration // CPU
	in, out              int64         // bytes of the photo and of its outputs
	overhead             float64       // bytes on the network over twice those: each travels to the hub or a bucket, and from it
	to, from             int64         // bytes of the hub's network; what comes to it, it writes down
}

func (r run) costs(local run) costs {
	return costs{r.worker, r.hub, r.watcher, r.in, r.out, float64(r.moved) / float64(2*(r.in+r.out)), r.to, r.from}
}

// What a machine of the extrapolation has.
const (
	cpus    = 4                // of a worker's machine
	network = 1.25e9           // bytes/s of a hub's: 10 Gbit/s, each way
	disk    = 1e9              // bytes/s that a hub's disk writes: NVMe
	hubCPUs = 8                // of a hub's machine
	keep    = 10 * time.Second // that a photo's bytes lie on the hub, with some in the queue
)

// extrapolate says for fleets of workers what one hub, one watching side and their network would have to do, and what is the first that they
// cannot. Every quantity is a cost of one photo times photos/s: nothing in the protocol grows faster (docs/scaling.md).
func (c costs) extrapolate() {
	fmt.Printf("| workers, %d CPUs each | photos/s | hub CPUs | hub network, each way | hub disk | watching side's CPUs | store | what is too little |\n|---|---|---|---|---|---|---|---|\n", cpus)
	for _, n := range []int{1, 10, 100, 1000} {
		rate := float64(n) * cpus / c.worker.Seconds()
		hub, watcher := rate*c.hub.Seconds(), rate*c.watcher.Seconds()
		bytes, written := rate*float64(max(c.to, c.from)), rate*float64(c.to)
		lack := "nothing"
		for _, part := range []struct {
			name string
			load float64
		}{{"hub network", bytes / network}, {"hub disk", written / disk}, {"hub CPUs", hub / hubCPUs}, {"watching side's CPUs", watcher / cpus}} {
			if part.load > 1 {
				if lack == "nothing" {
					lack = ""
				} else {
					lack += ", "
				}
				lack += fmt.Sprintf("%s (%.1f ×)", part.name, part.load)
			}
		}
		fmt.Printf("| %d | %.0f | %.2f | %.0f MB/s | %.0f MB/s | %.2f | %.1f GB | %s |\n", n, rate, hub, bytes/1e6, written/1e6, watcher,
			written*keep.Seconds()/1e9, lack)
	}
}
