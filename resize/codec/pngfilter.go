package codec

import (
	"compress/zlib"
	"image"
	"math"
	"sync"
)

// pngStrategy chooses a row's filter (section 9.2) by what each of the five makes of the row. Which strategy is best depends on the picture: image/png's
// own, the least sum of differences, is good for photos, the entropy of pairs is 1 % better there, and where a row repeats what was before,
// as in drawings, the fewest different pairs are better by a third.
type pngStrategy int

const (
	leastSum   pngStrategy = iota
	noFilter               // of any row
	fewPairs               // the fewest different pairs of bytes
	plainPairs             // pairs of bytes of the least entropy
	pngStrategies
)

// pngFilter filters the rows of a picture, one after the other.
type pngFilter struct {
	strategy pngStrategy
	step     int       // bytes from a byte to its like in the pixel before
	lines    [5][]byte // the row by each filter, behind the filter's number
	pairs    []uint32  // how often each pair of bytes is in a line: all zero between two lines
	met      []uint16  // the pairs that are
}

func newPNGFilter(s pngStrategy, rows rowsOfPNG) *pngFilter {
	f := &pngFilter{strategy: s, step: rows.step}
	for i := range f.lines {
		f.lines[i] = make([]byte, 1+rows.bytes)
		f.lines[i][0] = byte(i)
	}
	if s == fewPairs || s == plainPairs {
		f.pairs, f.met = make([]uint32, 1<<16), make([]uint16, 0, min(rows.bytes, 1<<16))
	}
	return f
}

// line is a row with its filter's number, valid until the next call; above is the row above, or zero.
func (f *pngFilter) line(row, above []byte) []byte {
	if f.strategy == noFilter {
		copy(f.lines[0][1:], row)
		return f.lines[0]
	}
	f.all(row, above)
	best, least := f.lines[0], math.Inf(1)
	for _, line := range f.lines {
		cost := 0.0
		switch f.strategy {
		case leastSum:
			cost = float64(sumOfDifferences(line[1:]))
		case fewPairs:
			f.count(line[1:])
			cost = float64(len(f.met))
			f.forget()
		case plainPairs:
			f.count(line[1:])
			cost = f.entropy(len(line) - 2)
			f.forget()
		}
		if cost < least {
			best, least = line, cost
		}
	}
	return best
}

// all applies the five filters.
func (f *pngFilter) all(row, above []byte) {
	above = above[:len(row)]
	none, sub, up, average, paeth := f.lines[0][1:], f.lines[1][1:], f.lines[2][1:], f.lines[3][1:], f.lines[4][1:]
	for i, x := range row {
		b := above[i]
		var a, c byte
		if i >= f.step {
			a, c = row[i-f.step], above[i-f.step]
		}
		none[i], sub[i], up[i] = x, x-a, x-b
		average[i] = x - byte((int(a)+int(b))/2)
		paeth[i] = x - nearest(a, b, c)
	}
}

// nearest is Paeth's predictor.
func nearest(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := distance(p, a), distance(p, b), distance(p, c)
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}

func distance(p int, v byte) int { return max(p-int(v), int(v)-p) }

// sumOfDifferences is that of bytes taken as signed.
func sumOfDifferences(line []byte) (sum int) {
	for _, v := range line {
		d := int(int8(v))
		sum += max(d, -d)
	}
	return sum
}

// count counts the pairs of neighbours of a line.
func (f *pngFilter) count(line []byte) {
	pair := uint16(line[0])
	for _, v := range line[1:] {
		pair = pair<<8 | uint16(v)
		if f.pairs[pair] == 0 {
			f.met = append(f.met, pair)
		}
		f.pairs[pair]++
	}
}

func (f *pngFilter) forget() {
	for _, pair := range f.met {
		f.pairs[pair] = 0
	}
	f.met = f.met[:0]
}

// logarithms are n·log2(n).
var logarithms = sync.OnceValue(func() *[4096]float64 {
	table := new([4096]float64)
	for n := range table {
		table[n] = float64(n) * math.Log2(float64(max(n, 1)))
	}
	return table
})

// entropy is that of n pairs, in bits.
func (f *pngFilter) entropy(n int) float64 {
	bits, known := float64(n)*math.Log2(float64(max(n, 1))), logarithms()
	for _, pair := range f.met {
		if k := f.pairs[pair]; int(k) < len(known) {
			bits -= known[k]
		} else {
			bits -= float64(k) * math.Log2(float64(k))
		}
	}
	return bits
}

const (
	sampledBand  = 16        // rows
	sampledEvery = 64        // rows: a band of these
	sampledFrom  = 256 << 10 // bytes of rows; what has less is its own sample
)

// bestStrategy tries all on a part of the picture.
func bestStrategy(img image.Image) (best pngStrategy) {
	least := math.MaxInt
	for s := range pngStrategies {
		if n := sampledBytes(img, s); n < least {
			best, least = s, n
		}
	}
	return best
}

// sampledBytes is what the rows of the sample take.
func sampledBytes(img image.Image, s pngStrategy) (n int) {
	rows, height := pngRows(img), img.Bounds().Dy()
	f := newPNGFilter(s, rows)
	z, _ := zlib.NewWriterLevel(counter{&n}, zlib.DefaultCompression) // a level that there is
	above, row := make([]byte, rows.bytes), make([]byte, rows.bytes)
	for y := range height {
		band := y % sampledEvery
		if height*rows.bytes > sampledFrom && band >= sampledBand && band != sampledEvery-1 { // that one is above the next band
			continue
		}
		rows.read(row, y)
		if height*rows.bytes <= sampledFrom || band < sampledBand {
			_, _ = z.Write(f.line(row, above)) // a counter has no errors
		}
		above, row = row, above
	}
	_ = z.Close()
	return n
}

// counter counts what is written.
type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) {
	*c.n += len(p)
	return len(p), nil
}
