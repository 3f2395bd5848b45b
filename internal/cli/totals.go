package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"pixmill/sink"
)

// totals sum up a run.
type totals struct {
	done, rejected, dead, skipped int
	leftOut                       int // files and folders that could not be read, or were not complete
	files                         int
	in, out                       int64         // bytes, of images that are done
	pixels                        int64         // of their sources
	busy                          time.Duration // with at least one image in work; a watch is idle most of the time
	until                         time.Time     // the end of what busy counts
}

// add counts a source that ended at a time.
func (t *totals) add(r sink.Record, at time.Time) {
	from := at.Add(-time.Duration(r.DurationMS * float64(time.Millisecond)))
	if from.Before(t.until) {
		from = t.until
	}
	t.busy += max(0, at.Sub(from))
	t.until = at
	switch r.Status {
	case sink.Done:
		t.done++
		t.files += len(r.Outputs)
		t.in += r.SourceBytes
		t.out += r.OutputBytes
		t.pixels += int64(r.Width) * int64(r.Height)
	case sink.Rejected:
		t.rejected++
	case sink.Dead:
		t.dead++
	case sink.Skipped:
		t.skipped++
	}
}

func (t *totals) failed() int   { return t.rejected + t.dead + t.leftOut }
func (t *totals) finished() int { return t.done + t.rejected + t.dead + t.skipped }

// text is the line at the end, such as
// "5 images, 12 MB → 25 files, 1.2 MB: 11 MB saved (−90%) in 2.1 s: 2.4 images/s, 31 MP/s; 1 rejected".
func (t *totals) text() string {
	var b strings.Builder
	b.WriteString(english.Plural(t.done, "image", ""))
	if t.done > 0 {
		fmt.Fprintf(&b, ", %s → %s, %s: %s", humanize.Bytes(uint64(t.in)), english.Plural(t.files, "file", ""),
			humanize.Bytes(uint64(t.out)), saved(t.in, t.out))
		seconds := max(t.busy.Seconds(), 1e-3)
		fmt.Fprintf(&b, " in %s: %.1f images/s, %.0f MP/s", roundTime(t.busy), float64(t.done)/seconds, float64(t.pixels)/1e6/seconds)
	}
	for _, part := range []struct {
		n    int
		what string
	}{{t.rejected, "rejected"}, {t.dead, "failed"}, {t.leftOut, "left out"}, {t.skipped, "skipped"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, "; %d %s", part.n, part.what)
		}
	}
	return b.String()
}

// roundTime keeps two or three digits: "58ms", "2.1s", "3m20s".
func roundTime(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond)
	case d < time.Minute:
		return d.Round(100 * time.Millisecond)
	default:
		return d.Round(time.Second)
	}
}

func saved(in, out int64) string {
	percent := sink.SavedText(sink.SavedPercent(in, out))
	if out > in {
		return fmt.Sprintf("%s more (%s)", humanize.Bytes(uint64(out-in)), percent)
	}
	return fmt.Sprintf("%s saved (%s)", humanize.Bytes(uint64(in-out)), percent)
}
