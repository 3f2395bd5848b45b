package ledger

import (
	"database/sql"
	"errors"
	"time"
)

// statements are the queries that every photo needs.
type statements struct{ versions, owner, twins *sql.Stmt }

const columns = "SELECT s.id, s.name, s.size, s.mtime, s.hash, s.width, s.height, s.format, s.probe, s.status, s.reason, s.rules, " +
	"s.attempts, s.duration, s.time, o.path, o.variant, o.format, o.recipe, o.width, o.height, o.bytes, o.time " +
	"FROM source s LEFT JOIN output o ON o.source = s.id "

func (q *statements) prepare(db *sql.DB) (err error) {
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&q.versions, columns + "WHERE s.name = ? ORDER BY s.time DESC, s.id DESC, o.path"},
		{&q.twins, columns + "WHERE s.hash = ? AND s.status = 'done' ORDER BY s.id, o.path"},
		{&q.owner, "SELECT s.name, s.hash FROM output o JOIN source s ON s.id = o.source WHERE o.path = ?"},
	} {
		if *s.to, err = db.Prepare(s.text); err != nil {
			return err
		}
	}
	return nil
}

func (q *statements) close() {
	for _, s := range []*sql.Stmt{q.versions, q.owner, q.twins} {
		if s != nil {
			s.Close()
		}
	}
}

// Versions are all that is known of a name, the newest first.
func (l *Ledger) Versions(name string) ([]Source, error) { return list(l.quick.versions.Query(name)) }

// Twins are the sources of a content that are done.
func (l *Ledger) Twins(hash string) ([]Source, error) { return list(l.quick.twins.Query(hash)) }

// Owner is the source whose output stands under a path; ok is false where the ledger knows of none.
func (l *Ledger) Owner(path string) (name, hash string, ok bool, err error) {
	err = l.quick.owner.QueryRow(path).Scan(&name, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, fault("", err)
	}
	return name, hash, true, nil
}

// After is the next batch of the sources that are done, by their IDs: at most n of those behind id.
func (l *Ledger) After(id int64, n int) ([]Source, error) {
	return list(l.db.Query(columns+"WHERE s.id IN (SELECT id FROM source WHERE id > ? AND status = 'done' ORDER BY id LIMIT ?) ORDER BY s.id, o.path", id, n))
}

// Failed are the sources that were rejected or are dead, the latest first.
func (l *Ledger) Failed() ([]Source, error) {
	return list(l.db.Query(columns + "WHERE s.status <> 'done' ORDER BY s.time DESC, s.id DESC"))
}

// Since are the sources that ended at t or later, in that order.
func (l *Ledger) Since(t time.Time) ([]Source, error) {
	return list(l.db.Query(columns+"WHERE s.time >= ? ORDER BY s.time, s.id, o.path", nanos(t)))
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

// Totals are derived from the rows.
func (l *Ledger) Totals() (t Totals, err error) {
	err = l.db.QueryRow("SELECT count(*) FILTER (WHERE status = 'done'), coalesce(sum(size) FILTER (WHERE status = 'done'), 0), "+
		"count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'dead'), "+
		"(SELECT count(*) FROM output), (SELECT coalesce(sum(bytes), 0) FROM output) FROM source").
		Scan(&t.Sources, &t.BytesIn, &t.Rejected, &t.Dead, &t.Outputs, &t.BytesOut)
	if err != nil {
		return t, fault("", err)
	}
	return t, nil
}

// list gathers rows of columns: a row for every output, with its source before it.
func list(rows *sql.Rows, err error) ([]Source, error) {
	if err != nil {
		return nil, fault("", err)
	}
	defer rows.Close()
	var all []Source
	for rows.Next() {
		var (
			s                             Source
			modified, ended               int64
			path, variant, format, recipe sql.NullString
			width, height, bytes, made    sql.NullInt64
		)
		if err := rows.Scan(&s.ID, &s.Name, &s.Size, &modified, &s.Hash, &s.Width, &s.Height, &s.Format, &s.Probe, &s.Status, &s.Reason,
			&s.Rules, &s.Attempts, &s.Duration, &ended, &path, &variant, &format, &recipe, &width, &height, &bytes, &made); err != nil {
			return nil, fault("", err)
		}
		if len(all) == 0 || all[len(all)-1].ID != s.ID {
			s.ModTime, s.Time = moment(modified), moment(ended)
			all = append(all, s)
		}
		if path.Valid {
			last := &all[len(all)-1]
			last.Outputs = append(last.Outputs, Output{Path: path.String, Variant: variant.String, Format: format.String, Recipe: recipe.String,
				Width: int(width.Int64), Height: int(height.Int64), Bytes: bytes.Int64, Time: moment(made.Int64)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fault("", err)
	}
	return all, nil
}

// nanos keeps a time as nanoseconds since 1970; the zero time as 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
