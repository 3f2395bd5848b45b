package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pixmill/sink/ledger"
	"pixmill/sink/manifest"
)

// About is what is told of a photo besides its files.
type About = manifest.About

// Manifest says what a site is told, and where. The zero value is nothing.
type Manifest struct {
	File  string // of JSON; absolute
	List  bool   // it is a bare list of photos
	Base  string // before an output's path, to make its URL
	Sizes string // of a <picture>, as in HTML; "": 100vw
}

// publisher rewrites the manifest of a pipeline from the ledger when something has changed.
type publisher struct {
	folder folder
	stale  atomic.Bool   // the manifest is not what it should be
	coming atomic.Int64  // changes that the ledger may show already, and stale not yet
	wake   chan struct{} // of one place: it has become so
	stop   chan struct{}
	ended  chan struct{}

	mu sync.Mutex // held while writing
}

// The shortest time between two manifests, and how much longer than it took to write one: of a hundred thousand photos it takes seconds.
const (
	publishPause = time.Second
	publishShare = 9
)

// page is how many photos are read from the ledger at a time.
const page = 256

func (s *Sink) startPublishing() {
	for _, b := range s.branches {
		if b.Manifest.File == "" {
			continue
		}
		b.site = &publisher{wake: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
		b.site.folder = folder{path: filepath.Dir(b.Manifest.File), disk: s.disk, flat: true}
		go s.publishing(b)
	}
}

// Tell names the variants that a site is told of, with their formats or "same": those of the pipeline's config. What others made before is told of where a
// photo has nothing else. The manifest is not written before that.
func (s *Sink) Tell(pipeline string, variants map[string][]string) {
	b := s.branch(pipeline)
	b.told.Store(&variants)
	b.change()
}

// change notes that the manifest is no longer true.
func (b *branch) change() {
	if b.site == nil {
		return
	}
	b.site.stale.Store(true)
	select {
	case b.site.wake <- struct{}{}:
	default:
	}
}

// changing is around what changes the ledger, so that whoever has seen a change there does not take the manifest of before for true.
func (b *branch) changing(change func() error) error {
	if b.site != nil {
		b.site.coming.Add(1)
		defer b.site.coming.Add(-1)
	}
	defer b.change()
	return change()
}

// publishing writes a manifest now and then, as long as there is news.
func (s *Sink) publishing(b *branch) {
	defer close(b.site.ended)
	for pause := time.Duration(0); ; {
		select {
		case <-time.After(pause):
		case <-b.site.stop:
			return
		}
		select {
		case <-b.site.wake:
		case <-b.site.stop:
			return
		}
		start := time.Now()
		if err := s.refresh(b); err != nil {
			s.opts.Warn(fmt.Errorf("%w: it is tried again with the next photo", err))
		}
		pause = max(publishPause, publishShare*time.Since(start))
	}
}

// stopPublishing writes the manifests a last time.
func (s *Sink) stopPublishing() (err error) {
	for _, b := range s.branches {
		if b.site == nil {
			continue
		}
		close(b.site.stop)
		<-b.site.ended
		err = errors.Join(err, s.refresh(b))
		b.site.folder.close()
	}
	return err
}

// Publish writes the manifests that are not what they should be; whoever builds a site next finds them true.
func (s *Sink) Publish() (err error) {
	for _, b := range s.branches {
		if b.site != nil {
			err = errors.Join(err, s.refresh(b))
		}
	}
	return err
}

// refresh writes a manifest, if it is not what it should be.
func (s *Sink) refresh(b *branch) error {
	b.site.mu.Lock()
	defer b.site.mu.Unlock()
	coming := b.site.coming.Load() > 0 // before stale, which is set before it ends
	if !b.site.stale.Swap(false) && !coming {
		return nil
	}
	if err := s.publish(b); err != nil {
		b.site.stale.Store(true)
		return fmt.Errorf("%s: the manifest cannot be written: %w", b.Manifest.File, err)
	}
	return nil
}

// publish writes a manifest whole or not at all; one that would be the same is left alone, so that nothing is built for it.
func (s *Sink) publish(b *branch) error {
	if err := s.ledger.Flush(); err != nil {
		return err
	}
	f, name := &b.site.folder, filepath.Base(b.Manifest.File)
	file, temp, err := f.create(name)
	if err != nil {
		return err
	}
	root, err := f.open(false)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	err = s.list(b, manifest.NewWriter(file, b.Manifest.List))
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		if same, _ := f.same(temp, name); same {
			return f.disk.Remove(root, temp)
		}
		err = f.disk.Rename(root, temp, name)
	}
	if err != nil {
		f.disk.Remove(root, temp)
		return err
	}
	return f.disk.SyncFolder(root, ".")
}

