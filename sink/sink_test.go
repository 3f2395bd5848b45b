package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pixmill/sink/ledger"
)

// house is a sink with an inbox, all in one temp folder.
type house struct {
	t     *testing.T
	dir   string
	opts  Options
	inbox *os.Root
	warns []string
	*Sink
}

func newHouse(t *testing.T, o Options) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{t: t, dir: dir}
	o.Output, o.State = filepath.Join(dir, "output"), filepath.Join(dir, "state")
	o.Archive, o.Quarantine = filepath.Join(dir, "archive"), filepath.Join(dir, "quarantine")
	o.Warn = func(err error) { h.warns = append(h.warns, err.Error()) }
	h.opts = o
	h.must(os.Mkdir(filepath.Join(dir, "inbox"), 0o755))
	var err error
	h.inbox, err = os.OpenRoot(filepath.Join(dir, "inbox"))
	h.must(err)
	h.reopen()
	t.Cleanup(func() {
		h.inbox.Close()
		h.stop()
	})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// reopen is a restart of the program.
func (h *house) reopen() {
	h.t.Helper()
	h.stop()
	s, err := Open(h.opts)
	h.must(err)
	h.Sink = s
}

// crash is an end without order: the operating system gives the lock back.
func (h *house) crash() {
	h.t.Helper()
	h.must(h.Sink.lock.file.Close())
	h.Sink.lock = nil
	h.stop()
}

// stop is an orderly end of it.
func (h *house) stop() {
	h.t.Helper()
	if h.Sink != nil {
		h.must(h.Close())
		h.Sink = nil
	}
}

// drop writes a file into the inbox; its hash is its text, spelled out to be told apart in six digits.
func (h *house) drop(name, text string) Source {
	h.t.Helper()
	h.must(h.inbox.MkdirAll(filepath.Dir(name), 0o755))
	h.must(h.inbox.WriteFile(name, []byte(text), 0o644))
	info, err := h.inbox.Stat(name)
	h.must(err)
	return Source{Root: h.inbox, Path: name, Name: name, Inbox: true, Size: info.Size(), ModTime: info.ModTime(),
		Hash: fmt.Sprintf("%x", text+"......"), Width: 40, Height: 30}
}

const template = "{dir}/{name}-{variant}.{ext}"

func outputs(text string) []Output {
	return []Output{
		{Variant: "small", Format: "jpeg", Ext: "jpg", Template: template, Recipe: "r1", Width: 4, Height: 3, Data: []byte(text + " small")},
		{Variant: "large", Format: "jpeg", Ext: "jpg", Template: template, Recipe: "r2", Width: 8, Height: 6, Data: []byte(text + " large")},
	}
}

// standing is what a source's outputs are after Recall and Compare.
func (h *house) standing(src Source, outs []Output) []Output {
	h.t.Helper()
	src, _, err := h.Recall(src)
	h.must(err)
	outs, err = h.Compare(src, outs)
	h.must(err)
	return outs
}

// Complete reports whether all of them stand.
func (h *house) Complete(src Source, outs []Output) bool {
	h.t.Helper()
	return !slices.ContainsFunc(h.standing(src, outs), func(o Output) bool { return o.Stands == "" })
}

func (h *house) commit(src Source, text string) Record {
	h.t.Helper()
	rec, err := h.Commit(src, outputs(text), Record{Attempts: 1, DurationMS: 58})
	h.must(err)
	return rec
}

// tree lists all files below a folder of the house, with their content.
func (h *house) tree(folder string) map[string]string {
	h.t.Helper()
	files := map[string]string{}
	root := filepath.Join(h.dir, folder)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		h.t.Fatal(err)
	}
	return files
}

func (h *house) wantTree(folder string, want map[string]string) {
	h.t.Helper()
	got := h.tree(folder)
	if len(got) != len(want) {
		h.t.Errorf("%s holds %q, want %q", folder, got, want)
		return
	}
	for name, text := range want {
		if got[name] != text {
			h.t.Errorf("%s: %s is %q, want %q", folder, name, got[name], text)
		}
	}
}

