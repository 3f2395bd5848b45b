package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

// shelf is a bucket in memory.
type shelf struct {
	mu      sync.Mutex
	objects map[string][]byte
	puts    int
	asks    int // of anything else
	faulty  bool
	refuse  func(key string) error // nil: nothing
}

func (s *shelf) Put(_ context.Context, key string, data []byte, hash string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if s.refuse != nil {
		if err := s.refuse(key); err != nil {
			return "", err
		}
	}
	if sum := sha256.Sum256(data); hash != "" && hex.EncodeToString(sum[:]) != hash {
		return "", errors.New("the hash is not the data's")
	}
	s.objects[key] = bytes.Clone(data)
	return "etag of " + key, nil
}

func (s *shelf) Has(_ context.Context, key string, size int64, _ string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, there := s.objects[key]
	return there && int64(len(data)) == size, s.fault()
}

func (s *shelf) Get(_ context.Context, key string, size int64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, there := s.objects[key]
	if err := s.fault(); err != nil {
		return nil, err
	}
	if !there || int64(len(data)) != size {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(data), nil
}

func (s *shelf) Remove(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return err
	}
	delete(s.objects, key)
	return nil
}

// fault is every other request's but Put's, while they are to fail.
func (s *shelf) fault() error {
	if s.asks++; s.faulty && s.asks%2 == 1 {
		return errors.New("slow down")
	}
	return nil
}

// shelve has a bed's outputs brought to a shelf.
func (b *bed) shelve() *shelf {
	s := &shelf{objects: map[string][]byte{}}
	b.upload = &Upload{Bucket: Bucket{Name: "photos", Prefix: "site"}, Key: func(path string) (string, error) { return "key/" + path, nil }}
	b.open = func(bucket Bucket) (Place, error) {
		if bucket != b.upload.Bucket {
			return nil, errors.New("another bucket")
		}
		return s, nil
	}
	return s
}

// named gives a photo a name, and its outputs theirs.
func named(w pipeline.Work, name string) pipeline.Work {
	w.Name = name
	w.Names = func() (all []pipeline.Named, err error) {
		for _, o := range resize.Plan(w.Info, w.Recipe) {
			all = append(all, pipeline.Named{Variant: o.Variant, Format: o.Format, Path: name + "-" + o.Variant + "." + o.Format})
		}
		return all, nil
	}
	return w
}

