package dashboard

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"sync"
	"time"

	"pixmill/sink/ledger"
)

// Group is what was saved by photos, or outputs, of one kind.
type Group struct {
	Key   string `json:"key"`
	Count int    `json:"count"`
	In    int64  `json:"source_bytes"`
	Out   int64  `json:"output_bytes"`
}

// Savings are derived from the ledger. By day, a photo counts once, against all its outputs together; by variant and format, each output
// counts against its photo.
type Savings struct {
	Made      time.Time `json:"made"`
	Total     Group     `json:"total"`
	ByDay     []Group   `json:"by_day"`
	ByVariant []Group   `json:"by_variant"`
	ByFormat  []Group   `json:"by_format"`
}

// share of the time that sums of a long ledger may take: one part in so many.
const share = 100

// sums keeps the savings for a while: they cost a look at the whole ledger.
type sums struct {
	mu    sync.Mutex
	kept  Savings
	until time.Time
}

func (d *Dashboard) savings() (Savings, error) {
	d.sums.mu.Lock()
	defer d.sums.mu.Unlock()
	start := time.Now()
	if start.Before(d.sums.until) {
		return d.sums.kept, nil
	}
	s := Savings{Made: start, Total: Group{Key: "all"}, ByDay: []Group{}}
	byTime, err := d.ledger.ByTime()
	if err != nil {
		return s, err
	}
	for _, sum := range byTime {
		day := sum.Start.Local().Format(time.DateOnly)
		if n := len(s.ByDay); n == 0 || s.ByDay[n-1].Key != day {
			s.ByDay = append(s.ByDay, Group{Key: day})
		}
		s.ByDay[len(s.ByDay)-1].add(sum)
		s.Total.add(sum)
	}
	if s.ByVariant, err = groups(d.ledger.ByVariant()); err != nil {
		return s, err
	}
	if s.ByFormat, err = groups(d.ledger.ByFormat()); err != nil {
		return s, err
	}
	d.sums.kept, d.sums.until = s, time.Now().Add(share*time.Since(start))
	return s, nil
}

func (g *Group) add(s ledger.Sum) {
	g.Count += s.Count
	g.In += s.In
	g.Out += s.Out
}

func groups(all []ledger.Sum, err error) ([]Group, error) {
	list := make([]Group, len(all))
	for i, s := range all {
		list[i] = Group{s.Key, s.Count, s.In, s.Out}
	}
	return list, err
}

func (d *Dashboard) getSavings(w http.ResponseWriter, r *http.Request) {
	s, err := d.savings()
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", `attachment; filename="pixmill-savings.json"`)
	}
	answer(w, s)
}

func (d *Dashboard) getSavingsCSV(w http.ResponseWriter, _ *http.Request) {
	s, err := d.savings()
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pixmill-savings.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"by", "key", "count", "source_bytes", "output_bytes", "saved_bytes"})
	for _, part := range []struct {
		by     string
		groups []Group
	}{{"total", []Group{s.Total}}, {"day", s.ByDay}, {"variant", s.ByVariant}, {"format", s.ByFormat}} {
		for _, g := range part.groups {
			_ = out.Write([]string{part.by, g.Key, strconv.Itoa(g.Count), strconv.FormatInt(g.In, 10), strconv.FormatInt(g.Out, 10),
				strconv.FormatInt(g.In-g.Out, 10)})
		}
	}
	out.Flush()
}
