package sink

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func hashedOutputs(text, recipe string) []Output {
	outs := outputs(text)
	for i := range outs {
		outs[i].Template, outs[i].Recipe = "{dir}/{name}-{variant}.{hash}.{ext}", recipe
	}
	return outs
}

// Names with {hash} change with the content and with the recipe, and are found again by the ledger without the content being read.
func TestHashedNames(t *testing.T) {
	h := newHouse(t, Options{})
	src := h.drop("a.jpg", "one")
	first, err := h.Commit(src, hashedOutputs("a", "r1"), Record{})
	h.must(err)
	name := first.Outputs[0].Path
	if len(name) != len("a-small.01234567.jpg") || name[7] != '.' || first.Outputs[1].Path[8:16] != name[8:16] {
		t.Errorf("outputs are named %q and %q", name, first.Outputs[1].Path)
	}
	unread := src
	unread.Hash = ""
	if !h.Complete(unread, hashedOutputs("", "r1")) {
		t.Error("it does not stand for a source that was not read")
	}
	if outs := h.standing(unread, hashedOutputs("", "r2")); outs[0].Stands != "" || outs[0].Lacks != recipeChanged {
		t.Errorf("with another recipe: %+v", outs[0])
	}
	second, err := h.Commit(src, hashedOutputs("a", "r2"), Record{})
	h.must(err)
	later, err := h.Commit(h.drop("a.jpg", "two"), hashedOutputs("b", "r2"), Record{})
	h.must(err)
	if second.Outputs[0].Path == name || later.Outputs[0].Path == second.Outputs[0].Path {
		t.Errorf("named %s, %s, %s", name, second.Outputs[0].Path, later.Outputs[0].Path)
	}
	// Without the ledger only who has read the content finds them.
	h.stop()
	h.must(os.RemoveAll(h.opts.State))
	h.reopen()
	src = h.drop("a.jpg", "three")
	_, err = h.Commit(src, hashedOutputs("c", "r2"), Record{})
	h.must(err)
	h.stop()
	h.must(os.RemoveAll(h.opts.State))
	h.reopen()
	unread = src
	unread.Hash = ""
	if h.Complete(unread, hashedOutputs("", "r2")) {
		t.Error("found without knowing the content")
	}
	if !h.Complete(src, hashedOutputs("", "r2")) {
		t.Error("not found though the content is known")
	}
}

// Where outputs follow their originals, those of before go when their names change.
func TestSupersede(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		h := newHouse(t, Options{Mirror: mirror})
		src := h.drop("trip/a.jpg", "one")
		for _, recipe := range []string{"r1", "r2"} {
			_, err := h.Commit(src, hashedOutputs("a", recipe), Record{})
			h.must(err)
		}
		_, err := h.Commit(h.drop("trip/a.jpg", "other"), hashedOutputs("b", "r2"), Record{})
		h.must(err)
		want := map[bool]int{false: 6, true: 2}[mirror]
		if got := h.tree("output"); len(got) != want {
			t.Errorf("mirror %t: %d outputs, want %d: %v", mirror, len(got), want, got)
		}
	}
}

func TestRemove(t *testing.T) {
	h := newSite(t, Options{Mirror: true})
	h.commit(h.drop("trip/far/a.jpg", "one"), "a")
	h.commit(h.drop("trip/b.jpg", "two"), "b")
	mine := filepath.Join(h.dir, "output", "trip", "far", "a-large.jpg")
	h.must(os.WriteFile(mine, []byte("a person's own"), 0o644))
	rec, err := h.Remove("trip/far/a.jpg")
	h.must(err)
	if rec.Status != Removed || len(rec.Outputs) != 1 || rec.Outputs[0].Path != "trip/far/a-small.jpg" || !strings.Contains(rec.String(), "removed: the original is gone, 1 file less") {
		t.Errorf("got %+v, %s", rec, rec)
	}
	h.wantTree("output", map[string]string{"trip/far/a-large.jpg": "a person's own", "trip/b-small.jpg": "b small", "trip/b-large.jpg": "b large"})
	_, err = h.Remove("trip/b.jpg")
	h.must(err)
	if got := h.sources(); len(got) != 0 {
		t.Errorf("the manifest still has %q", got)
	}
	h.must(os.Remove(mine))
	if rec, err := h.Remove("trip/never.jpg"); err != nil || rec.Status != "" {
		t.Errorf("of one that is not known: %+v, %v", rec, err)
	}
	// An empty album's folder goes with its last photo, and comes again with the next.
	h.commit(h.drop("trip/far/a.jpg", "one"), "a")
	_, err = h.Remove("trip/far/a.jpg")
	h.must(err)
	if _, err := os.Stat(filepath.Join(h.dir, "output", "trip")); !os.IsNotExist(err) {
		t.Errorf("the empty folder stays: %v", err)
	}
	h.commit(h.drop("trip/far/a.jpg", "one"), "a")
	h.wantTree("output", map[string]string{"trip/far/a-small.jpg": "a small", "trip/far/a-large.jpg": "a large"})
	// What was removed does not come back with a ledger that is rebuilt from the log.
	_, err = h.Remove("trip/far/a.jpg")
	h.must(err)
	h.stop()
	h.must(os.Remove(LedgerPath(h.opts.State)))
	h.reopen()
	h.must(h.Sink.ledger.Flush())
	if versions, err := h.Sink.ledger.Versions("trip/far/a.jpg"); err != nil || len(versions) != 0 {
		t.Errorf("rebuilt %v, %v", versions, err)
	}
}

// stubborn refuses to remove some files.
type stubborn struct {
	disk
	refuse *string
}

func (d stubborn) Remove(root *os.Root, name string) error {
	if *d.refuse != "" && strings.Contains(name, *d.refuse) {
		return syscall.EIO
	}
	return d.disk.Remove(root, name)
}

// What could not be removed is known of still, after a crash too, and the next attempt removes it.
func TestRemoveGoesOn(t *testing.T) {
	var refuse string
	h := newHouse(t, Options{Mirror: true, disk: stubborn{system{}, &refuse}})
	h.commit(h.drop("a.jpg", "one"), "a")
	refuse = "large"
	if _, err := h.Remove("a.jpg"); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v", err)
	}
	refuse = ""
	h.crash()
	h.reopen()
	rec, err := h.Remove("a.jpg")
	h.must(err)
	if rec.Status != Removed || len(h.tree("output")) != 0 {
		t.Errorf("got %+v, and %q stand", rec, h.tree("output"))
	}
	h.must(h.Sink.ledger.Flush())
	var names []string
	h.must(h.Names(func(name string) { names = append(names, name) }))
	if len(names) != 0 {
		t.Errorf("the ledger knows %q", names)
	}
}