func TestCommit(t *testing.T) {
	h := newHouse(t, Options{})
	if made := h.tree("."); len(made) != 3 { // the ledger, its write-ahead log in memory and on disk, and the lock
		for name := range made {
			if !strings.HasPrefix(name, "state/") {
				t.Errorf("Open made %s", name)
			}
		}
	}
	src := h.drop("trip/a.jpg", strings.Repeat("x", 100))
	rec := h.commit(src, "a")
	h.wantTree("output", map[string]string{"trip/a-small.jpg": "a small", "trip/a-large.jpg": "a large"})
	info, err := os.Stat(filepath.Join(h.dir, "output/trip/a-small.jpg"))
	h.must(err)
	if !info.ModTime().Equal(src.ModTime) {
		t.Errorf("an output's time is %v, its source's %v", info.ModTime(), src.ModTime)
	}
	if rec.Status != Done || rec.OutputBytes != 14 || rec.SavedBytes != 86 || rec.SavedPercent != 86 {
		t.Errorf("record: %+v", rec)
	}
	var line map[string]any
	h.must(json.Unmarshal([]byte(h.tree("state")["savings.jsonl"]), &line))
	for _, key := range []string{"time", "source", "source_bytes", "outputs", "output_bytes", "saved_bytes", "saved_percent", "duration_ms", "attempts", "status"} {
		if _, ok := line[key]; !ok {
			t.Errorf("the savings line lacks %s: %v", key, line)
		}
	}
	h.wantTree("inbox", map[string]string{"trip/a.jpg": strings.Repeat("x", 100)})
}

func TestComplete(t *testing.T) {
	h := newHouse(t, Options{})
	src := h.drop("a.jpg", "one")
	outs := outputs("")
	check := func(what string, want bool) {
		t.Helper()
		if got := h.Complete(src, outs); got != want {
			t.Errorf("%s: complete is %t, want %t", what, got, want)
		}
	}
	check("at first", false)
	h.commit(src, "a")
	check("committed", true)
	h.reopen()
	check("after a restart", true)
	later := src
	later.ModTime = src.ModTime.Add(time.Second)
	if h.Complete(later, outs) {
		t.Error("a source that changed since is taken for complete")
	}
	more := append(slices.Clone(outs), Output{Variant: "huge", Ext: "jpg", Template: template})
	if h.Complete(src, more) {
		t.Error("a variant that was never made is taken for complete")
	}
	h.stop()
	h.must(os.RemoveAll(filepath.Join(h.dir, "state")))
	h.reopen()
	check("with the ledger lost", true)
	h.reopen()
	check("with the ledger rebuilt", true)
	h.must(os.Truncate(filepath.Join(h.dir, "output/a-small.jpg"), 0))
	h.must(os.Chtimes(filepath.Join(h.dir, "output/a-small.jpg"), src.ModTime, src.ModTime))
	check("with an emptied output", false)
	h.must(os.Remove(filepath.Join(h.dir, "output/a-small.jpg")))
	check("with a deleted output", false)
}

// A run was killed between two renames: what stands is taken over, but the photo is done, and has its one line, only when the rest is
// made; a second kill in between changes nothing.
func TestPartlyTakenOver(t *testing.T) {
	h := newHouse(t, Options{})
	src := h.drop("a.jpg", "one")
	h.commit(src, "a")
	h.stop()
	h.must(os.RemoveAll(h.opts.State))
	h.must(os.Remove(filepath.Join(h.dir, "output/a-large.jpg")))
	h.reopen()
	for range 2 {
		if outs := h.standing(src, outputs("")); outs[0].Stands == "" || outs[1].Stands != "" {
			t.Errorf("stand: %q, %q", outs[0].Stands, outs[1].Stands)
		}
		h.crash()
		h.reopen()
		if lines := h.tree("state")["savings.jsonl"]; lines != "" {
			t.Errorf("logged too early: %s", lines)
		}
	}
	_, err := h.Commit(src, h.standing(src, outputs("a")), Record{Attempts: 1})
	h.must(err)
	h.crash()
	h.reopen()
	if lines := strings.Count(h.tree("state")["savings.jsonl"], "\n"); lines != 1 {
		t.Errorf("%d lines", lines)
	}
	if !h.Complete(src, outputs("")) {
		t.Error("not complete")
	}
	versions, err := h.Sink.ledger.Versions("a.jpg")
	h.must(err)
	if len(versions) != 1 || len(versions[0].Outputs) != 2 {
		t.Errorf("recorded: %+v", versions)
	}
}

