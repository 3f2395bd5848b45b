// Command cluster measures what a cluster on this machine does and costs: photos/s of 1, 2 and 4 workers that are each held to the same share
// of a CPU, CPU time and bytes for each photo beside what the local pool takes, and what a model makes of that for 10, 100 and 1,000 workers.
// bench/cluster.sh runs it in a network namespace of its own. Linux, root.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

var (
	program = flag.String("pixmill", "pixmill", "the program, an absolute path")
	photo   = flag.String("photo", "", "a JPEG; each copy gets some bytes behind its end, so that it is another one")
	share   = flag.Float64("share", 0.2, "of a CPU that each worker may use")
	each    = flag.Int("each", 40, "photos for each worker")
	jobs    = flag.Int("jobs", 100, "photos for the costs")
	upload  = flag.String("upload", "", "an s3:// URL of a bucket that workers bring outputs to, with credentials in the environment")
	store   = flag.String("store", "", "an s3:// URL by which bytes travel, and not by the hub, with credentials in the environment")
	rounds  = flag.Int("rounds", 3, "of the throughput; the median counts; 0: the costs only")
)

func main() {
	flag.Parse()
	data, err := os.ReadFile(*photo)
	check(err)
	fmt.Printf("photos travel by %s, outputs by %s\n", cmp.Or(*store, "the hub"), cmp.Or(*upload, *store, "the hub"))
	local := runLocal(data)
	fmt.Printf("local pool: %.1f ms CPU for each of %d photos of %.2f MB, %.2f MB of outputs\n", ms(local.cpu), *jobs, mb(local.in), mb(local.out))
	full := measure(data, 1, 0, *jobs)
	costs := full.costs(local)
	fmt.Printf("cluster: %.1f ms on the worker, %.1f on the hub, %.1f on the watching side: %.1f ms more than local; %.3f × the bytes, %.0f kB of them to the hub and %.0f from it\n",
		ms(costs.worker), ms(costs.hub), ms(costs.watcher), ms(costs.worker+costs.hub+costs.watcher-local.cpu), costs.overhead, float64(full.to)/1e3, float64(full.from)/1e3)
	fmt.Printf("idle, all three together: %.1f ms CPU/s\n\n", ms(full.idle))

	if *rounds == 0 {
		return
	}
	fmt.Printf("| workers, %.0f %% of a CPU each | photos/s | of linear | the model says |\n|---|---|---|---|\n", *share*100)
	one := 0.0
	for _, n := range []int{1, 2, 4} {
		var rates []float64
		for range *rounds {
			rates = append(rates, measure(data, n, *share, n**each).rate)
		}
		slices.Sort(rates)
		rate := rates[len(rates)/2]
		if n == 1 {
			one = rate
		}
		fmt.Printf("| %d | %.2f (%.2f to %.2f) | %.0f %% | %.2f |\n", n, rate, rates[0], rates[len(rates)-1], 100*rate/(float64(n)*one),
			float64(n)*one)
	}
	fmt.Printf("\nThe model: rate = workers × share × use / CPU for each photo, where use, fitted at one worker, is %.2f.\n\n", one*costs.worker.Seconds()/(*share))
	costs.extrapolate()
}

// run is what some photos took.
type run struct {
	photos               int
	rate                 float64 // photos/s, without the first and the last
	cpu                  time.Duration
	in, out, moved       int64 // bytes of one photo, of its outputs, and on the network for it; those on the way to the hub are carried twice here, and counted once
	to, from             int64 // of those, to the hub and from it
	worker, hub, watcher time.Duration
	idle                 time.Duration // a second
}

// runLocal is `pixmill run` with one worker.
func runLocal(data []byte) run {
	dir, done := folder()
	defer done()
	drop(dir, data, 0, *jobs)
	g, err := newGroup("local", 0)
	check(err)
	defer g.remove()
	out, err := g.command(dir, *program, "run", "--workers", "1").CombinedOutput()
	if err != nil {
		fail("%v: %s", err, out)
	}
	r := run{photos: *jobs, cpu: g.used() / time.Duration(*jobs)}
	_, r.in, r.out = records(dir)
	return r
}

