package ledger

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// statements are the queries that every photo needs.
type statements struct{ versions, found, twins, outputs, several, owner *sql.Stmt }

// prepare prepares them for a file of that version.
func (l *Ledger) prepare(version int) (err error) {
	about, place := "about", "place"
	if version < 2 {
		about = "''"
	}
	if version < 4 {
		place = "''"
	}
	outputs := "SELECT source, path, variant, format, recipe, width, height, bytes, time, " + place + " FROM output "
	l.sources = "SELECT id, name, size, mtime, hash, width, height, format, probe, status, reason, rules, attempts, duration, time, " +
		about + " FROM source "
	q := &l.quick
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&q.versions, l.sources + "WHERE name = ?"},
		{&q.found, l.sources + "WHERE id = ?"},
		{&q.twins, l.sources + "WHERE hash = ? AND status = 'done'"},
		{&q.outputs, outputs + "WHERE source = ? ORDER BY path"},
		{&q.several, outputs + "WHERE source IN (SELECT value FROM json_each(?)) ORDER BY source, path"}, // a list of IDs, which is JSON
		{&q.owner, "SELECT s.name, s.hash, " + place + " FROM output o JOIN source s ON s.id = o.source WHERE o.path = ?"},
	} {
		if *s.to, err = l.db.Prepare(s.text); err != nil {
			return err
		}
	}
	return nil
}

func (q *statements) close() {
	for _, s := range []*sql.Stmt{q.versions, q.found, q.twins, q.outputs, q.several, q.owner} {
		if s != nil {
			s.Close()
		}
	}
}

// Versions are all that is known of a name, the newest first.
func (l *Ledger) Versions(name string) ([]Source, error) {
	all, err := l.list(l.quick.versions.Query(name))
	slices.SortStableFunc(all, func(a, b Source) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.ID, a.ID)) })
	return all, err
}

// Twins are the sources of a content that are done.
func (l *Ledger) Twins(hash string) ([]Source, error) { return l.list(l.quick.twins.Query(hash)) }

// Owner is whose an output is, and where that stands, as Output.Place has it.
type Owner struct{ Name, Hash, Place string }

// Owner is the source of the output under a path; ok is false where the ledger knows of none.
func (l *Ledger) Owner(path string) (o Owner, ok bool, err error) {
	err = l.quick.owner.QueryRow(path).Scan(&o.Name, &o.Hash, &o.Place)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	if err != nil {
		return o, false, fault("", err)
	}
	return o, true, nil
}

// After is the next batch of the sources that are done, by their IDs: at most n of those behind id.
func (l *Ledger) After(id int64, n int) ([]Source, error) {
	return l.list(l.db.Query(l.sources+"WHERE id > ? AND status = 'done' ORDER BY id LIMIT ?", id, n))
}

// Page is the next batch of the sources that are done, by name and, of one name, by hash: at most n of those behind both.
func (l *Ledger) Page(name, hash string, n int) ([]Source, error) {
	return l.list(l.db.Query(l.sources+"WHERE (name, hash) > (?, ?) AND status = 'done' ORDER BY name, hash LIMIT ?", name, hash, n))
}

// Names is the next batch of the names of all sources, whatever became of them: at most n of those behind one.
func (l *Ledger) Names(behind string, n int) ([]string, error) {
	return texts(l.db.Query("SELECT DISTINCT name FROM source WHERE name > ? ORDER BY name LIMIT ?", behind, n))
}

// texts gathers rows of one text each.
func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, fault("", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, fault("", err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fault("", err)
	}
	return all, nil
}

// Failed are the sources that were rejected or are dead, the latest first.
func (l *Ledger) Failed() ([]Source, error) {
	return l.list(l.db.Query(l.sources + "WHERE failed ORDER BY time DESC, id DESC"))
}

// Since are the sources that ended at t or later, in that order.
func (l *Ledger) Since(t time.Time) ([]Source, error) {
	return l.list(l.db.Query(l.sources+"WHERE time >= ? ORDER BY time, id", nanos(t)))
}