// Where originals leave, one that is in the inbox is done only if its content is what was done: the caller has to read it.
func TestDroppedAnewWithTheSameTime(t *testing.T) {
	h := newHouse(t, Options{Done: Archive})
	src := h.drop("a.jpg", "one")
	h.commit(src, "a")
	h.must(h.inbox.WriteFile("a.jpg", []byte("two"), 0o644))
	h.must(h.inbox.Chtimes("a.jpg", src.ModTime, src.ModTime))
	src.Hash = "746f77"
	known, _, err := h.Recall(src)
	h.must(err)
	if !known.Known() || h.Confirm(known).Known() {
		t.Error("another photo of the same name, size and time is taken for the first one")
	}
	known = h.Confirm(known)
	outs, err := h.Compare(known, outputs("b"))
	h.must(err)
	_, err = h.Commit(known, outs, Record{Attempts: 1})
	h.must(err)
	h.wantTree("output", map[string]string{"a-small.jpg": "a small", "a-large.jpg": "a large",
		"a~746f77-small.jpg": "b small", "a~746f77-large.jpg": "b large"})
}

func TestCollision(t *testing.T) {
	for name, between := range map[string]func(*house){
		"in one run":     func(*house) {},
		"over a restart": (*house).reopen,
		"with the state lost": func(h *house) {
			h.stop()
			h.must(os.RemoveAll(h.opts.State))
			h.reopen()
		},
		"with the ledger lost": func(h *house) {
			h.stop()
			h.must(os.Remove(LedgerPath(h.opts.State)))
			h.reopen()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, Options{})
			first, second := h.drop("a.jpg", "one"), h.drop("a.jpeg", "two")
			h.must(h.inbox.Chtimes("a.jpeg", time.Time{}, time.Unix(1e9, 5)))
			second.ModTime = time.Unix(1e9, 5)
			h.commit(first, "first")
			between(h)
			h.commit(second, "second")
			want := map[string]string{
				"a-small.jpg": "first small", "a-large.jpg": "first large",
				"a~74776f-small.jpg": "second small", "a~74776f-large.jpg": "second large",
			}
			h.wantTree("output", want)
			if len(h.warns) != 1 || !strings.Contains(h.warns[0], "a.jpeg") {
				t.Errorf("warnings: %q, want one that names a.jpeg", h.warns)
			}
			for range 2 {
				if !h.Complete(first, outputs("")) || !h.Complete(second, outputs("")) {
					t.Error("not both are complete")
				}
				h.commit(second, "second") // again: the same names
				h.commit(first, "first")
				h.wantTree("output", want)
				h.reopen()
			}
		})
	}
}

func TestNewVersionReplacesItsOutputs(t *testing.T) {
	h := newHouse(t, Options{})
	h.commit(h.drop("a.jpg", "one"), "old")
	h.reopen()
	h.commit(h.drop("a.jpg", "two"), "new")
	h.wantTree("output", map[string]string{"a-small.jpg": "new small", "a-large.jpg": "new large"})
}

// When originals leave the inbox, the same name again is another photo, and the outputs of the first may be all there is of it.
func TestSameNameAfterArchiving(t *testing.T) {
	for _, fate := range []Fate{Archive, Delete} {
		t.Run(string(fate), func(t *testing.T) {
			h := newHouse(t, Options{Done: fate})
			h.commit(h.drop("a.jpg", "one"), "first")
			h.reopen()
			h.commit(h.drop("a.jpg", "two"), "second")
			h.commit(h.drop("a.jpg", "two"), "second") // dropped once more
			h.wantTree("output", map[string]string{
				"a-small.jpg": "first small", "a-large.jpg": "first large",
				"a~74776f-small.jpg": "second small", "a~74776f-large.jpg": "second large",
			})
			h.wantTree("inbox", nil)
			if fate == Archive {
				h.wantTree("archive", map[string]string{"a.jpg": "one", "a~2.jpg": "two", "a~3.jpg": "two"})
			}
		})
	}
}

