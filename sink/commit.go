package sink

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"pixmill/sink/ledger"
)

// Commit writes those of a source's outputs that do not stand yet, records all of them in the ledger and in the savings log, and then lets
// the original meet its fate. rec says how the work went (duration, attempts); Commit fills in the rest and returns it. After an
// error nothing partial stands under a final name, the original is untouched, and Commit may be called again.
func (s *Sink) Commit(src Source, outs []Output, rec Record) (Record, error) {
	names, renamed, err := s.Claim(src, outs)
	if err != nil {
		return rec, fmt.Errorf("%s: %w", src.Name, err)
	}
	if renamed && src.known == nil {
		s.opts.Warn(fmt.Errorf("%s: another photo has outputs of this name already: written as %s instead", src.Name, names[0]))
	}
	outs = s.pictured(src, slices.Clone(outs), names)
	if err := s.write(src, names, outs); err != nil {
		return rec, fmt.Errorf("%s: cannot write outputs: %w", src.Name, s.of(src).output.blame(err))
	}
	if err := s.withdraw(src, names, outs); err != nil {
		return rec, fmt.Errorf("%s: cannot remove an output that went elsewhere: %w", src.Name, err)
	}
	if err := s.supersede(src, names, outs); err != nil {
		return rec, fmt.Errorf("%s: cannot remove the outputs of before: %w", src.Name, err)
	}
	rec.Status, rec.Reason = Done, ""
	rec.Outputs = nil
	for i, o := range outs {
		n := int64(len(o.Data))
		switch {
		case o.Stands != "":
			n = o.Bytes
		case o.Sent != nil:
			n, outs[i].Place = o.Sent.Bytes, s.opts.Place
		default:
			outs[i].Place = ""
		}
		rec.Outputs = append(rec.Outputs, OutputRecord{Path: names[i], Variant: o.Variant, Width: o.Width, Height: o.Height, Format: o.Format, Bytes: n,
			Kept: o.Kept, Quality: o.Quality, Place: outs[i].Place})
	}
	rec.complete(src)
	e := ledger.Entry{Source: s.entry(src, rec), Replaces: s.Stays(src)}
	for i, o := range outs {
		made := rec.Time
		if o.Stands != "" { // perhaps taken over just now, and recorded nowhere
			made = o.Made
		}
		e.Source.Outputs = append(e.Source.Outputs, row(o, names[i], rec.Outputs[i].Bytes, made))
		if o.Sent != nil {
			e.Uploads = append(e.Uploads, ledger.Upload{Target: o.Place, Path: names[i], Made: made, Bytes: o.Sent.Bytes, Hash: o.Sent.Hash, ETag: o.Sent.ETag, Time: made})
		}
	}
	if err := s.note(e, rec); err != nil {
		return rec, err
	}
	if err := s.part(src, s.of(src).Done, rec); err != nil {
		s.opts.Warn(fmt.Errorf("%s: its outputs are complete, but the original stays in the inbox: %w", src.Name, err))
	}
	return rec, nil
}

// Fail records a source without outputs, and lets a rejected or dead original meet its fate. rec has the status and the reason.
func (s *Sink) Fail(src Source, rec Record) (Record, error) {
	fate := s.of(src).Failed
	if rec.Status == Skipped {
		fate = Keep
	}
	rec.Outputs = []OutputRecord{}
	rec.complete(src)
	if err := s.note(ledger.Entry{Source: s.entry(src, rec)}, rec); err != nil {
		return rec, err
	}
	if err := s.part(src, fate, rec); err != nil {
		s.opts.Warn(fmt.Errorf("%s: the failed original stays in the inbox: %w", src.Name, err))
	}
	return rec, nil
}

// note writes to the ledger, durably, and to the savings log. What is skipped, the ledger need not know. A line that cannot be
// written is no failure of the photo: the ledger knows of it, and the next start writes the line.
func (s *Sink) note(e ledger.Entry, rec Record) error {
	if rec.Status != Skipped {
		b, _ := s.at(rec.Source)
		if err := b.changing(func() error { return s.ledger.Commit(e) }); err != nil {
			return fmt.Errorf("%s: cannot be recorded: %w", rec.Source, err)
		}
	}
	s.unclaim(rec.Source)
	s.line(rec)
	return nil
}

// line writes to the savings log.
func (s *Sink) line(rec Record) {
	if err := s.log.append(rec); err != nil {
		s.unlogged.Store(true)
		s.opts.Warn(fmt.Errorf("%s: cannot write the savings log, the next start makes it good: %w", s.log.path, err))
	}
}

// entry is a source as the ledger keeps it.
func (s *Sink) entry(src Source, rec Record) ledger.Source {
	return ledger.Source{
		Name: src.Name, Size: src.Size, ModTime: src.ModTime, Hash: src.Hash, Width: src.Width, Height: src.Height, Format: src.Format,
		Probe: src.Probe, About: encodeAbout(src.About), Status: string(rec.Status), Reason: rec.Reason, Rules: src.Rules, Attempts: rec.Attempts,
		Duration: time.Duration(rec.DurationMS * float64(time.Millisecond)), Time: rec.Time,
	}
}

func row(o Output, name string, size int64, made time.Time) ledger.Output {
	return ledger.Output{Path: name, Variant: o.Variant, Format: o.Format, Recipe: o.Recipe, Width: o.Width, Height: o.Height,
		Bytes: size, Time: made, Place: o.Place}
}

// write brings the outputs that do not stand to their final names: all temps first, so that a full disk shows before the first
// rename.
func (s *Sink) write(src Source, names []string, outs []Output) (err error) {
	type pair struct{ temp, name string }
	var temps []pair
	output := &s.of(src).output
	defer func() {
		if err == nil {
			return
		}
		if root, openErr := output.open(false); openErr == nil {
			for _, t := range temps {
				s.disk.Remove(root, t.temp) // those renamed already are not there any more
			}
		}
	}()
	for i, o := range outs {
		if o.Stands != "" || o.Sent != nil {
			continue
		}
		if o.Data == nil {
			return errors.New("internal error: an output without data")
		}
		_, name := s.at(names[i])
		temp, err := output.writeTemp(name, bytes.NewReader(o.Data), src.ModTime)
		if temp != "" {
			temps = append(temps, pair{temp, name})
		}
		if err != nil {
			return err
		}
	}
	if len(temps) == 0 { // and perhaps no folder
		return nil
	}
	root, err := output.open(false)
	if err != nil {
		return err
	}
	dirs := map[string]bool{}
	for _, t := range temps {
		if err := s.disk.Rename(root, t.temp, t.name); err != nil {
			return err
		}
		dirs[path.Dir(t.name)] = true
	}
	for d := range dirs {
		if err := s.disk.SyncFolder(root, d); err != nil {
			return err
		}
	}
	return nil
}
