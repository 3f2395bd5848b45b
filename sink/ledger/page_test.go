package ledger

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// filled has n sources that are done, two of them ended at the same time, and a failure.
func filled(t testing.TB, n int) *Ledger {
	t.Helper()
	l, err := Open(filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for i := range n {
		name := fmt.Sprintf("%05d.jpg", i)
		s := photo(name, name, output(name+"-s", "small", "r"), output(name+"-l", "large", "r"))
		s.Time = then.Add(time.Duration(i/2) * time.Minute)
		l.Queue(Entry{Source: s})
	}
	if err := l.Commit(Entry{Source: Source{Name: "Bad.jpg", Status: "dead", Reason: "it is", Time: then}}); err != nil {
		t.Fatal(err)
	}
	return l
}

func names(all []Source) (names []string) {
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

func TestPagesMeetAndLeaveNothingOut(t *testing.T) {
	const n = 103
	l := filled(t, n)
	want := make([]string, n)
	for i := range want {
		want[i] = fmt.Sprintf("%05d.jpg", n-1-i)
	}
	var got []string
	for p := (Page{Most: 10}); ; {
		page, err := l.Latest(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got = append(got, names(page)...)
		p.Older = page[len(page)-1].Place()
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages: %q", got)
	}

	marks, total, err := l.Marks(false, "", 10)
	if err != nil || total != n || len(marks) != 11 {
		t.Fatalf("%d marks, %d in all, %v", len(marks), total, err)
	}
	got = nil
	for i, m := range marks {
		first, _, _ := l.Find(m.ID)
		p := Page{Older: m}
		if i+1 < len(marks) {
			next, _, _ := l.Find(marks[i+1].ID)
			p.Newer = next.Place()
		}
		between, err := l.Latest(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, append([]string{first.Name}, names(between)...)...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("between marks: %q", got)
	}
}

func TestPageSelects(t *testing.T) {
	l := filled(t, 20)
	latest, err := l.Latest(Page{Most: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		page Page
		want []string
	}{
		{"failures", Page{Failed: true}, []string{"Bad.jpg"}},
		{"newer", Page{Newer: latest[2].Place()}, []string{"00019.jpg", "00018.jpg"}},
		{"match", Page{Match: "1.JPG"}, []string{"00011.jpg", "00001.jpg"}},
		{"match, % is no pattern", Page{Match: "%"}, nil},
	} {
		got, err := l.Latest(c.page)
		if err != nil || !slices.Equal(names(got), c.want) {
			t.Errorf("%s: %q, %v", c.name, names(got), err)
		}
	}
	if len(latest[0].Outputs) != 2 {
		t.Errorf("%+v", latest[0])
	}
	if _, ok, err := l.Find(-1); ok || err != nil {
		t.Error("found what is not there", err)
	}
}

func TestSums(t *testing.T) {
	l := filled(t, 40) // over 20 minutes
	byTime, err := l.ByTime()
	if err != nil {
		t.Fatal(err)
	}
	count, out := 0, int64(0)
	for _, s := range byTime {
		if s.Start.Truncate(sumStep) != s.Start.Round(0) {
			t.Errorf("%v is no quarter of an hour", s.Start)
		}
		count += s.Count
		out += s.Out
	}
	if len(byTime) < 2 || count != 40 || out != 800 {
		t.Errorf("%+v", byTime)
	}
	byVariant, err := l.ByVariant()
	if err != nil || len(byVariant) != 2 || byVariant[0] != (Sum{Key: "large", Count: 40, In: 4000, Out: 400}) {
		t.Errorf("%+v, %v", byVariant, err)
	}
	byFormat, err := l.ByFormat()
	if err != nil || len(byFormat) != 1 || byFormat[0] != (Sum{Key: "jpeg", Count: 80, In: 8000, Out: 800}) {
		t.Errorf("%+v, %v", byFormat, err)
	}
}

func BenchmarkPage(b *testing.B) {
	const n = 100_000
	l := filled(b, n)
	var last Place
	for _, name := range []string{"first", "middle"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if page, err := l.Latest(Page{Older: last, Most: 100}); err != nil || len(page) != 100 {
					b.Fatal(len(page), err)
				}
			}
		})
		last = Place{then.Add(n / 4 * time.Minute), 0}
	}
	b.Run("marks", func(b *testing.B) {
		for b.Loop() {
			if marks, _, err := l.Marks(false, "", 100); err != nil || len(marks) != n/100 {
				b.Fatal(len(marks), err)
			}
		}
	})
	b.Run("sums", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.ByTime(); err != nil {
				b.Fatal(err)
			}
			if _, err := l.ByVariant(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
