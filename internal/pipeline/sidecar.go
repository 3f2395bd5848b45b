package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/BurntSushi/toml"

	"pixmill/resize"
	"pixmill/watcher"
)

// sidecarExt follows a photo's whole name: photo.jpg.toml says something of photo.jpg.
const sidecarExt = ".toml"

// maxSidecar is how long a sidecar may be, in bytes.
const maxSidecar = 64 << 10

// sidecar is what somebody says of a photo in a file beside it. What the file leaves out is zero.
type sidecar struct {
	Focus      []float64 `toml:"focus"` // the point to cut around: 0 to 1 from the left, and from the top
	Title, Alt string
}

// sidecarError is a mistake in a sidecar. It ends with the next version of that file, so it is never remembered.
type sidecarError struct{ err error }

func (e *sidecarError) Error() string { return e.err.Error() }
func (e *sidecarError) Unwrap() error { return e.err }

// readSidecar returns the sidecar of a photo, and whether there is one. Errors are *sidecarError, or of the file system.
func readSidecar(root *os.Root, photo string) (s sidecar, found bool, err error) {
	name := photo + sidecarExt
	info, err := root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENAMETOOLONG) || err == nil && !info.Mode().IsRegular() { // opening a pipe would wait
		return s, false, nil
	}
	f, err := root.Open(name)
	if err != nil {
		return s, false, fmt.Errorf("its sidecar cannot be opened: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSidecar+1))
	if err != nil {
		return s, false, fmt.Errorf("its sidecar cannot be read: %w", err)
	}
	if s, err = parseSidecar(path.Base(name), text); err != nil {
		return sidecar{}, true, &sidecarError{fmt.Errorf("its sidecar is wrong: %w", err)}
	}
	return s, true, nil
}

// parseSidecar names the file in its errors, and the line.
func parseSidecar(file string, text []byte) (s sidecar, err error) {
	if len(text) > maxSidecar {
		return s, fmt.Errorf("%s: is longer than %d bytes: write focus, title and alt, nothing else", file, maxSidecar)
	}
	known, err := toml.Decode(string(text), &s)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return s, fmt.Errorf("%s:%d: %s", file, syntax.Position.Line, syntax.Message)
	case err != nil:
		_, key, _ := strings.Cut(err.Error(), `last key "`)
		key, _, _ = strings.Cut(key, `"`)
		return s, fmt.Errorf("%s: %s is of another kind: write focus = [0.5, 0.3], title and alt in quotes", at(file, text, key), cmp.Or(key, "a value"))
	}
	if other := known.Undecoded(); len(other) > 0 {
		return s, fmt.Errorf("%s: %s: unknown key: known are focus, title and alt", at(file, text, other[0][0]), other[0])
	}
	outside := func(v float64) bool { return !(v >= 0 && v <= 1) }
	if s.Focus != nil && (len(s.Focus) != 2 || slices.ContainsFunc(s.Focus, outside)) {
		return s, fmt.Errorf("%s: focus is %v: write two numbers from 0 to 1, the parts of the width from the left and of the height from the top, as in focus = [0.5, 0.3]",
			at(file, text, "focus"), s.Focus)
	}
	return s, nil
}

// at is where a key of a sidecar stands, as file:line; the TOML package keeps positions to itself. Only the file, where it is written in an unusual way.
func at(file string, text []byte, key string) string {
	for i, line := range strings.Split(string(text), "\n") {
		word, _, _ := strings.Cut(strings.TrimLeft(line, " \t["), "=")
		if word = strings.Trim(word, " \t\r]\"'"); strings.EqualFold(word, key) || strings.HasPrefix(word, key+".") {
			return fmt.Sprintf("%s:%d", file, i+1)
		}
	}
	return file
}

// around are the rules for one photo whose sidecar names the point to cut around.
func (r *rules) around(focus []float64) *rules {
	if focus == nil {
		return r
	}
	own := *r
	own.recipe.Focus = &resize.Focus{X: focus[0], Y: focus[1]}
	own.parts = make(map[string]string, len(r.parts))
	for part, d := range r.parts {
		own.parts[part] = d
	}
	for _, v := range r.recipe.Variants {
		if v.Fit == resize.Cover {
			for _, format := range resize.Formats {
				key := v.Name + "/" + format
				own.parts[key] = digest(r.parts[key], own.recipe.Focus)
			}
		}
	}
	return &own
}

// meant turns the job of a sidecar into that of its photo, where that is there: the photo may look otherwise now.
func meant(j job) job {
	photo, is := strings.CutSuffix(j.file.Path, sidecarExt)
	if !is || !claimsToBeImage(photo) {
		return j
	}
	of := j
	of.file.Path = photo
	if info, err := of.stat(); err != nil || !info.Mode().IsRegular() {
		return j
	}
	of.look()
	return of
}

// pair is a photo and its sidecar as they were; zero where one was not there.
type pair struct{ photo, beside watcher.File }

func (j job) pair() (both pair) {
	beside := j
	beside.file = watcher.File{Path: j.file.Path + sidecarExt}
	if info, err := beside.stat(); err == nil {
		j.look()
		beside.file.Size, beside.file.ModTime = info.Size(), info.ModTime()
		both = pair{j.file, beside.file}
	}
	return both
}

// note keeps which photos were rejected for their sidecar. It is not remembered any longer than this run.
func (p *Pipeline) note(j job, err error) {
	var beside *sidecarError
	if errors.As(err, &beside) {
		p.wrong[j.name()] = j.pair()
	} else {
		delete(p.wrong, j.name())
	}
}

// told reports whether a photo was rejected for its sidecar, and both are as they were: the two are seen one by one where they lie in a folder that
// is gone through.
func (p *Pipeline) told(j job) bool {
	was, found := p.wrong[j.name()]
	return found && !j.intake.Retry && was == j.pair()
}
