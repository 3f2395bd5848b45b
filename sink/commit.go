package sink

import (
	"bytes"
	"fmt"
	"path"
	"time"
)

// Commit writes all outputs of a source, its savings line, and then lets the original meet its fate. rec says how the work
// went (duration, attempts); Commit fills in the rest and returns it. After an error nothing partial stands under a final
// name, the original is untouched, and Commit may be called again.
func (s *Sink) Commit(src Source, outs []Output, rec Record) (Record, error) {
	names, renamed := s.Claim(src, outs)
	if renamed {
		s.opts.Warn(fmt.Errorf("%s: another photo has outputs of this name already: written as %s instead", src.Name, names[0]))
	}
	if err := s.write(src, names, outs); err != nil {
		return rec, fmt.Errorf("%s: cannot write outputs: %w", src.Name, err)
	}
	rec.Status, rec.Reason = Done, ""
	rec.Outputs, rec.OutputBytes = nil, 0
	for i, o := range outs {
		n := int64(len(o.Data))
		rec.Outputs = append(rec.Outputs, OutputRecord{Path: names[i], Width: o.Width, Height: o.Height, Format: o.Format, Bytes: n})
		rec.OutputBytes += n
	}
	rec.SavedBytes = src.Size - rec.OutputBytes
	rec.SavedPercent = SavedPercent(src.Size, rec.OutputBytes)
	rec, err := s.note(src, rec, s.opts.Done)
	if err != nil {
		return rec, err
	}
	if err := s.part(src, s.opts.Done, rec); err != nil {
		s.opts.Warn(fmt.Errorf("%s: its outputs are complete, but the original stays in the inbox: %w", src.Name, err))
	}
	return rec, nil
}

// Fail writes the savings line of a source without outputs, and lets a rejected or dead original meet its fate. rec has the
// status and the reason.
func (s *Sink) Fail(src Source, rec Record) (Record, error) {
	fate := s.opts.Failed
	if rec.Status == Skipped {
		fate = Keep
	}
	rec, err := s.note(src, rec, fate)
	if err != nil {
		return rec, err
	}
	if err := s.part(src, fate, rec); err != nil {
		s.opts.Warn(fmt.Errorf("%s: the failed original stays in the inbox: %w", src.Name, err))
	}
	return rec, nil
}

// note completes a record from its source and writes it to the log, durably where the original is about to leave.
func (s *Sink) note(src Source, rec Record, fate Fate) (Record, error) {
	rec.Time = time.Now().Round(time.Millisecond)
	rec.Source, rec.Hash = src.Name, src.Hash
	rec.Width, rec.Height = src.Width, src.Height
	rec.SourceBytes = src.Size
	if rec.Outputs == nil {
		rec.Outputs = []OutputRecord{}
	}
	if err := s.log.append(rec, src.Inbox && fate != Keep); err != nil {
		return rec, fmt.Errorf("%s: cannot write the savings log: %w", s.log.path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(rec)
	return rec, nil
}

// write brings all outputs to their final names: all temps first, so that a full disk shows before the first rename.
func (s *Sink) write(src Source, names []string, outs []Output) (err error) {
	temps := make([]string, 0, len(outs))
	defer func() {
		if err == nil {
			return
		}
		if root, openErr := s.output.open(false); openErr == nil {
			for _, t := range temps {
				root.Remove(t) // those renamed already are not there any more
			}
		}
	}()
	for i, o := range outs {
		temp, err := s.output.writeTemp(names[i], bytes.NewReader(o.Data), src.ModTime)
		if temp != "" {
			temps = append(temps, temp)
		}
		if err != nil {
			return err
		}
	}
	root, err := s.output.open(false)
	if err != nil {
		return err
	}
	dirs := map[string]bool{}
	for i, t := range temps {
		if err := root.Rename(t, names[i]); err != nil {
			return err
		}
		dirs[path.Dir(names[i])] = true
	}
	for d := range dirs {
		if err := syncFolder(root, d); err != nil {
			return err
		}
	}
	return nil
}
