package sink

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// pipelinesNote is the ledger's note of all pipelines that it has ever been opened with, as a JSON list.
const pipelinesNote = "pipelines"

// meet gives those pipelines of the ledger that the config has no more a branch without folders: what is of them is nobody's, and so nothing becomes of it.
func (s *Sink) meet() error {
	all, err := Pipelines(s.ledger)
	if err != nil {
		return err
	}
	all = slices.AppendSeq(append([]string{}, all...), maps.Keys(s.opts.Others)) // "[]" is a note, too
	slices.Sort(all)
	all = slices.Compact(all)
	for _, name := range all {
		if s.branches[name] == nil {
			s.branches[name] = newBranch(name, Places{}, s.disk)
			s.absent = append(s.absent, name)
		}
	}
	noted, err := s.ledger.Text(pipelinesNote)
	if err != nil || s.opts.ReadOnly {
		return err
	}
	text, err := json.Marshal(all)
	if err != nil || string(text) == noted {
		return err
	}
	return s.ledger.Note(pipelinesNote, string(text))
}

// Pipelines are those besides the default one that a ledger has ever been opened with. One without a note of them, which was written before there was one or
// rebuilt since, is asked for all that it has outputs of.
func Pipelines(l interface {
	Text(key string) (string, error)
	Pipelines() ([]string, error)
}) (all []string, err error) {
	noted, err := l.Text(pipelinesNote)
	if err != nil {
		return nil, err
	}
	if noted == "" {
		return l.Pipelines()
	}
	if err := json.Unmarshal([]byte(noted), &all); err != nil {
		return nil, fmt.Errorf("the ledger's list of pipelines: %w", err)
	}
	return all, nil
}

// Absent are the pipelines that have been in the config and are not any more, in order.
func (s *Sink) Absent() []string { return s.absent }

// notHere are what the paths of outputs of those begin with.
func (s *Sink) notHere() (prefixes []string) {
	for _, name := range s.absent {
		prefixes = append(prefixes, Qualified(name, ""))
	}
	return prefixes
}
