//go:build unix

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// bench/chaos.sh runs TestFleet for longer.
var (
	fleetPhotos = flag.Int("fleet.photos", 60, "how many photos TestFleet has made, with three hubs; with one, half of them")
	fleetThree  = flag.Bool("fleet.three", false, "also over three hubs, whose elections take minutes of a busy machine")
	fleetFreeze = flag.Duration("fleet.freeze", 2500*time.Millisecond, "how long TestFleet freezes a member, or cuts a hub off")
)

// TestFleet has photos made by four workers for two watching sides over one hub or three, and meanwhile kills, freezes and cuts off whoever it
// likes. In the end every photo is there, whole, and was recorded once.
func TestFleet(t *testing.T) {
	t.Run("hubs=1", func(t *testing.T) { newFleet(t, 1).run(*fleetPhotos / 2) })
	if *fleetThree {
		t.Run("takeover", takeover)
		t.Run("hubs=3", func(t *testing.T) { newFleet(t, 3).run(*fleetPhotos) })
	}
}

// member is a process that is started again when it was killed.
type member struct {
	name string
	dir  string
	skew time.Duration // what its clock is ahead
	args []string
	log  *os.File
	cmd  *exec.Cmd
}

type fleet struct {
	*testing.T
	random                  *rand.Rand
	dir                     string
	hubs, watchers, workers []*member
	wires                   []between
	url                     string
	photo                   []byte
	reference               map[string][]byte // by variant
	dropped                 [2]int            // photos by watcher
	counts                  map[string]int    // of what was done to members
}

// between is the wire from one hub to another one.
type between struct {
	from, to int
	*wire
}

const fleetToken = "a-token-for-tests"

func newFleet(t *testing.T, hubs int) *fleet {
	f := &fleet{T: t, random: rand.New(rand.NewPCG(1, uint64(hubs))), dir: t.TempDir(), counts: map[string]int{}}
	photo, err := os.ReadFile(filepath.Join("testdata", "images", "grey.jpg"))
	f.must(err)
	f.photo = photo
	f.makeReference()
	ports := f.freePorts(2 * hubs)
	var urls []string
	for i := range hubs {
		urls = append(urls, fmt.Sprintf("nats://%s@127.0.0.1:%d", fleetToken, ports[i]))
	}
	f.url = strings.Join(urls, ",")
	for i := range hubs {
		var peers []string
		for j := range hubs {
			if i != j {
				w := newWire(t, fmt.Sprintf("127.0.0.1:%d", ports[hubs+j]))
				f.wires = append(f.wires, between{i, j, w})
				peers = append(peers, fmt.Sprintf("%q", "nats://"+w.listener.Addr().String()))
			}
		}
		f.hubs = append(f.hubs, f.member(fmt.Sprint("hub", i), fmt.Sprintf("[cluster]\nname = \"hub%d\"\n[hub]\ntoken = %q\nlisten = \"127.0.0.1:%d\"\npeer_listen = \"127.0.0.1:%d\"\npeers = [%s]\n",
			i, fleetToken, ports[i], ports[hubs+i], strings.Join(peers, ", ")), "hub"))
	}
	for i := range 2 {
		f.watchers = append(f.watchers, f.member(fmt.Sprint("watcher", i), fmt.Sprintf(`widths = [40, 80]
[pool]
max_attempts = 50
[cluster]
url = %q
replicas = %d
queue = 12
in_flight = 10
ack_wait = "2s"
[dashboard]
listen = ""
`, f.url, hubs), "watch", "--cluster"))
		f.must(os.Mkdir(filepath.Join(f.watchers[i].dir, "inbox"), 0o755))
	}
	for i := range 4 {
		f.workers = append(f.workers, f.member(fmt.Sprint("worker", i), fmt.Sprintf("[pool]\nworkers = 1\n[cluster]\nurl = %q\n", f.url), "worker"))
	}
	f.skewClocks()
	t.Cleanup(func() {
		for _, m := range f.all() {
			f.kill(m)
			if t.Failed() {
				text, _ := os.ReadFile(m.log.Name())
				t.Logf("%s:\n%s", m.name, text)
			}
			m.log.Close()
		}
	})
	return f
}

