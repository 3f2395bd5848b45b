package png

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	stdadler "hash/adler32"
	"io"
	"math/rand/v2"
	"testing"
)

// rowOf makes an image of one grey row whose filtered bytes are what Go's compress/flate makes of a deflate stream, in IDAT
// chunks of size bytes.
func rowOf(stream []byte, size int) []byte {
	raw, _ := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(stream)), 1<<18))
	head := binary.BigEndian.AppendUint32(nil, uint32(max(1, len(raw)-1)))
	head = append(head, 0, 0, 0, 1, 8, 0, 0, 0, 0)
	data := append([]byte{0x78, 0x9c}, stream...)
	data = binary.BigEndian.AppendUint32(data, stdadler.Checksum(raw))
	chunks := []chunk{{"IHDR", head}}
	for size = max(size, 1); len(data) > 0; data = data[min(size, len(data)):] {
		chunks = append(chunks, chunk{"IDAT", data[:min(size, len(data))]})
	}
	return file(append(chunks, chunk{kind: "IEND"})...)
}

// streams are deflate streams of all kinds of blocks and matches, each of a byte that is a filter's number and more.
func streams(t testing.TB, size int) map[string][]byte {
	rng := rand.New(rand.NewPCG(21, 21))
	data := map[string][]byte{"zeros": make([]byte, size), "random": random(rng, size), "skewed": random(rng, size), "far": nil}
	for i, v := range data["skewed"] { // codes of all lengths
		data["skewed"][i] = v & byte(rng.Uint32()) & byte(rng.Uint32()) & byte(rng.Uint32())
	}
	for piece := random(rng, 300); len(data["far"]) < size; { // matches from as far back as they can be
		data["far"] = append(append(data["far"], random(rng, 32768-300)...), piece...)
	}
	for _, period := range []int{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 300} {
		p := random(rng, period)
		b := bytes.Repeat(p, size/period+1)
		for at := 0; at < len(b); at += 1 + rng.IntN(600) {
			b[at] ^= 1
		}
		data["period "+string(rune('0'+period%10))+string(rune('a'+period/10))] = b
	}
	all := map[string][]byte{}
	for name, b := range data {
		b[0] = byte(rng.IntN(5))
		for _, level := range []int{zlib.HuffmanOnly, zlib.NoCompression, 1, 6, 9} {
			var out bytes.Buffer
			w, err := flate.NewWriter(&out, level)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(b[:len(b)/2])
			w.Flush() // an empty stored block
			w.Write(b[len(b)/2:])
			w.Close()
			all[name+", level "+string(rune('0'+max(level, -1)))] = out.Bytes()
		}
	}
	return all
}

// All kinds of deflate streams inflate to what Go's compress/flate makes of them, however they are cut into chunks.
func TestInflate(t *testing.T) {
	for name, stream := range streams(t, 200_000) {
		for _, size := range []int{7, 1000, 1 << 30} {
			if err := agree(rowOf(stream, size)); err != nil {
				t.Errorf("%s, chunks of %d bytes: %v", name, size, err)
			}
		}
	}
	for name, stream := range streams(t, 50) {
		for size := range 20 {
			src := rowOf(stream, size)
			if err := agree(src); err != nil {
				t.Errorf("short, %s, chunks of %d bytes: %v", name, size, err)
			}
			if _, _, err := rowsOf(src); err != nil {
				t.Errorf("short, %s, chunks of %d bytes: %v", name, size, err)
			}
		}
	}
}

// Rows that are longer than the compressor's window, and than what is read at once.
func TestLongRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	for _, p := range []picture{{color: RGBA, depth: 16}, {color: Gray, depth: 8}, {color: RGB, depth: 8, interlaced: true}} {
		for _, p.level = range []int{stored, 1, 9} {
			p.width, p.height, p.filter = 70_001, 3, anyFilter
			if err := agree(p.encode(rng)); err != nil {
				t.Errorf("%v, level %d: %v", p, p.level, err)
			}
		}
	}
}
