package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pixmill/sink/ledger"
)

// openLedger opens the ledger; one that is not there, or that had to be set aside, is filled from the savings log.
func (s *Sink) openLedger() error {
	path := LedgerPath(s.opts.State)
	open := s.opts.ledger
	if open == nil {
		open = func(path string) (recorder, error) { return ledger.Open(path) }
	}
	_, missing := os.Stat(path)
	l, err := open(path)
	if errors.Is(err, ledger.ErrCorrupt) {
		aside, asideErr := ledger.SetAside(path, time.Now())
		if asideErr != nil {
			return errors.Join(err, asideErr)
		}
		s.opts.Warn(fmt.Errorf("%w; it was set aside as %s and is rebuilt from savings.jsonl and the folders: nothing has to be done", err, aside))
		missing = fs.ErrNotExist
		l, err = open(path)
	}
	if err != nil {
		return err
	}
	s.ledger = l
	if !errors.Is(missing, fs.ErrNotExist) {
		return nil
	}
	err = s.log.read(func(r Record) {
		switch r.Status {
		case Skipped:
		case Removed:
			l.Remove(r.Source)
		default:
			l.Queue(s.remembered(r))
		}
	})
	if err == nil {
		err = l.Flush() // what is in a bucket is known from there only
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: the savings log cannot be read: %w", s.log.path, err), l.Close())
	}
	return nil
}

// remembered is a line of the savings log as the ledger keeps it. The line does not say of which time the source was, nor by which
// recipe the outputs were made: Compare takes those that stand as they are.
func (s *Sink) remembered(r Record) ledger.Entry {
	src := ledger.Source{
		Name: r.Source, Size: r.SourceBytes, Hash: r.Hash, Width: r.Width, Height: r.Height,
		Status: string(r.Status), Reason: r.Reason, Duration: time.Duration(r.DurationMS * float64(time.Millisecond)), Time: r.Time,
	}
	for _, o := range r.Outputs {
		src.Outputs = append(src.Outputs, ledger.Output{Path: o.Path, Variant: o.Variant, Format: o.Format, Width: o.Width, Height: o.Height,
			Bytes: o.Bytes, Time: r.Time, Place: o.Place})
	}
	b, _ := s.at(r.Source)
	return ledger.Entry{Source: src, Replaces: r.Status == Done && b.Done == Keep}
}

// recover makes good what a run left that was killed: temps that nobody will finish, and lines that are missing in the savings log.
func (s *Sink) recover() error {
	var folders []*folder
	for _, b := range s.branches {
		folders = append(folders, &b.output, &b.archive, &b.quarantine)
		if file := b.Manifest.File; file != "" {
			folders = append(folders, &folder{path: filepath.Dir(file), disk: s.disk, flat: true})
		}
	}
	for _, f := range folders {
		if f.path == "" {
			continue
		}
		if err := f.sweep(); err != nil {
			s.opts.Warn(fmt.Errorf("%s: cannot be searched for what a killed run left: %w", f.path, err))
		}
	}
	return s.relog()
}

// loggedUntil is the ledger's note of a time: what ended before has its line in the savings log.
const loggedUntil = "logged until"

// relog writes the lines that the savings log lacks: a run was killed between the ledger and the line, the disk was full, or a source
// was taken over from the folders. Whoever rotates the log does not get the old lines again.
func (s *Sink) relog() error {
	now := time.Now()
	if err := s.ledger.Flush(); err != nil {
		return err
	}
	note, err := s.ledger.Text(loggedUntil)
	if err != nil {
		return err
	}
	from, _ := time.Parse(time.RFC3339, note) // none: the beginning
	recent, err := s.ledger.Since(from)
	if err != nil {
		return err
	}
	type key struct {
		source string
		time   int64
	}
	written := map[key]bool{}
	if len(recent) > 0 {
		if err := s.log.read(func(r Record) { written[key{r.Source, r.Time.UnixMilli()}] = true }); err != nil {
			return fmt.Errorf("%s: the savings log cannot be read: %w", s.log.path, err)
		}
	}
	for _, src := range recent {
		if written[key{src.Name, src.Time.UnixMilli()}] {
			continue
		}
		if err := s.log.append(recorded(src)); err != nil {
			return fmt.Errorf("%s: cannot write the savings log: %w", s.log.path, err)
		}
	}
	return s.logged(now)
}

// logged notes that nothing older than a time lacks its line. Records' times are rounded.
func (s *Sink) logged(until time.Time) error {
	return s.ledger.Note(loggedUntil, until.Add(-time.Second).Format(time.RFC3339))
}

// recorded is the savings line of what the ledger knows.
func recorded(src ledger.Source) Record {
	rec := Record{
		Time: src.Time, Source: src.Name, Hash: src.Hash, Width: src.Width, Height: src.Height, SourceBytes: src.Size,
		DurationMS: float64(src.Duration.Microseconds()) / 1000, Attempts: src.Attempts, Status: Status(src.Status), Reason: src.Reason,
		Outputs: []OutputRecord{},
	}
	for _, o := range src.Outputs {
		rec.Outputs = append(rec.Outputs, OutputRecord{Path: o.Path, Variant: o.Variant, Width: o.Width, Height: o.Height,
			Format: o.Format, Bytes: o.Bytes, Place: o.Place})
	}
	rec.tally()
	return rec
}
