// Command gen writes testdata/images and testdata/README.md, or with -check says whether they are as it would write
// them. Every byte follows from the source: no clock, no random seed, no float that may be rounded otherwise elsewhere, no
// encoder whose output depends on the Go version or on a library of the machine. See testdata.go for how it is run.
//
// files.go and filesmore.go list what is made; scene.go and alpha.go paint; the rest encodes, a file for each format.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxTotal is what all images may take together, in bytes.
const maxTotal = 3_000_000

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a file differs, is missing or is too many")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: gen [-check] TESTDATA-FOLDER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	made, err := generate()
	if err != nil {
		return err
	}
	strays, err := strays(dir, made)
	if err != nil {
		return err
	}
	if check {
		return errors.Join(compare(dir, made), reject(strays))
	}
	if err := os.MkdirAll(filepath.Join(dir, "images"), 0o755); err != nil {
		return err
	}
	for _, path := range strays {
		if err := os.Remove(filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	for path, data := range made {
		if err := os.WriteFile(filepath.Join(dir, path), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate makes all files: their bytes by their paths in testdata.
func generate() (map[string][]byte, error) {
	made := map[string][]byte{}
	list := files()
	total := 0
	for _, f := range list {
		data, err := f.make()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		path := filepath.Join("images", f.name)
		if made[path] != nil {
			return nil, fmt.Errorf("%s is listed twice", f.name)
		}
		made[path] = data
		total += len(data)
	}
	if total > maxTotal {
		return nil, fmt.Errorf("the images take %d bytes together, more than %d", total, maxTotal)
	}
	made["README.md"] = readme(list, made, total)
	return made, nil
}

// readme is the table of the files.
func readme(list []file, made map[string][]byte, total int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `# Test images

Written by the generator in gen/, this page too: change that, then run `+"`go generate ./testdata`"+` at the top of the
repository. `+"`go run -C testdata/gen -tags nodynamic . -check ..`"+` says whether it was. %d files, %d bytes together,
%d at most.

Pixels are as the file stores them, before any orientation is applied. The last column is what pixmill does under its
default configuration. "variants": all of them are written. "rejected": none is, and the reason is that kind of
error. "variants or rejected": how much of such a file is worth showing is the decoder's to say; it must neither crash nor hang.

| file | bytes | pixels | what it is good for | expected |
|---|---:|---|---|---|
`, len(list), total, maxTotal)
	for _, f := range list {
		size := fmt.Sprintf("%d×%d", f.w, f.h)
		if f.w == 0 {
			size = "none"
		}
		if f.frames > 1 {
			size += fmt.Sprintf(", %d frames", f.frames)
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", f.name, len(made[filepath.Join("images", f.name)]), size, f.about, f.outcome)
	}
	return []byte(b.String())
}

// strays are the files in images that no longer belong there.
func strays(dir string, made map[string][]byte) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "images"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		path := filepath.Join("images", e.Name())
		if _, ok := made[path]; !ok {
			found = append(found, path)
		}
	}
	return found, nil
}

func reject(strays []string) error {
	if strays == nil {
		return nil
	}
	return fmt.Errorf("not made by the generator: %s", strings.Join(strays, ", "))
}

// compare names every file that is not as made.
func compare(dir string, made map[string][]byte) error {
	var differ []error
	for _, path := range slices.Sorted(maps.Keys(made)) {
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			differ = append(differ, err)
		} else if !bytes.Equal(data, made[path]) {
			differ = append(differ, fmt.Errorf("%s differs: run go generate ./testdata", path))
		}
	}
	return errors.Join(differ...)
}
