package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
)

// outcome is what a worker knows of a job when it ends, well or not.
type outcome struct {
	source   sink.Source
	record   sink.Record // when outputs were committed
	complete bool        // the outputs were there already
	notes    []string
	took     float64 // milliseconds
}

// work is one attempt at one job, step by step.
func (p *Pipeline) work(ctx context.Context, t *pool.Task[job]) (out outcome, err error) {
	start := time.Now()
	defer func() { out.took = milliseconds(start) }()

	s, err := p.examine(t.Job)
	out.source = s.source
	defer s.close()
	if err != nil {
		return out, err
	}
	if p.opts.Sink.Complete(s.source, s.outputs) {
		out.complete = true
		return out, nil
	}
	if err := t.Reserve(ctx, p.cost(s)); err != nil {
		return out, err
	}
	data, err := s.read()
	out.source = s.source
	if err != nil {
		return out, err
	}
	made, err := resize.Process(ctx, data, p.recipe, p.opts.Limits)
	if err != nil {
		return out, err
	}
	out.notes = made.Notes
	out.record, err = p.opts.Sink.Commit(s.source, p.outputs(made.Outputs), sink.Record{
		DurationMS: milliseconds(start),
		Attempts:   t.Attempt,
	})
	return out, err
}

// cost is how many bytes of memory a source needs at once: itself, and what resizing it takes.
func (p *Pipeline) cost(s subject) int64 { return s.source.Size + resize.Cost(s.info, p.recipe) }

// subject is a source whose header has been read.
type subject struct {
	source  sink.Source
	file    *os.File
	info    resize.Info
	outputs []sink.Output // without their data
}

func (s *subject) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// examine opens a source, reads its header and checks the limits: everything that can be said before pixels are decoded.
func (p *Pipeline) examine(j job) (subject, error) {
	s := subject{source: j.source()}
	file, err := j.intake.Root.Open(s.source.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, errGone
	}
	if err != nil {
		return s, fmt.Errorf("cannot be opened: %w", err)
	}
	s.file = file
	stat, err := file.Stat()
	if err != nil {
		return s, fmt.Errorf("cannot be read: %w", err)
	}
	s.source.Size, s.source.ModTime = stat.Size(), stat.ModTime()
	if !claimsToBeImage(j.file.Path) {
		head := make([]byte, 64)
		n, _ := file.ReadAt(head, 0)
		if resize.Sniff(head[:n]) == "" {
			return s, errNoImage
		}
	}
	if s.info, err = resize.Probe(file, stat.Size()); err != nil {
		return s, err
	}
	s.source.Width, s.source.Height = s.info.Width, s.info.Height
	if err := p.opts.Limits.Check(s.info, stat.Size()); err != nil {
		return s, err
	}
	for _, t := range resize.Plan(s.info, p.recipe) {
		s.outputs = append(s.outputs, p.output(t, nil))
	}
	return s, nil
}

// read returns the source's bytes and notes their hash; a source that changed since it was opened is errChanged.
func (s *subject) read() ([]byte, error) {
	data := make([]byte, s.source.Size)
	if _, err := io.ReadFull(s.file, data); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errChanged
		}
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	stat, err := s.file.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if stat.Size() != s.source.Size || !stat.ModTime().Equal(s.source.ModTime) {
		return nil, errChanged
	}
	sum := sha256.Sum256(data)
	s.source.Hash = hex.EncodeToString(sum[:])
	return data, nil
}

func (p *Pipeline) outputs(made []resize.Output) []sink.Output {
	all := make([]sink.Output, len(made))
	for i, o := range made {
		all[i] = p.output(o.Target, o.Data)
	}
	return all
}

func (p *Pipeline) output(t resize.Target, data []byte) sink.Output {
	return sink.Output{
		Variant:  t.Variant,
		Format:   t.Format,
		Ext:      t.Ext,
		Template: p.path[t.Variant],
		Width:    t.Width,
		Height:   t.Height,
		Data:     data,
	}
}

// imageExts are the names' endings that promise an image. Content decides what a file is; these decide only whether a file
// that is no image is a fault or none of our business.
var imageExts = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic", ".heif"}

func claimsToBeImage(name string) bool {
	return slices.Contains(imageExts, strings.ToLower(path.Ext(name)))
}
