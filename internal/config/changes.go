package config

import (
	"fmt"
	"image/color"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
)

// Change is one key that has another value than before.
type Change struct {
	Key  string // as in the file, "pool.workers"; a variant's is "variant 640w.quality"
	What string // "80 → 90", "added", "removed"
}

func (c Change) String() string { return c.Key + ": " + c.What }

// Changes are what differs from one config to another, in the order of Config's fields.
func Changes(from, to Config) []Change {
	return compare("", reflect.ValueOf(from), reflect.ValueOf(to))
}

// compare goes down tables, and notes values that differ.
func compare(key string, from, to reflect.Value) []Change {
	if reflect.DeepEqual(from.Interface(), to.Interface()) {
		return nil
	}
	switch list := from.Interface().(type) {
	case []Variant:
		name := func(v Variant) string { return v.Name }
		return compareLists(strings.TrimSuffix(key, "variants")+"variant", name, list, to.Interface().([]Variant))
	case []Pipeline:
		return compareLists("pipeline", func(p Pipeline) string { return p.Name }, list, to.Interface().([]Pipeline))
	}
	if !isTable(from) {
		return []Change{{key, written(key, from) + " → " + written(key, to)}}
	}
	var all []Change
	for i := range from.NumField() {
		if !from.Type().Field(i).IsExported() {
			continue // where it shows, it is a variant's
		}
		name := keyOf(from.Type().Field(i).Name)
		switch {
		case from.Type().Field(i).Anonymous:
			name = key
		case key != "":
			name = key + "." + name
		}
		all = append(all, compare(name, from.Field(i), to.Field(i))...)
	}
	return all
}

// compareLists compares two lists of named tables; key is what one of them is called.
func compareLists[T any](key string, name func(T) string, from, to []T) []Change {
	var all []Change
	named := func(list []T, want string) int {
		return slices.IndexFunc(list, func(one T) bool { return name(one) == want })
	}
	for _, one := range from {
		at := key + " " + name(one)
		i := named(to, name(one))
		if i < 0 {
			all = append(all, Change{at, "removed"})
			continue
		}
		all = append(all, compare(at, reflect.ValueOf(one), reflect.ValueOf(to[i]))...)
	}
	for _, one := range to {
		if named(from, name(one)) < 0 {
			all = append(all, Change{key + " " + name(one), "added"})
		}
	}
	if all == nil {
		all = []Change{{key, "in another order"}}
	}
	return all
}

// isTable reports whether a value is written as a table, with keys of its own.
func isTable(v reflect.Value) bool {
	switch v.Interface().(type) {
	case Quality, color.NRGBA:
		return false
	}
	return v.Kind() == reflect.Struct
}

// keyOf is the file's word for a field of Config: "file_size" for FileSize, "base_url" for BaseURL.
func keyOf(field string) string {
	switch field {
	case "Time": // of Limits, which is written in seconds
		return "seconds"
	case "URL":
		return "url"
	}
	var b strings.Builder
	letters := []rune(field)
	for i, r := range letters {
		begins := i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) // TLSCert has two words
		if unicode.IsUpper(r) && begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// written is a value as the file writes it, or nearly.
func written(key string, v reflect.Value) string {
	if isSecret(key) && !v.IsZero() {
		return "(set, not shown)"
	}
	switch v := v.Interface().(type) {
	case Quality:
		if len(v.ByFormat) == 0 {
			return fmt.Sprint(v.All)
		}
		return fmt.Sprintf("%d %s", v.All, strings.TrimPrefix(fmt.Sprint(v.ByFormat), "map"))
	case color.NRGBA:
		return fmt.Sprintf("#%02x%02x%02x", v.R, v.G, v.B)
	case time.Duration:
		return v.String()
	case int64:
		if v > 0 && (strings.HasSuffix(key, "memory") || strings.HasSuffix(key, "size")) {
			return humanize.Bytes(uint64(v))
		}
	case string:
		return shown(key, v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v.Interface())
}
