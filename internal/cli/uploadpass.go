package cli

import (
	"context"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"pixmill/internal/config"
)

// How long after news, and after something went wrong, the next pass begins; and how much longer than it took to read the ledger, which is long
// where there are very many photos.
const (
	newsPause = 5 * time.Second
	lull      = time.Minute
	passShare = 9
)

// follows reports whether something has to come after a pipeline's outputs.
func follows(p config.Pipeline) bool { return p.Manifest != "" || p.Snippet || p.MirrorDeletes }

// isPage reports whether an output is HTML that shows others.
func isPage(path string) bool { return strings.HasSuffix(path, ".html") }

// turn is a part of a pass, which is waited for before the next one. A nil turn is nobody's.
type turn struct {
	open   atomic.Int64
	failed atomic.Bool
	over   chan struct{}
}

func newTurn() *turn {
	t := &turn{over: make(chan struct{})}
	t.open.Store(1) // until wait
	return t
}

func (t *turn) ended(err error) {
	if t == nil {
		return
	}
	if err != nil {
		t.failed.Store(true)
	}
	if t.open.Add(-1) == 0 {
		close(t.over)
	}
}

// wait waits for what was submitted, and reports whether all of it was done.
func (t *turn) wait(ctx context.Context) bool {
	t.ended(nil)
	select {
	case <-t.over:
		return !t.failed.Load()
	case <-ctx.Done():
		return false
	}
}

// submit queues a job of a turn; false: ctx has ended.
func (u *uploads) submit(ctx context.Context, t *turn, j upload) bool {
	t.open.Add(1)
	j.of = t
	err := u.queue.Submit(ctx, j)
	if err != nil {
		t.ended(err)
	}
	return err == nil
}

// feed makes passes: at the start, some time after news and after something went wrong, and at the end, unless that is in vain.
func (u *uploads) feed(ctx context.Context) {
	defer u.feeding.Store(false)
	for {
		u.pass(ctx)
		select {
		case <-u.more:
		case <-u.ending:
		case <-ctx.Done():
		}
		pause := max(newsPause, passShare*u.looked)
		if u.behind || u.kept.now || u.down.Load() {
			pause = lull
		}
		u.feeding.Store(pause < lull)
		select {
		case <-time.After(pause):
		case <-u.ending:
			if !u.down.Load() {
				u.pass(ctx)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

// pass brings up what the ledger says is not up; then what tells of it, so that whoever reads a manifest finds what it names; and then has go
// what nothing tells of any more.
func (u *uploads) pass(ctx context.Context) {
	u.feeding.Store(true)
	defer u.feeding.Store(false)
	u.looked, u.behind, u.kept.now = 0, true, false
	gone, err := u.orphans() // before the manifests are read, which so name none of these
	var manifests []upload
	if err == nil {
		manifests, err = u.manifests()
	}
	defer func() {
		for _, m := range manifests {
			m.manifest.Close()
		}
	}()
	var pages []string
	if err == nil {
		pages, err = u.scan(ctx)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		u.session.log.Warn("uploads: " + err.Error())
		u.wantMore()
	case pages == nil: // something is not up
	default:
		u.behind = !u.each(ctx, pages, upload{again: true}) || !u.all(ctx, manifests) || !u.each(ctx, gone, upload{gone: true})
		if !u.behind && !u.kept.now && u.kept.told != "" {
			u.kept.told = ""
			u.session.log.Info("what is to go can be removed again")
		}
	}
}

// scan brings up outputs that lack, and returns the paths of the pages among them, which are left for later; nil where something failed.
func (u *uploads) scan(ctx context.Context) (pages []string, err error) {
	t, pages := newTurn(), []string{}
	err = u.read(u.session.sink.Missing, func(path string) bool {
		if isPage(path) {
			pages = append(pages, path)
			return true
		}
		return u.submit(ctx, t, upload{path: path, again: true})
	})
	if !t.wait(ctx) {
		pages = nil
	}
	return pages, err
}

// orphans are the paths of what is up and no output any more, of pipelines whose outputs follow their inboxes.
func (u *uploads) orphans() (gone []string, err error) {
	if !u.follows {
		return nil, nil
	}
	err = u.read(u.session.sink.Orphans, func(path string) bool {
		if p, _ := u.session.config.Locate(path); p.MirrorDeletes {
			gone = append(gone, path)
		}
		return true
	})
	return gone, err
}

// manifests are those of the pipelines, opened as they are now.
func (u *uploads) manifests() (all []upload, err error) {
	defer u.look(time.Now())
	for _, p := range u.session.config.All() {
		if p.Manifest == "" {
			continue
		}
		file, err := u.session.sink.OpenManifest(p.Name)
		if err != nil {
			return all, err
		}
		all = append(all, upload{path: manifestKey(p), manifest: file, again: true})
	}
	return all, nil
}

// manifestKey is a manifest's place in the bucket: the one that it has among the outputs, or beside them.
func manifestKey(p config.Pipeline) string {
	key, err := filepath.Rel(p.Output, p.ManifestFile())
	if err != nil || !filepath.IsLocal(key) {
		key = filepath.Base(p.ManifestFile())
	}
	return path.Join(p.Name, filepath.ToSlash(key))
}

// each does jobs like one, for some paths; false: not all were done.
func (u *uploads) each(ctx context.Context, paths []string, like upload) bool {
	var jobs []upload
	for _, like.path = range paths {
		jobs = append(jobs, like)
	}
	return u.all(ctx, jobs)
}

func (u *uploads) all(ctx context.Context, jobs []upload) bool {
	t := newTurn()
	for _, j := range jobs {
		if !u.submit(ctx, t, j) {
			break
		}
	}
	return t.wait(ctx)
}

// read goes through a list of paths in the ledger, a part at a time, until tell returns false.
func (u *uploads) read(list func(target, after string, n int) ([]string, error), tell func(path string) bool) error {
	for after := ""; ; {
		start := time.Now()
		paths, err := list(u.place.String(), after, batch)
		u.look(start)
		if err != nil {
			return err
		}
		for _, after = range paths {
			if !tell(after) {
				return nil
			}
		}
		if len(paths) < batch {
			return nil
		}
	}
}

// look counts time that was spent on the ledger.
func (u *uploads) look(since time.Time) { u.looked += time.Since(since) }
