package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	const before = `
widths = [100, 200]
[limits]
file_size = "1MB"
`
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":        {before, nil},
		"a comment":      {before + "# text\n", nil},
		"a default said": {before + "[pool]\nmax_attempts = 3\n", nil},
		"numbers, sizes, times": {strings.Replace(before, `"1MB"`, "\"2MB\"\nseconds = 5\nwidth = 7", 1),
			[]string{"limits.file_size: 1.0 MB → 2.0 MB", "limits.width: 32768 → 7", "limits.seconds: 1m0s → 5s"}},
		"texts and lists": {"inbox = \"/in\"\n" + before + "[watch]\nignore = []\n[pool]\nmemory = \"2GB\"\n",
			[]string{fmt.Sprintf("inbox: %q → %q", root("/base/inbox"), root("/in")), `watch.ignore: [".*"`, "pool.memory: 0 → 2.0 GB"}},
		"variants": {strings.Replace(before, "100, 200", "200, 300", 1),
			[]string{"variant 100w: removed", "variant 300w: added"}},
		"their order": {strings.Replace(before, "100, 200", "200, 100", 1), []string{"variant: in another order"}},
		"of a variant": {"quality = { jpeg = 90 }\nbackground = \"#000000\"\n" + strings.Replace(before, "100, ", "", 1),
			[]string{"variant 100w: removed", "variant 200w.quality: 80 → 80 [jpeg:90]", "variant 200w.background: #ffffff → #000000"}},
	} {
		t.Run(name, func(t *testing.T) {
			from, err := Parse("/base/config.toml", before)
			if err != nil {
				t.Fatal(err)
			}
			to, err := Parse("/base/config.toml", test.text)
			if err != nil {
				t.Fatal(err)
			}
			got := Changes(from, to)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i, c := range got {
				if !strings.HasPrefix(c.String(), test.want[i]) {
					t.Errorf("got %q, want %q", c, test.want[i])
				}
			}
		})
	}
}

// The words of Changes are the file's: every key in the template has a field that gives it, and the other way around.
func TestKeysOfFields(t *testing.T) {
	fields := map[string]bool{}
	var collect func(prefix string, typ reflect.Type)
	collect = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if !f.IsExported() {
				continue
			}
			key := prefix + keyOf(f.Name)
			if f.Anonymous {
				collect(prefix, f.Type)
			} else if isTable(reflect.Zero(f.Type)) {
				collect(key+".", f.Type)
			} else {
				fields[key] = true
			}
		}
	}
	collect("", reflect.TypeFor[Config]())
	perVariant := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Variant]()) {
		perVariant[keyOf(f.Name)] = true
	}
	for key := range keyLines(Template) {
		if !strings.Contains(key, ".") && (perVariant[key] || key == "widths") || strings.Contains(Template, "["+key+"]") {
			continue // of all variants, or the table's own line
		}
		if !fields[key] {
			t.Errorf("%s is no key that Changes speaks of", key)
		}
		delete(fields, key)
	}
	delete(fields, "variants")
	delete(fields, "pipelines")
	for key := range fields {
		t.Errorf("Changes speaks of %s, which is no key of the template", key)
	}
}

// root is a path from the root, as the system writes it.
func root(path string) string {
	abs, err := filepath.Abs(filepath.FromSlash(path))
	if err != nil {
		panic(err)
	}
	return abs
}
