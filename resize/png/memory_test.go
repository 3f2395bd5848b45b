package png

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// drain reads all rows.
func drain(t testing.TB, d *Decoder) error {
	for {
		if _, err := d.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Memory bounds what a new Decoder allocates, and is not far from it.
func TestMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	for _, p := range kindsOfPixels() {
		for _, size := range [][2]int{{1, 1}, {100, 70}, {5000, 40}, {70_000, 4}, {3, 9000}} {
			for _, p.interlaced = range []bool{false, true} {
				p.width, p.height, p.filter = size[0], size[1], anyFilter
				src := p.encode(rng)
				d := new(Decoder)
				if err := d.reset(src, Options{}); err != nil {
					t.Fatal(err)
				}
				used := allocated(func() {
					if err := drain(t, d); err != nil {
						t.Fatal(err)
					}
				})
				if bound := d.Memory(); used > uint64(bound) || uint64(bound) > 2*used+100<<10 {
					t.Fatalf("%v: %d bytes allocated, Memory is %d", p, used, bound)
				}
			}
		}
	}
}

// An image that streams takes no more memory for being higher.
func TestStreams(t *testing.T) {
	p := picture{width: 64, height: 20_000, color: RGB, depth: 8, filter: anyFilter}
	src := p.encode(rand.New(rand.NewPCG(18, 18)))
	d := new(Decoder)
	if err := d.reset(src, Options{}); err != nil {
		t.Fatal(err)
	}
	if used := allocated(func() { drain(t, d) }); used > 100<<10 {
		t.Errorf("%d bytes for rows of 64 pixels", used)
	}
}

// One image after the other is decoded in the same memory.
func TestAllocations(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 19))
	for _, p := range kindsOfPixels() {
		p.width, p.height, p.filter, p.idat = 100, 100, anyFilter, 100
		src := p.encode(rng)
		n := testing.AllocsPerRun(50, func() {
			d, err := NewDecoder(src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := drain(t, d); err != nil {
				t.Fatal(err)
			}
			d.Release()
		})
		if n > 4 {
			t.Errorf("%v: %v allocations an image", p, n)
		}
	}
}

// A header alone claims no memory for the pixels that it speaks of.
func TestHeaderBomb(t *testing.T) {
	src, err := os.ReadFile("../../testdata/images/" + bomb)
	if err != nil {
		t.Fatal(err)
	}
	largest := bytes.Clone(src) // that there can be where an int has 32 bits
	copy(largest[16:], "\x00\x00\x3f\xff\x00\x00\x3f\xff")
	widest := bytes.Clone(src) // one row of 16 bits RGBA is 240 MB
	copy(widest[16:], "\x01\xc9\xc3\x80\x00\x00\x00\x01\x10\x06")
	for i, b := range [][]byte{largest, bytes.Clone(largest), widest, bytes.Clone(widest)} {
		interlaced := byte(i % 2)
		b[28] = interlaced
		rehash(b)
		used := allocated(func() {
			var damage *FormatError
			if _, err := DecodeImage(b, Options{}); !errors.As(err, &damage) || damage.Missing < 0.99 {
				t.Errorf("interlaced %d: error %v", interlaced, err)
			}
		})
		if used > 2<<20 { // some rows of 50000 pixels
			t.Errorf("interlaced %d: %d bytes allocated", interlaced, used)
		}
	}
}

// Of data that inflates to more than the image needs, no more is inflated.
func TestDataBomb(t *testing.T) {
	for _, interlaced := range []bool{false, true} {
		p := picture{width: 100, height: 100, color: Gray, depth: 8, interlaced: interlaced}
		all := chunksOf(p.encode(rand.New(rand.NewPCG(20, 20))))
		var data []byte
		for len(data) < 50<<20 {
			data = append(data, make([]byte, 1<<20)...)
		}
		all[1].data = deflated(data, 0)
		d, err := NewDecoder(file(all...), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := drain(t, d); err == nil || !strings.Contains(err.Error(), "too much image data") {
			t.Errorf("error %v", err)
		}
		if d.chunks.pos > 2*readAhead {
			t.Errorf("%d of %d bytes were read", d.chunks.pos, len(d.chunks.src))
		}
		d.Release()
	}
}
