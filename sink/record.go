package sink

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Status is how a source ended.
type Status string

// The statuses: outputs written; input at fault; attempts used up; nothing to do; outputs removed after their original.
const (
	Done     Status = "done"
	Rejected Status = "rejected"
	Dead     Status = "dead"
	Skipped  Status = "skipped"
	Removed  Status = "removed"
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
	Path    string `json:"path"`
	Variant string `json:"variant,omitempty"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Format  string `json:"format"`
	Bytes   int64  `json:"bytes"`
	Kept    bool   `json:"kept,omitempty"`    // the source's own picture, its metadata filtered, because none encoded of it was better
	Quality int    `json:"quality,omitempty"` // that "auto" or max_bytes led to
	Place   string `json:"place,omitempty"`   // the bucket that it stands in instead of the output folder
}

// complete fills in what the source tells, and when that is.
func (r *Record) complete(src Source) {
	r.Time = time.Now().Round(time.Millisecond)
	r.Source, r.Hash, r.SourceBytes = src.Name, src.Hash, src.Size
	r.Width, r.Height = src.Width, src.Height
	r.tally()
}

// tally sums up the outputs.
func (r *Record) tally() {
	r.OutputBytes, r.SavedBytes, r.SavedPercent = 0, 0, 0
	for _, o := range r.Outputs {
		r.OutputBytes += o.Bytes
	}
	if r.Status == Done {
		r.SavedBytes = r.SourceBytes - r.OutputBytes
		r.SavedPercent = SavedPercent(r.SourceBytes, r.OutputBytes)
	}
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
	if r.Status == Removed {
		fmt.Fprintf(&b, "  %s: %s, %s less", r.Status, r.Reason, english.Plural(len(r.Outputs), "file", ""))
		return b.String()
	}
	if r.Status != Done {
		fmt.Fprintf(&b, "  %s: %s", r.Status, Printable(r.Reason))
		return b.String()
	}
	kept := 0
	for _, o := range r.Outputs {
		if o.Kept {
			kept++
		}
	}
	b.WriteString(" → " + english.Plural(len(r.Outputs), "file", ""))
	if kept > 0 {
		fmt.Fprintf(&b, " (%d as it was)", kept)
	}
	fmt.Fprintf(&b, ", %s (%s)  %s", humanize.Bytes(uint64(r.OutputBytes)), SavedText(r.SavedPercent), roundDuration(r.DurationMS))
	return b.String()
}

func (r Record) indented() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// SavedText is a saving in percent as a change in size: "−87%", "+12%".
func SavedText(percent float64) string {
	rounded := math.Round(percent)
	if rounded == 100 && percent < 100 {
		rounded = 99
	}
	if rounded < 0 {
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
	percent := math.Round(1000*float64(in-out)/float64(in)) / 10
	if out > 0 {
		return min(percent, 99.9) // something is left
	}
	return percent
}

func roundDuration(ms float64) string {
	if ms < 1000 {
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

// Printable keeps control characters of a file's name off the terminal, those that turn the direction of writing as well: a name could read
// as another one.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) {
			return '�'
		}
		return r
	}, s)
}