func TestFates(t *testing.T) {
	tests := map[string]struct {
		opts    Options
		status  Status
		outside bool
		inbox   map[string]string
		archive map[string]string
		moved   string // quarantined name
	}{
		"done, keep":             {status: Done, inbox: map[string]string{"sub/a.jpg": "one"}},
		"done, archive":          {opts: Options{Done: Archive}, status: Done, archive: map[string]string{"sub/a.jpg": "one"}},
		"done, delete":           {opts: Options{Done: Delete}, status: Done},
		"done, delete, outside":  {opts: Options{Done: Delete}, status: Done, outside: true, inbox: map[string]string{"sub/a.jpg": "one"}},
		"rejected, keep":         {opts: Options{Done: Delete}, status: Rejected, inbox: map[string]string{"sub/a.jpg": "one"}},
		"rejected, quarantine":   {opts: Options{Failed: Quarantine}, status: Rejected, moved: "sub/a.jpg"},
		"dead, quarantine":       {opts: Options{Failed: Quarantine}, status: Dead, moved: "sub/a.jpg"},
		"skipped, quarantine":    {opts: Options{Failed: Quarantine}, status: Skipped, inbox: map[string]string{"sub/a.jpg": "one"}},
		"rejected, q., outside":  {opts: Options{Failed: Quarantine}, status: Rejected, outside: true, inbox: map[string]string{"sub/a.jpg": "one"}},
		"done, failed elsewhere": {opts: Options{Failed: Quarantine}, status: Done, inbox: map[string]string{"sub/a.jpg": "one"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, test.opts)
			src := h.drop("sub/a.jpg", "one")
			src.Inbox = !test.outside
			if test.status == Done {
				h.commit(src, "a")
			} else {
				_, err := h.Fail(src, Record{Status: test.status, Reason: "too large", Attempts: 1})
				h.must(err)
			}
			h.wantTree("inbox", test.inbox)
			h.wantTree("archive", test.archive)
			quarantine := h.tree("quarantine")
			if test.moved == "" {
				if len(quarantine) != 0 {
					t.Errorf("quarantine holds %v", quarantine)
				}
				return
			}
			var rec Record
			h.must(json.Unmarshal([]byte(quarantine[test.moved+".json"]), &rec))
			if quarantine[test.moved] != "one" || rec.Reason != "too large" || rec.Status != test.status || len(quarantine) != 2 {
				t.Errorf("quarantine holds %v", quarantine)
			}
		})
	}
}

func TestChangedOriginalIsLeftAlone(t *testing.T) {
	h := newHouse(t, Options{Done: Delete})
	src := h.drop("a.jpg", "one")
	h.must(h.inbox.WriteFile("a.jpg", []byte("a newer one"), 0o644))
	h.commit(src, "a")
	h.wantTree("inbox", map[string]string{"a.jpg": "a newer one"})
	if len(h.warns) != 1 {
		t.Errorf("warnings: %q", h.warns)
	}
}

// The ledger must have the record before the original goes; the original must be untouched when it cannot be written.
func TestOriginalStaysWithoutRecord(t *testing.T) {
	h := newHouse(t, Options{Done: Delete, Failed: Quarantine})
	h.Sink.ledger = refusing{h.Sink.ledger}
	src := h.drop("a.jpg", "one")
	if _, err := h.Commit(src, outputs("a"), Record{}); !errors.Is(err, errRefused) {
		t.Error("Commit:", err)
	}
	if _, err := h.Fail(src, Record{Status: Dead}); !errors.Is(err, errRefused) {
		t.Error("Fail:", err)
	}
	h.wantTree("inbox", map[string]string{"a.jpg": "one"})
}

var errRefused = errors.New("refused")

// refusing is a ledger that cannot be written.
type refusing struct{ recorder }

