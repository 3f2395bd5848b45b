package ledger

import (
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// passing reports whether a write failed for a reason that is gone: there is room again.
func (l *Ledger) passing(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR && l.room() == nil
}

// cause finds out what is behind a failed write, of which SQLite tells no more than that it failed: a user's share of the disk that is used up
// (EDQUOT) has no code of its own. Whoever writes is told by the system.
func (l *Ledger) cause(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR {
		if why := l.room(); why != nil {
			return fmt.Errorf("%w: %w", err, why)
		}
	}
	return err
}

// enough is what a transaction may need, in bytes.
const enough = 256 << 10

// room writes a file in a folder, durably, and removes it.
func room(folder string) error {
	f, err := os.CreateTemp(folder, "room-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, enough))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
