package sink

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Status is how a source ended.
type Status string

// The statuses: outputs written; input at fault; attempts used up; nothing to do.
const (
	Done     Status = "done"
	Rejected Status = "rejected"
	Dead     Status = "dead"
	Skipped  Status = "skipped"
)

// Record is one line of savings.jsonl.
type Record struct {
	Time         time.Time      `json:"time"`
	Source       string         `json:"source"`
	Hash         string         `json:"hash,omitempty"`
	Width        int            `json:"width,omitempty"` // of the source, pixels
	Height       int            `json:"height,omitempty"`
	SourceBytes  int64          `json:"source_bytes"`
	Outputs      []OutputRecord `json:"outputs"`
	OutputBytes  int64          `json:"output_bytes"`
	SavedBytes   int64          `json:"saved_bytes"` // negative where the outputs together are larger than the source
	SavedPercent float64        `json:"saved_percent"`
	DurationMS   float64        `json:"duration_ms"`
	Attempts     int            `json:"attempts"`
	Status       Status         `json:"status"`
	Reason       string         `json:"reason,omitempty"`
}

// OutputRecord is one output of a Record; Path is below the output folder.
type OutputRecord struct {
	Path   string `json:"path"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
}

// String is the record as people read it, such as
// "img001.jpg  4032×3024  3.2 MB → 3 files, 412 kB (−87%)  58 ms".
func (r Record) String() string {
	var b strings.Builder
	b.WriteString(Printable(r.Source))
	if r.Width > 0 {
		fmt.Fprintf(&b, "  %d×%d", r.Width, r.Height)
	}
	if r.SourceBytes > 0 {
		b.WriteString("  " + humanize.Bytes(uint64(r.SourceBytes)))
	}
	if r.Status != Done {
		fmt.Fprintf(&b, "  %s: %s", r.Status, Printable(r.Reason))
		return b.String()
	}
	fmt.Fprintf(&b, " → %s, %s (%s)  %s", english.Plural(len(r.Outputs), "file", ""),
		humanize.Bytes(uint64(r.OutputBytes)), SavedText(r.SavedPercent), roundDuration(r.DurationMS))
	return b.String()
}

func (r Record) indented() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// SavedText is a saving in percent as a change in size: "−87%", "+12%".
func SavedText(percent float64) string {
	if rounded := math.Round(percent); rounded < 0 {
		return fmt.Sprintf("+%.0f%%", -rounded)
	} else if rounded > 0 {
		return fmt.Sprintf("−%.0f%%", rounded)
	}
	return "±0%"
}

// SavedPercent is how much smaller out is than in, in percent.
func SavedPercent(in, out int64) float64 {
	if in == 0 {
		return 0
	}
	return math.Round(1000*float64(in-out)/float64(in)) / 10
}

func roundDuration(ms float64) string {
	if ms < 1000 {
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

// Printable keeps control characters of a file's name off the terminal.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}

// savings is the append-only log; its zero value with a path is ready. It creates its file with the first line.
type savings struct {
	path string
	mu   sync.Mutex
	file *os.File
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
		if json.Unmarshal(line, &rec) == nil {
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

// append writes one line; durable waits until it is on the disk.
func (l *savings) append(r Record, durable bool) error {
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
	if !durable {
		return nil
	}
	return l.file.Sync()
}

// open makes the state folder and the file if need be, and ends a line that a crash cut off.
func (l *savings) open() error {
	if l.file != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if last[0] != '\n' {
		if _, err := f.Write([]byte{'\n'}); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	l.file = f
	return nil
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
