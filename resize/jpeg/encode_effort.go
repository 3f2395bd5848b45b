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
		13, 19, 23, 28, 34, 40, 47, 53,
		19, 20, 24, 29, 35, 41, 47, 54,
		23, 24, 27, 32, 37, 43, 49, 55,
		28, 29, 32, 36, 40, 45, 51, 58,
		34, 35, 37, 40, 44, 49, 55, 61,
		40, 41, 43, 45, 49, 54, 59, 65,
		47, 47, 49, 51, 55, 59, 64, 69,
		53, 54, 55, 58, 61, 65, 69, 74,
	}
	chromaEffortTable = [64]byte{
		13, 24, 29, 35, 41, 48, 55, 63,
		24, 26, 30, 36, 42, 49, 56, 63,
		29, 30, 34, 39, 44, 51, 58, 65,
		35, 36, 39, 43, 48, 54, 61, 68,
		41, 42, 44, 48, 53, 58, 64, 71,
		48, 49, 51, 54, 58, 63, 69, 76,
		55, 56, 58, 61, 64, 69, 75, 81,
		63, 63, 65, 68, 71, 76, 81, 86,
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
	}
	if e.effort == Fast {
		return
	}
	for i := range e.tables() {
		e.costs[i].reset(i)
	}
	e.steps[0].set(&e.quantizers[0].table, lumaLambda, true)
	e.steps[1].set(&e.quantizers[1].table, chromaLambda, false)
}

// optimizeRow quantizes the coefficients of a row of MCUs, which are as the transform gave them.
func (e *encoder) optimizeRow(row int) {
	for i := range e.components {
		c := &e.components[i]
		for y := range c.rows {
			pairs := c.pairs[(row*c.rowStep+y)*c.paddedWide/2:]
			for x := 0; x < c.blocksWide; x += 2 {
				e.trellis.quantize(&pairs[x/2], &e.steps[c.table], &e.costs[c.table], min(2, c.blocksWide-x))
			}
		}
	}
	if row&(row+1) == 0 { // after 1, 2, 4, 8 … rows
		for i := range e.tables() {
			e.costs[i].update()
		}
	}
}
