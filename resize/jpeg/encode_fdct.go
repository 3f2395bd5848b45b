package jpeg

import "math/bits"

// A quantizer divides the coefficients of one component, in natural order. The forward DCT gives them times 8, so
// the divisors are those of the table times 8, and are divided by as products with their reciprocals (16 bits and a
// shift), which is exact, halves rounded away from zero, for every value the transform can give.
type quantizer struct {
	reciprocal, correction, scale [64]uint16
	table                         [64]byte // as declared in the file, but in natural order
}

// Annex K.1 of T.81, natural order: what quality 50 means.
var (
	lumaTable = [64]byte{
		16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
	}
	chromaTable = [64]byte{
		17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}
)

// set scales a table of Annex K as libjpeg does, and keeps it to 8 bits, as baseline asks.
func (q *quantizer) set(base *[64]byte, quality int) {
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	for i, v := range base {
		q.table[i] = byte(min(max((int(v)*percent+50)/100, 1), 255))
		q.divide(i, uint32(q.table[i])*8)
	}
}

// divide makes (|v| + correction) × reciprocal × scale, of which the upper 16 bits are kept each time, |v| / divisor
// rounded: the reciprocal is rounded to 16 significant bits, and the correction makes up for it when that was down.
func (q *quantizer) divide(i int, divisor uint32) {
	shift := uint(16 + bits.Len32(divisor) - 1)
	reciprocal, rest, correction := uint32(1)<<shift/divisor, uint32(1)<<shift%divisor, divisor/2
	switch {
	case rest == 0: // a power of two
		reciprocal >>= 1
		shift--
	case rest <= divisor/2:
		correction++
	default:
		reciprocal++
	}
	q.reciprocal[i], q.correction[i], q.scale[i] = uint16(reciprocal), uint16(correction), uint16(1<<(32-shift))
}

// A pair is two neighbouring blocks after quantisation, in natural order.
type pair struct {
	coefs [2][64]int16
	// nonzero has a bit for each coefficient that is not zero, in zig-zag order.
	nonzero [2]uint64
}

// forwardGeneric transforms and quantizes 16×8 samples, rows first, as the Independent JPEG Group's accurate integer
// encoder does (see idct.go): 13-bit constants, 2 extra bits between the passes, every rounding part of the definition.
func forwardGeneric(p *pair, src []byte, stride int, q *quantizer) {
	for side := range 2 {
		var work [64]int32
		for y := range 8 {
			line := src[y*stride+8*side:][:8]
			var in [8]int32
			for x, v := range line {
				in[x] = int32(v) - 128
			}
			out := forward8(&in)
			work[y*8], work[y*8+4] = out[0]<<passBits, out[4]<<passBits
			for _, x := range [6]int{1, 2, 3, 5, 6, 7} {
				work[y*8+x] = round(out[x], constBits-passBits)
			}
		}
		nonzero := uint64(0)
		for x := range 8 {
			var in [8]int32
			for y := range 8 {
				in[y] = work[y*8+x]
			}
			out := forward8(&in)
			for y, v := range out {
				if y&3 == 0 {
					v = round(v, passBits)
				} else {
					v = round(v, constBits+passBits)
				}
				p.coefs[side][y*8+x] = q.quantize(y*8+x, int16(v))
			}
		}
		for k, natural := range zigzag {
			if p.coefs[side][natural] != 0 {
				nonzero |= 1 << k
			}
		}
		p.nonzero[side] = nonzero
	}
}

func round(v int32, shift uint) int32 { return (v + 1<<(shift-1)) >> shift }

// forward8 is the DCT of one row or column times √8, of which all but the first and fifth have constBits more.
func forward8(in *[8]int32) (out [8]int32) {
	var sum, diff [4]int32
	for i := range 4 {
		sum[i], diff[i] = in[i]+in[7-i], in[i]-in[7-i]
	}
	even, odd := sum[0]+sum[3], sum[0]-sum[3]
	even1, odd1 := sum[1]+sum[2], sum[1]-sum[2]
	out[0], out[4] = even+even1, even-even1
	out[2], out[6] = odd*10703+odd1*4433, odd*4433-odd1*10704
	out[1] = diff[0]*11363 + diff[1]*9633 + diff[2]*6437 + diff[3]*2260
	out[3] = diff[0]*9633 - diff[1]*2259 - diff[2]*11362 - diff[3]*6436
	out[5] = diff[0]*6437 - diff[1]*11362 + diff[2]*2261 + diff[3]*9633
	out[7] = diff[0]*2260 - diff[1]*6436 + diff[2]*9633 - diff[3]*11363
	return out
}

func (q *quantizer) quantize(i int, v int16) int16 {
	sign := v >> 15
	magnitude := uint32(uint16(v^sign-sign) + q.correction[i])
	magnitude = magnitude * uint32(q.reciprocal[i]) >> 16
	return int16(magnitude*uint32(q.scale[i])>>16) ^ sign - sign
}
