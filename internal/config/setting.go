package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Setting is a key with the value that holds, as the file would have it, and what says so: "default", "config.toml:12", "--workers".
// What is secret is not shown.
type Setting struct{ Key, Value, From string }

// Settings are the keys of a config file as Load and Override have them, in the template's order; without the file, the defaults.
func Settings(file string, o Overrides) ([]Setting, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: cannot be read: %w", file, err)
	}
	doc, err := parse(file, strings.TrimPrefix(string(text), "\ufeff"))
	if err != nil {
		return nil, err
	}
	all := doc.settings()
	override := func(key, flag, value string) {
		if i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key }); i >= 0 && value != "" {
			all[i].Value, all[i].From = value, flag
		}
	}
	quoted := func(s string) string {
		if s == "" {
			return ""
		}
		return strconv.Quote(s)
	}
	override("inbox", "--inbox", quoted(o.Inbox))
	override("output", "--output", quoted(o.Output))
	if o.Workers > 0 {
		override("pool.workers", "--workers", strconv.Itoa(o.Workers))
	}
	return all, nil
}

// Where is a key as messages name it, with the line it has in a config file: "config.toml:12: hooks.on_done"; without a line where the file
// does not have it.
func Where(file, key string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return key
	}
	doc := document{lines: keyLines(string(text))}
	return file + line(doc.line(key)) + ": " + displayPath(key)
}

// settings are all keys of the document, and those of the template that it leaves out.
func (d *document) settings() []Setting {
	var all []Setting
	defaults, err := parse("template.toml", Template)
	if err != nil {
		panic(fmt.Sprintf("the template is a config file: %v", err))
	}
	place := map[string]int{}
	for key, v := range leaves("", defaults.root) {
		place[key] = defaults.lines[key]
		if _, given := d.lines[key]; !given {
			all = append(all, Setting{key, shown(key, v), "default"})
		}
	}
	for key, v := range leaves("", d.root) {
		all = append(all, Setting{displayPath(key), shown(key, v), filepath.Base(d.file) + line(d.line(key))})
		if place[key] == 0 { // of a table that stands for itself, as [[variant]]
			place[displayPath(key)] = 1000 + d.line(key)
		}
	}
	slices.SortStableFunc(all, func(a, b Setting) int { return place[a.Key] - place[b.Key] })
	return all
}

func line(n int) string {
	if n == 0 {
		return ""
	}
	return ":" + strconv.Itoa(n)
}

// leaves are the keys that hold no table, with their values.
func leaves(prefix string, m map[string]any) map[string]any {
	all := map[string]any{}
	for key, v := range m {
		at := prefix + key
		switch v := v.(type) {
		case map[string]any:
			maps.Copy(all, leaves(at+".", v))
		case []map[string]any:
			for i, sub := range v {
				maps.Copy(all, leaves(at+"#"+strconv.Itoa(i)+".", sub))
			}
		default:
			all[at] = v
		}
	}
	return all
}

// secrets are what the names of keys end in whose values nobody is to read over a shoulder.
var secrets = []string{"token", "password", "secret", "webhook"}

func isSecret(key string) bool {
	return slices.ContainsFunc(secrets, func(end string) bool { return strings.HasSuffix(key, end) })
}

func shown(key string, v any) string {
	s, _ := v.(string)
	inside := strings.Contains(s, "://") && strings.Contains(s, "@") // user:password@host, token@host
	if s != "" && (isSecret(key) || inside) {
		return "(set, not shown)"
	}
	return literal(v)
}

// literal is a value as it would stand in the file.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = literal(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}
