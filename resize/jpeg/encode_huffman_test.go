package jpeg

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// textbookBits is how many bits Huffman's own algorithm takes for these counts and one more symbol of count 1, without
// a limit to the length of codes.
func textbookBits(counts *[256]uint32) (total int) {
	trees := []int{1}
	for _, n := range counts {
		if n > 0 {
			trees = append(trees, int(n))
		}
	}
	for len(trees) > 1 {
		slices.Sort(trees)
		merged := trees[0] + trees[1]
		total += merged
		trees = append(trees[2:], merged)
	}
	return total
}

// Tables are valid (each code is its own, none is all ones, none longer than 16 bits), and as short as they can be.
func TestOptimise(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 14))
	for i := range 500 {
		var counts [256]uint32
		for range 1 + rng.IntN(256) {
			counts[rng.IntN(256)] = 1 + rng.Uint32()>>(rng.IntN(8)+16)
		}
		if i%5 == 0 { // Fibonacci's numbers make the longest codes
			a, b := uint32(1), uint32(1)
			for symbol := range 10 + i/14 {
				counts[symbol] = a
				a, b = b, a+b
			}
		}
		var s huffmanSpec
		s.optimise(&counts)
		var c codes
		s.codes(&c)

		spent, total, longest := 1, 0, 0 // of 2¹⁶: the code of all ones
		for symbol, n := range counts {
			length := int(c[symbol]&31) - symbol&15
			if n == 0 {
				if c[symbol] != 0 {
					t.Fatalf("symbol %d has a code, and does not occur", symbol)
				}
				continue
			}
			if length < 1 || length > 16 {
				t.Fatalf("symbol %d has a code of %d bits", symbol, length)
			}
			if code := c[symbol] >> 5 >> (symbol & 15); code == 1<<length-1 || bits.Len32(code) > length {
				t.Fatalf("symbol %d has the code %b of %d bits", symbol, code, length)
			}
			spent += 1 << (16 - length)
			total += int(n) * length
			longest = max(longest, length)
		}
		if spent > 1<<16 {
			t.Fatalf("codes overlap: %v", s.counts)
		}
		// The symbol that does not occur has a code as long as any other, which costs the text nothing.
		if shortest := textbookBits(&counts); longest < 16 && total+longest > shortest {
			t.Fatalf("%d bits, can be %d", total+longest, shortest)
		}
		if decoder := new(huffman); !decoder.define(s.counts[:], s.values[:s.n], false) {
			t.Fatal("the decoder refuses the table")
		}
	}
}

// Bits come out as the slow writer of the tests writes them, bytes of ones among them.
func TestBitSink(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 15))
	for range 300 {
		sink, want := bitSink{}, bitWriter{}
		for range rng.IntN(200) {
			n := 1 + rng.IntN(32)
			v := uint64(rng.Uint32()) | uint64(-(rng.Uint32() & 1))
			v &= 1<<n - 1
			sink.room(1)
			sink.put(v, uint(n))
			want.write(uint32(v), uint(n))
		}
		sink.finish()
		want.flush()
		if !bytes.Equal(sink.out, want.out) {
			t.Fatalf("% x, want % x", sink.out, want.out)
		}
	}
}

// The tables of the standard give each symbol that a block can have a code.
func TestStandardTables(t *testing.T) {
	for i, tables := range standardTables {
		var dc, ac codes
		tables.dc.codes(&dc)
		tables.ac.codes(&ac)
		for size := range 12 {
			if dc[size] == 0 {
				t.Errorf("table %d: no code for a difference of %d bits", i, size)
			}
		}
		for run := range 16 {
			for size := range 11 {
				if wanted := size > 0 || run == 0 || run == 15; (ac[run<<4|size] != 0) != wanted {
					t.Errorf("table %d: code of run %d, size %d: %t", i, run, size, !wanted)
				}
			}
		}
	}
}
