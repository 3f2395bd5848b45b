// Package ledger is the record of every source and every output: a SQLite file, in WAL mode.
//
// Commit hands an entry to one writer goroutine and returns when it is on the disk. While the writer waits for the disk, further
// entries queue; all that wait then go into the next transaction together, so that a hundred workers cost one fsync and a single one
// waits for nobody. Readers have connections of their own and see what was committed:
//
//	Commit ─► queue ─► writer: BEGIN, every entry that waits, COMMIT (fsync) ─► each Commit returns
//	Versions, Owner, Twins, After, Failed … ─► readers beside it
//
// The ledger holds nothing that the folders could not tell again, less exactly: a damaged one is set aside (SetAside) and a new one
// is filled from what stands there. Everything may be called
// concurrently.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrClosed is what writing to a ledger gives after Close, or to one that Read opened.
var ErrClosed = errors.New("the ledger is closed")

// ErrCorrupt says that the file is no ledger, or a damaged one.
var ErrCorrupt = errors.New("the ledger is damaged")

// Source is one version of a photo, told apart by its name and its content's hash, and how it ended. A failure is kept beside what
// was made of it before.
type Source struct {
	ID            int64
	Name          string // any bytes that a file system allows
	Size          int64  // bytes
	ModTime       time.Time
	Hash          string // "" where the content was not read
	Width, Height int    // pixels
	Format        string
	Probe         []byte // what the headers said, in the caller's own form
	Status        string // "done" "rejected" "dead"
	Reason        string // of a failure
	Rules         string // what a failure depends on besides the source: the caller's own digest
	About         string // what people and pages are told of the photo, in the caller's own form; "": as it was
	Attempts      int
	Duration      time.Duration
	Time          time.Time // when it ended
	Outputs       []Output
}

// Output is one file that was made of a Source.
type Output struct {
	Path            string // below the output folder
	Variant, Format string
	Recipe          string // digest of what decides its bytes besides the source's; "" where it is not known
	Width, Height   int    // pixels
	Bytes           int64
	Time            time.Time // when it was made
	Place           string    // where it stands instead of the folder, in the caller's own form; "": in the folder
}

// Ledger is an open one. Open and Read make it.
type Ledger struct {
	db      *sql.DB
	write   chan request
	ended   chan struct{}
	quick   statements
	sources string       // the beginning of every query for them
	room    func() error // nil: there is some for more in the ledger's folder

	mu     sync.RWMutex // held for reading by those that hand over
	closed bool
}

// version of the schema, kept in the file's user_version. A later one is reached from an older one by the steps behind it.
const version = 4

// schema[n] leads from version n to n+1.
var schema = []string{`
CREATE TABLE source (
	id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, hash TEXT NOT NULL,
	width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, probe BLOB,
	status TEXT NOT NULL, reason TEXT NOT NULL, rules TEXT NOT NULL, attempts INTEGER NOT NULL, duration INTEGER NOT NULL,
	time INTEGER NOT NULL, failed INTEGER NOT NULL,
	UNIQUE (name, hash, failed)
) STRICT;
CREATE TABLE output (
	path TEXT PRIMARY KEY, source INTEGER NOT NULL REFERENCES source ON DELETE CASCADE,
	variant TEXT NOT NULL, format TEXT NOT NULL, recipe TEXT NOT NULL,
	width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL, time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX source_hash ON source (hash);
CREATE INDEX source_time ON source (time);
CREATE INDEX output_source ON output (source);
`, `
ALTER TABLE source ADD COLUMN about TEXT NOT NULL DEFAULT '';
`, `
CREATE TABLE upload (
	target TEXT NOT NULL, path TEXT NOT NULL, made INTEGER NOT NULL, bytes INTEGER NOT NULL, hash TEXT NOT NULL, etag TEXT NOT NULL,
	time INTEGER NOT NULL, PRIMARY KEY (target, path)
) STRICT, WITHOUT ROWID;
`, `
ALTER TABLE output ADD COLUMN place TEXT NOT NULL DEFAULT '';
`}

// Open opens the ledger at path for writing, and makes it, with its folder, if need be. A file that is no ledger, or a damaged one, is
// ErrCorrupt.
func Open(path string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	l, err := open(path, "_txlock=immediate", "_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	if err = l.check(); err == nil {
		err = l.migrate()
	}
	if err == nil {
		err = l.prepare(version)
	}
	if err != nil {
		return nil, errors.Join(fault(path, err), l.db.Close())
	}
	l.write, l.ended = make(chan request, 256), make(chan struct{})
	conn, err := l.db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(fault(path, err), l.db.Close())
	}
	go l.writer(conn)
	return l, nil
}

// Read opens a ledger for reading only, also one of an older version; one that is not there is fs.ErrNotExist. Nothing is written: where no other process has
// it open, no file is made beside it either.
func Read(path string) (*Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	options := []string{"mode=ro", "_pragma=busy_timeout(10000)"}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		options = append(options, "immutable=1")
	}
	l, err := open(path, options...)
	if err != nil {
		return nil, err
	}
	var found int
	if err = l.db.QueryRow("PRAGMA user_version").Scan(&found); err == nil {
		err = known(found)
	}
	if err == nil {
		err = l.prepare(found)
	}
	if err != nil {
		return nil, errors.Join(fault(path, err), l.db.Close())
	}
	return l, nil
}

func open(path string, options ...string) (*Ledger, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options = append(options, "_pragma=temp_store(MEMORY)") // the sandbox leaves no folder for temporary files
	u := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/"), RawQuery: strings.Join(options, "&")}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fault(path, err)
	}
	return &Ledger{db: db, room: func() error { return room(filepath.Dir(abs)) }}, nil
}

// check reads the whole file once.
func (l *Ledger) check() error {
	var verdict string
	if err := l.db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	return nil
}

func (l *Ledger) migrate() error {
	tx, err := l.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var found int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found == version {
		return nil
	}
	if found > version {
		return known(found)
	}
	for _, step := range schema[found:] {
		if _, err := tx.Exec(step); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

func known(found int) error {
	if 1 <= found && found <= version {
		return nil
	}
	return fmt.Errorf("it has version %d, and this pixmill knows version %d: use the pixmill that wrote it, or move it away", found, version)
}

// SetAside renames a ledger that can't be read, with what SQLite keeps beside it, and returns its new path.
func SetAside(path string, now time.Time) (string, error) {
	aside := path + ".damaged-" + now.Format("2006-01-02-150405")
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, nil
}

// Close waits for the entries that were handed over, and closes the file.
func (l *Ledger) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	if l.write != nil {
		close(l.write)
		<-l.ended
	}
	l.quick.close()
	return l.db.Close()
}

// fault gives SQLite's errors the meaning that callers ask for.
func fault(path string, err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			err = fmt.Errorf("%w: %w", ErrCorrupt, err)
		case sqlite3.SQLITE_FULL:
			err = fmt.Errorf("%w: %w", syscall.ENOSPC, err)
		}
	}
	if path == "" {
		return fmt.Errorf("ledger: %w", err)
	}
	return fmt.Errorf("%s: %w", path, err)
}
