package sink

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pixmill/sink/ledger"
)

const place = "s3://photos/site"

// send commits a source whose outputs went to the bucket under the names that were claimed for them.
func (h *house) send(src Source, text string) Record {
	h.t.Helper()
	src, _, err := h.Recall(src)
	h.must(err)
	src, outs, err := h.Twin(h.Confirm(src), outputs(""))
	h.must(err)
	for i := range outs {
		outs[i].Data = nil
	}
	names, _, err := h.Claim(src, outs)
	h.must(err)
	for i, o := range outs {
		if o.Sent == nil {
			outs[i].Sent = &Sent{Path: names[i], Bytes: int64(len(text) + i), Hash: text, ETag: "tag"}
		}
	}
	rec, err := h.Commit(src, outs, Record{Attempts: 1})
	h.must(err)
	return rec
}

func TestSent(t *testing.T) {
	h := newHouse(t, Options{Place: place})
	src, other := h.drop("a.jpg", "one"), h.drop("a.jpeg", "two")
	rec := h.send(src, "made")
	h.wantTree("output", nil)
	if rec.OutputBytes != 9 || rec.Outputs[0].Place != place {
		t.Errorf("recorded as %+v", rec)
	}
	for i, restart := range []func(){func() {}, h.reopen, func() { // the ledger is lost
		h.stop()
		h.must(os.Remove(LedgerPath(h.opts.State)))
		h.reopen()
	}, h.reopen} {
		restart()
		if !h.Complete(src, outputs("")) {
			t.Errorf("restart %d: what is in the bucket is to be made again: %+v", i, h.standing(src, outputs("")))
		}
		if n, err := h.CountMissing(place); n != 0 || err != nil {
			t.Errorf("%d outputs are to be brought up: %v", n, err)
		}
		if names, renamed, err := h.Claim(other, outputs("")); !renamed || err != nil || names[0] != "a~74776f-small.jpg" {
			t.Errorf("another photo of the name gets %q, %v", names, err)
		}
	}
	h.opts.Place = "s3://elsewhere"
	h.reopen()
	if out := h.standing(src, outputs(""))[0]; out.Stands != "" || out.Lacks != "it is at s3://photos/site only" {
		t.Errorf("with another bucket: %+v", out)
	}
	h.commit(src, "here")
	h.wantTree("output", map[string]string{"a-small.jpg": "here small", "a-large.jpg": "here large"})
	h.opts.Place = place
	h.reopen()
	if out := h.standing(src, outputs(""))[0]; out.Stands == "" || out.Place != "" {
		t.Errorf("made here since: %+v", out)
	}
	h.must(h.inbox.WriteFile("a.jpg", []byte("new"), 0o644))
	src.Hash = "6e6577...."
	h.send(src, "anew")
	h.wantTree("output", nil)
}

// A photo that was only touched has its outputs in the bucket already; its copy under another name has not.
func TestSentBefore(t *testing.T) {
	h := newHouse(t, Options{Place: place})
	src := h.drop("a.jpg", "one")
	h.send(src, "made")
	h.reopen()
	src.ModTime = src.ModTime.Add(time.Hour)
	if h.Complete(src, outputs("")) {
		t.Fatal("complete before it was read")
	}
	_, outs, err := h.Twin(src, outputs(""))
	h.must(err)
	for i := range outs {
		outs[i].Data = nil
	}
	if _, outs, err = h.Twin(src, outs); err != nil || outs[0].Sent == nil || outs[0].Sent.Hash != "made" || outs[0].Lacking() {
		t.Fatalf("touched: %+v, %v", outs[0], err)
	}
	if _, err := h.Commit(src, outs, Record{}); err != nil || !h.Complete(src, outputs("")) {
		t.Errorf("%v, or not complete", err)
	}
	src.Name, src.Path = "b.jpg", "b.jpg"
	outs = outputs("")
	outs[0].Data = nil
	if _, outs, err = h.Twin(src, outs); err != nil || outs[0].Sent != nil || !strings.HasPrefix(outs[1].Variant, "large") {
		t.Errorf("a copy: %+v, %v", outs[0], err)
	}
}

// What is up and no output any more may be withdrawn: neither what has become one again nor what is about to, and who wants the name waits.
func TestWithdraw(t *testing.T) {
	h := newHouse(t, Options{})
	src := h.drop("a.jpg", "one")
	outs := outputs("made")
	h.commit(src, "made")
	names, _, err := h.Claim(src, outs)
	h.must(err)
	h.unclaim(src.Name)
	for _, name := range names {
		h.must(h.Uploaded(ledger.Upload{Target: place, Path: name, Hash: "hash"}))
	}
	orphans := func() []string {
		t.Helper()
		list, err := h.Orphans(place, "", 10)
		h.must(err)
		return list
	}
	hash := func() string {
		t.Helper()
		hash, err := h.UploadedHash(place, names[0])
		h.must(err)
		return hash
	}
	removed := 0
	withdraw := func() error { return h.Withdraw(place, names[0], func() error { removed++; return nil }) }
	h.must(withdraw())
	if removed != 0 || len(orphans()) != 0 {
		t.Errorf("an output was removed %d times, and there are %q", removed, orphans())
	}
	_, err = h.Remove(src.Name)
	h.must(err)
	if got := orphans(); !slices.Equal(got, slices.Sorted(slices.Values(names))) {
		t.Errorf("there are %q, want %q", got, names)
	}
	_, _, err = h.Claim(src, outs)
	h.must(err)
	if h.must(withdraw()); removed != 0 {
		t.Error("what is about to become an output was removed")
	}
	h.unclaim(src.Name)
	// What was begun and did not succeed is still up, but for nobody to rely on.
	if err := h.Withdraw(place, names[0], func() error { return errors.New("lost") }); err == nil || hash() != "" || len(orphans()) != 2 {
		t.Errorf("%v, kept as %q, there are %q", err, hash(), orphans())
	}
	var claimed atomic.Bool
	done := make(chan error)
	h.must(h.Withdraw(place, names[0], func() error {
		removed++
		go func() {
			_, _, err := h.Claim(src, outs)
			claimed.Store(true)
			done <- err
		}()
		time.Sleep(20 * time.Millisecond)
		if claimed.Load() {
			t.Error("the name was claimed while it was withdrawn")
		}
		return nil
	}))
	h.must(<-done)
	if removed != 1 || !slices.Equal(orphans(), names[1:]) {
		t.Errorf("removed %d times, there are %q", removed, orphans())
	}
}
