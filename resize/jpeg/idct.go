package jpeg

import "encoding/binary"

// The inverse DCTs are those of the Independent JPEG Group's accurate integer decoder (Loeffler, Ligtenberg and
// Moschytz 1989, 13-bit constants), of which every step that rounds is part of the definition here: columns first,
// 2 extra bits kept between the passes, then rows. Between the roundings there are only sums of products, so they are
// written as such sums. The reduced ones give the mean of 2×2, 4×4 or 8×8 samples, which takes the coefficients of
// odd rows and columns beyond the reduced size, too.
//
// A block's coefficients are stored in pairs of rows r and r+4, as multiply-and-add instructions want them:
//
//	(0,4) (2,6) (1,5) (3,7)
//
// and within a pair of rows, two by two, in the columns 0 4 1 5 2 6 3 7, whose neighbours are the pairs of the second pass.

// place is where the coefficient of a row and column is stored.
func place(row, column int) int {
	pairs := [4]int{0, 2, 1, 3}
	columns := [8]int{0, 2, 4, 6, 1, 3, 5, 7}
	return pairs[row&3]<<4 | columns[column]<<1 | row>>2
}

// zigzag is the natural order of the coefficients, T.81 figure 5: row × 8 + column.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// A reduction is one way to make size × size samples of a block: which coefficients it reads, and by what factors.
type reduction struct {
	size  int
	upTo  uint8  // the last place of the zig-zag sequence that it reads
	where places // in the block that the inverse DCT reads
	kept  places // in the stored coefficients of a progressive image; one place is for all that nobody reads
	// perBlock is how many coefficients are stored. spread tells where they go in the block; nil: they are the block.
	perBlock int
	spread   []uint8
	factors  *factors
}

// newReduction takes the sets of the rows and the columns that are read, one bit each.
func newReduction(size int, lines uint8, f *factors) *reduction {
	r := &reduction{size: size, factors: f}
	for k := range r.where {
		r.where[k], r.kept[k] = unwanted, unwanted
	}
	for k, natural := range zigzag {
		if row, column := int(natural>>3), int(natural&7); lines>>row&1 != 0 && lines>>column&1 != 0 {
			r.where[k] = uint8(place(row, column))
			r.kept[k] = uint8(len(r.spread))
			r.spread = append(r.spread, r.where[k])
			r.upTo = uint8(k)
		}
	}
	spare := uint8(len(r.spread)) // behind those that are read
	r.perBlock = len(r.spread) + 1
	if len(r.spread) > 32 {
		spare = uint8(place(4, 4)) // which is not read, unless all are
		r.perBlock, r.kept, r.spread = 64, r.where, nil
	}
	for k := range r.kept {
		if r.where[k] == unwanted {
			r.kept[k] = spare
		}
	}
	return r
}

// reductions are those of libjpeg, by size: each sample is the mean of a square of the samples of the 8×8 form.
// lowpass takes the lowest frequencies for the coefficients of a smaller block, and leaves out the others.
var (
	full       = newReduction(8, 0xFF, nil)
	reductions = [9]*reduction{
		1: newReduction(1, 1, nil),
		2: newReduction(2, 0b1010_1011, newFactors(0, 0, [4]int16{29692, -10426, 6967, -5906}, [4]int16{})),
		4: newReduction(4, 0b1110_1111, newFactors(15137, -6270, [4]int16{20995, 7373, -4926, -4176}, [4]int16{8697, -17799, 11893, -1730})),
		8: full,
	}
	lowpass = [9]*reduction{
		1: reductions[1],
		2: newReduction(2, 0b0011, newFactors(0, 0, [4]int16{32767, 0, 0, 0}, [4]int16{})), // 1 − 2⁻¹⁵
		4: newReduction(4, 0b1111, newFactors(16384, 0, [4]int16{21407, 8867, 0, 0}, [4]int16{8867, -21407, 0, 0})),
		8: full,
	}
)

// factors of the 4×4 and 2×2 forms, by rows 1 3 5 7 of the coefficients, times 2¹⁴ and 2¹⁵: see butterfly4. vectors holds
// them two by two, as the kernels multiply.
type factors struct {
	vectors       [9][16]int16
	even2, even6  int32
	outer, middle [4]int32
}

func newFactors(even2, even6 int16, outer, middle [4]int16) *factors {
	f := &factors{even2: int32(even2), even6: int32(even6)}
	o, m := outer, middle
	lines := [9][8]int16{ // two pairs for each half of the vector
		{even2, even6, even2, even6, even2, even6, even2, even6}, // first pass of 4×4, and of 2×2
		{o[0], o[2], o[0], o[2], o[0], o[2], o[0], o[2]},
		{o[1], o[3], o[1], o[3], o[1], o[3], o[1], o[3]},
		{m[0], m[2], m[0], m[2], m[0], m[2], m[0], m[2]},
		{m[1], m[3], m[1], m[3], m[1], m[3], m[1], m[3]},
		{1 << 14, 0, 1 << 14, 0, even2, even6, even2, even6}, // second pass of 4×4
		{o[0], o[2], o[0], o[2], o[1], o[3], o[1], o[3]},
		{m[0], m[2], m[0], m[2], m[1], m[3], m[1], m[3]},
		{-1 << 15, 0, o[0], o[2], 0, 0, o[1], o[3]}, // second pass of 2×2
	}
	for i, line := range lines {
		for j := range f.vectors[i] {
			f.vectors[i][j] = line[j>>3<<2|j&3]
		}
	}
	for i := range 4 {
		f.outer[i], f.middle[i] = int32(outer[i]), int32(middle[i])
	}
	return f
}

const (
	constBits = 13 // of the constants: round(8192 x)
	passBits  = 2  // kept between the passes
)

