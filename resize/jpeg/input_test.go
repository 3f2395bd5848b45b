package jpeg

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// decoded is what becomes of an image, by whatever way.
func decoded(use func(Options, func(*Decoder) error) error, o Options) (all [][]byte, err error) {
	err = use(o, func(d *Decoder) error {
		for {
			band, err := d.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			for _, p := range band {
				for y := range p.Height {
					all = append(all, bytes.Clone(p.Pix[y*p.Stride:][:p.Width]))
				}
			}
		}
	})
	return all, err
}

func decodedBoth(src []byte, o Options) (whole, file [][]byte, wholeErr, fileErr error) {
	whole, wholeErr = decoded(func(o Options, use func(*Decoder) error) error { return Using(src, o, use) }, o)
	file, fileErr = decoded(func(o Options, use func(*Decoder) error) error {
		return UsingFile(bytes.NewReader(src), int64(len(src)), o, use)
	}, o)
	return
}

// commented is src with comments of n bytes together, at least 4, behind its start marker.
func commented(src []byte, n int) []byte {
	out := append([]byte{}, src[:2]...)
	for n > 0 {
		size := min(n, 65000)
		if rest := n - size; rest > 0 && rest < 4 {
			size -= 4
		}
		out = append(out, 0xFF, markerCOM, byte((size-2)>>8), byte(size-2))
		out = append(out, make([]byte, size-4)...)
		n -= size
	}
	return append(out, src[2:]...)
}

// Wherever the end of a window falls, a file gives what the same bytes in memory give, damaged ones too.
func TestFile(t *testing.T) {
	for _, name := range []string{"baseline-440-restarts.jpg", "baseline-420.jpg", "progressive-422-restarts.jpg", "separate-444-1-2.jpg"} {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		marked := bytes.Clone(src) // a marker that is none of ours, in the midst of it
		copy(marked[2*len(src)/3:], "\xff\xff\xff\xc1")
		step := max(1, len(src)/150)
		if testing.Short() {
			step *= 5
		}
		for kind, src := range map[string][]byte{"whole": src, "cut": src[:len(src)*2/3], "marked": marked} {
			for at := 4; at < len(src); at += step {
				long := commented(src, windowSize-at)
				o := Options{Scale: 1 << (at % 4)}
				whole, file, wholeErr, fileErr := decodedBoth(long, o)
				if !reflect.DeepEqual(whole, file) || !reflect.DeepEqual(wholeErr, fileErr) {
					t.Fatalf("%s, %s, window ends at %d: %v, from a file %v; the same samples: %v", name, kind, at, wholeErr, fileErr, reflect.DeepEqual(whole, file))
				}
				n, ended := Scans(long)
				if fileN, fileEnded := ScansOf(bytes.NewReader(long), int64(len(long))); fileN != n || fileEnded != ended {
					t.Fatalf("%s, %s, window ends at %d: %d scans, %t; from a file %d, %t", name, kind, at, n, ended, fileN, fileEnded)
				}
			}
		}
	}
}

// brokenFile is a file that cannot be read from some byte on.
type brokenFile struct {
	*bytes.Reader
	good int64
	err  error
}

func (f brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.good {
		n, _ := f.Reader.ReadAt(p[:max(0, f.good-off)], off)
		return n, f.err
	}
	return f.Reader.ReadAt(p, off)
}

// What cannot be read is the file's error; where it has become shorter, the image is damaged.
func TestFileErrors(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "baseline-420.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	src = commented(src, windowSize-600)
	broken := errors.New("broken disk")
	for _, good := range []int64{0, 1, 500, windowSize, int64(len(src) - 1)} {
		for _, want := range []error{broken, io.EOF} {
			_, err := decoded(func(o Options, use func(*Decoder) error) error {
				return UsingFile(brokenFile{bytes.NewReader(src), good, want}, int64(len(src)), o, use)
			}, Options{})
			var damage *FormatError
			if want == broken && !errors.Is(err, broken) || want == io.EOF && !errors.As(err, &damage) {
				t.Errorf("%v behind byte %d: %v", want, good, err)
			}
		}
	}
}
