package ledger

import (
	"errors"
	"time"
)

// Place is a source's in the order by time. The zero Place is before the latest and behind the oldest.
type Place struct {
	Time time.Time
	ID   int64
}

// Place is the source's.
func (s Source) Place() Place { return Place{s.Time, s.ID} }

// Page is a part of the sources, the latest first.
type Page struct {
	Failed bool   // those that were rejected or are dead, instead of those that are done
	Older  Place  // only those behind it
	Newer  Place  // only those before it
	Match  string // a part of the name, in any case of ASCII letters; "": all
	Most   int    // of them; 0: all
}

// Latest costs what it returns, wherever it begins (and the search of all, with Match).
func (l *Ledger) Latest(p Page) ([]Source, error) {
	where, args := "WHERE failed = ?", []any{p.Failed}
	if p.Older != (Place{}) {
		where += " AND (time, id) < (?, ?)"
		args = append(args, nanos(p.Older.Time), p.Older.ID)
	}
	if p.Newer != (Place{}) {
		where += " AND (time, id) > (?, ?)"
		args = append(args, nanos(p.Newer.Time), p.Newer.ID)
	}
	if p.Match != "" {
		where += " AND instr(lower(name), lower(?)) > 0"
		args = append(args, p.Match)
	}
	if p.Most == 0 {
		p.Most = -1
	}
	return l.list(l.db.Query(l.sources+where+" ORDER BY time DESC, id DESC LIMIT ?", append(args, p.Most)...))
}

// Marks are the places of every n-th of the sources that Latest gives, from the first on, and how many there are in all: with them
// a reader can begin anywhere.
func (l *Ledger) Marks(failed bool, match string, n int) (marks []Place, total int, err error) {
	rows, err := l.db.Query("SELECT time, id FROM source WHERE failed = ? AND (? = '' OR instr(lower(name), lower(?)) > 0) "+
		"ORDER BY time DESC, id DESC", failed, match, match)
	if err != nil {
		return nil, 0, fault("", err)
	}
	defer rows.Close()
	var at, id int64
	for ; rows.Next(); total++ {
		if total%n != 0 {
			continue
		}
		if err := rows.Scan(&at, &id); err != nil {
			return nil, 0, fault("", err)
		}
		marks = append(marks, Place{moment(at), id})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, 0, fault("", err)
	}
	return marks, total, nil
}

// Find is the source of an ID; ok is false where there is none.
func (l *Ledger) Find(id int64) (s Source, ok bool, err error) {
	all, err := l.list(l.quick.found.Query(id))
	if err != nil || len(all) == 0 {
		return Source{}, false, err
	}
	return all[0], true, nil
}

// Failures is how many sources were rejected or are dead.
func (l *Ledger) Failures() (n int, err error) {
	if err := l.db.QueryRow("SELECT count(*) FROM source WHERE failed").Scan(&n); err != nil {
		return 0, fault("", err)
	}
	return n, nil
}

// Sum is what sources, or outputs and their sources, of one kind are together.
type Sum struct {
	Key     string    // "" for sums by time
	Start   time.Time // of sums by time
	Count   int       // of sources, by time; of outputs otherwise
	In, Out int64     // bytes: before, after
}

// sumStep is the time that a sum covers: the greatest of which every time zone's days are made.
const sumStep = 15 * time.Minute

// ByTime sums up sources that are done by the quarter of an hour in which they ended, in that order: a source counts once, against all its
// outputs together.
func (l *Ledger) ByTime() ([]Sum, error) {
	return l.sums("SELECT '', s.time / ? * ? AS at, count(*), sum(s.size), sum(coalesce(o.bytes, 0)) FROM source s "+
		"LEFT JOIN (SELECT source, sum(bytes) AS bytes FROM output GROUP BY source) o ON o.source = s.id WHERE s.failed = 0 GROUP BY at ORDER BY at",
		int64(sumStep), int64(sumStep))
}

// ByVariant sums up outputs: each counts against its source.
func (l *Ledger) ByVariant() ([]Sum, error) { return l.byOutput("variant") }

// ByFormat is ByVariant by format.
func (l *Ledger) ByFormat() ([]Sum, error) { return l.byOutput("format") }

func (l *Ledger) byOutput(column string) ([]Sum, error) {
	return l.sums("SELECT o." + column + ", 0, count(*), sum(s.size), sum(o.bytes) FROM output o JOIN source s ON s.id = o.source " +
		"WHERE s.failed = 0 GROUP BY 1 ORDER BY sum(s.size) - sum(o.bytes) DESC, 1")
}

func (l *Ledger) sums(query string, args ...any) ([]Sum, error) {
	rows, err := l.db.Query(query, args...)
	if err != nil {
		return nil, fault("", err)
	}
	defer rows.Close()
	var all []Sum
	for rows.Next() {
		var s Sum
		var at int64
		if err := rows.Scan(&s.Key, &at, &s.Count, &s.In, &s.Out); err != nil {
			return nil, fault("", err)
		}
		s.Start = moment(at)
		all = append(all, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fault("", err)
	}
	return all, nil
}
