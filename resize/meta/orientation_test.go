package meta

import (
	"bytes"
	"encoding/binary"
	"testing"
)

type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte // 4 bytes
}

func tiff(order binary.AppendByteOrder, entries ...entry) []byte {
	b := []byte("II")
	if order == binary.BigEndian {
		b = []byte("MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = order.AppendUint16(b, e.tag)
		b = order.AppendUint16(b, e.kind)
		b = order.AppendUint32(b, e.count)
		b = append(b, e.value...)
	}
	return order.AppendUint32(b, 0)
}

func TestOrientation(t *testing.T) {
	le, be := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	short := func(order binary.AppendByteOrder, v uint16) []byte {
		return order.AppendUint16(order.AppendUint16(nil, v), 0)
	}
	six := entry{0x112, 3, 1, short(le, 6)}
	for _, c := range []struct {
		name string
		src  []byte
		want int
	}{
		{"little-endian", tiff(le, six), 6},
		{"big-endian", tiff(be, entry{0x112, 3, 1, short(be, 8)}), 8},
		{"LONG", tiff(le, entry{0x112, 4, 1, le.AppendUint32(nil, 3)}), 3},
		{"BYTE", tiff(le, entry{0x112, 1, 1, []byte{5, 0, 0, 0}}), 5},
		{"behind a text that is not there", tiff(le, entry{0x10e, 2, 5000, le.AppendUint32(nil, 1<<31)}, six), 6},
		{"behind a text of 4 GB", tiff(le, entry{0x10e, 2, 1<<32 - 1, le.AppendUint32(nil, 100)}, six), 6},
		{"zero", tiff(le, entry{0x112, 3, 1, short(le, 0)}), Upright},
		{"nine", tiff(le, entry{0x112, 3, 1, short(le, 9)}), Upright},
		{"a huge LONG", tiff(le, entry{0x112, 4, 1, le.AppendUint32(nil, 1<<31)}), Upright},
		{"two of them", tiff(le, entry{0x112, 3, 2, short(le, 6)}), Upright},
		{"in the thumbnail's directory only", append(tiff(le)[:10], append(le.AppendUint32(nil, 14), tiff(le, six)[8:]...)...), Upright},
		{"a directory in itself", tiff(le, entry{0x8769, 4, 1, le.AppendUint32(nil, 8)}, six), 6},
		{"none", tiff(le), Upright},
		{"cut", tiff(le, six)[:15], Upright},
		{"a directory beyond the end", []byte("II*\x00\xff\xff\xff\x7f"), Upright},
		{"no TIFF", []byte("hello, world"), Upright},
		{"nothing", nil, Upright},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Orientation(bytes.NewReader(c.src), int64(len(c.src))); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// counting counts the bytes that are read.
type counting struct {
	*bytes.Reader
	read int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.read += n
	return n, err
}

// TestAmplification: a list of 2000 directories, all of them the same one of 60000 tags, must not be followed.
func TestAmplification(t *testing.T) {
	const lists, tags = 2000, 60000
	le := binary.LittleEndian
	src := tiff(le, entry{0x14a, 4, lists, le.AppendUint32(nil, 26)})
	for range lists {
		src = le.AppendUint32(src, 26+4*lists)
	}
	src = le.AppendUint16(src, tags)
	for range tags {
		src = append(src, "\x00\xf0\x04\x00\x00\x00\x02\x00...."...) // 131072 values, which is not counted by imagemeta's limit of tags
	}
	file := &counting{Reader: bytes.NewReader(src)}
	if got := Orientation(file, int64(len(src))); got != Upright {
		t.Errorf("got %d", got)
	}
	if file.read > len(src) {
		t.Errorf("%d bytes were read of a file of %d", file.read, len(src))
	}
}

func TestExifStart(t *testing.T) {
	for _, c := range []struct {
		head  string
		skip  int64
		found bool
	}{
		{"Exif\x00\x00II*\x00", 6, true},
		{"II*\x00", 0, true},
		{"MM\x00*", 0, true},
		{"http://ns.adobe.com/xap/1.0/\x00", 0, false},
		{"", 0, false},
	} {
		if skip, found := ExifStart([]byte(c.head)); skip != c.skip || found != c.found {
			t.Errorf("%q: %d, %t", c.head, skip, found)
		}
	}
}