// same reports whether two files of a folder have the same content.
func (f *folder) same(one, two string) (bool, error) {
	root, err := f.open(false)
	if err != nil {
		return false, err
	}
	a, err := root.Open(one)
	if err != nil {
		return false, err
	}
	defer a.Close()
	b, err := root.Open(two)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer b.Close()
	return sameContent(a, b)
}

// list gives every photo of a pipeline to a manifest. Names are in order, so that those of a named one stand together.
func (s *Sink) list(b *branch, m *manifest.Writer) error {
	for name, hash := Qualified(b.name, ""), ""; ; {
		sources, err := s.ledger.Page(name, hash, page)
		if err != nil {
			return err
		}
		for _, src := range sources {
			name, hash = src.Name, src.Hash
			switch pipeline, _ := s.Split(name); {
			case pipeline != b.name && b.name != "":
				return m.Close()
			case pipeline != b.name:
				continue
			}
			photo := b.photo(src)
			if len(photo.Outputs) == 0 {
				continue
			}
			if err := m.Add(photo); err != nil {
				return err
			}
		}
		if len(sources) < page {
			return m.Close()
		}
	}
}

// photo is what a site is told of a source. Of one outside the inbox it is not told where it was.
func (b *branch) photo(src ledger.Source) manifest.Photo {
	p := manifest.Photo{Hash: src.Hash, Width: src.Width, Height: src.Height, Modified: src.ModTime.UTC().Format(time.RFC3339),
		Outputs: []manifest.Output{}}
	if about, _ := decodeAbout(src.About); about != nil {
		p.About = *about
	}
	name := b.below(src.Name)
	if filepath.IsAbs(filepath.FromSlash(name)) {
		name = path.Base(name)
	}
	p.Place(name)
	var others []manifest.Output // of variants that are not told of
	for _, o := range src.Outputs {
		made := manifest.Output{Path: b.below(o.Path), Variant: o.Variant, Format: o.Format, Width: o.Width, Height: o.Height, Bytes: o.Bytes}
		switch {
		case o.Variant == pictureVariant:
			p.Snippet = made.Path
		case b.tells(o.Variant, o.Format):
			p.Outputs = append(p.Outputs, made)
		default:
			others = append(others, made)
		}
	}
	if len(p.Outputs) == 0 { // it is still to be made anew, or its folder's config to be read, or its original is gone
		p.Outputs = append(p.Outputs, others...)
	}
	p.Complete(b.Manifest.Base)
	return p
}

// below is a qualified path of the branch without the pipeline's name.
func (b *branch) below(name string) string { return strings.TrimPrefix(name, Qualified(b.name, "")) }

func (b *branch) tells(variant, format string) bool {
	told := b.told.Load()
	if told == nil {
		return false
	}
	formats, known := (*told)[variant]
	return known && len(formats) == 0 || slices.Contains(formats, format) || slices.Contains(formats, "same")
}

// aboutForm comes before an About in the ledger; another number is of another pixmill, which knew other things.
const aboutForm = "1 "

func encodeAbout(a *About) string {
	if a == nil {
		return ""
	}
	text, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Sprintf("what is told of a photo is plain data: %v", err))
	}
	return aboutForm + string(text)
}

// decodeAbout also reads that of another form, as far as it goes; current is whether it is of ours.
func decodeAbout(text string) (a *About, current bool) {
	_, data, found := strings.Cut(text, " ")
	a = new(About)
	if !found || json.Unmarshal([]byte(data), a) != nil {
		return nil, false
	}
	return a, strings.HasPrefix(text, aboutForm)
}