// holds checks that what was sent is on the shelf, as this process makes it.
func (b *bed) holds(s *shelf, w pipeline.Work, made pipeline.Made, err error) {
	b.Helper()
	b.must(err)
	want, err := resize.Process(b.Context(), w.Data, w.Recipe, w.Limits)
	b.must(err)
	if len(made.Sent) != len(want.Outputs) {
		b.Fatalf("%d outputs were sent, want %d", len(made.Sent), len(want.Outputs))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range want.Outputs {
		sum := sha256.Sum256(o.Data)
		path := w.Name + "-" + o.Variant + "." + o.Format
		if got := (pipeline.Sent{Path: path, Bytes: int64(len(o.Data)), Hash: hex.EncodeToString(sum[:]), ETag: "etag of key/" + path}); made.Sent[i] != got {
			b.Errorf("sent %+v, want %+v", made.Sent[i], got)
		}
		if !bytes.Equal(s.objects["key/"+path], o.Data) || made.Outputs[i].Data != nil {
			b.Errorf("%s is not what it should be, or came back as well", path)
		}
	}
}

func TestUpload(t *testing.T) {
	b := newBed(t)
	s := b.shelve()
	m := b.maker()
	b.worker(2)
	b.worker(2)
	var all []*asked
	var works []pipeline.Work
	for n := range 6 {
		w := named(b.photo("scene.jpg", n), "photo"+string(rune('a'+n)))
		works, all = append(works, w), append(all, b.ask(m, w))
	}
	for i, a := range all {
		<-a.done
		b.holds(s, works[i], a.made, a.err)
		a.made.Stored()
	}
	info, err := m.outputs.stream.Info(t.Context())
	b.must(err)
	if info.State.LastSeq != 0 || s.puts != 6*len(all[0].made.Outputs) {
		t.Errorf("%d messages of outputs on the hub, %d objects put", info.State.LastSeq, s.puts)
	}
	b.empty(m)
	// A photo that cannot be made is rejected as ever.
	w := named(b.photo("truncated-50.jpg", 0), "torn")
	if _, err := m.Make(t.Context(), w); !pipeline.Rejects(err) {
		t.Errorf("got %v", err)
	}
}

// A worker that may not write there declines, and the dead letter says why.
func TestUploadRefused(t *testing.T) {
	for want, change := range map[string]func(*bed, *shelf){
		"no credentials": func(b *bed, _ *shelf) {
			b.open = func(Bucket) (Place, error) { return nil, errors.New("no credentials") }
		},
		"it goes to no bucket": func(b *bed, _ *shelf) { b.open = nil },
		"access denied": func(_ *bed, s *shelf) {
			s.refuse = func(string) error { return &RefusedError{errors.New("access denied")} }
		},
		"a key that cannot be given": func(b *bed, _ *shelf) {
			b.upload.Key = func(string) (string, error) { return "", errors.New("a key that cannot be given") }
		},
	} {
		t.Run(want, func(t *testing.T) {
			b := newBed(t)
			change(b, b.shelve())
			m := b.maker()
			b.worker(1)
			_, err := m.Make(t.Context(), named(b.photo("scene.jpg", 0), "a"))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
			b.empty(m)
		})
	}
}

// A bucket that has troubles is waited for.
func TestUploadWaits(t *testing.T) {
	b := newBed(t)
	s := b.shelve()
	s.refuse = func(string) error {
		if s.puts < 8 {
			return errors.New("slow down")
		}
		return nil
	}
	m := b.maker()
	b.worker(1)
	w := named(b.photo("scene.jpg", 0), "a")
	made, err := m.Make(t.Context(), w)
	b.holds(s, w, made, err)
	made.Stored()
	b.empty(m)
}

// What comes of a photo's older content never replaces what came of its newer: the older job leaves the queue, and a worker that has it in hand
// writes nothing.
func TestUploadOfAnOlderContent(t *testing.T) {
	b := newBed(t)
	s := b.shelve()
	m := b.maker()
	older, newer := named(b.photo("scene.jpg", 1), "a"), named(b.photo("scene.jpg", 2), "a")
	forgotten, end := context.WithCancel(t.Context()) // a watching side that ended
	held, going := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	open := b.open
	b.open = func(bucket Bucket) (Place, error) {
		if first.CompareAndSwap(false, true) { // is frozen before it puts anything
			close(held)
			<-going
		}
		return open(bucket)
	}
	b.worker(1)
	go m.Make(forgotten, older)
	<-held
	end()
	b.open = open
	b.worker(1)
	made, err := m.Make(t.Context(), newer)
	b.holds(s, newer, made, err)
	made.Stored()
	before := s.puts
	close(going)
	b.eventually("the older one's job to be left alone", func() bool {
		info, err := m.jobs.Info(t.Context())
		b.must(err)
		return info.State.Msgs == 0
	})
	b.holds(s, newer, made, nil)
	if s.puts != before {
		t.Errorf("%d objects were put after the newer ones", s.puts-before)
	}
	// Its result of another life is not taken for what is in the bucket.
	aimed := newJob(newer, nil)
	b.must(aimed.aim(b.upload, newer))
	b.must(m.conn.conclude(t.Context(), aimed.id, 99, result{Version: version, Made: made.Result, Sent: []sent{{Hash: "of before"}}}))
	made, err = b.maker().Make(t.Context(), newer) // which did not hear of it
	b.holds(s, newer, made, err)
}
