package ledger

import (
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"
)

// Upload is an output that is up at a target, as it was then.
type Upload struct {
	Target string // names a place, in the caller's own form
	Path   string // the output's
	Made   time.Time
	Bytes  int64
	Hash   string // hexadecimal SHA-256 of the file
	ETag   string // what the place calls this content
	Time   time.Time
}

// Uploaded notes that an output is up, and returns when that is on the disk.
func (l *Ledger) Uploaded(u Upload) error { return l.Commit(Entry{upload: &u}) }

func setUpload(tx *sql.Tx, u Upload) error {
	_, err := tx.Exec("INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?, ?)",
		u.Target, u.Path, nanos(u.Made), u.Bytes, u.Hash, u.ETag, nanos(u.Time))
	return err
}

// notUp is true of an output and its upload, or NULLs, where it is not up as it stands. What stands only in a place like that is not brought up.
const notUp = "(o.place = '' AND (u.made IS NULL OR u.made <> o.time OR u.bytes <> o.bytes))"

// Missing are the paths of outputs that are not up at a target as they stand: at most n of those behind a path, in their order, but those that begin with
// one of some prefixes.
func (l *Ledger) Missing(target, after string, n int, but ...string) ([]string, error) {
	where, args := without("o.path", but)
	args = append(append([]any{target, after}, args...), n)
	return texts(l.db.Query("SELECT o.path FROM output o LEFT JOIN upload u ON u.target = ? AND u.path = o.path "+
		"WHERE o.path > ? AND "+notUp+where+" ORDER BY o.path LIMIT ?", args...))
}

// without is a condition of a column that it begins with none of some prefixes, and its arguments.
func without(column string, prefixes []string) (where string, args []any) {
	for _, p := range prefixes {
		where += " AND substr(" + column + ", 1, ?) <> ?"
		args = append(args, utf8.RuneCountInString(p), p)
	}
	return where, args
}

// Pipelines are what stands before a colon in the paths of outputs.
func (l *Ledger) Pipelines() ([]string, error) {
	return texts(l.db.Query("SELECT DISTINCT substr(path, 1, instr(path, ':') - 1) FROM output WHERE instr(path, ':') > 1"))
}

// Orphans are the paths of what is up at a target and is no output any more: at most n of those behind a path, in their order.
func (l *Ledger) Orphans(target, after string, n int) ([]string, error) {
	return texts(l.db.Query("SELECT u.path FROM upload u LEFT JOIN output o ON o.path = u.path "+
		"WHERE u.target = ? AND u.path > ? AND o.path IS NULL ORDER BY u.path LIMIT ?", target, after, n))
}

// Withdrawn notes that nothing is up any more under a path at a target, and returns when that is on the disk.
func (l *Ledger) Withdrawn(target, path string) error {
	return l.Commit(Entry{withdrawn: &Upload{Target: target, Path: path}})
}

// CountMissing is how many outputs Missing would list, were there no end to its list.
func (l *Ledger) CountMissing(target string, but ...string) (n int, err error) {
	where, args := without("o.path", but)
	err = l.db.QueryRow("SELECT count(*) FROM output o LEFT JOIN upload u ON u.target = ? AND u.path = o.path WHERE "+notUp+where, append([]any{target}, args...)...).Scan(&n)
	if err != nil {
		return 0, fault("", err)
	}
	return n, nil
}

// UploadedHash is the hash of what is up at a target under a path, an output's or not; "": nothing is known to be.
func (l *Ledger) UploadedHash(target, path string) (hash string, err error) {
	err = l.db.QueryRow("SELECT hash FROM upload WHERE target = ? AND path = ?", target, path).Scan(&hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fault("", err)
	}
	return hash, nil
}

// Upload is an output and what is up of it at a target: zero but for Path and Target, if nothing. there is false where the ledger knows of no such
// output.
func (l *Ledger) Upload(target, path string) (o Output, up Upload, there bool, err error) {
	up = Upload{Target: target, Path: path}
	var made, upMade, upTime int64
	err = l.db.QueryRow("SELECT o.path, o.variant, o.format, o.recipe, o.width, o.height, o.bytes, o.time, o.place, "+
		"coalesce(u.made, 0), coalesce(u.bytes, 0), coalesce(u.hash, ''), coalesce(u.etag, ''), coalesce(u.time, 0) "+
		"FROM output o LEFT JOIN upload u ON u.target = ? AND u.path = o.path WHERE o.path = ?", target, path).
		Scan(&o.Path, &o.Variant, &o.Format, &o.Recipe, &o.Width, &o.Height, &o.Bytes, &made, &o.Place, &upMade, &up.Bytes, &up.Hash, &up.ETag, &upTime)
	if errors.Is(err, sql.ErrNoRows) {
		return o, up, false, nil
	}
	if err != nil {
		return o, up, false, fault("", err)
	}
	o.Time, up.Made, up.Time = moment(made), moment(upMade), moment(upTime)
	return o, up, true, nil
}
