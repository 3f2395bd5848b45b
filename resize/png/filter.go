package png

// The filters of section 9.2. A row's bytes x are predicted from those of the pixel to the left, a, of the row above, b, and of the
// pixel to the left of that, c; what is stored is the difference, modulo 256.
//
// All functions write to dst, as long as raw and prev; bpp is the bytes of a pixel, 1 to 8. They begin at byte from,
// a multiple of bpp; what is before it in dst is there already.

// unfilter undoes the filter of one row, false when there is no such filter.
func unfilter(filter byte, dst, raw, prev []byte, bpp int) bool {
	prev, raw = prev[:len(dst)], raw[:len(dst)]
	switch filter {
	case 0:
		copy(dst, raw)
	case 1:
		sub(dst, raw, bpp)
	case 2:
		up(dst, raw, prev)
	case 3:
		average(dst, raw, prev, bpp)
	case 4:
		paeth(dst, raw, prev, bpp)
	default:
		return false
	}
	return true
}

func subGeneric(dst, raw []byte, bpp, from int) {
	raw = raw[:len(dst)]
	if from == 0 {
		from = copy(dst[:min(bpp, len(dst))], raw)
	}
	for i := from; i < len(dst); i++ {
		dst[i] = raw[i] + dst[i-bpp]
	}
}

func upGeneric(dst, raw, prev []byte, from int) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	for i := from; i < len(dst); i++ {
		dst[i] = raw[i] + prev[i]
	}
}

func averageGeneric(dst, raw, prev []byte, bpp, from int) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	if from == 0 {
		for ; from < min(bpp, len(dst)); from++ {
			dst[from] = raw[from] + prev[from]/2
		}
	}
	for i := from; i < len(dst); i++ {
		dst[i] = raw[i] + byte((uint(dst[i-bpp])+uint(prev[i]))/2)
	}
}

func paethGeneric(dst, raw, prev []byte, bpp, from int) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	if from == 0 { // without a and c the prediction is b
		for ; from < min(bpp, len(dst)); from++ {
			dst[from] = raw[from] + prev[from]
		}
	}
	for k := range bpp { // sample by sample, so that a and c stay in registers
		if from+k >= len(dst) {
			return
		}
		a, c := int32(dst[from+k-bpp]), int32(prev[from+k-bpp])
		for i := from + k; i < len(dst); i += bpp {
			b := int32(prev[i])
			a = int32(raw[i] + predict(a, b, c))
			dst[i] = byte(a)
			c = b
		}
	}
}

// predict is the one of a, b and c that is nearest to a + b - c, the first of them where several are. With t = 3c - (a+b):
// where t is at most the smaller of a and b, it is the larger of them; where t is at least the larger, the smaller;
// in between it is c.
func predict(a, b, c int32) byte {
	t := 3*c - a - b
	low, high := min(a, b), max(a, b)
	p := c
	if t <= low {
		p = high
	}
	if t >= high {
		p = low
	}
	return byte(p)
}