// Text is what Note keeps under a key, or "".
func (l *Ledger) Text(key string) (value string, err error) {
	err = l.db.QueryRow("SELECT value FROM note WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fault("", err)
	}
	return value, nil
}

// Totals sum up what is done.
type Totals struct {
	Sources, Outputs  int
	BytesIn, BytesOut int64
	Rejected, Dead    int
}

// Without leaves some out that t counts.
func (t Totals) Without(some Totals) Totals {
	return Totals{t.Sources - some.Sources, t.Outputs - some.Outputs, t.BytesIn - some.BytesIn, t.BytesOut - some.BytesOut,
		t.Rejected - some.Rejected, t.Dead - some.Dead}
}

// Totals are derived from the rows.
func (l *Ledger) Totals() (Totals, error) {
	return l.totals("FROM source", "(SELECT count(*) FROM output), (SELECT coalesce(sum(bytes), 0) FROM output)")
}

// TotalsOf are those of the sources whose names begin with a text, "" excepted.
func (l *Ledger) TotalsOf(prefix string) (Totals, error) {
	const of = "FROM source s WHERE s.name >= ?1 AND s.name < ?2"
	outputs := "(SELECT %s FROM output o JOIN source s ON s.id = o.source WHERE s.name >= ?1 AND s.name < ?2)"
	last := len(prefix) - 1
	return l.totals(of, fmt.Sprintf(outputs, "count(*)")+", "+fmt.Sprintf(outputs, "coalesce(sum(o.bytes), 0)"), prefix, prefix[:last]+string(prefix[last]+1))
}

func (l *Ledger) totals(from, outputs string, args ...any) (t Totals, err error) {
	err = l.db.QueryRow("SELECT count(*) FILTER (WHERE status = 'done'), coalesce(sum(size) FILTER (WHERE status = 'done'), 0), "+
		"count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'dead'), "+outputs+" "+from, args...).
		Scan(&t.Sources, &t.BytesIn, &t.Rejected, &t.Dead, &t.Outputs, &t.BytesOut)
	if err != nil {
		return t, fault("", err)
	}
	return t, nil
}

// list gathers sources, and then their outputs.
func (l *Ledger) list(rows *sql.Rows, err error) ([]Source, error) {
	if err != nil {
		return nil, fault("", err)
	}
	defer rows.Close()
	var all []Source
	for rows.Next() {
		var s Source
		var modified, ended int64
		if err := rows.Scan(&s.ID, &s.Name, &s.Size, &modified, &s.Hash, &s.Width, &s.Height, &s.Format, &s.Probe, &s.Status, &s.Reason,
			&s.Rules, &s.Attempts, &s.Duration, &ended, &s.About); err != nil {
			return nil, fault("", err)
		}
		s.ModTime, s.Time = moment(modified), moment(ended)
		all = append(all, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fault("", err)
	}
	return all, l.outputs(all)
}

// outputs fills in those of some sources, by one query.
func (l *Ledger) outputs(of []Source) error {
	at, ids := make(map[int64]*Source, len(of)), make([]int64, len(of))
	for i := range of {
		at[of[i].ID], ids[i] = &of[i], of[i].ID
	}
	var rows *sql.Rows
	var err error
	switch len(ids) {
	case 0:
		return nil
	case 1:
		rows, err = l.quick.outputs.Query(ids[0])
	default:
		list, _ := json.Marshal(ids) // which numbers can't fail to be
		rows, err = l.quick.several.Query(string(list))
	}
	if err != nil {
		return fault("", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Output
		var source, made int64
		if err := rows.Scan(&source, &o.Path, &o.Variant, &o.Format, &o.Recipe, &o.Width, &o.Height, &o.Bytes, &made, &o.Place); err != nil {
			return fault("", err)
		}
		o.Time = moment(made)
		at[source].Outputs = append(at[source].Outputs, o)
	}
	if err := rows.Err(); err != nil {
		return fault("", err)
	}
	return nil
}

// nanos keeps a time as nanoseconds since 1970, the nearest that there is of them; the zero time as 0.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// Kept is a time as the ledger gives it back.
func Kept(t time.Time) time.Time { return moment(nanos(t)) }

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
