package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"pixmill/resize"
)

// open opens a source, and notes what it is like now.
func (s *subject) open() error {
	file, err := s.source.Root.Open(s.source.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	if err != nil {
		return fmt.Errorf("cannot be opened: %w", err)
	}
	s.file = file
	stat, err := file.Stat()
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if !stat.Mode().IsRegular() {
		return errNoImage
	}
	s.source.Size, s.source.ModTime = stat.Size(), stat.ModTime()
	return nil
}

// probe reads a source's header.
func (s *subject) probe(name string) error {
	if err := s.open(); err != nil {
		return err
	}
	if !claimsToBeImage(name) {
		head := make([]byte, 64)
		n, _ := s.file.ReadAt(head, 0)
		if resize.Sniff(head[:n]) == "" {
			return errNoImage
		}
	}
	var err error
	if s.info, err = resize.Probe(s.file, s.source.Size); err != nil {
		return err
	}
	s.source.Width, s.source.Height, s.source.Format = s.info.Width, s.info.Height, s.info.Format
	s.source.Probe = encodeProbe(s.info)
	return nil
}

// read returns the source's bytes, nil where it streams, and notes their hash; a source that changed since it was opened is errChanged.
func (s *subject) read() ([]byte, error) {
	if s.file == nil {
		size, modified := s.source.Size, s.source.ModTime
		if err := s.open(); err != nil {
			return nil, err
		}
		if s.source.Size != size || !s.source.ModTime.Equal(modified) {
			return nil, errChanged
		}
	}
	var (
		data []byte
		sum  []byte
		err  error
	)
	if s.streams {
		sum, err = s.hash()
	} else {
		data = make([]byte, s.source.Size)
		_, err = io.ReadFull(s.file, data)
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errChanged
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if err := s.unchanged(); err != nil {
		return nil, err
	}
	if !s.streams {
		whole := sha256.Sum256(data)
		sum = whole[:]
	}
	s.source.Hash = hex.EncodeToString(sum)
	return data, nil
}

// hash reads the source once, and keeps nothing of it.
func (s *subject) hash() ([]byte, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, io.NewSectionReader(s.file, 0, s.source.Size), make([]byte, 128<<10)); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// unchanged holds the open source against what it was like when it was opened.
func (s *subject) unchanged() error {
	stat, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if stat.Size() != s.source.Size || !stat.ModTime().Equal(s.source.ModTime) {
		return errChanged
	}
	return nil
}

// imageExts are the names' endings that promise an image. Content decides what a file is; these decide only whether a file
// that is no image is a fault or none of our business.
var imageExts = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif"}

func claimsToBeImage(name string) bool {
	return slices.Contains(imageExts, strings.ToLower(path.Ext(name)))
}
