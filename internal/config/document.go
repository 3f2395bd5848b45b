package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// document is a parsed TOML file together with what its errors need: the line of every key, and the mistakes found so far.
type document struct {
	file  string
	root  map[string]any
	lines map[string]int
	errs  []problem
}

type problem struct {
	line int
	path string // of the key; "" for the file
	text string
}

func parse(file, text string) (*document, error) {
	d := &document{file: file, root: map[string]any{}, lines: keyLines(text)}
	if _, err := toml.Decode(text, &d.root); err != nil {
		var perr toml.ParseError
		if errors.As(err, &perr) {
			d.errs = append(d.errs, problem{perr.Position.Line, "", syntaxMessage(perr)})
			return nil, d.err()
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

// syntaxMessage is what is wrong with the TOML itself, and the remedy of the mistakes that are made most.
func syntaxMessage(perr toml.ParseError) string {
	what := perr.Message
	switch {
	case strings.HasPrefix(what, "Key '"):
		key, _, _ := strings.Cut(strings.TrimPrefix(what, "Key '"), "'")
		return key + ": stands there a second time: leave one out"
	case strings.Contains(what, "invalid escape"):
		what += ": in single quotes a backslash is one, as in 'C:\\photos'; C:/photos will do as well"
	case strings.Contains(what, "expected value"):
		what += ": text goes in straight double quotes, numbers and true/false stand bare"
	}
	if perr.LastKey != "" {
		return perr.LastKey + ": " + what
	}
	return what
}

// fail notes a mistake at a key; what tells what was wrong and what to write instead.
func (d *document) fail(path, what string) {
	d.errs = append(d.errs, problem{d.line(path), path, displayPath(path) + ": " + what})
}

// failed reports whether a mistake was found at a key, so that what follows from it is none of its own.
func (d *document) failed(path string) bool {
	return slices.ContainsFunc(d.errs, func(p problem) bool { return p.path == path })
}

// line is where a key stands; one inside an inline table, on its parent's line.
func (d *document) line(path string) int {
	line := d.lines[path]
	for p := path; line == 0 && p != ""; {
		p = p[:max(strings.LastIndexByte(p, '.'), 0)]
		line = d.lines[p]
	}
	return line
}

// err joins all mistakes, in the order of their lines, as "file:line: key: cause: remedy".
func (d *document) err() error {
	slices.SortStableFunc(d.errs, func(a, b problem) int { return a.line - b.line })
	var all []error
	for _, p := range d.errs {
		where := d.file
		if p.line > 0 {
			where += ":" + strconv.Itoa(p.line)
		}
		all = append(all, fmt.Errorf("%s: %s", where, p.text))
	}
	return errors.Join(all...)
}

// displayPath turns the internal "pipeline#0.variant#1.width" into "pipeline[1].variant[2].width".
func displayPath(path string) string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if name, index, found := strings.Cut(part, "#"); found {
			n, _ := strconv.Atoi(index)
			parts[i] = fmt.Sprintf("%s[%d]", name, n+1)
		}
	}
	return strings.Join(parts, ".")
}

// table is one table of the document; each getter marks its key as known, and done reports the keys nobody asked for.
type table struct {
	doc   *document
	path  string // "" for the top level
	m     map[string]any
	known []string
}

func (d *document) top() *table { return &table{doc: d, m: d.root} }

func (t *table) at(key string) string {
	if t.path == "" {
		return key
	}
	return t.path + "." + key
}

func (t *table) fail(key, format string, args ...any) {
	t.doc.fail(t.at(key), fmt.Sprintf(format, args...))
}

// get returns a key's value, whether it is there at all.
func (t *table) get(key string) (any, bool) {
	t.known = append(t.known, key)
	v, ok := t.m[key]
	return v, ok
}

// sub returns a table inside this one, empty where the file has none.
func (t *table) sub(key string) *table {
	s := &table{doc: t.doc, path: t.at(key)}
	if v, ok := t.get(key); ok {
		if s.m, ok = v.(map[string]any); !ok {
			t.fail(key, "is a table: write [%s] on a line of its own, its keys below it", key)
		}
	}
	return s
}

// list returns the tables of an array of tables such as [[variant]].
func (t *table) list(key string) []*table {
	v, ok := t.get(key)
	if !ok {
		return nil
	}
	maps, ok := v.([]map[string]any)
	if !ok {
		t.fail(key, "is a list of tables: write [[%s]] on a line of its own, once for each, its keys below it", key)
		return nil
	}
	subs := make([]*table, len(maps))
	for i, m := range maps {
		subs[i] = &table{doc: t.doc, path: t.at(key) + "#" + strconv.Itoa(i), m: m}
	}
	return subs
}

// done reports every key that no getter asked for, with the nearest known one.
func (t *table) done() {
	for _, key := range slices.Sorted(maps.Keys(t.m)) {
		if slices.Contains(t.known, key) {
			continue
		}
		switch near, home := nearest(key, t.known), t.elsewhere(key); {
		case home != "" && !strings.HasPrefix(near, key): // width is nearer to widths than to limits.width
			t.fail(key, "does not belong here: %s", home)
		case near != "":
			t.fail(key, "unknown key: did you mean %s?", near)
		default:
			t.fail(key, "unknown key: known here are %s", strings.Join(slices.Sorted(slices.Values(t.known)), ", "))
		}
	}
}

// elsewhere says where a key belongs that stands in the wrong table; "" where it is known nowhere, and in a folder's file, which knows few.
func (t *table) elsewhere(key string) string {
	defaults, err := parse("template.toml", Template)
	if err != nil {
		panic(fmt.Sprintf("the template is a config file: %v", err))
	}
	top, known := defaults.root[key]
	_, isTable := top.(map[string]any)
	switch {
	case filepath.Base(t.doc.file) == LocalName:
		return ""
	case known && isTable:
		return "write [" + key + "] on a line of its own, its keys below it; it holds for all"
	case known:
		return "write it at the top of the file, before the first [table]"
	case slices.Contains([]string{"name", "fit", "position", "enlarge", "kernel", "path"}, key):
		return "write it below a [[variant]]"
	}
	var homes []string
	for at := range leaves("", defaults.root) {
		if table, found := strings.CutSuffix(at, "."+key); found {
			homes = append(homes, "["+table+"]")
		}
	}
	if homes == nil {
		return ""
	}
	slices.Sort(homes)
	return "write it below " + strings.Join(homes, " or ")
}

// nearest returns the word within a third of its length in edits, and at least two where it has four letters or more; or "".
func nearest(word string, words []string) string {
	best, least := "", min(len(word)/3+2, max(len(word)-1, 2))
	for _, w := range words {
		if n := editDistance(strings.ToLower(word), w); n < least {
			best, least = w, n
		}
	}
	return best
}

// editDistance is Levenshtein's, over bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
