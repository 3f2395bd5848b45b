package icc

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sync/atomic"
)

// inkTables are an A2B0 of four inks: curves, a grid, curves, to Lab or XYZ (lut8Type and lut16Type, ICC.1:2022, sections 10.11 and 10.10).
type inkTables struct {
	side          int // points a side
	input, output [][]float64
	points        []byte // of the grid, as in the file
	wide          bool   // of 16 bits
	lab           bool
	sum           [sha256.Size]byte // of the file's tables

	// black is the XYZ of all four inks together, without their hue: it becomes sRGB's black, as Little CMS does it with the perceptual intent.
	black [3]float64
}

// parseInks returns nil for what is none of these.
func parseInks(b []byte, space string) *inkTables {
	if len(b) < 52 || space != "Lab " && space != "XYZ " || b[8] != 4 || b[9] != 3 {
		return nil
	}
	t := &inkTables{side: int(b[10]), lab: space == "Lab ", sum: sha256.Sum256(append(b[:len(b):len(b)], space...))}
	in, out := 256, 256
	rest := b[48:]
	size := int64(1)
	switch string(b[:4]) {
	case "mft1":
	case "mft2":
		t.wide, size = true, 2
		in, out = int(binary.BigEndian.Uint16(b[48:])), int(binary.BigEndian.Uint16(b[50:]))
		rest = b[52:]
	default:
		return nil
	}
	side := int64(t.side)
	grid := 3 * side * side * side * side
	if t.side < 2 || in < 2 || out < 2 || in > 4096 || out > 4096 || size*(4*int64(in)+grid+3*int64(out)) > int64(len(rest)) {
		return nil
	}
	table := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = t.value(rest, i)
		}
		rest = rest[size*int64(n):]
		return v
	}
	for range 4 {
		t.input = append(t.input, table(in))
	}
	t.points, rest = rest[:size*grid], rest[size*grid:]
	for range 3 {
		t.output = append(t.output, table(out))
	}
	most := float64(t.side - 1)
	light := t.xyz([4]float64{most, most, most, most})[1]
	for i := range t.black {
		t.black[i] = d50[i] * min(max(light, 0), 0.184) // L* of 50 at most
	}
	return t
}

// value is a number of the file, 0 to 1.
func (t *inkTables) value(b []byte, i int) float64 {
	if t.wide {
		return float64(binary.BigEndian.Uint16(b[2*i:])) / 65535
	}
	return float64(b[i]) / 255
}

// lastGrid is kept, as the next picture often has the same profile; making one takes a tenth of a second.
var lastGrid atomic.Pointer[struct {
	of   [sha256.Size]byte
	grid *inkGrid
}]

// fine evaluates the tables, or takes the last ones that were evaluated.
func (t *inkTables) fine() *inkGrid {
	if last := lastGrid.Load(); last != nil && last.of == t.sum {
		return last.grid
	}
	grid := t.evaluated()
	lastGrid.Store(&struct {
		of   [sha256.Size]byte
		grid *inkGrid
	}{t.sum, grid})
	return grid
}

// inkGrid is a finer grid of sRGB, over the samples behind the input curves.
type inkGrid struct {
	position [4][256]uint16 // of a sample on the grid, in parts of 1<<inkBits
	nodes    [][3]uint16    // sRGB, in parts of 1<<8 of 255
}

const (
	inkSide = 21
	inkBits = 10
)

func (t *inkTables) node(c, m, y, k int) [3]float64 {
	at := 3 * (((c*t.side+m)*t.side+y)*t.side + k)
	return [3]float64{t.value(t.points, at), t.value(t.points, at+1), t.value(t.points, at+2)}
}

func (t *inkTables) evaluated() *inkGrid {
	g := &inkGrid{nodes: make([][3]uint16, 0, inkSide*inkSide*inkSide*inkSide)}
	for i := range g.position {
		for v := range g.position[i] {
			g.position[i][v] = uint16(math.Round(interpolated(t.input[i], float64(v)/255) * (inkSide - 1) * (1 << inkBits)))
		}
	}
	step := float64(t.side-1) / (inkSide - 1)
	for c := range inkSide {
		for m := range inkSide {
			for y := range inkSide {
				for k := range inkSide {
					g.nodes = append(g.nodes, t.srgb([4]float64{float64(c) * step, float64(m) * step, float64(y) * step, float64(k) * step}))
				}
			}
		}
	}
	return g
}

