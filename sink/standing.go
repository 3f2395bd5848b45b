package sink

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"pixmill/sink/ledger"
)

// Why an output is to be made that was made before.
const (
	recipeChanged = "the recipe changed"
	outputMissing = "it is missing or was changed"
	outputAway    = "it is at %s only"
)

// Recall returns a source with what the ledger knows of it, by its name, size and time, without looking at the file: Probe, where it is
// known. failed is how it ended, if by a failure that would only happen again under the same Rules.
func (s *Sink) Recall(src Source) (known Source, failed *Record, err error) {
	if s.ledger == nil {
		return src, nil, nil
	}
	if err := s.unambiguous(src); err != nil {
		return src, nil, err
	}
	versions, err := s.ledger.Versions(src.Name)
	if err != nil {
		return src, nil, err
	}
	for i := range versions {
		v := &versions[i]
		// A source of no time is from the savings log, which keeps none.
		if v.Size != src.Size || !v.ModTime.Equal(ledger.Kept(src.ModTime)) && !v.ModTime.IsZero() {
			continue
		}
		if Status(v.Status) == Done {
			src.known = v
			src.Width, src.Height, src.Format, src.Probe = v.Width, v.Height, v.Format, v.Probe
			if about, current := decodeAbout(v.About); current {
				src.About = about
			}
			return src, nil, nil
		}
		if v.Rules != "" && v.Rules == src.Rules && (s.of(src).Failed == Keep || !src.Inbox) {
			rec := recorded(*v)
			return src, &rec, nil
		}
	}
	return src, nil, nil
}

// Confirm returns a source that has been read: without what Recall told of it, if its content is another one; also if the ledger
// does not know the content, and the original is about to leave.
func (s *Sink) Confirm(src Source) Source {
	if src.known != nil && src.known.Hash != src.Hash && (src.known.Hash != "" || !s.Stays(src)) {
		src.known, src.About = nil, nil
	}
	return src
}

// Known reports whether the ledger has outputs of the source as it is.
func (src Source) Known() bool { return src.known != nil }

// Compare says of each output whether it stands as it should: recorded in the ledger with its recipe, and in the folder with
// its size and its source's time, or in the bucket. Where originals stay, an output of the right name and time that the ledger does not
// know is taken over; where they leave, another photo of the name may have been before.
func (s *Sink) Compare(src Source, outs []Output) ([]Output, error) {
	outs = slices.Clone(outs)
	taken := false
	plain := paths(src, outs, "")
	for i := range outs {
		o := &outs[i]
		if o.hashed() && o.digest(src) == "" {
			continue // only who has read the source knows
		}
		row := find(src, *o, plain[i])
		switch {
		case row != nil && row.Recipe != "" && row.Recipe != o.Recipe:
			o.Lacks = recipeChanged
		case row != nil && row.Place != "" && row.Place != s.opts.Place:
			o.Lacks = fmt.Sprintf(outputAway, row.Place)
		case row != nil && row.Place != "":
			o.Stands, o.Bytes, o.Made, o.Place = row.Path, row.Bytes, row.Time, row.Place
			taken = taken || row.Recipe == ""
		case row != nil:
			if size, there := s.holds(row.Path, src.ModTime); there && size == row.Bytes {
				o.Stands, o.Bytes, o.Made = row.Path, size, row.Time
				taken = taken || row.Recipe == ""
			} else {
				o.Lacks = outputMissing
			}
		case s.Stays(src):
			size, there := s.holds(plain[i], src.ModTime)
			if !there {
				continue
			}
			if _, owned, err := s.owner(plain[i]); err != nil {
				return nil, err
			} else if !owned && !s.isClaimed(plain[i]) {
				o.Stands, o.Bytes, o.Made, taken = plain[i], size, src.ModTime, true
			}
		}
	}
	// Where some lack, Commit will record them all: a photo is not done, nor has it its line, before.
	if taken && s.ledger != nil && !slices.ContainsFunc(outs, func(o Output) bool { return o.Stands == "" }) {
		s.ledger.Queue(s.takenOver(src, outs))
		s.of(src).change()
		s.unlogged.Store(true)
	}
	return outs, nil
}

// find returns the record of an output, under its plain name or the one with the hash.
func find(src Source, o Output, plain string) *ledger.Output {
	if src.known == nil {
		return nil
	}
	for i := range src.known.Outputs {
		row := &src.known.Outputs[i]
		if (row.Variant == o.Variant || row.Variant == "") && (row.Path == plain || row.Path == o.path(src, suffix(src.known.Hash)) || o.elsewhere(src, row.Path)) {
			return row
		}
		if o.hashed() && row.Variant == o.Variant && row.Format == o.Format && row.Recipe != o.Recipe { // another name then
			return row
		}
	}
	return nil
}

