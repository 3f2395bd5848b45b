package jpeg

// Effort is how much CPU time goes into fewer bytes.
type Effort uint8

// The efforts. All but Fast keep the distance from the original that Fast has at the same quality, by Butteraugli's
// 3-norm and by SSIMULACRA 2, on photos. bench/effort has the figures.
const (
	Fast     Effort = iota // the bytes of cjpeg -optimize, or of cjpeg -progressive
	Balanced               // tables of its own, and coefficients chosen by what they cost (encode_trellis.go)
	Small                  // as Balanced, and progressive, in the scans that need the fewest bytes (encode_script.go)
)

// Tables that mean quality 50 at the efforts above Fast, natural order. They are nearer to flat than those of Annex K:
// the high frequencies lose by being left out one by one, where they cost more than they show, not by coarse steps.
var (
	lumaEffortTable = [64]byte{
		13, 18, 23, 28, 34, 40, 47, 54,
		18, 20, 24, 29, 35, 41, 47, 55,
		23, 24, 27, 31, 37, 43, 49, 56,
		28, 29, 31, 35, 40, 46, 52, 59,
		34, 35, 37, 40, 44, 50, 56, 62,
		40, 41, 43, 46, 50, 55, 60, 66,
		47, 47, 49, 52, 56, 60, 65, 71,
		54, 55, 56, 59, 62, 66, 71, 77,
	}
	chromaEffortTable = [64]byte{
		13, 23, 27, 32, 37, 43, 49, 56,
		23, 24, 28, 32, 38, 43, 50, 56,
		27, 28, 31, 35, 40, 45, 51, 58,
		32, 32, 35, 38, 43, 48, 54, 60,
		37, 38, 40, 43, 47, 52, 57, 63,
		43, 43, 45, 48, 52, 56, 62, 67,
		49, 50, 51, 54, 57, 62, 67, 72,
		56, 56, 58, 60, 63, 67, 72, 77,
	}
)

// identity keeps the coefficients as the transform gives them, times 8.
var identity = func() (q quantizer) {
	for i := range q.table {
		q.reciprocal[i], q.correction[i], q.scale[i] = 65535, 2, 65535 // |v| + 2, less one twice
	}
	return q
}()

// setTables makes the quantization tables, and what depends on them.
func (e *encoder) setTables(quality int) {
	tables := [2]*[64]byte{&lumaTable, &chromaTable}
	if e.effort > Fast {
		tables = [2]*[64]byte{&lumaEffortTable, &chromaEffortTable}
	}
	for i, table := range tables {
		e.quantizers[i].set(table, quality)
		if e.effort > Fast {
			e.steps[i].set(&e.quantizers[i].table)
			e.costs[i].reset(i)
		}
	}
}

// optimizeRow quantizes the coefficients of a row of MCUs, which are as the transform gave them.
func (e *encoder) optimizeRow(row int) {
	for i := range e.components {
		c := &e.components[i]
		for y := range c.rows {
			pairs := c.pairs[(row*c.rowStep+y)*c.paddedWide/2:]
			for x := range c.blocksWide {
				p := &pairs[x/2]
				p.nonzero[x&1] = e.trellis.block(&p.coefs[x&1], &e.steps[c.table], &e.costs[c.table])
			}
		}
	}
	if row&(row+1) == 0 { // after 1, 2, 4, 8 … rows
		for i := range e.tables() {
			e.costs[i].update()
		}
	}
}
