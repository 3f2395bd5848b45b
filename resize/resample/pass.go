package resample

// Between the passes a sample has six fractional bits: 255 is 16320, which leaves an int16 room for the overshoot
// of any kernel, and a constant stays exactly what it was through both roundings.
const (
	midBits   = 6
	midShift  = weightBits - midBits
	lastShift = weightBits + midBits
)

// Chunks of the horizontal kernels, in taps: see table.
const (
	chunkPlanar = 8
	chunkRGBA   = 4
)

// rowUnit is what the length of a row held by a scaler is a multiple of, so that the vertical kernels have no tail.
const rowUnit = 64

// verticalGeneric sums the rows of ring, stride bytes apart, each times its weight, into dst.
// len(weights) is even; len(dst) is a multiple of rowUnit and at most stride.
func verticalGeneric(dst []int16, ring []byte, stride int, weights []int16) {
	var sums [rowUnit]int32
	for x := 0; x < len(dst); x += rowUnit {
		for i := range sums {
			sums[i] = 1 << (midShift - 1)
		}
		for r := 0; r < len(weights); r += 2 {
			w0, w1 := int32(weights[r]), int32(weights[r+1])
			if w0|w1 == 0 {
				continue
			}
			row0 := (*[rowUnit]byte)(ring[r*stride+x:])
			row1 := (*[rowUnit]byte)(ring[(r+1)*stride+x:])
			for i := range sums {
				sums[i] += int32(row0[i])*w0 + int32(row1[i])*w1
			}
		}
		out := dst[x:][:rowUnit]
		for i, s := range sums {
			out[i] = saturate(s >> midShift)
		}
	}
}

// horizontalGeneric convolves a row of planar samples. len(dst) is len(t.begin), len(src) at least t.reach.
func horizontalGeneric(dst []byte, src []int16, t *table) {
	for i, begin := range t.begin {
		sum := int32(1) << (lastShift - 1)
		base := t.base(i)
		for k := 0; k < t.taps; k += chunkPlanar {
			w := (*[chunkPlanar]int16)(t.weights[base+k*group:])
			s := (*[chunkPlanar]int16)(src[int(begin)+k:])
			sum += int32(s[0])*int32(w[0]) + int32(s[1])*int32(w[1]) + int32(s[2])*int32(w[2]) + int32(s[3])*int32(w[3]) +
				int32(s[4])*int32(w[4]) + int32(s[5])*int32(w[5]) + int32(s[6])*int32(w[6]) + int32(s[7])*int32(w[7])
		}
		dst[i] = byte(min(max(sum>>lastShift, 0), 255))
	}
}

// horizontalRGBAGeneric is horizontalGeneric for four interleaved channels.
func horizontalRGBAGeneric(dst []byte, src []int16, t *table) {
	for i := range t.begin {
		c := t.pixel(src, i)
		for j, d := 0, dst[4*i:][:4]; j < 4; j++ {
			d[j] = byte(min(max((c[j]+1<<(lastShift-1))>>lastShift, 0), 255))
		}
	}
}

// horizontalWideGeneric is horizontalRGBAGeneric with the six fractional bits and the overshoot kept.
func horizontalWideGeneric(dst, src []int16, t *table) {
	for i := range t.begin {
		c := t.pixel(src, i)
		for j, d := 0, dst[4*i:][:4]; j < 4; j++ {
			d[j] = saturate((c[j] + 1<<(weightBits-1)) >> weightBits)
		}
	}
}

// pixel is the weighted sum behind destination pixel i.
func (t *table) pixel(src []int16, i int) [4]int32 {
	var c0, c1, c2, c3 int32
	begin, base := int(t.begin[i]), t.base(i)
	for k := 0; k < t.taps; k += chunkRGBA {
		weights := (*[chunkRGBA]int16)(t.weights[base+k*group:])
		s := (*[4 * chunkRGBA]int16)(src[4*(begin+k):])
		w0, w1, w2, w3 := int32(weights[0]), int32(weights[1]), int32(weights[2]), int32(weights[3])
		c0 += int32(s[0])*w0 + int32(s[4])*w1 + int32(s[8])*w2 + int32(s[12])*w3
		c1 += int32(s[1])*w0 + int32(s[5])*w1 + int32(s[9])*w2 + int32(s[13])*w3
		c2 += int32(s[2])*w0 + int32(s[6])*w1 + int32(s[10])*w2 + int32(s[14])*w3
		c3 += int32(s[3])*w0 + int32(s[7])*w1 + int32(s[11])*w2 + int32(s[15])*w3
	}
	return [4]int32{c0, c1, c2, c3}
}

func saturate(v int32) int16 { return int16(min(max(v, -1<<15), 1<<15-1)) }
