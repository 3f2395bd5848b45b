package cluster

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// carry has a bed's bytes travel by a shelf.
func (b *bed) carry() *shelf {
	s := &shelf{objects: map[string][]byte{}}
	b.store = &Store{Bucket{Name: "carried"}, s}
	open := b.open
	b.open = func(bucket Bucket) (Place, error) {
		if bucket == b.store.Bucket {
			return s, nil
		}
		return open(bucket)
	}
	return s
}

// large has more outputs than travel inline.
func (b *bed) large(n int) pipeline.Work {
	w := b.photo("scene.jpg", n)
	w.Recipe = resize.Recipe{Variants: []resize.Variant{{Name: "l", Width: 800, Formats: []string{"png"}}}}
	return w
}

func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.objects)
}

// Photos and outputs travel by the bucket, each put once, and none stays there; nothing of them goes through the servers.
func TestStore(t *testing.T) {
	b := newBed(t)
	s := b.carry()
	m := b.maker()
	r := b.worker(2)
	const photos = 4
	var all sync.WaitGroup
	for i := range photos {
		all.Go(func() {
			w := b.large(i)
			made, err := m.Make(t.Context(), w)
			b.check(w, made, err)
			made.Stored()
		})
	}
	all.Wait()
	b.counts(photos, r)
	for _, of := range []hubStore{m.sources, m.outputs} {
		info, err := of.stream.Info(t.Context())
		b.must(err)
		if info.State.LastSeq != 0 {
			t.Errorf("%d messages were in %s", info.State.LastSeq, of.bucketName())
		}
	}
	if len(s.objects) != 0 || s.puts != 2*photos {
		t.Errorf("%d objects are left of %d that were put", len(s.objects), s.puts)
	}
	b.empty(m)
	// With an Upload only the sources do.
	up := b.shelve()
	b.open = func(bucket Bucket) (Place, error) {
		return map[Bucket]Place{b.store.Bucket: s, b.upload.Bucket: up}[bucket], nil
	}
	m = b.maker()
	r.leave()
	b.worker(1)
	w := named(b.large(photos), "a")
	made, err := m.Make(t.Context(), w)
	b.holds(up, w, made, err)
	made.Stored()
	if len(s.objects) != 0 || s.puts != 2*photos+1 || up.puts != 1 {
		t.Errorf("%d objects are left, %d were put in one and %d in the other bucket", len(s.objects), s.puts-2*photos, up.puts)
	}
}

// A bucket that has troubles is waited for, also to remove what is there.
func TestStoreWaits(t *testing.T) {
	b := newBed(t)
	s := b.carry()
	s.faulty = true
	s.refuse = func(string) error {
		if s.puts%2 == 1 {
			return errors.New("slow down")
		}
		return nil
	}
	m := b.maker()
	b.worker(1)
	w := b.large(0)
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	made.Stored()
	if len(s.objects) != 0 {
		t.Errorf("%d objects are left", len(s.objects))
	}
	b.empty(m)
}

// What is in the bucket already is not put again.
func TestStoreHasIt(t *testing.T) {
	b := newBed(t)
	s := b.carry()
	m := b.maker()
	b.worker(1)
	w := b.photo("scene.jpg", 0) // whose outputs are inline
	s.objects["sources/"+w.Hash] = w.Data
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	made.Stored()
	if s.puts != 0 || len(s.objects) != 0 {
		t.Errorf("%d objects were put, %d are left", s.puts, len(s.objects))
	}
}

// Watching sides whose bytes go by different ways do not find each other's, and each gets the photo by its own.
func TestStoresApart(t *testing.T) {
	b := newBed(t)
	direct := b.maker()
	b.carry()
	m := b.maker()
	r := b.worker(1)
	w := b.large(0)
	first, second := b.ask(direct, w), b.ask(m, w)
	for _, a := range []*asked{first, second} {
		b.eventually("it to be made", func() bool { return !a.pending() })
		b.check(w, a.made, a.err)
		a.made.Stored()
	}
	b.counts(2, r)
	b.empty(m)
}

// What is gone from it, whoever removed it, is put again when a worker misses it, and so are outputs.
func TestStoreLost(t *testing.T) {
	b := newBed(t)
	s := b.carry()
	one, two := b.maker(), b.maker()
	w := b.large(0)
	first, second := b.ask(one, w), b.ask(two, w)
	puts := func() int { s.mu.Lock(); defer s.mu.Unlock(); return s.puts }
	b.eventually("the photo", func() bool { return puts() > 0 })
	b.eventually("the job", func() bool { seq, _ := one.queued(t.Context(), newJob(w, one.store)); return seq != 0 })
	s.clear() // as the other watching side would, once it has what it wanted
	r := b.worker(1)
	for _, a := range []*asked{first, second} {
		b.eventually("it to be made", func() bool { return !a.pending() })
		b.check(w, a.made, a.err)
	}
	b.counts(1, r)
	first.made.Stored()
	b.empty(one)

	// Outputs that are gone are made again.
	made, err := one.Make(t.Context(), w)
	b.check(w, made, err)
	s.clear()
	made, err = one.Make(t.Context(), w)
	b.check(w, made, err)
	b.counts(3, r)
}

// An object that has another content than its name says is as good as none, and replaced.
func TestStoreHoldsAnother(t *testing.T) {
	b := newBed(t)
	s := b.carry()
	m := b.maker()
	r := b.worker(1)
	w := b.large(0)
	s.objects["sources/"+w.Hash] = append([]byte("another"), w.Data[7:]...)
	made, err := m.Make(t.Context(), w)
	b.check(w, made, err)
	b.counts(1, r)
	at := newPlace(s, nil).stores(nil)
	if _, err := fetch(t.Context(), at.sources, blob{Hash: "../outputs/of another", Size: 3}); !errors.Is(err, jetstream.ErrObjectNotFound) {
		t.Errorf("a name that leaves the folder: %v", err)
	}
}

// A worker that may not use the bucket declines.
func TestStoreRefused(t *testing.T) {
	for want, change := range map[string]func(*bed, *shelf){
		"no credentials": func(b *bed, _ *shelf) {
			b.open = func(Bucket) (Place, error) { return nil, errors.New("no credentials") }
		},
		"access denied": func(_ *bed, s *shelf) {
			s.refuse = func(key string) error {
				if strings.HasPrefix(key, "outputs/") {
					return &RefusedError{errors.New("access denied")}
				}
				return nil
			}
		},
		"the watching side is refused": func(_ *bed, s *shelf) {
			s.refuse = func(string) error { return &RefusedError{errors.New("the watching side is refused")} }
		},
	} {
		t.Run(want, func(t *testing.T) {
			b := newBed(t)
			change(b, b.carry())
			m := b.maker()
			b.worker(1)
			_, err := m.Make(t.Context(), b.large(0))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