// sample rounds a sum with shift extra bits to a sample.
func sample(v int32, shift uint) byte {
	v = (v+1<<(shift-1))>>shift + 128
	if uint32(v) > 255 {
		v = ^(v >> 31) & 255
	}
	return byte(v)
}

// half rounds a sum of the first pass, and saturates it to 16 bits like the vector forms.
func half(v int32, shift uint) int32 {
	v = (v + 1<<(shift-1)) >> shift
	return min(max(v, -32768), 32767)
}

// dequantize is modulo 2¹⁶, like the vector forms.
func dequantize(b, quant *[64]int16, at int) int32 {
	return int32(b[at] * quant[at])
}

// idct8Generic writes the 8×8 samples of a block to dst, and leaves the block zero.
func idct8Generic(dst []byte, stride int, b, quant *[64]int16) {
	var work [64]int32 // [column][row], so that the second pass reads as the first one does
	for column := range 8 {
		var in [8]int32
		any := int32(0)
		for row := range 8 {
			in[row] = dequantize(b, quant, place(row, column))
			if row > 0 {
				any |= in[row]
			}
		}
		if any == 0 {
			v := half(in[0]<<constBits, constBits-passBits)
			for row := range 8 {
				work[row*8+column] = v
			}
			continue
		}
		out := butterfly8(&in)
		for row, v := range out {
			work[row*8+column] = half(v, constBits-passBits)
		}
	}
	for row := range 8 {
		out := butterfly8((*[8]int32)(work[row*8:]))
		d := dst[row*stride:][:8]
		for column, v := range out {
			d[column] = sample(v, constBits+passBits+3)
		}
	}
	*b = [64]int16{}
}

// butterfly8 is the inverse DCT of one row or column, times 2¹³ √8. The factors are √2 cos(kπ/16), give or take the
// rounding of the constants of which the definition adds them up.
func butterfly8(in *[8]int32) (out [8]int32) {
	sum, difference := (in[0]+in[4])<<constBits, (in[0]-in[4])<<constBits
	even2, even6 := in[2]*10703+in[6]*4433, in[2]*4433-in[6]*10704
	even := [4]int32{sum + even2, difference + even6, difference - even6, sum - even2}
	odd := [4]int32{
		in[1]*11363 + in[3]*9633 + in[5]*6437 + in[7]*2260,
		in[1]*9633 - in[3]*2259 - in[5]*11362 - in[7]*6436,
		in[1]*6437 - in[3]*11362 + in[5]*2261 + in[7]*9633,
		in[1]*2260 - in[3]*6436 + in[5]*9633 - in[7]*11363,
	}
	for i := range 4 {
		out[i], out[7-i] = even[i]+odd[i], even[i]-odd[i]
	}
	return out
}

// idct4Generic writes 4×4 samples.
func idct4Generic(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	var work [4][8]int32
	for _, column := range [7]int{0, 1, 2, 3, 5, 6, 7} {
		var in [8]int32
		for _, row := range [7]int{0, 1, 2, 3, 5, 6, 7} {
			in[row] = dequantize(b, quant, place(row, column))
		}
		for row, v := range f.butterfly4(&in) {
			work[row][column] = half(v, constBits-passBits+1)
		}
	}
	for row := range 4 {
		d := dst[row*stride:][:4]
		for column, v := range f.butterfly4(&work[row]) {
			d[column] = sample(v, constBits+passBits+3+1)
		}
	}
	*b = [64]int16{}
}

func (f *factors) butterfly4(in *[8]int32) [4]int32 {
	even, even2 := in[0]<<(constBits+1), in[2]*f.even2+in[6]*f.even6
	outer := in[1]*f.outer[0] + in[3]*f.outer[1] + in[5]*f.outer[2] + in[7]*f.outer[3]
	middle := in[1]*f.middle[0] + in[3]*f.middle[1] + in[5]*f.middle[2] + in[7]*f.middle[3]
	return [4]int32{even + even2 + outer, even - even2 + middle, even - even2 - middle, even + even2 - outer}
}

// idct2Generic writes 2×2 samples.
func idct2Generic(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	var work [2][8]int32
	for _, column := range [5]int{0, 1, 3, 5, 7} {
		var in [8]int32
		for _, row := range [5]int{0, 1, 3, 5, 7} {
			in[row] = dequantize(b, quant, place(row, column))
		}
		even, odd := f.butterfly2(&in)
		work[0][column] = half(even+odd, constBits-passBits+2)
		work[1][column] = half(even-odd, constBits-passBits+2)
	}
	for row := range 2 {
		even, odd := f.butterfly2(&work[row])
		d := dst[row*stride:][:2]
		d[0] = sample(even+odd, constBits+passBits+3+2)
		d[1] = sample(even-odd, constBits+passBits+3+2)
	}
	*b = [64]int16{}
}

func (f *factors) butterfly2(in *[8]int32) (even, odd int32) {
	return in[0] << (constBits + 2), in[1]*f.outer[0] + in[3]*f.outer[1] + in[5]*f.outer[2] + in[7]*f.outer[3]
}

// flat is the only sample of a block whose other coefficients are zero, or of one reduced to 1×1.
func flat(dc, quant int16) byte {
	return sample(int32(dc*quant), 3)
}

// fill writes size × size equal samples.
func fill(dst []byte, stride, size int, v byte) {
	switch size {
	case 8:
		w := uint64(v) * 0x0101_0101_0101_0101
		for row := range 8 {
			binary.LittleEndian.PutUint64(dst[row*stride:], w)
		}
	case 4:
		w := uint32(v) * 0x0101_0101
		for row := range 4 {
			binary.LittleEndian.PutUint32(dst[row*stride:], w)
		}
	default:
		for row := range size {
			for column := range size {
				dst[row*stride+column] = v
			}
		}
	}
}
