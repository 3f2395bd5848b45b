package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Entry is one thing to be written. A Source is written with its Outputs and their Uploads.
type Entry struct {
	Source  Source
	Uploads []Upload // outputs of it that are up by now

	// Replaces says that the source is a new version of the photo of its name, and the older ones are no more, nor their outputs. Without it
	// versions stand side by side: an original that left the inbox, and another one of its name.
	Replaces bool

	note      *[2]string
	forget    string // the name of a failure
	remove    string // the name of a source
	upload    *Upload
	withdrawn *Upload
}

type request struct {
	Entry
	done chan error
}

// most entries of one transaction; more would only make the first of them wait.
const most = 512

// Commit writes an entry and returns when it is on the disk. Outputs that the source has already stay, but those of the same path, or
// of the same variant and format; an older failure of the name goes.
func (l *Ledger) Commit(e Entry) error {
	r := request{e, make(chan error, 1)}
	if !l.hand(r) {
		return ErrClosed
	}
	return <-r.done
}

// Forget removes the failure of a name: its original is gone.
func (l *Ledger) Forget(name string) error { return l.Commit(Entry{forget: name}) }

// Remove removes all that is known of a name, and does not wait: nothing stands for it any more.
func (l *Ledger) Remove(name string) { l.Queue(Entry{remove: name}) }

// Queue hands an entry over and does not wait: for what would only be found out again if it were lost.
func (l *Ledger) Queue(e Entry) { l.hand(request{e, make(chan error, 1)}) }

// Flush returns when what was queued before is on the disk.
func (l *Ledger) Flush() error { return l.Note("", "") }

// hand gives a request to the writer; false: there is none.
func (l *Ledger) hand(r request) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed || l.write == nil {
		return false
	}
	l.write <- r
	return true
}

// Note keeps a short text under a key; "" removes it.
func (l *Ledger) Note(key, value string) error { return l.Commit(Entry{note: &[2]string{key, value}}) }

// writer is the one goroutine that writes.
func (l *Ledger) writer(conn *sql.Conn) {
	defer close(l.ended)
	defer conn.Close()
	for first := range l.write {
		batch := []request{first}
	waiting:
		for len(batch) < most {
			select {
			case r, ok := <-l.write:
				if !ok {
					break waiting
				}
				batch = append(batch, r)
			default:
				break waiting
			}
		}
		l.transact(conn, batch)
	}
}

// transact writes a batch as one transaction; where one entry fails, each gets one of its own, so that it fails alone.
func (l *Ledger) transact(conn *sql.Conn, batch []request) {
	err := apply(conn, batch)
	if err != nil && len(batch) > 1 {
		for _, r := range batch {
			l.transact(conn, []request{r})
		}
		return
	}
	if l.passing(err) {
		err = apply(conn, batch)
	}
	for _, r := range batch {
		if err != nil {
			err = l.cause(fault("", err))
		}
		r.done <- err
	}
}

func apply(conn *sql.Conn, batch []request) (err error) {
	tx, err := conn.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	for _, r := range batch {
		switch {
		case r.note != nil:
			err = setNote(tx, r.note[0], r.note[1])
		case r.forget != "":
			_, err = tx.Exec("DELETE FROM source WHERE name = ? AND failed", r.forget)
		case r.remove != "":
			_, err = tx.Exec("DELETE FROM source WHERE name = ?", r.remove)
		case r.upload != nil:
			err = setUpload(tx, *r.upload)
		case r.withdrawn != nil:
			_, err = tx.Exec("DELETE FROM upload WHERE target = ? AND path = ?", r.withdrawn.Target, r.withdrawn.Path)
		default:
			err = put(tx, r.Entry)
		}
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func setNote(tx *sql.Tx, key, value string) error {
	if value == "" {
		_, err := tx.Exec("DELETE FROM note WHERE key = ?", key)
		return err
	}
	_, err := tx.Exec("INSERT OR REPLACE INTO note VALUES (?, ?)", key, value)
	return err
}

func put(tx *sql.Tx, e Entry) error {
	s := e.Source
	failed := s.Status != "done"
	if !failed && s.Hash != "" { // what was taken over from the folders without being read is now known better
		_, err := tx.Exec("UPDATE OR IGNORE source SET hash = ? WHERE name = ? AND hash = '' AND size = ? AND mtime = ? AND NOT failed",
			s.Hash, s.Name, s.Size, nanos(s.ModTime))
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec("DELETE FROM source WHERE name = ? AND (failed OR ? AND hash <> ?)", s.Name, e.Replaces, s.Hash); err != nil {
		return err
	}
	set := "DO UPDATE SET size = excluded.size, mtime = excluded.mtime, width = excluded.width, height = excluded.height, " +
		"format = excluded.format, probe = excluded.probe, status = excluded.status, reason = excluded.reason, " +
		"rules = excluded.rules, attempts = excluded.attempts, duration = excluded.duration, time = excluded.time, " +
		"about = CASE excluded.about WHEN '' THEN about ELSE excluded.about END"
	var id int64
	err := tx.QueryRow("INSERT INTO source "+
		"(name, size, mtime, hash, width, height, format, probe, status, reason, rules, attempts, duration, time, failed, about) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, hash, failed) "+set+" RETURNING id",
		s.Name, s.Size, nanos(s.ModTime), s.Hash, s.Width, s.Height, s.Format, s.Probe, s.Status, s.Reason, s.Rules, s.Attempts,
		int64(s.Duration), nanos(s.Time), failed, s.About).Scan(&id)
	if err != nil {
		return err
	}
	for _, o := range s.Outputs {
		if o.Variant != "" {
			_, err := tx.Exec("DELETE FROM output WHERE source = ? AND variant = ? AND format = ? AND path <> ?",
				id, o.Variant, o.Format, o.Path)
			if err != nil {
				return err
			}
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO output VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			o.Path, id, o.Variant, o.Format, o.Recipe, o.Width, o.Height, o.Bytes, nanos(o.Time), o.Place); err != nil {
			return err
		}
	}
	for _, u := range e.Uploads {
		if err := setUpload(tx, u); err != nil {
			return err
		}
	}
	return nil
}
