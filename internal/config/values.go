package config

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

func (t *table) text(key, def string) string {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	s, ok := v.(string)
	if !ok {
		t.fail(key, "%s is not text: write it in quotes, as in %s = %q", show(v), key, def)
		return def
	}
	return s
}

// folder returns an absolute folder; a relative one counts from the config file's folder.
func (t *table) folder(key, def, base string) string {
	s := t.text(key, def)
	if s == "" {
		t.fail(key, "is empty: name a folder, as in %s = %q", key, def)
		s = def
	}
	if rest, home := strings.CutPrefix(s, "~/"); home {
		t.fail(key, "%q: ~ is not expanded here: write the whole path, or one relative to this file's folder, instead of ~/%s", s, rest)
	}
	return located(base, s)
}

// located is where a path that is given in a folder leads.
func located(folder, path string) string {
	path = filepath.FromSlash(path)
	switch {
	case filepath.IsAbs(path):
		return filepath.Clean(path)
	case rooted(path):
		return filepath.Clean(filepath.VolumeName(folder) + path)
	}
	return filepath.Join(folder, path)
}

// rooted reports whether a path begins at a root. On Windows that is not to be absolute: \photos is on the drive of whoever says so.
func rooted(path string) bool {
	return filepath.IsAbs(path) || path != "" && os.IsPathSeparator(path[0])
}

func (t *table) word(key, def string, words []string) string {
	s := t.text(key, def)
	if slices.Contains(words, s) {
		return s
	}
	t.fail(key, "%q is none of %s%s", s, strings.Join(words, ", "), meant(s, words))
	return def
}

func meant(s string, words []string) string {
	if near := nearest(s, words); near != "" {
		return ": did you mean " + near + "?"
	}
	return ""
}

func (t *table) flag(key string, def bool) bool {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	b, ok := v.(bool)
	if !ok {
		t.fail(key, "%s is neither true nor false: write %s = %t, without quotes", show(v), key, def)
		return def
	}
	return b
}

// whole returns a whole number of at least least and at most most.
func (t *table) whole(key string, def, least, most int64) int64 {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	n, ok := v.(int64)
	switch {
	case !ok:
		t.fail(key, "%s is not a whole number: write %s = %d, without quotes or a decimal point", show(v), key, def)
	case n < least && most == math.MaxInt64:
		t.fail(key, "%d is too small: write a whole number from %d", n, least)
	case n < least || n > most:
		t.fail(key, "%d is out of range: write a whole number from %d to %d", n, least, most)
	default:
		return n
	}
	return def
}

// size returns a number of bytes, written "64MB", "64MiB" or as a whole number.
func (t *table) size(key, def string) int64 {
	v, ok := t.get(key)
	if !ok {
		v = def
	}
	switch v := v.(type) {
	case int64:
		if v >= 0 {
			return v
		}
	case string:
		if n, err := humanize.ParseBytes(v); err == nil && n <= math.MaxInt64 {
			return int64(n)
		}
	}
	t.fail(key, "%s is not a size: write a number and its unit in quotes, as in %s = \"64MB\"", show(v), key)
	return 0
}

// duration returns a time of at least least, written "500ms", "1s", "10m".
func (t *table) duration(key, def string, least time.Duration) time.Duration {
	v, ok := t.get(key)
	if !ok {
		v = def
	}
	if s, isText := v.(string); isText {
		d, err := time.ParseDuration(s)
		if err == nil && d > 0 && d < least {
			t.fail(key, "%s is too short: write at least \"%s\"", show(v), least)
		}
		if err == nil && d > 0 {
			return d
		}
	}
	t.fail(key, "%s is not a duration: write a number above zero and its unit in quotes, as in %s = %q", show(v), key, def)
	return 0
}

func (t *table) texts(key string, def []string) []string {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	items, ok := v.([]any)
	if !ok {
		t.fail(key, "%s is not a list: write %s = [\"…\", \"…\"]", show(v), key)
		return def
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			t.fail(key, "%s in the list is not text: write it in quotes", show(item))
			continue
		}
		out = append(out, s)
	}
	return out
}

func (t *table) patterns(key string, def []string) []string {
	list := t.texts(key, def)
	for _, p := range list {
		if _, err := path.Match(p, ""); err != nil || strings.Contains(p, "/") {
			t.fail(key, "%q is not a pattern of one file or folder name: * stands for any letters, ? for one, [a-z] for one of several; no slashes", p)
		}
	}
	return list
}

func (t *table) widths(key string, def []int) []int {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	items, ok := v.([]any)
	if !ok {
		t.fail(key, "%s is not a list: write %s = [320, 640]", show(v), key)
		return def
	}
	var out []int
	for _, item := range items {
		n, ok := item.(int64)
		switch {
		case !ok || n < 1 || n > maxSide:
			t.fail(key, "%s is not a width: write whole numbers of pixels from 1 to %d", show(item), maxSide)
		case slices.Contains(out, int(n)):
			t.fail(key, "%d stands in the list twice: leave one out", n)
		default:
			out = append(out, int(n))
		}
	}
	return out
}

// quality is one number for every lossy format, or a table with a number for some of them.
func (t *table) quality(key string, def Quality) Quality {
	v, ok := t.m[key]
	if _, isTable := v.(map[string]any); !ok || !isTable {
		return Quality{All: t.qualityOf(key, def.All), ByFormat: def.ByFormat}
	}
	sub := t.sub(key)
	q := Quality{All: def.All, ByFormat: map[string]int{}}
	for format := range sub.m {
		if !slices.Contains(LossyFormats, format) {
			continue // done names it as unknown
		}
		q.ByFormat[format] = sub.qualityOf(format, def.All)
	}
	sub.known = append(sub.known, LossyFormats...)
	sub.done()
	return q
}

// qualityOf is 1 to 100, or "auto".
func (t *table) qualityOf(key string, def int) int {
	s, isText := t.m[key].(string)
	if !isText {
		return int(t.whole(key, int64(def), 1, 100))
	}
	if t.text(key, ""); s != "auto" {
		t.fail(key, "%q is not a quality: write %s = 80 without quotes, 1 to 100, or %s = \"auto\"", s, key, key)
		return def
	}
	return AutoQuality
}

// percent returns a share of 0 to 1, written "5%".
func (t *table) percent(key string, def float64) float64 {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	if s, isText := v.(string); isText {
		if digits, found := strings.CutSuffix(s, "%"); found {
			if n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64); err == nil && n >= 0 && n <= 100 {
				return n / 100
			}
		}
	}
	t.fail(key, "%s is not a share: write a number from 0 to 100 and %% in quotes, as in %s = \"5%%\"", show(v), key)
	return def
}

// colour reads "#rgb", "#rrggbb" or "#rrggbbaa".
func (t *table) colour(key string, def color.NRGBA) color.NRGBA {
	s := t.text(key, fmt.Sprintf("#%02x%02x%02x%02x", def.R, def.G, def.B, def.A))
	digits, found := strings.CutPrefix(s, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !found || err != nil || len(digits) != 8 {
		t.fail(key, "%q is not a colour: write #rrggbb in hexadecimal digits, as in %s = \"#ffffff\"", s, key)
		return def
	}
	return color.NRGBA{R: uint8(n >> 24), G: uint8(n >> 16), B: uint8(n >> 8), A: uint8(n)}
}

// show quotes a value of the file as it would stand there.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case map[string]any, []map[string]any:
		return "a table"
	case []any:
		return "a list"
	default:
		return fmt.Sprint(v)
	}
}

// defaultWorkers is what `workers = 0` means.
func defaultWorkers() int { return runtime.GOMAXPROCS(0) }
