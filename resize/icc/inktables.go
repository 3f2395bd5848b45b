package icc

import (
	"crypto/sha256"
	"encoding/binary"
)

// inkTables are an A2B0 of four inks, to Lab or XYZ: curves, a grid, and what comes behind it.
type inkTables struct {
	sides  [4]int // points of the grid
	input  [4][]float64
	points []byte // of the grid, as in the file
	wide   bool   // of 16 bits
	behind behind
	lab    bool
	legacy bool              // Lab of 16 bits is as version 2 has it
	sum    [sha256.Size]byte // of the file's tables

	// black becomes sRGB's, as Little CMS does it with the perceptual intent: version 4 says what it is, and before that it is the XYZ of all
	// four inks together, without their hue.
	black [3]float64
}

// behind is what leads from the grid's colours to those of the connection space: curves and a matrix, which may be missing, and curves.
type behind struct {
	middle []curve
	matrix *[3][4]float64
	output [3]curve
}

func (b *behind) at(v [3]float64) [3]float64 {
	for i := range b.middle {
		v[i] = b.middle[i].at(v[i])
	}
	if m := b.matrix; m != nil {
		var w [3]float64
		for i := range w {
			w[i] = min(max(m[i][0]*v[0]+m[i][1]*v[1]+m[i][2]*v[2]+m[i][3], 0), 1)
		}
		v = w
	}
	for i := range v {
		v[i] = b.output[i].at(v[i])
	}
	return v
}

// perceptualBlack is the darkest that a perceptual transform of version 4 leads to (ICC.1:2022, section 6.3.3).
var perceptualBlack = [3]float64{0.00336, 0.0034731, 0.00287}

// parseInks returns nil for what is none of these.
func parseInks(b []byte, space string, version byte) *inkTables {
	if len(b) < 32 || space != "Lab " && space != "XYZ " || b[8] != 4 || b[9] != 3 {
		return nil
	}
	t := &inkTables{lab: space == "Lab "}
	ok := false
	switch string(b[:4]) {
	case "mft1", "mft2":
		ok = t.tables(b)
	case "mAB ":
		ok = t.elements(b)
	}
	if !ok {
		return nil
	}
	t.sum = sha256.Sum256(append(append(b[:len(b):len(b)], space...), version))
	if version >= 4 {
		t.black = perceptualBlack
		return t
	}
	var most [4]float64
	for i, side := range t.sides {
		most[i] = float64(side - 1)
	}
	light := t.xyz(most)[1]
	for i := range t.black {
		t.black[i] = d50[i] * min(max(light, 0), 0.184) // L* of 50 at most
	}
	return t
}

// tables reads a lut8Type or a lut16Type (ICC.1:2022, sections 10.11 and 10.10).
func (t *inkTables) tables(b []byte) bool {
	if len(b) < 52 {
		return false
	}
	in, out := 256, 256
	rest := b[48:]
	size := int64(1)
	if string(b[:4]) == "mft2" {
		t.wide, t.legacy, size = true, true, 2
		in, out = int(binary.BigEndian.Uint16(b[48:])), int(binary.BigEndian.Uint16(b[50:]))
		rest = b[52:]
	}
	side := int(b[10])
	t.sides = [4]int{side, side, side, side}
	grid := t.grid()
	if side < 2 || in < 2 || out < 2 || in > 4096 || out > 4096 || size*(4*int64(in)+grid+3*int64(out)) > int64(len(rest)) {
		return false
	}
	table := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = t.value(rest, i)
		}
		rest = rest[size*int64(n):]
		return v
	}
	for i := range t.input {
		t.input[i] = table(in)
	}
	t.points, rest = rest[:size*grid], rest[size*grid:]
	for i := range t.behind.output {
		t.behind.output[i].points = table(out)
	}
	return true
}

// elements reads a lutAToBType (ICC.1:2022, section 10.12): A curves, a grid, M curves and a matrix, B curves.
func (t *inkTables) elements(b []byte) bool {
	part := func(at int) []byte {
		off := int64(binary.BigEndian.Uint32(b[at:]))
		if off == 0 || off > int64(len(b)) {
			return nil
		}
		return b[off:]
	}
	input, ok := parseCurves(part(28), 4)
	output, okay := parseCurves(part(12), 3)
	points := part(24)
	if !ok || !okay || len(points) < 20 {
		return false
	}
	for i := range t.sides {
		if t.sides[i] = int(points[i]); t.sides[i] < 2 {
			return false
		}
		t.input[i] = make([]float64, 256) // samples have no values between these
		for v := range t.input[i] {
			t.input[i][v] = input[i].at(float64(v) / 255)
		}
	}
	t.wide = points[16] == 2
	if !t.wide && points[16] != 1 || t.grid()*int64(points[16]) > int64(len(points)-20) {
		return false
	}
	t.points = points[20 : 20+t.grid()*int64(points[16])]
	t.behind.output = [3]curve(output)
	if middle := part(20); middle != nil {
		if t.behind.middle, ok = parseCurves(middle, 3); !ok {
			return false
		}
	}
	if m := part(16); m != nil {
		if len(m) < 48 {
			return false
		}
		t.behind.matrix = new([3][4]float64)
		for i := range 12 {
			row, column := i/3, i%3
			if i >= 9 {
				row, column = i-9, 3
			}
			t.behind.matrix[row][column] = fixed(m[4*i:])
		}
	}
	return true
}

// grid is how many numbers it has.
func (t *inkTables) grid() int64 {
	n := int64(3)
	for _, side := range t.sides {
		n *= int64(side)
	}
	return n
}

// value is a number of the file, 0 to 1.
func (t *inkTables) value(b []byte, i int) float64 {
	if t.wide {
		return float64(binary.BigEndian.Uint16(b[2*i:])) / 65535
	}
	return float64(b[i]) / 255
}
