package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pixmill/internal/pipeline"
)

// inboxMarker is the name of the file that tells an inbox from the empty folder that it is mounted on.
const inboxMarker = ".pixmill-inbox"

// markerNote is the ledger's note of what the marker says.
const markerNote = "inbox marker"

// mirror returns what has outputs follow their originals, nil where that is not wanted. The first time it puts the marker into the inbox; and
// never again, as the inbox that lacks it then may be unmounted.
func (s *session) mirror() (*pipeline.Mirror, error) {
	if !s.config.MirrorDeletes {
		return nil, nil
	}
	id, err := s.sink.Text(markerNote)
	if err != nil {
		return nil, err
	}
	if id == "" {
		if id, err = s.mark(); err != nil {
			return nil, usageError{fmt.Errorf("mirror_deletes: %w", err)}
		}
		if err := s.sink.Note(markerNote, id); err != nil {
			return nil, err
		}
	}
	return pipeline.NewMirror(s.config.Inbox, inboxMarker, id), nil
}

// mark puts a marker into the inbox, unless there is one, and returns what it says.
func (s *session) mark() (string, error) {
	path := filepath.Join(s.config.Inbox, inboxMarker)
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
	known, here, err := s.familiar()
	if err != nil {
		return "", err
	}
	if known > 0 && here == 0 {
		return "", fmt.Errorf("the inbox %s has none of the %d photos that are known, so it may not be mounted: mount it, or, if it is right, put an empty file %s into it",
			s.config.Inbox, known, inboxMarker)
	}
	if err := os.WriteFile(path, []byte(id+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("the inbox needs a file %s, which cannot be written: %w: put an empty one there", inboxMarker, err)
	}
	return id, nil
}

// familiar counts the photos that the ledger knows to be of the inbox, and those of them that are there.
func (s *session) familiar() (known, here int, err error) {
	err = s.sink.Names(func(name string) {
		if !s.sink.InInbox(name) {
			return
		}
		known++
		if _, err := os.Lstat(filepath.Join(s.config.Inbox, filepath.FromSlash(name))); err == nil {
			here++
		}
	})
	return known, here, err
}