// elsewhere reports whether an output has the path that it gets where another folder above its source is the one that was named to `run`: only of sources
// outside the inboxes, which have no folder of their own to count from.
func (o Output) elsewhere(src Source, path string) bool {
	if src.Inbox || src.Archived {
		return false
	}
	for rest, found := src.Name, true; found; {
		_, rest, found = strings.Cut(rest, "/")
		if src.As = rest; found && (o.path(src, "") == path || o.path(src, suffix(src.known.Hash)) == path) {
			return true
		}
	}
	return false
}

// takenOver is the entry of a source whose outputs were found in the folder.
func (s *Sink) takenOver(src Source, outs []Output) ledger.Entry {
	e := ledger.Entry{Source: s.entry(src, Record{Status: Done}), Replaces: s.Stays(src)}
	if src.known != nil {
		e.Source.Hash, e.Source.Time = src.known.Hash, src.known.Time
		e.Source.Attempts, e.Source.Duration = src.known.Attempts, src.known.Duration
	} else {
		e.Source.Time = time.Now().Round(time.Millisecond)
	}
	for _, o := range outs {
		if o.Stands != "" {
			e.Source.Outputs = append(e.Source.Outputs, row(o, o.Stands, o.Bytes, o.Made))
		}
	}
	return e
}

// Twin fills in what is known of the same content already, under whatever name: About, and the data of outputs. src must have been read.
func (s *Sink) Twin(src Source, outs []Output) (Source, []Output, error) {
	if s.ledger == nil || src.Hash == "" || src.About != nil && !slices.ContainsFunc(outs, Output.Lacking) {
		return src, outs, nil
	}
	twins, err := s.ledger.Twins(src.Hash)
	if err != nil {
		return src, nil, err
	}
	for _, t := range twins {
		if about, current := decodeAbout(t.About); current && src.About == nil {
			src.About = about
		}
	}
	outs = slices.Clone(outs)
	if err := s.sentBefore(src, outs, twins); err != nil {
		return src, nil, err
	}
	for i := range outs {
		if outs[i].Lacking() && outs[i].Recipe != "" && outs[i].Variant != pictureVariant { // which has its own URLs
			outs[i].Data = s.copyOf(outs[i], twins)
		}
	}
	return src, outs, nil
}

// sentBefore fills in what stands in the bucket under the very names that outputs are to have: of the same photo, which was only touched.
func (s *Sink) sentBefore(src Source, outs []Output, twins []ledger.Source) error {
	twins = slices.DeleteFunc(slices.Clone(twins), func(t ledger.Source) bool { return t.Name != src.Name })
	if s.opts.Place == "" || len(twins) == 0 {
		return nil
	}
	names, _, err := s.Claim(src, outs)
	if err != nil {
		return err
	}
	for i := range outs {
		for _, row := range twins[0].Outputs {
			o := &outs[i]
			if !o.Lacking() || row.Path != names[i] || row.Place != s.opts.Place || row.Recipe != o.Recipe || o.Recipe == "" {
				continue
			}
			_, up, _, err := s.ledger.Upload(row.Place, row.Path)
			if err != nil {
				return err
			}
			if up.Made.Equal(row.Time) && up.Bytes == row.Bytes {
				o.Sent = &Sent{row.Path, up.Bytes, up.Hash, up.ETag}
			}
		}
	}
	return nil
}

// Lacking reports whether an output is still to be made.
func (o Output) Lacking() bool { return o.Stands == "" && o.Data == nil && o.Sent == nil }

// copyOf reads an output of the same recipe and content that stands as it was written; nil: there is none.
func (s *Sink) copyOf(o Output, twins []ledger.Source) []byte {
	for _, t := range twins {
		for _, row := range t.Outputs {
			if row.Recipe != o.Recipe || row.Format != o.Format || row.Width != o.Width || row.Height != o.Height {
				continue
			}
			if size, there := s.holds(row.Path, t.ModTime); !there || size != row.Bytes {
				continue
			}
			if data, err := s.read(row.Path); err == nil && int64(len(data)) == row.Bytes {
				return data
			}
		}
	}
	return nil
}

func (s *Sink) read(name string) (data []byte, err error) {
	f, _, err := s.OpenOutput(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

// Release lets the original of a source that is done meet its fate: a run was killed before it could. src must have been read.
func (s *Sink) Release(src Source) error { return s.part(src, s.of(src).Done, Record{}) }