// measure has photos made by workers over a hub.
func measure(data []byte, workers int, share float64, photos int) (r run) {
	dir, done := folder()
	defer done()
	groups := map[string]group{}
	group := func(name string, limit float64) {
		g, err := newGroup(name, limit)
		check(err)
		groups[name] = g
	}
	group("hub", 0)
	group("watcher", 0)
	defer func() {
		for _, g := range groups {
			g.remove()
		}
	}()
	var started []*exec.Cmd
	defer func() {
		for _, cmd := range slices.Backward(started) {
			cmd.Process.Signal(syscall.SIGINT)
			cmd.Wait()
		}
	}()
	start := func(name, where, ready string, env string, args ...string) {
		check(os.MkdirAll(where, 0o755))
		file := filepath.Join(where, name+".log")
		log, err := os.Create(file)
		check(err)
		defer log.Close()
		cmd := groups[name].command(where, *program, args...)
		cmd.Stdout, cmd.Stderr, cmd.Env = log, log, append(os.Environ(), env)
		check(cmd.Start())
		started = append(started, cmd)
		await(func() bool { text, _ := os.ReadFile(file); return strings.Contains(string(text), ready) }, time.Minute)
	}
	start("hub", dir, "the hub is up", "", "hub")
	url, err := os.ReadFile(filepath.Join(dir, ".pixmill", "hub", "url"))
	check(err)
	hub := newWire(strings.TrimSpace(string(url)))
	goes := fmt.Sprintf("\n[upload]\nurl = %q\n[cluster]\nurl = %q\n", *upload, hub.url)
	if *store != "" {
		goes += fmt.Sprintf("store = %q\n", *store)
	}
	config := filepath.Join(dir, "config.toml")
	text, err := os.ReadFile(config)
	check(err)
	check(os.WriteFile(config, append(text, goes...), 0o644))
	start("watcher", dir, "Ctrl-C stops", "", "watch", "--cluster")
	for i := range workers {
		name := fmt.Sprint("worker", i)
		group(name, share)
		where := filepath.Join(dir, name)
		check(os.MkdirAll(where, 0o755))
		check(os.WriteFile(filepath.Join(where, "config.toml"), []byte(goes), 0o644))
		start(name, where, "Ctrl-C stops", "GOMAXPROCS=1", "worker", "--workers", "1")
	}
	used := func() map[string]time.Duration { // by role
		sums := map[string]time.Duration{}
		for name, g := range groups {
			sums[strings.TrimRight(name, "0123456789")] += g.used()
		}
		return sums
	}
	if share == 0 {
		before := used()
		time.Sleep(10 * time.Second)
		for role, sum := range used() {
			r.idle += (sum - before[role]) / 10
		}
	}
	carried, to, from, before := moved(), hub.to.Load(), hub.from.Load(), used()
	began := time.Now()
	drop(dir, data, 0, photos)
	await(func() bool { n, _, _ := records(dir); return len(n) == photos }, 20*time.Minute)
	took := time.Since(began)
	n, after := time.Duration(photos), used()
	to, from = hub.to.Load()-to, hub.from.Load()-from
	r.photos, r.moved, r.to, r.from = photos, (moved()-carried-to-from)/int64(photos), to/int64(photos), from/int64(photos)
	spent := func(role string) time.Duration {
		idle := time.Duration(float64(r.idle) * took.Seconds() / 3) // about a third each
		return (after[role] - before[role] - idle) / n
	}
	r.worker, r.hub, r.watcher = spent("worker"), spent("hub"), spent("watcher")
	times, in, out := records(dir)
	slices.SortFunc(times, time.Time.Compare)
	first, last := min(2*workers, photos-1), max(photos-1-2*workers, 1)
	r.rate = float64(last-first) / times[last].Sub(times[first]).Seconds()
	r.in, r.out = in, out
	return r
}

func folder() (dir string, done func()) {
	dir, err := os.MkdirTemp("", "pixmill-cluster-")
	check(err)
	check(os.MkdirAll(filepath.Join(dir, "inbox"), 0o755))
	check(os.WriteFile(filepath.Join(dir, "config.toml"), []byte("[hub]\nlisten = \"127.0.0.1:0\"\n[dashboard]\nlisten = \"\"\n"), 0o644))
	return dir, func() { os.RemoveAll(dir) }
}

// drop makes photos appear in the inbox, whole.
func drop(dir string, data []byte, from, to int) {
	for i := from; i < to; i++ {
		temp := filepath.Join(dir, "new")
		check(os.WriteFile(temp, fmt.Appendf(bytes.Clone(data), "%06d", i), 0o644))
		check(os.Rename(temp, filepath.Join(dir, "inbox", fmt.Sprintf("%06d.jpg", i))))
	}
}

// records are when photos were recorded, and what one of them and its outputs have of bytes. A photo that failed ends everything.
func records(dir string) (times []time.Time, in, out int64) {
	text, _ := os.ReadFile(filepath.Join(dir, ".pixmill", "savings.jsonl"))
	for line := range bytes.Lines(text) {
		var r struct {
			Time        time.Time
			Status      string
			SourceBytes int64 `json:"source_bytes"`
			OutputBytes int64 `json:"output_bytes"`
		}
		if json.Unmarshal(line, &r) != nil {
			continue
		}
		if r.Status != "done" {
			fail("a photo failed: %s", line)
		}
		times, in, out = append(times, r.Time), r.SourceBytes, r.OutputBytes
	}
	return times, in, out
}

func await(there func() bool, patience time.Duration) {
	for end := time.Now().Add(patience); !there(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			fail("waited %s in vain", patience)
		}
	}
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "cluster: "+format+"\n", args...)
	os.Exit(1)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
func mb(n int64) float64         { return float64(n) / 1e6 }