// srgb is the colour of a place on the profile's grid.
func (t *inkTables) srgb(at [4]float64) (out [3]uint16) {
	v := t.xyz(at)
	for i, black := range t.black {
		v[i] = (v[i] - black) * d50[i] / (d50[i] - black)
	}
	for i, light := range toSRGB.apply(v) {
		out[i] = uint16(255*256*encoded(light) + 0.5)
	}
	return out
}

// xyz is what the profile says of a place on its grid: linear between its sixteen corners.
func (t *inkTables) xyz(at [4]float64) [3]float64 {
	var base [4]int
	var rest [4]float64
	for i, v := range at {
		base[i] = min(int(v), t.side-2)
		rest[i] = v - float64(base[i])
	}
	var pcs [3]float64
	for corner := range 16 {
		weight := 1.0
		var n [4]int
		for i := range n {
			n[i] = base[i] + corner>>i&1
			if corner>>i&1 == 1 {
				weight *= rest[i]
			} else {
				weight *= 1 - rest[i]
			}
		}
		if weight > 0 {
			for i, v := range t.node(n[0], n[1], n[2], n[3]) {
				pcs[i] += weight * v
			}
		}
	}
	for i := range pcs {
		pcs[i] = interpolated(t.output[i], pcs[i])
	}
	return t.decoded(pcs)
}

// decoded reads the connection space (section 6.3.4; of 16 bits as version 2 has it, which lut16Type keeps, section 10.10).
func (t *inkTables) decoded(v [3]float64) [3]float64 {
	if !t.lab {
		const most = 1 + 32767.0/32768
		return [3]float64{v[0] * most, v[1] * most, v[2] * most}
	}
	l, a, b := v[0]*100, v[1]*255-128, v[2]*255-128
	if t.wide {
		l, a, b = v[0]*100*65535/65280, v[1]*65535/256-128, v[2]*65535/256-128
	}
	return labXYZ(l, a, b)
}

// labXYZ is CIE 15's inverse, of D50.
func labXYZ(l, a, b float64) [3]float64 {
	inverse := func(t float64) float64 {
		if t > 6.0/29 {
			return t * t * t
		}
		return 3 * (6.0 / 29) * (6.0 / 29) * (t - 4.0/29)
	}
	y := (l + 16) / 116
	return [3]float64{d50[0] * inverse(y+a/500), d50[1] * inverse(y), d50[2] * inverse(y-b/200)}
}

// Inks converts pixels of cyan, magenta, yellow and black, 255 the most, to opaque RGBA: linear between the corners of the simplex that a colour
// lies in, from the nearest corner of its cell to the farthest, by the largest distance first.
func (t *Transform) Inks(pix []byte) {
	strides := [4]int{inkSide * inkSide * inkSide, inkSide * inkSide, inkSide, 1}
	const one = 1 << inkBits
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		at := 0
		var rest [4]int
		var order [4]int
		for c := range 4 {
			pos := int(t.inks.position[c][p[c]])
			cell := min(pos>>inkBits, inkSide-2)
			at += cell * strides[c]
			rest[c] = pos - cell<<inkBits
			j := c
			for ; j > 0 && rest[order[j-1]] < rest[c]; j-- {
				order[j] = order[j-1]
			}
			order[j] = c
		}
		var sum [3]int
		left := one
		for _, c := range order {
			add(&sum, &t.inks.nodes[at], left-rest[c])
			left = rest[c]
			at += strides[c]
		}
		add(&sum, &t.inks.nodes[min(at, len(t.inks.nodes)-1)], left)
		for k := range sum {
			p[k] = byte((sum[k] + 1<<(inkBits+7)) >> (inkBits + 8))
		}
		p[3] = 255
	}
}

func add(sum *[3]int, node *[3]uint16, weight int) {
	for k, v := range node {
		sum[k] += int(v) * weight
	}
}
