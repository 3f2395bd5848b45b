package watcher

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

func box(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

// A JPEG with a preview in its first segment, which has an end marker of its own.
const (
	preview = "\xff\xd8\xff\xe1\x00\x0cEXIF  \xff\xd8\xff\xd9"
	photo   = preview + "\xff\xff\xdb\x00\x04qq\xff\xda\x00\x04ss data \xff\xd9"
)

var filler = strings.Repeat("7", 100)

var endTests = map[string]struct {
	data string
	want end
}{
	"jpeg":                          {photo, whole},
	"jpeg, padded":                  {photo + "\x00\x00\x00\x00", whole},
	"jpeg, one byte short":          {photo[:len(photo)-1], cut},
	"jpeg, at the preview's end":    {preview, cut},
	"jpeg, at the preview's end, 0": {preview + strings.Repeat("\x00", 20), unclear},
	"jpeg, three bytes":             {"\xff\xd8\xff", cut},
	"jpeg, not a segment":           {"\xff\xd8\xff\xe0\x00\x04qqqqqqqq", unclear},
	"png":                           {"\x89PNG\r\n\x1a\n" + filler + "\x00\x00\x00\x00IEND\xaeB`\x82", whole},
	"png, cut in its last chunk":    {"\x89PNG\r\n\x1a\n" + filler + "\x00\x00\x00\x00IEND\xaeB`", cut},
	"gif":                           {"GIF89a" + filler + "\x00;", whole},
	"gif, cut at a semicolon":       {"GIF89a" + filler + ";", cut},
	"webp":                          {"RIFF\x68\x00\x00\x00WEBP" + filler, whole},
	"webp, cut":                     {"RIFF\x69\x00\x00\x00WEBP" + filler, cut},
	"webp, size not filled in":      {"RIFF\x00\x00\x00\x00WEBP" + filler, unclear},
	"webp, content not filled in":   {"RIFF\x74\x00\x00\x00WEBP" + strings.Repeat("\x00", 112), unclear},
	"wave is none of ours":          {"RIFF\x68\x00\x00\x00WAVE" + filler, unclear},
	"bmp":                           {"BM\x6e\x00\x00\x00\x00\x00\x00\x00" + filler, whole},
	"bmp, cut":                      {"BM\x6f\x00\x00\x00\x00\x00\x00\x00" + filler, cut},
	"bmp, no size":                  {"BM\x00\x00\x00\x00\x00\x00\x00\x00" + filler, unclear},
	"avif":                          {box("ftyp", "avif1234") + box("meta", filler) + box("mdat", filler), whole},
	"avif, 64-bit length":           {box("ftyp", "avif1234") + box("meta", filler) + "\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x74" + filler, whole},
	"avif, cut in a box":            {box("ftyp", "avif1234") + box("meta", filler) + box("mdat", filler)[:50], cut},
	"avif, cut in a header":         {box("ftyp", "avif1234") + box("meta", filler) + "\x00\x00", cut},
	"avif, cut between boxes":       {box("ftyp", "avif1234") + box("meta", filler), unclear},
	"avif, box to the end":          {box("ftyp", "avif1234") + box("meta", filler) + "\x00\x00\x00\x00mdat" + filler, unclear},
	"avif, box shorter than itself": {box("ftyp", "avif1234") + "\x00\x00\x00\x03mdat" + filler, unclear},
	"avif, content not filled in":   {box("ftyp", "avif1234") + box("meta", "") + box("mdat", strings.Repeat("\x00", 80)), unclear},
	"tiff":                          {"II*\x00" + filler, unclear},
	"text":                          {"once upon a time", unclear},
	"empty":                         {"", unclear},
}

func endOfString(s string) end { return endOf(strings.NewReader(s), int64(len(s))) }

func TestEndOf(t *testing.T) {
	for name, test := range endTests {
		if got := endOfString(test.data); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Whatever is said of a file, one of its beginnings is never whole as well, but for padding and what follows the end.
func FuzzEndOf(f *testing.F) {
	for _, test := range endTests {
		f.Add([]byte(test.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &counting{Reader: bytes.NewReader(data)}
		got := endOf(r, int64(len(data)))
		if r.reads > 1002 {
			t.Errorf("%d reads", r.reads)
		}
		boxes := len(data) > 12 && string(data[4:8]) == "ftyp"
		if boxes && got == whole && endOf(bytes.NewReader(data), int64(len(data)-1)) == whole {
			t.Error("whole with its last byte and without")
		}
	})
}

type counting struct {
	*bytes.Reader
	reads int
}

func (c *counting) ReadAt(b []byte, offset int64) (int, error) {
	c.reads++
	return c.Reader.ReadAt(b, offset)
}