func (refusing) Commit(ledger.Entry) error { return errRefused }

// A failure half-way leaves no temp, and nothing partial under a final name; once its cause is gone Commit goes through.
func TestFailedWrite(t *testing.T) {
	h := newHouse(t, Options{Done: Delete})
	src := h.drop("a.jpg", "one")
	blocker := filepath.Join(h.dir, "output", "sub")
	h.must(os.MkdirAll(filepath.Dir(blocker), 0o755))
	h.must(os.WriteFile(blocker, []byte("a file where a folder must be"), 0o644))
	outs := outputs("a")
	outs[1].Template = "sub/{name}.{ext}"
	if _, err := h.Commit(src, outs, Record{}); err == nil || !strings.Contains(err.Error(), "a.jpg") {
		t.Errorf("got %v, want an error that names a.jpg", err)
	}
	h.wantTree("output", map[string]string{"sub": "a file where a folder must be"})
	h.wantTree("inbox", map[string]string{"a.jpg": "one"})
	h.must(os.Remove(blocker))
	_, err := h.Commit(src, outs, Record{})
	h.must(err)
	h.wantTree("output", map[string]string{"a-small.jpg": "a small", "sub/a.jpg": "a large"})
	h.wantTree("inbox", nil)
}

func TestTornLog(t *testing.T) {
	h := newHouse(t, Options{})
	h.commit(h.drop("a.jpg", "one"), "a")
	h.commit(h.drop("b.jpg", "two"), "b")
	h.stop()
	h.must(os.Remove(LedgerPath(h.opts.State)))
	log := filepath.Join(h.opts.State, "savings.jsonl")
	info, err := os.Stat(log)
	h.must(err)
	h.must(os.Truncate(log, info.Size()-20))
	h.reopen()
	h.commit(h.drop("a.jpeg", "three"), "c")
	if _, there := h.tree("output")["a~746872-small.jpg"]; !there {
		t.Errorf("the whole line before the torn one was not read: %v", h.tree("output"))
	}
	lines := strings.Split(strings.TrimSuffix(h.tree("state")["savings.jsonl"], "\n"), "\n")
	var last Record
	if len(lines) != 3 || json.Unmarshal([]byte(lines[2]), &last) != nil || last.Source != "a.jpeg" {
		t.Errorf("the line after the torn one is not whole: %q", lines)
	}
}

