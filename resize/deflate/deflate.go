// Package deflate compresses into few bytes, and takes its time: of all ways to write a stretch of data as literals and matches it takes the
// one that costs least by the Huffman codes that it leads to, again and again (as zopfli does, and libdeflate at its highest levels). Streams
// are those of RFC 1950 and 1951, which everything reads.
//
//	src ─ stretches ─ matches of each byte (matches.go) ─ the cheapest parse by the codes so far (parse.go) ─ blocks whose bytes are alike
//	    ─ each parsed anew by its own codes, until that gains nothing ─ bits (huffman.go)
package deflate

import (
	"encoding/binary"
	"hash/adler32"
	"math"
)

const (
	stretch = 256 << 10 // bytes whose matches are in memory
	unit    = 1500      // literals and matches that a block has at least

	firstRounds = 2 // parses of a stretch before it is cut into blocks
	rounds      = 6 // parses of a block at most
)

// Bytes bounds the memory that Zlib takes besides what it appends to.
const Bytes = 24 << 20

// Zlib appends src as a zlib stream.
func Zlib(dst, src []byte) []byte {
	c := &compressor{src: src, bits: bitWriter{out: append(dst, 0x78, 0xDA)}}
	for from := 0; from < len(src) || from == 0; from += stretch {
		c.stretch(from, min(from+stretch, len(src)))
	}
	out := c.bits.finish()
	return binary.BigEndian.AppendUint32(out, adler32.Checksum(src))
}

// compressor compresses one stream.
type compressor struct {
	src    []byte
	bits   bitWriter
	finder finder
	parser parser
}

// stretch writes a part of src.
func (c *compressor) stretch(from, to int) {
	c.finder.find(c.src, from, to)
	p := &c.parser
	p.costs.guess(c.src[from:to])
	for range firstRounds {
		p.parse(c.src[from:to], &c.finder, 0)
		h := count(p.tokens)
		p.costs.of(&h)
	}
	blocks := split(p.tokens)
	for i, n := range blocks {
		last := to == len(c.src) && i == len(blocks)-1
		c.block(c.src[from:from+n], &c.finder, last)
		c.finder.skip(n)
		from += n
	}
}

// block writes a block, parsed as well as may be.
func (c *compressor) block(src []byte, f *finder, last bool) {
	p := &c.parser
	var best []token
	least := math.MaxInt
	for range rounds {
		p.parse(src, f, 0)
		h := count(p.tokens)
		if size := newCodes(&h).size; size < least {
			least, best = size, append(best[:0], p.tokens...)
		} else if len(best) > 0 {
			break
		}
		p.costs.of(&h)
	}
	h := count(best)
	newCodes(&h).write(&c.bits, best, last)
}

// split gives the bytes of each block: it begins with units, and joins neighbours as long as one code for both is better than two.
func split(tokens []token) (bytes []int) {
	type part struct {
		h    histogram
		n    int
		cost float64
	}
	var parts []part
	for at := 0; at < len(tokens) || at == 0; at += unit {
		some := tokens[at:min(at+unit, len(tokens))]
		q := part{h: count(some)}
		for _, t := range some {
			q.n += t.length()
		}
		q.cost = q.h.estimate()
		parts = append(parts, q)
	}
	join := func(a, b *part) part {
		q := part{h: a.h, n: a.n + b.n}
		q.h.add(&b.h)
		q.cost = q.h.estimate()
		return q
	}
	gains := make([]float64, len(parts)) // of joining a part with the next
	gain := func(i int) {
		if i >= 0 && i+1 < len(parts) {
			gains[i] = parts[i].cost + parts[i+1].cost - join(&parts[i], &parts[i+1]).cost
		}
	}
	for i := range parts {
		gain(i)
	}
	for {
		at, most := -1, 0.0
		for i := range len(parts) - 1 {
			if gains[i] > most {
				at, most = i, gains[i]
			}
		}
		if at < 0 {
			break
		}
		parts[at] = join(&parts[at], &parts[at+1])
		parts = append(parts[:at+1], parts[at+2:]...)
		copy(gains[at+1:], gains[at+2:])
		gain(at - 1)
		gain(at)
	}
	for _, q := range parts {
		bytes = append(bytes, q.n)
	}
	return bytes
}