func (f *fleet) all() []*member { return slices.Concat(f.hubs, f.watchers, f.workers) }

func (f *fleet) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fleet) member(name, config string, args ...string) *member {
	m := &member{name: name, dir: filepath.Join(f.dir, name), args: append(args, "--log-format", "text")}
	f.must(os.Mkdir(m.dir, 0o755))
	f.must(os.WriteFile(filepath.Join(m.dir, "config.toml"), []byte(config), 0o644))
	var err error
	m.log, err = os.Create(filepath.Join(f.dir, name+".log"))
	f.must(err)
	return m
}

// freePorts are free now; nobody else is likely to take them in the next second.
func (f *fleet) freePorts(n int) (ports []int) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		f.must(err)
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (f *fleet) makeReference() {
	dir := f.TempDir()
	f.must(os.MkdirAll(filepath.Join(dir, "inbox"), 0o755))
	f.must(os.WriteFile(filepath.Join(dir, "inbox", "a.jpg"), f.photo, 0o644))
	f.must(os.WriteFile(filepath.Join(dir, "config.toml"), []byte("widths = [40, 80]\n"), 0o644))
	cmd := exec.Command("pixmill", "run")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	f.reference = map[string][]byte{}
	for _, v := range []string{"40w", "80w"} {
		data, err := os.ReadFile(filepath.Join(dir, "output", "a-"+v+".jpg"))
		f.must(err)
		f.reference[v] = data
	}
}

func (f *fleet) start(m *member) {
	f.Helper()
	m.cmd = exec.Command("pixmill", m.args...)
	m.cmd.Dir, m.cmd.Stdout, m.cmd.Stderr = m.dir, m.log, m.log
	m.cmd.Env = m.env()
	f.must(m.cmd.Start())
}

func (f *fleet) kill(m *member) {
	if m.cmd == nil {
		return
	}
	m.cmd.Process.Kill()
	m.cmd.Wait()
	m.cmd = nil
}

// freeze stops a member without a word, and lets it go on later.
func (f *fleet) freeze(m *member, d time.Duration) {
	f.must(m.cmd.Process.Signal(syscall.SIGSTOP))
	time.Sleep(d)
	f.must(m.cmd.Process.Signal(syscall.SIGCONT))
}

// part cuts a hub off from the other hubs; its clients still reach it.
func (f *fleet) part(m *member, d time.Duration) {
	k := slices.Index(f.hubs, m)
	for _, cut := range []bool{true, false} {
		for _, b := range f.wires {
			if b.from == k || b.to == k {
				b.set(cut)
			}
		}
		if !cut {
			return
		}
		time.Sleep(d)
		if len(f.hubs) == 1 || d < election {
			continue
		}
		others := slices.DeleteFunc(strings.Split(f.url, ","), func(url string) bool { return url == strings.Split(f.url, ",")[k] })
		if leads := f.leads(strings.Join(others, ",")); leads == "" || leads == m.name {
			f.Errorf("%s is cut off since %s, and the others say that %q leads", m.name, d, leads)
		}
	}
}

// election is how long two hubs take at most, on a busy machine, to agree that the third is gone.
const election = 12 * time.Second

