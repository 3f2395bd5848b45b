package sink

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
)

// savings is the append-only log of what was done, for people and their scripts; what counts is the ledger. It creates its file with the
// first line.
type savings struct {
	path string
	disk disk
	mu   sync.Mutex
	file file
}

// read calls each for every whole line; a line cut off by a crash, or one that is no record, is passed over.
func (l *savings) read(each func(Record)) error {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for r := bufio.NewReaderSize(f, 1<<16); ; {
		line, err := r.ReadBytes('\n')
		var rec Record
		if json.Unmarshal(line, &rec) == nil && rec.Source != "" {
			each(rec)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// append writes one line.
func (l *savings) append(r Record) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(); err != nil {
		return err
	}
	if _, err := l.file.Write(line.Bytes()); err != nil {
		err = errors.Join(err, l.file.Close()) // what was written of the line is ended when it is opened again
		l.file = nil
		return err
	}
	return nil
}

// open makes the file if need be, and ends a line that a crash cut off.
func (l *savings) open() error {
	if l.file != nil {
		return nil
	}
	torn, err := l.torn()
	if err != nil {
		return err
	}
	f, err := l.disk.Append(l.path)
	if err != nil {
		return err
	}
	if torn {
		if _, err := f.Write([]byte{'\n'}); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	l.file = f
	return nil
}

func (l *savings) torn() (bool, error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	last := []byte{'\n'}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return false, err
		}
	}
	return last[0] != '\n', nil
}

func (l *savings) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
