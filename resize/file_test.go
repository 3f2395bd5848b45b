package resize

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// counted is a file that notes how much of it was read at once.
type counted struct {
	*bytes.Reader
	most int
	err  error // of what is behind the first byte; nil: none
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.most = max(c.most, len(p))
	if c.err != nil && off > 0 {
		return 0, c.err
	}
	return c.Reader.ReadAt(p, off)
}

// A file gives what its bytes in memory give, whether it streams or not.
func TestProcessFile(t *testing.T) {
	files, err := filepath.Glob("../testdata/images/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	streams := map[bool]int{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := widths(20, 64)
		want, wantErr := Process(t.Context(), src, r, usual)
		got, gotErr := ProcessFile(t.Context(), bytes.NewReader(src), int64(len(src)), r, usual)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || len(got.Outputs) != len(want.Outputs) || got.Info.Width != want.Info.Width {
			t.Errorf("%s: %v, as a file %v", file, wantErr, gotErr)
			continue
		}
		for i, o := range want.Outputs {
			if !bytes.Equal(o.Data, got.Outputs[i].Data) {
				t.Errorf("%s: output %d differs", file, i)
			}
		}
		streams[Streams(want.Info, r)]++
	}
	if streams[true] < 10 || streams[false] < 10 {
		t.Errorf("%d stream, %d don't", streams[true], streams[false])
	}
}

// What streams is read by windows, and only as long as it is good for; errors in reading are the file's, and limits come first.
func TestStreams(t *testing.T) {
	scene := testImage(t, "scene.jpg")
	long := append(bytes.Clone(scene), make([]byte, 1<<20)...) // bytes behind the picture
	info, err := Probe(bytes.NewReader(long), int64(len(long)))
	if err != nil {
		t.Fatal(err)
	}
	own := widths(0)
	for name, c := range map[string]struct {
		info    Info
		recipe  Recipe
		streams bool
	}{
		"reduced":     {info, widths(20, 64), true},
		"as it is":    {info, own, false},
		"progressive": {Info{Format: "jpeg", Width: 100, Height: 100, Progressive: true}, widths(20), false},
		"png":         {Info{Format: "png", Width: 100, Height: 100}, widths(20), false},
	} {
		if got := Streams(c.info, c.recipe); got != c.streams {
			t.Errorf("%s: streams %t", name, got)
		}
	}
	f := &counted{Reader: bytes.NewReader(long)}
	if _, err := ProcessFile(t.Context(), f, int64(len(long)), widths(20), usual); err != nil || f.most > 200<<10 {
		t.Errorf("%v; %d bytes were read at once", err, f.most)
	}
	f = &counted{Reader: bytes.NewReader(long)}
	if _, err := ProcessFile(t.Context(), f, int64(len(long)), own, usual); err != nil || f.most < len(long) {
		t.Errorf("as it is: %v; %d bytes were read at once", err, f.most)
	}
	f = &counted{Reader: bytes.NewReader(long)}
	var large *TooLargeError
	if _, err := ProcessFile(t.Context(), f, int64(len(long)), own, Limits{FileSize: 1000}); !errors.As(err, &large) || f.most > 200<<10 {
		t.Errorf("too large: %v; %d bytes were read at once", err, f.most)
	}
	broken := errors.New("broken disk")
	f = &counted{Reader: bytes.NewReader(long), err: broken}
	if _, err := ProcessFile(t.Context(), f, int64(len(long)), widths(20), usual); !errors.Is(err, broken) {
		t.Errorf("broken: %v", err)
	}
	var damaged *FormatError
	cut := io.NewSectionReader(bytes.NewReader(long), 0, int64(len(scene)/2))
	if _, err := ProcessFile(t.Context(), cut, int64(len(long)), widths(20), usual); !errors.As(err, &damaged) {
		t.Errorf("shorter than it was: %v", err)
	}
}