// run drops photos, disturbs, waits and checks.
func (f *fleet) run(photos int) {
	for _, m := range f.all() {
		f.start(m)
	}
	began := time.Now()
	disturbances := []struct {
		name string
		do   func()
	}{
		{"killed a worker", func() { f.replace(f.workers[f.random.IntN(4)], syscall.SIGKILL) }},
		{"ended a worker", func() { f.replace(f.workers[f.random.IntN(4)], syscall.SIGTERM) }},
		{"killed a watcher", func() { f.replace(f.watchers[f.random.IntN(2)], syscall.SIGKILL) }},
		{"killed the hub that leads", func() { f.replace(f.leader(), syscall.SIGKILL) }},
		{"froze a worker", func() { f.freeze(f.workers[f.random.IntN(4)], *fleetFreeze) }},
		{"froze a watcher", func() { f.freeze(f.watchers[f.random.IntN(2)], *fleetFreeze) }},
		{"froze a hub", func() { f.freeze(f.hubs[f.random.IntN(len(f.hubs))], *fleetFreeze) }},
		{"cut a hub off from the others", func() { f.part(f.leader(), *fleetFreeze) }},
	}
	next := 0
	for _, d := range disturbances {
		for end := (next + photos/len(disturbances) + 1); next < min(end, photos); next++ {
			f.drop(next)
		}
		time.Sleep(time.Duration(f.random.IntN(500)) * time.Millisecond)
		d.do()
		f.counts[d.name]++
	}
	for ; next < photos; next++ {
		f.drop(next)
	}
	// Hubs and leaders take up to 10 s to find each other again; a lost job is missed after 2 s, and looked for after 15 at most.
	f.await(2*time.Minute + time.Duration(photos)*time.Second/4)
	f.Logf("%d photos in %s; %v", photos, time.Since(began).Round(100*time.Millisecond), f.counts)
	f.check()
}

// replace ends a member and starts it again.
func (f *fleet) replace(m *member, how syscall.Signal) {
	f.must(m.cmd.Process.Signal(how))
	m.cmd.Wait()
	m.cmd = nil
	time.Sleep(time.Duration(f.random.IntN(300)) * time.Millisecond)
	f.start(m)
}

// leader is the hub that has the queue in its hands, or any that is there.
func (f *fleet) leader() *member {
	leads := f.leads(f.url)
	if i := slices.IndexFunc(f.hubs, func(m *member) bool { return m.name == leads }); i >= 0 {
		return f.hubs[i]
	}
	return f.hubs[0]
}

// leads is the name of the hub that leads, as those at url see it; "" where they don't know.
func (f *fleet) leads(url string) string {
	ctx, cancel := context.WithTimeout(f.Context(), 5*time.Second)
	defer cancel()
	nc, err := nats.Connect(url, nats.IgnoreDiscoveredServers())
	f.must(err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	f.must(err)
	if s, err := js.Stream(ctx, "PIXMILL_JOBS"); err == nil && s.CachedInfo().Cluster != nil {
		return s.CachedInfo().Cluster.Leader
	}
	return ""
}

// drop puts the next photo into one of the inboxes; each tenth into both.
func (f *fleet) drop(n int) {
	data := append(bytes.Clone(f.photo), byte(n), byte(n>>8)) // behind the end of the image: another hash, the same pixels
	for i, w := range f.watchers {
		if n%2 == i || n%10 == 0 {
			f.must(os.WriteFile(filepath.Join(w.dir, "inbox", fmt.Sprintf("%05d.jpg", n)), data, 0o644))
			f.dropped[i]++
		}
	}
}

// images is how many photos a watcher's ledger has.
func (f *fleet) images(w *member) int {
	cmd := exec.Command("pixmill", "status", "--json")
	cmd.Dir = w.dir
	out, err := cmd.Output()
	var status struct {
		Images   int
		Failures []json.RawMessage
	}
	if err != nil || json.Unmarshal(out, &status) != nil { // it has no ledger yet
		return 0
	}
	for _, failure := range status.Failures {
		f.Errorf("%s: %s", w.name, failure)
	}
	return status.Images
}

func (f *fleet) await(patience time.Duration) {
	f.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		done := [2]int{f.images(f.watchers[0]), f.images(f.watchers[1])}
		if done == f.dropped {
			return
		}
		if time.Now().After(end) || f.Failed() {
			f.Fatalf("%v of %v photos are done after %s", done, f.dropped, patience)
		}
	}
}
