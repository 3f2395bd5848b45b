package icc

import (
	"cmp"
	"crypto/sha256"
	"math"
	"slices"
	"sync/atomic"
)

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
	at := 3 * (((c*t.sides[1]+m)*t.sides[2]+y)*t.sides[3] + k)
	return [3]float64{t.value(t.points, at), t.value(t.points, at+1), t.value(t.points, at+2)}
}

func (t *inkTables) evaluated() *inkGrid {
	g := &inkGrid{nodes: make([][3]uint16, 0, inkSide*inkSide*inkSide*inkSide)}
	var step [4]float64
	for i := range g.position {
		step[i] = float64(t.sides[i]-1) / (inkSide - 1)
		for v := range g.position[i] {
			g.position[i][v] = uint16(math.Round(interpolated(t.input[i], float64(v)/255) * (inkSide - 1) * (1 << inkBits)))
		}
	}
	for c := range inkSide {
		for m := range inkSide {
			for y := range inkSide {
				for k := range inkSide {
					g.nodes = append(g.nodes, t.srgb([4]float64{float64(c) * step[0], float64(m) * step[1], float64(y) * step[2], float64(k) * step[3]}))
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

// xyz is what the profile says of a place on its grid: as Little CMS has it, linear in the first ink, and between the corners of a tetrahedron in the
// others.
func (t *inkTables) xyz(at [4]float64) [3]float64 {
	var base [4]int
	var rest [4]float64
	for i, v := range at {
		base[i] = min(int(v), t.sides[i]-2)
		rest[i] = v - float64(base[i])
	}
	order := [3]int{1, 2, 3} // the nearest to the next point first
	slices.SortFunc(order[:], func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	var pcs [3]float64
	for first, share := range [2]float64{1 - rest[0], rest[0]} {
		n := base
		n[0] += first
		left := 1.0
		for _, i := range order {
			t.add(&pcs, n, share*(left-rest[i]))
			left = rest[i]
			n[i]++
		}
		t.add(&pcs, n, share*left)
	}
	return t.decoded(t.behind.at(pcs))
}

// add adds a share of a point of the grid.
func (t *inkTables) add(sum *[3]float64, n [4]int, share float64) {
	if share > 0 {
		for i, v := range t.node(n[0], n[1], n[2], n[3]) {
			sum[i] += share * v
		}
	}
}

// decoded reads the connection space (section 6.3.4; lut16Type keeps Lab as version 2 has it, section 10.10).
func (t *inkTables) decoded(v [3]float64) [3]float64 {
	if !t.lab {
		const most = 1 + 32767.0/32768
		return [3]float64{v[0] * most, v[1] * most, v[2] * most}
	}
	l, a, b := v[0]*100, v[1]*255-128, v[2]*255-128
	if t.legacy {
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