// However many sources want one name at the same moment, each gets its own.
func TestCollisionsAtOnce(t *testing.T) {
	h := newHouse(t, Options{})
	h.opts.Warn = nil
	h.reopen()
	var wg sync.WaitGroup
	for i := range 20 {
		src := h.drop("a."+strings.Repeat("j", i+1), fmt.Sprintf("%c content", 'a'+i))
		wg.Go(func() {
			if _, err := h.Commit(src, outputs(src.Name), Record{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	contents := map[string]bool{}
	for _, text := range h.tree("output") {
		contents[text] = true
	}
	if len(contents) != 40 {
		t.Errorf("%d different outputs of 40 survived", len(contents))
	}
}

func TestRecordString(t *testing.T) {
	done := Record{Source: "img001.jpg", Width: 4032, Height: 3024, SourceBytes: 3_200_000, Outputs: make([]OutputRecord, 3),
		OutputBytes: 412_000, SavedPercent: SavedPercent(3_200_000, 412_000), DurationMS: 58.2, Status: Done}
	tests := map[string]struct {
		rec  Record
		want string
	}{
		"done":     {done, "img001.jpg  4032×3024  3.2 MB → 3 files, 412 kB (−87%)  58 ms"},
		"grown":    {Record{Source: "a.png", Width: 5, Height: 5, SourceBytes: 100, Outputs: make([]OutputRecord, 1), OutputBytes: 150, SavedPercent: -50, DurationMS: 1500, Status: Done}, "a.png  5×5  100 B → 1 file, 150 B (+50%)  1.5 s"},
		"rejected": {Record{Source: "b.jpg", Width: 5000, Height: 10, SourceBytes: 2000, Status: Rejected, Reason: "image too large"}, "b.jpg  5000×10  2.0 kB  rejected: image too large"},
		"unread":   {Record{Source: "c.jpg", Status: Dead, Reason: "no"}, "c.jpg  dead: no"},
		"tiny":     {Record{Source: "a.jpg", Width: 9, Height: 9, SourceBytes: 1_700_000, Outputs: make([]OutputRecord, 1), OutputBytes: 600, SavedPercent: SavedPercent(1_700_000, 600), Status: Done}, "a.jpg  9×9  1.7 MB → 1 file, 600 B (−99%)  0 ms"},
		"leftward": {Record{Source: "\u202egpj.exe", Status: Dead, Reason: "no"}, "�gpj.exe  dead: no"},
		"escapes":  {Record{Source: "a\x1b[2J\n.jpg", Status: Dead, Reason: "no"}, "a�[2J�.jpg  dead: no"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.rec.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSameTime(t *testing.T) {
	source := time.Unix(1_700_000_001, 123)
	for name, test := range map[string]struct {
		output time.Time
		want   bool
	}{
		"equal":               {source, true},
		"whole seconds":       {time.Unix(1_700_000_001, 0), true},
		"even seconds (FAT)":  {time.Unix(1_700_000_000, 0), true},
		"later":               {time.Unix(1_700_000_002, 0), false},
		"much earlier":        {time.Unix(1_699_999_999, 0), false},
		"nanoseconds differ":  {time.Unix(1_700_000_001, 124), false},
		"nanoseconds earlier": {time.Unix(1_700_000_001, 1), false},
	} {
		if got := sameTime(source, test.output); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		source, output time.Time
		want           bool
	}{
		"1970 on FAT":                          {year(1970), year(1980), true},
		"1970 on FAT, in another zone":         {year(1970), year(1980).Add(8 * time.Hour), true},
		"1970 where it can be kept":            {year(1970), year(1970), true},
		"another one, where both can be kept":  {year(1960), year(1970), false},
		"newer than that":                      {year(1981), year(1980), false},
		"2100 where time ends in 2038":         {year(2100), time.Unix(1<<31-1, 0), true},
		"2300, which Chtimes can't be told":    {year(2300), time.Unix(0, 1<<63-1), true},
		"2030, which is nobody's end":          {year(2100), year(2030), false},
		"an output that is younger, near 2038": {year(2037), year(2038), false},
	} {
		if got := sameTime(test.source, test.output); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if sameTime(time.Unix(100, 0), time.Unix(99, 0)) {
		t.Error("a source of whole seconds, changed one second later, is taken for unchanged")
	}
}

func TestPaths(t *testing.T) {
	for _, test := range []struct{ source, template, want string }{
		{"a.jpg", template, "a-v.jpg"},
		{"x/y/a.b.png", template, "x/y/a.b-v.jpg"},
		{"x/.jpg", template, "x/.jpg-v.jpg"},
		{"noext", template, "noext-v.jpg"},
		{"x/a.jpg", "{variant}/{dir}/{name}.{format}.{ext}", "v/x/a.jpeg.jpg"},
		{"{name}.jpg", template, "{name}-v.jpg"},
		{"a.jpg", "flat/{name}.{ext}", "flat/a.jpg"},
		{"a.jpg", "{name}.{other}.{ext", "a.{other}.{ext"},
		{"x/" + strings.Repeat("n", 250) + ".jpg", template, "x/" + strings.Repeat("n", 227) + "~213b83-v.jpg"},
		{strings.Repeat("n", 234) + ".jpg", template, strings.Repeat("n", 234) + "-v.jpg"},
		{strings.Repeat("日", 80) + "1.jpg", template, strings.Repeat("日", 75) + "~71ae8a-v.jpg"},
		{strings.Repeat("日", 80) + "2.jpg", template, strings.Repeat("日", 75) + "~6340c5-v.jpg"},
	} {
		o := Output{Variant: "v", Format: "jpeg", Ext: "jpg", Template: test.template}
		if got := o.path(Source{Path: test.source}, ""); got != test.want {
			t.Errorf("%s by %s: got %s, want %s", test.source, test.template, got, test.want)
		}
	}
}
