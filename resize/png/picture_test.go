package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
)

// picture is a PNG image to be made, of any kind that there is: image/png's encoder makes but a few.
type picture struct {
	width, height int
	color         ColorType
	depth         int
	interlaced    bool
	transparent   bool // has a tRNS chunk
	filter        int  // of all rows; anyFilter: all of them in turn
	colors        int  // of a palette; 0: as many as the depth allows
	idat          int  // bytes of an IDAT chunk; 0: all in one
	level         int  // of compression
}

const anyFilter = 5

func (p picture) String() string {
	return fmt.Sprintf("%d×%d color %d depth %d interlaced %t transparent %t filter %d", p.width, p.height, p.color, p.depth, p.interlaced, p.transparent, p.filter)
}

// kindsOfPixels are all colour types with all of their depths.
func kindsOfPixels() (all []picture) {
	for _, color := range []ColorType{Gray, RGB, Palette, GrayAlpha, RGBA} {
		for _, depth := range []byte(depths[color]) {
			all = append(all, picture{color: color, depth: int(depth)})
			if color != GrayAlpha && color != RGBA {
				all = append(all, picture{color: color, depth: int(depth), transparent: true})
			}
		}
	}
	return all
}

// chunk is one of a file.
type chunk struct {
	kind string
	data []byte
}

func (c chunk) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(c.data)))
	b = append(append(b, c.kind...), c.data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func file(chunks ...chunk) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		b = append(b, c.bytes()...)
	}
	return b
}

// chunksOf takes a valid file apart.
func chunksOf(src []byte) (all []chunk) {
	for at := 8; at < len(src); {
		n := int(binary.BigEndian.Uint32(src[at:]))
		all = append(all, chunk{string(src[at+4 : at+8]), src[at+8 : at+8+n]})
		at += 12 + n
	}
	return all
}

// encode makes a file of the picture, with random pixels, neighbours of which are often alike.
func (p picture) encode(rng *rand.Rand) []byte {
	var chunks []chunk
	head := binary.BigEndian.AppendUint32(nil, uint32(p.width))
	head = binary.BigEndian.AppendUint32(head, uint32(p.height))
	head = append(head, byte(p.depth), byte(p.color), 0, 0, 0)
	if p.interlaced {
		head[12] = 1
	}
	chunks = append(chunks, chunk{"IHDR", head})
	if p.color == Palette {
		n := p.colors
		if n == 0 {
			n = 1 << p.depth
		}
		chunks = append(chunks, chunk{"PLTE", random(rng, 3*n)})
	}
	data, key := p.rows(rng)
	if p.transparent {
		if p.color == Palette {
			key = random(rng, 1+rng.IntN(1<<p.depth))
		}
		chunks = append(chunks, chunk{"tRNS", key})
	}
	for packed := deflated(data, p.level); len(packed) > 0; {
		n := len(packed)
		if p.idat > 0 {
			n = min(n, p.idat)
		}
		chunks, packed = append(chunks, chunk{"IDAT", packed[:n]}), packed[n:]
	}
	return file(append(chunks, chunk{kind: "IEND"})...)
}

func random(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func deflated(data []byte, level int) []byte {
	var b bytes.Buffer
	switch level {
	case 0:
		level = zlib.DefaultCompression
	case stored:
		level = zlib.NoCompression
	}
	z, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		panic(err)
	}
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// stored is what stands for level 0.
const stored = zlib.HuffmanOnly - 1

// rows returns the filtered rows of all passes, and the samples of one of the pixels as a tRNS chunk has them.
func (p picture) rows(rng *rand.Rand) (data, key []byte) {
	passes := []pass{{0, 0, 1, 1}}
	if p.interlaced {
		passes = adam7
	}
	samples := p.color.samples()
	bpp := (samples*p.depth + 7) / 8
	count := 0
	for _, at := range passes {
		width, height := (p.width-at.x+at.dx-1)/at.dx, (p.height-at.y+at.dy-1)/at.dy
		if width == 0 || height == 0 {
			continue
		}
		prev := make([]byte, (width*samples*p.depth+7)/8)
		for range height {
			row := random(rng, len(prev))
			for i := bpp; i < len(row); i++ {
				if rng.IntN(3) > 0 { // near its neighbour, so that no filter is chance alone
					row[i] = row[i-bpp] + byte(rng.IntN(5)) - 2
				}
			}
			if key == nil {
				for s := range samples {
					k := make([]byte, 2)
					switch p.depth {
					case 16:
						copy(k, row[2*s:])
					case 8:
						k[0], k[1] = byte(rng.Uint32()), row[s] // the upper half has no meaning
					default:
						k[1] = row[0] >> (8 - p.depth)
					}
					key = append(key, k...)
				}
			}
			if 4*width > 16 {
				copy(row[len(row)-bpp:], row[:bpp]) // the transparent colour, once more
			}
			filter := p.filter
			if filter == anyFilter {
				filter = count % 5
			}
			data = append(append(data, byte(filter)), filtered(filter, row, prev, bpp)...)
			prev = row
			count++
		}
	}
	return data, key
}

// filtered applies a filter as section 9.2 defines it.
func filtered(filter int, row, prev []byte, bpp int) []byte {
	out := make([]byte, len(row))
	for i, x := range row {
		var a, c int
		b := int(prev[i])
		if i >= bpp {
			a, c = int(row[i-bpp]), int(prev[i-bpp])
		}
		switch filter {
		case 1:
			x -= byte(a)
		case 2:
			x -= byte(b)
		case 3:
			x -= byte((a + b) / 2)
		case 4:
			x -= byte(textbookPaeth(a, b, c))
		}
		out[i] = x
	}
	return out
}

// textbookPaeth is the predictor as section 9.4 spells it.
func textbookPaeth(a, b, c int) int {
	distance := func(x int) int { return max(a+b-c-x, x-a-b+c) }
	switch {
	case distance(a) <= distance(b) && distance(a) <= distance(c):
		return a
	case distance(b) <= distance(c):
		return b
	}
	return c
}
