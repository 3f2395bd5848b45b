package watcher_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pixmill/watcher"
)

// bench/stress.sh sets larger ones.
var (
	burst   = flag.Int("stress.files", 3000, "files of a burst")
	nested  = flag.Int("stress.folders", 400, "folders made at once, ten deep")
	seconds = flag.Float64("stress.seconds", 1.5, "how long everything happens at once")
	seed    = flag.Uint64("stress.seed", 1, "of what happens then")
)

// figures are what a story of whole files of 100 bytes that came once each has shown.
func (b *inbox) figures(began time.Time) {
	b.Helper()
	early, s := 0, b.w.Stats()
	for _, f := range b.came() {
		if f.Size != 100 {
			early++
		}
	}
	b.Logf("%d files in %.1f s: 0 missed, %d early, 0 twice; %d folders watched, %d overflows, %d scans",
		len(b.names()), time.Since(began).Seconds(), early, s.Watches, s.Overflows, s.Rescans)
	if early > 0 {
		b.Fail()
	}
}

func TestBurst(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		began := time.Now()
		b.start(o)
		var names []string
		for i := range *burst {
			name := fmt.Sprintf("%02d/%05d.jpg", i%37, i)
			names = append(names, name)
			b.write(b.path(name), jpeg(100))
		}
		b.want(names...)
		b.figures(began)
	})
}

func TestNestedFolders(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		began := time.Now()
		b.start(o)
		var names []string
		for i := range *nested / 10 {
			dir := fmt.Sprint(i)
			for range 10 {
				names = append(names, dir+"/a.jpg")
				b.write(b.path(dir+"/a.jpg"), jpeg(100))
				dir += "/d"
			}
		}
		b.want(names...)
		b.figures(began)
	})
}

// version is a file of a size that no other one has, under one of its names.
type version struct {
	name string
	size int
}

// chaos is what happens to an inbox while it is watched, and what must come of it.
type chaos struct {
	*inbox
	mu    sync.Mutex
	last  int              // size
	whole map[version]bool // was complete under that name, if only for a moment
	stays map[string]int   // what is there at the end
}

// size gives one out.
func (c *chaos) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	return c.last
}

// is notes that a version is complete, before it is so; stays that it is so at the end.
func (c *chaos) is(name string, size int, stays bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole[version{name, size}] = true
	if stays {
		c.stays[name] = size
	}
}

// act does one thing with a name that nobody else has.
func (c *chaos) act(name string, r *rand.Rand) {
	path, size := c.path(name), c.size()
	beside := filepath.Join(c.outside, filepath.Base(name))
	c.must(os.MkdirAll(filepath.Dir(path), 0o755))
	pause := func() { time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond) }
	switch r.IntN(8) {
	case 0: // written at once
		c.is(name, size, true)
		c.write(path, jpeg(size))
	case 1: // grows
		f, err := os.Create(path)
		c.must(err)
		data := jpeg(size)
		for from := range 5 {
			pause()
			if from == 4 {
				c.is(name, size, true)
			}
			_, err := f.Write(data[size*from/5 : size*(from+1)/5])
			c.must(err)
		}
		c.must(f.Close())
	case 2: // moved in
		c.write(beside, jpeg(size))
		c.is(name, size, true)
		c.must(os.Rename(beside, path))
	case 3: // vanishes
		c.is(name, size, false)
		c.write(path, jpeg(size))
		pause()
		c.must(os.Remove(path))
	case 4: // moved out
		c.is(name, size, false)
		c.write(path, jpeg(size))
		pause()
		c.must(os.Rename(path, beside))
	case 5: // replaced, by another file and in place
		c.is(name, size, false)
		c.write(path, jpeg(size))
		pause()
		size = c.size()
		c.write(beside, jpeg(size))
		c.is(name, size, true)
		c.must(os.Rename(beside, path))
	case 6: // renamed
		c.is(name, size, false)
		c.write(path, jpeg(size))
		pause()
		c.is("renamed-"+filepath.Base(name), size, true)
		c.must(os.Rename(path, c.path("renamed-"+filepath.Base(name))))
	case 7: // two names
		c.write(beside, jpeg(size))
		c.is(name, size, true)
		c.is("second-"+filepath.Base(name), size, true)
		c.must(os.Link(beside, path))
		pause()
		c.must(os.Link(path, c.path("second-"+filepath.Base(name))))
	}
}

// Whatever happens side by side: what is there at the end came, nothing came before it was whole, and nothing twice.
func TestEverythingAtOnce(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		c := &chaos{inbox: b, last: 1000, whole: map[version]bool{}, stays: map[string]int{}}
		b.start(o)
		var actors sync.WaitGroup
		end := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
		for actor := range 4 {
			actors.Go(func() {
				r := rand.New(rand.NewPCG(*seed, uint64(actor)))
				for i := 0; time.Now().Before(end); i++ {
					c.act(fmt.Sprintf("%d/%d/%d-%d.jpg", r.IntN(5), r.IntN(20), actor, i), r)
				}
			})
		}
		actors.Wait()
		missing := maps.Clone(c.stays)
		b.until("all that stays", func() bool {
			for _, f := range b.came() {
				if missing[f.Path] == int(f.Size) {
					delete(missing, f.Path)
				}
			}
			return len(missing) == 0
		})
		time.Sleep(400 * time.Millisecond) // in which one too many would come
		times, early, twice := map[version]int{}, 0, 0
		for _, f := range b.came() {
			v := version{f.Path, int(f.Size)}
			if !c.whole[v] {
				early++
			}
			if times[v]++; times[v] == 2 {
				twice++
			}
		}
		b.Logf("%d versions, %d stay; 0 missed, %d early, %d twice; %d came; seed %d", len(c.whole), len(c.stays), early, twice, len(times), *seed)
		if early+twice > 0 || len(c.stays) < 20 {
			b.Fail()
		}
	})
}
