package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/sink"
)

// inboxMarker is the name of the file that tells an inbox from the empty folder that it is mounted on.
const inboxMarker = ".pixmill-inbox"

// markerNote is the ledger's note of what the marker says, of a pipeline qualified with its name.
const markerNote = "inbox marker"

// mirroring returns what has outputs follow their originals, of the pipelines where that is wanted. The first time it puts the marker into the inbox;
// and never again, as the inbox that lacks it then may be unmounted.
func (s *session) mirroring() (map[string]*pipeline.Mirror, error) {
	all := map[string]*pipeline.Mirror{}
	for _, p := range s.config.All() {
		if !p.MirrorDeletes {
			continue
		}
		note := sink.Qualified(p.Name, markerNote)
		id, err := s.sink.Text(note)
		if err != nil {
			return nil, err
		}
		if id == "" {
			if id, err = s.mark(p); err != nil {
				return nil, usageError{fmt.Errorf("%smirror_deletes: %w", titled(p), err)}
			}
			if err := s.sink.Note(note, id); err != nil {
				return nil, err
			}
		}
		all[p.Name] = pipeline.NewMirror(p.Inbox, inboxMarker, id)
	}
	return all, nil
}

// mark puts a marker into a pipeline's inbox, unless there is one, and returns what it says.
func (s *session) mark(p config.Pipeline) (string, error) {
	path := filepath.Join(p.Inbox, inboxMarker)
	text, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(text)); id != "" {
		return id, nil
	}
	id := rand.Text()
	if err == nil { // empty: good for whatever the ledger says
		return id, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s cannot be read: %w", path, err)
	}
	known, here, err := s.familiar(p)
	if err != nil {
		return "", err
	}
	if known > 0 && here == 0 {
		return "", fmt.Errorf("the inbox %s has none of the %d photos that are known, so it may not be mounted: mount it, or, if it is right, put an empty file %s into it",
			p.Inbox, known, inboxMarker)
	}
	if err := os.WriteFile(path, []byte(id+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("the inbox needs a file %s, which cannot be written: %w: put an empty one there", inboxMarker, err)
	}
	return id, nil
}

// familiar counts the photos that the ledger knows to be of a pipeline's inbox, and those of them that are there.
func (s *session) familiar(p config.Pipeline) (known, here int, err error) {
	err = s.sink.Names(func(name string) {
		path, ok := s.sink.InInbox(p.Name, name)
		if !ok {
			return
		}
		known++
		if _, err := os.Lstat(filepath.Join(p.Inbox, filepath.FromSlash(path))); err == nil {
			here++
		}
	})
	return known, here, err
}
