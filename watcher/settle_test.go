package watcher

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	const settle = time.Second
	tests := []struct {
		name  string
		w     writers
		e     ending
		size  int64
		quiet time.Duration
		want  time.Duration
	}{
		{"a writer, whatever else", someWriter, whole, 100, time.Hour, again},
		{"nobody writes, whole", noWriter, whole, 100, 0, 0},
		{"nobody writes, no end mark", noWriter, unknownEnd, 100, 0, 0},
		{"nobody writes, cut", noWriter, cut, 100, 300 * time.Millisecond, 700 * time.Millisecond},
		{"nobody writes, cut, at rest", noWriter, cut, 100, settle, 0},
		{"nobody writes, empty", noWriter, unknownEnd, 0, 0, settle},
		{"empty, at rest", noWriter, unknownEnd, 0, settle, 0},
		{"silent kernel, whole", unknownWriters, whole, 100, 0, 0},
		{"silent kernel, cut", unknownWriters, cut, 100, 0, settle},
		{"silent kernel, no end mark", unknownWriters, unknownEnd, 100, 400 * time.Millisecond, 600 * time.Millisecond},
		{"silent kernel, at rest", unknownWriters, unknownEnd, 100, 2 * settle, 0},
	}
	for _, test := range tests {
		if got := complete(test.w, test.e, test.size, test.quiet, settle); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func box(name string, body int) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+body))
	return append(append(b, name...), make([]byte, body)...)
}

func TestEndOf(t *testing.T) {
	join := func(parts ...[]byte) string { return string(bytes.Join(parts, nil)) }
	filler := bytes.Repeat([]byte{9}, 100)
	png := "\x89PNG\r\n\x1a\n" + string(filler)
	riff := "RIFF\x64\x00\x00\x00" + string(filler)
	bmp := "BM\x72\x00\x00\x00\x00\x00\x00\x00" + string(filler)
	large := append([]byte{0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 116}, filler...)
	tests := []struct {
		name, data string
		want       ending
	}{
		{"jpeg", string(jpeg), whole},
		{"jpeg, padded", string(jpeg) + "\x00\x00\x00", whole},
		{"jpeg, cut", string(jpeg[:1000]), cut},
		{"jpeg, one byte short", string(jpeg[:len(jpeg)-1]), cut},
		{"png", png + "\x00\x00\x00\x00IEND\xaeB`\x82", whole},
		{"png, cut", png, cut},
		{"gif", "GIF89a" + string(filler) + ";", whole},
		{"gif, cut", "GIF89a" + string(filler), cut},
		{"riff", riff, whole},
		{"riff, cut", riff[:90], cut},
		{"bmp", bmp + "    ", whole},
		{"bmp, cut", bmp[:100], cut},
		{"iso", join(box("ftyp", 16), box("meta", 50), box("mdat", 100)), whole},
		{"iso, large size", join(box("ftyp", 16), large), whole},
		{"iso, cut in a box", join(box("ftyp", 16), box("mdat", 100))[:80], cut},
		{"iso, box to the end of file", join(box("ftyp", 16), []byte{0, 0, 0, 0, 'm', 'd', 'a', 't'}, filler), cut},
		{"iso, box of no size", join(box("ftyp", 16), []byte{0, 0, 0, 3, 'm', 'd', 'a', 't'}, filler), cut},
		{"tiff has no end", "II*\x00" + string(filler), unknownEnd},
		{"text", "once upon a time there was", unknownEnd},
		{"short", "\xff\xd8\xff", unknownEnd},
		{"empty", "", unknownEnd},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := endOf(bytes.NewReader([]byte(test.data)), int64(len(test.data))); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func FuzzEndOf(f *testing.F) {
	f.Add(jpeg)
	f.Add(append(box("ftyp", 16), box("mdat", 40)...))
	f.Add([]byte("RIFF\xff\xff\xff\xffWEBPVP8 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := endOf(bytes.NewReader(data), int64(len(data)))
		if got != unknownEnd && got != whole && got != cut {
			t.Errorf("%v", got)
		}
		// However it is judged, one byte less of a box file is never whole.
		if len(data) > 13 && string(data[4:8]) == "ftyp" && got == whole && endOf(bytes.NewReader(data[:len(data)-1]), int64(len(data)-1)) == whole {
			t.Error("whole with and without its last byte")
		}
	})
}
