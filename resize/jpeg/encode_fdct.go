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
			in := src[y*stride+8*side:][:8]
			out := work[8*y:][:8]
			forward8(out, 1, int32(in[0])-128, int32(in[1])-128, int32(in[2])-128, int32(in[3])-128,
				int32(in[4])-128, int32(in[5])-128, int32(in[6])-128, int32(in[7])-128)
			out[0] <<= passBits
			out[4] <<= passBits
			for _, x := range [6]int{1, 2, 3, 5, 6, 7} {
				out[x] = round(out[x], constBits-passBits)
			}
		}
		for x := range 8 {
			w := work[x:]
			forward8(w, 8, w[0], w[8], w[16], w[24], w[32], w[40], w[48], w[56])
		}
		nonzero := uint64(0)
		coefs := &p.coefs[side]
		for i := range coefs {
			shift := uint(constBits + passBits)
			if i&0b011_000 == 0 { // rows 0 and 4
				shift = passBits
			}
			coefs[i] = q.quantize(i, int16(round(work[i], shift)))
			if coefs[i] != 0 {
				nonzero |= 1 << (sequence[i] & 63)
			}
		}
		p.nonzero[side] = nonzero
	}
}

// sequence is where a coefficient in natural order is in the zig-zag sequence.
var sequence = func() (places [64]uint8) {
	for k, natural := range zigzag {
		places[natural] = uint8(k)
	}
	return places
}()

func round(v int32, shift uint) int32 { return (v + 1<<(shift-1)) >> shift }

// forward8 writes the DCT of one row or column times √8 to out, a step from each to the next. All but the first and
// fifth have constBits more.
func forward8(out []int32, step int, d0, d1, d2, d3, d4, d5, d6, d7 int32) {
	s0, s1, s2, s3 := d0+d7, d1+d6, d2+d5, d3+d4
	d0, d1, d2, d3 = d0-d7, d1-d6, d2-d5, d3-d4
	outer, inner, x, y := s0+s3, s1+s2, s0-s3, s1-s2
	_ = out[7*step]
	out[0], out[4*step] = outer+inner, outer-inner
	out[2*step], out[6*step] = x*10703+y*4433, x*4433-y*10704
	out[step] = d0*11363 + d1*9633 + d2*6437 + d3*2260
	out[3*step] = d0*9633 - d1*2259 - d2*11362 - d3*6436
	out[5*step] = d0*6437 - d1*11362 + d2*2261 + d3*9633
	out[7*step] = d0*2260 - d1*6436 + d2*9633 - d3*11363
}

func (q *quantizer) quantize(i int, v int16) int16 {
	i &= 63
	sign := v >> 15
	magnitude := uint32(uint16(v^sign-sign) + q.correction[i])
	magnitude = magnitude * uint32(q.reciprocal[i]) >> 16
	return int16(magnitude*uint32(q.scale[i])>>16) ^ sign - sign
}
