package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func openTest(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var then = time.Unix(1_700_000_000, 123_456_789)

func photo(name, hash string, outs ...Output) Source {
	return Source{Name: name, Hash: hash, Size: 100, ModTime: then, Width: 4, Height: 3, Format: "jpeg", Probe: []byte("{}"), Status: "done",
		Attempts: 1, Duration: 58 * time.Millisecond, Time: then.Add(time.Hour), Outputs: outs}
}

func output(path, variant, recipe string) Output {
	return Output{Path: path, Variant: variant, Format: "jpeg", Recipe: recipe, Width: 2, Height: 1, Bytes: 10, Time: then.Add(time.Hour)}
}

func commit(t *testing.T, l *Ledger, e Entry) {
	t.Helper()
	if err := l.Commit(e); err != nil {
		t.Fatal(err)
	}
}

// show is what the ledger knows of a name, short enough to compare.
func show(t *testing.T, l *Ledger, name string) string {
	t.Helper()
	all, err := l.Versions(name)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s:%s", s.Hash, s.Status)
		for _, o := range s.Outputs {
			fmt.Fprintf(&b, " %s=%s/%s", o.Path, o.Variant, o.Recipe)
		}
		b.WriteByte(';')
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	for _, folder := range []string{"plain", "with space", "100% #1 ?x=y&z", "ünïcode", "a+b"} {
		if runtime.GOOS == "windows" {
			folder = strings.ReplaceAll(folder, "?", "") // which no name has there
		}
		path := filepath.Join(t.TempDir(), folder, "ledger.db")
		l := openTest(t, path)
		name := "odd\xff\nname'\".jpg"
		want := photo(name, "abc", output("a-s.jpg", "s", "r1"), output("a-t.jpg", "t", "r2"))
		commit(t, l, Entry{Source: want})
		for range 2 {
			got, err := l.Versions(name)
			if err != nil || len(got) != 1 {
				t.Fatalf("%v, %v", got, err)
			}
			want.ID = got[0].ID
			if fmt.Sprint(got[0]) != fmt.Sprint(want) || !got[0].ModTime.Equal(then) {
				t.Errorf("got  %v\nwant %v", got[0], want)
			}
			if owner, ok, err := l.Owner("a-t.jpg"); owner != (Owner{Name: name, Hash: "abc"}) || !ok || err != nil {
				t.Errorf("owner %+v %t %v", owner, ok, err)
			}
			if twins, err := l.Twins("abc"); len(twins) != 1 || err != nil {
				t.Errorf("twins %v, %v", twins, err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err != nil {
				t.Fatal(err)
			}
			l = openTest(t, path)
		}
		l.Close()
	}
}

func TestVersions(t *testing.T) {
	one, two := output("a-s.jpg", "s", "r1"), output("a-t.jpg", "t", "r1")
	again := output("a-s.jpg", "s", "r2")
	moved := output("b-s.jpg", "s", "r1")
	later := photo("a", "h2", output("a~2-s.jpg", "s", "r1"))
	later.Time = later.Time.Add(time.Second)
	failed := photo("a", "h3")
	failed.Status, failed.Reason, failed.Time = "dead", "no", then.Add(2*time.Hour)
	unread := photo("a", "", one)
	for name, test := range map[string]struct {
		entries []Entry
		want    string
	}{
		"one":                      {[]Entry{{Source: photo("a", "h1", one)}}, "h1:done a-s.jpg=s/r1;"},
		"another variant is added": {[]Entry{{Source: photo("a", "h1", one)}, {Source: photo("a", "h1", two)}}, "h1:done a-s.jpg=s/r1 a-t.jpg=t/r1;"},
		"another recipe":           {[]Entry{{Source: photo("a", "h1", one, two)}, {Source: photo("a", "h1", again)}}, "h1:done a-s.jpg=s/r2 a-t.jpg=t/r1;"},
		"another path":             {[]Entry{{Source: photo("a", "h1", one)}, {Source: photo("a", "h1", moved)}}, "h1:done b-s.jpg=s/r1;"},
		"a new version":            {[]Entry{{Source: photo("a", "h1", one, two)}, {Source: later, Replaces: true}}, "h2:done a~2-s.jpg=s/r1;"},
		"side by side":             {[]Entry{{Source: photo("a", "h1", one)}, {Source: later}}, "h2:done a~2-s.jpg=s/r1;h1:done a-s.jpg=s/r1;"},
		"failed after done":        {[]Entry{{Source: photo("a", "h1", one)}, {Source: failed}}, "h3:dead;h1:done a-s.jpg=s/r1;"},
		"failed beside done":       {[]Entry{{Source: photo("a", "h3", one)}, {Source: failed}}, "h3:dead;h3:done a-s.jpg=s/r1;"},
		"done after failed":        {[]Entry{{Source: failed}, {Source: photo("a", "h3", one)}}, "h3:done a-s.jpg=s/r1;"},
		"done otherwise after":     {[]Entry{{Source: failed}, {Source: photo("a", "h1", one)}}, "h1:done a-s.jpg=s/r1;"},
		"read at last":             {[]Entry{{Source: unread}, {Source: photo("a", "h1", two), Replaces: true}}, "h1:done a-s.jpg=s/r1 a-t.jpg=t/r1;"},
		"another source's path":    {[]Entry{{Source: photo("b", "h9", one)}, {Source: photo("a", "h1", one)}}, "h1:done a-s.jpg=s/r1;"},
	} {
		t.Run(name, func(t *testing.T) {
			l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
			defer l.Close()
			for _, e := range test.entries {
				commit(t, l, e)
			}
			if got := show(t, l, "a"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What Commit returned from is there after the process was killed: another connection sees it, the first was never closed.
func TestCommitsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := openTest(t, path)
	defer l.Close()
	var wg sync.WaitGroup
	const n = 300
	for i := range n {
		wg.Go(func() {
			name := fmt.Sprintf("%03d", i)
			if err := l.Commit(Entry{Source: photo(name, name, output(name+"-s", "s", "r"))}); err != nil {
				t.Error(err)
			}
			if got, err := l.Versions(name); len(got) != 1 || err != nil {
				t.Errorf("%s is not seen after Commit: %v, %v", name, got, err)
			}
		})
	}
	wg.Wait()
	other, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if some, err := other.TotalsOf("no:such"); some != (Totals{}) || err != nil {
		t.Errorf("of none: %+v, %v", some, err)
	}
	totals, err := other.Totals()
	if want := (Totals{Sources: n, Outputs: n, BytesIn: n * 100, BytesOut: n * 10}); totals != want || err != nil {
		t.Errorf("totals %+v, %v; want %+v", totals, err, want)
	}
	seen := 0
	for id := int64(0); ; {
		batch, err := other.After(id, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		seen += len(batch)
		id = batch[len(batch)-1].ID
	}
	if seen != n {
		t.Errorf("After gave %d of %d", seen, n)
	}
}

func TestReadTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "l.db")
	if _, err := Read(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no ledger: %v", err)
	}
	l := openTest(t, path)
	commit(t, l, Entry{Source: photo("a", "h")})
	l.Close()
	before, _ := os.ReadFile(path)
	r, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := show(t, r, "a"); got != "h:done;" {
		t.Error(got)
	}
	r.Close()
	after, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || string(before) != string(after) {
		t.Errorf("reading left %v", entries)
	}
}

func TestDamage(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"no ledger at all": func([]byte) []byte { return []byte(strings.Repeat("this is no database ", 500)) },
		"cut off":          func(b []byte) []byte { return b[:len(b)/2] },
		"zeros inside": func(b []byte) []byte {
			for i := 4096; i < len(b); i++ {
				b[i] = 0
			}
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.db")
			l := openTest(t, path)
			for i := range 200 {
				commit(t, l, Entry{Source: photo(fmt.Sprint(i), fmt.Sprint(i), output(fmt.Sprint(i), "s", "r"))})
			}
			l.Close()
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			damaged := damage(data)
			if err := os.WriteFile(path, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			if l, err := Open(path); !errors.Is(err, ErrCorrupt) {
				if err == nil {
					l.Close()
				}
				t.Fatalf("got %v, want ErrCorrupt", err)
			}
			aside, err := SetAside(path, then)
			if err != nil {
				t.Fatal(err)
			}
			kept, err := os.ReadFile(aside)
			if err != nil || string(kept) != string(damaged) {
				t.Errorf("what was set aside is not what was there: %v", err)
			}
			l = openTest(t, path)
			commit(t, l, Entry{Source: photo("a", "h")})
			l.Close()
		})
	}
}

func TestLaterVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := openTest(t, path)
	if _, err := l.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, open := range []func(string) (*Ledger, error){Open, Read} {
		if _, err := open(path); err == nil || errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "version 99") {
			t.Errorf("got %v", err)
		}
	}
}

func TestNotes(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
	defer l.Close()
	for _, want := range []string{"one", "two", ""} {
		if err := l.Note("key", want); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Text("key"); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

// An entry that can't be written fails alone.
func TestFailsAlone(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
	defer l.Close()
	if _, err := l.db.Exec("CREATE TRIGGER no BEFORE INSERT ON source WHEN new.name = 'bad' BEGIN SELECT raise(ABORT, 'bad'); END"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			name := fmt.Sprint(i)
			if i == 25 {
				name = "bad"
			}
			if err := l.Commit(Entry{Source: photo(name, name)}); (err != nil) != (name == "bad") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	if totals, err := l.Totals(); totals.Sources != 49 || err != nil {
		t.Errorf("%+v, %v", totals, err)
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			l, err := Open(filepath.Join(b.TempDir(), "l.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			b.SetParallelism(writers)
			var mu sync.Mutex
			n := 0
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					mu.Lock()
					n++
					name := fmt.Sprint(n)
					mu.Unlock()
					s := photo(name, name)
					for v := range 5 {
						s.Outputs = append(s.Outputs, output(fmt.Sprintf("%s-%d", name, v), fmt.Sprint(v), "r"))
					}
					if err := l.Commit(Entry{Source: s, Replaces: true}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkVersions(b *testing.B) {
	l, err := Open(filepath.Join(b.TempDir(), "l.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	s := photo("a", "h")
	for v := range 5 {
		s.Outputs = append(s.Outputs, output(fmt.Sprint(v), fmt.Sprint(v), "r"))
	}
	if err := l.Commit(Entry{Source: s}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if all, err := l.Versions("a"); len(all) != 1 || err != nil {
			b.Fatal(all, err)
		}
	}
}

// A ledger of an older pixmill opens with all that it knows, and can be read before that.
func TestOlderVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{schema[0], "PRAGMA user_version = 1",
		"INSERT INTO source VALUES (1, 'a', 100, 5, 'h', 4, 3, 'jpeg', NULL, 'done', '', '', 1, 7, 9, 0)",
		"INSERT INTO output VALUES ('a-s.jpg', 1, 's', 'jpeg', 'r', 2, 1, 10, 9)"} {
		if _, err := db.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(string) (*Ledger, error){Read, Open, Open, Read} {
		l, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(t, l, "a"); got != "h:done a-s.jpg=s/r;" {
			t.Errorf("got %s", got)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is told of a photo stays when it is recorded again without being asked.
func TestAboutStays(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
	defer l.Close()
	s := photo("a", "h")
	for _, step := range []struct{ about, want string }{{"one", "one"}, {"", "one"}, {"two", "two"}} {
		s.About = step.about
		commit(t, l, Entry{Source: s})
		if got, err := l.Versions("a"); err != nil || len(got) != 1 || got[0].About != step.want {
			t.Errorf("after %q: %v, %v; want %q", step.about, got, err, step.want)
		}
	}
}

// Pages go through names in their order, two versions of one side by side, failures left out.
func TestPage(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
	defer l.Close()
	dead := photo("c", "h")
	dead.Status = "dead"
	for _, s := range []Source{photo("b", "h2"), photo("d", "h"), dead, photo("a", "h"), photo("b", "h1"), photo("é", "h")} {
		commit(t, l, Entry{Source: s})
	}
	var got []string
	for name, hash := "", ""; ; {
		page, err := l.Page(name, hash, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			name, hash = s.Name, s.Hash
			got = append(got, name+hash)
		}
	}
	if want := []string{"ah", "bh1", "bh2", "dh", "éh"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.Remove("b")
	l.Remove("c")
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	if totals, err := l.Totals(); totals.Sources != 3 || totals.Dead != 0 || err != nil {
		t.Errorf("after two were removed: %+v, %v", totals, err)
	}
}

// What is up is held against the output as it stands: one that is made again lacks until it is noted again.
func TestUploads(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "l.db"))
	defer l.Close()
	put := func(path string, made int64) {
		t.Helper()
		e := Entry{Source: Source{Name: "n" + path, Hash: "h", Status: "done", Outputs: []Output{{Path: path, Variant: "s", Format: "jpeg", Bytes: 5, Time: time.Unix(made, 0)}}}}
		if err := l.Commit(e); err != nil {
			t.Fatal(err)
		}
	}
	up := func(target, path string, made int64) {
		t.Helper()
		u := Upload{Target: target, Path: path, Made: time.Unix(made, 0), Bytes: 5, Hash: "x", ETag: "e", Time: time.Unix(99, 0)}
		if err := l.Uploaded(u); err != nil {
			t.Fatal(err)
		}
		if _, got, there, err := l.Upload(target, path); err != nil || !there || got != u {
			t.Errorf("noted %+v, read %+v, %t, %v", u, got, there, err)
		}
	}
	lacks := func(target string, want ...string) {
		t.Helper()
		var got []string
		for after := ""; ; {
			page, err := l.Missing(target, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[0]
		}
		if n, err := l.CountMissing(target); err != nil || n != len(want) || !slices.Equal(got, want) {
			t.Errorf("at %s, %q lack, %d are counted (%v), want %q", target, got, n, err, want)
		}
	}
	put("a", 1)
	put("b", 1)
	put("c", 1)
	lacks("x", "a", "b", "c")
	up("x", "b", 1)
	lacks("x", "a", "c")
	lacks("y", "a", "b", "c")
	put("b", 2)
	lacks("x", "a", "b", "c")
	up("x", "b", 2)
	up("x", "a", 1)
	up("x", "c", 1)
	lacks("x")
	if _, _, there, err := l.Upload("x", "none"); there || err != nil {
		t.Errorf("of no output: %t, %v", there, err)
	}
}
