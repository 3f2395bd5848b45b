package jpeg

// Small tries some ways to divide a component's AC coefficients into scans, and takes the one that needs the fewest bits. Few
// large coefficients are best written at once; many, with the lowest bits apart, whose statistics are others.

// A division is the scans of one component, which replaces component 0 in them.
type division []pass

var lumaDivisions = []division{
	{{0, 0, 1, 2, 0, 0}, {0, 0, 3, 63, 0, 0}},
	{{0, 0, 1, 2, 0, 0}, {0, 0, 3, 63, 0, 1}, {0, 0, 3, 63, 1, 0}},
	{{0, 0, 1, 2, 0, 0}, {0, 0, 3, 63, 0, 2}, {0, 0, 3, 63, 2, 1}, {0, 0, 3, 63, 1, 0}},
	{{0, 0, 1, 8, 0, 1}, {0, 0, 9, 63, 0, 1}, {0, 0, 1, 63, 1, 0}},
	{{0, 0, 1, 8, 0, 2}, {0, 0, 9, 63, 0, 2}, {0, 0, 1, 63, 2, 1}, {0, 0, 1, 63, 1, 0}},
}

var chromaDivisions = []division{
	{{0, 0, 1, 63, 0, 0}},
	{{0, 0, 1, 2, 0, 0}, {0, 0, 3, 63, 0, 0}},
	{{0, 0, 1, 63, 0, 1}, {0, 0, 1, 63, 1, 0}},
}

// sampledRows is how many rows of blocks are tried, spread over the image.
const sampledRows = 16

// bestScript is the script to write the image with: DC of luma by itself, so that each block is predicted by its
// neighbour on the left; coarse luma; chroma; and the rest of luma.
func (e *encoder) bestScript() []pass {
	e.script = append(e.script[:0], pass{0, 0, 0, 0, 0, 0})
	if len(e.components) > 1 {
		e.script = append(e.script, pass{1, 2, 0, 0, 0, 0})
	}
	luma := e.bestDivision(0, lumaDivisions)
	e.script = append(e.script, luma[0])
	for i := len(e.components) - 1; i > 0; i-- { // Cr tells more
		for _, p := range e.bestDivision(i, chromaDivisions) {
			p.first, p.last = i, i
			e.script = append(e.script, p)
		}
	}
	return append(e.script, luma[1:]...)
}

func (e *encoder) bestDivision(component int, divisions []division) (best division) {
	step := 1 + e.components[component].blocksHigh/sampledRows
	least := 0
	e.tried = e.tried[:0]
	for _, d := range divisions {
		bits := 0
		for _, p := range d {
			p.first, p.last = component, component
			bits += e.try(p, step)
		}
		if best == nil || bits < least {
			best, least = d, bits
		}
	}
	return best
}

// A trial is what a scan of one component takes, in bits.
type trial struct {
	pass pass
	bits int
}

// try is about the size of a scan.
func (e *encoder) try(p pass, step int) int {
	for _, t := range e.tried {
		if t.pass == p {
			return t.bits
		}
	}
	table := e.components[p.first].table
	counts, spec, codes := &e.frequencies[table].ac, &e.ac[table], &e.acCodes[table]
	*counts = [256]uint32{}
	e.scan.items = e.scan.items[:0]
	e.acPass(&p, step)
	spec.optimise(counts)
	spec.codes(codes)
	bits := 0
	for _, it := range e.scan.items {
		bits += int(it >> 16 & 31)
	}
	for symbol, n := range counts {
		bits += int(n) * int(codes[symbol]&31-uint32(symbol)&15)
	}
	bits = bits*step + 8*(4+17+spec.n+10) // and the segments of the table and the scan
	e.tried = append(e.tried, trial{p, bits})
	return bits
}
