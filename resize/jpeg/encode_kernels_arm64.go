//go:build !purego

package jpeg

// The kernels of encode_fdct_arm64.s and encode_color_arm64.s. They write exactly what their generic twins write.

//go:noescape
func forwardNEON(p *pair, src *byte, stride int, q *quantizer)

//go:noescape
func surveyNEON(p *pair, most *[64]int16, energy *[2]int32)

// ycbcrNEON converts n pixels, a multiple of 16.
//
//go:noescape
func ycbcrNEON(y, cb, cr, src *byte, n int)

// halveNEON and quarterNEON write n samples, a multiple of 16.
//
//go:noescape
func halveNEON(dst, src *byte, n int)

//go:noescape
func quarterNEON(dst, upper, lower *byte, n int)

func forward(p *pair, src []byte, stride int, q *quantizer) {
	_ = src[7*stride+15]
	forwardNEON(p, &src[0], stride, q)
}

func survey(p *pair, most *[64]int16, energy *[2]int32) { surveyNEON(p, most, energy) }

func ycbcr(y, cb, cr, src []byte) {
	n := len(src) / 4
	if n < 16 {
		ycbcrGeneric(y, cb, cr, src)
		return
	}
	_, _, _ = y[n-1], cb[n-1], cr[n-1]
	ycbcrNEON(&y[0], &cb[0], &cr[0], &src[0], n&^15)
	if n&15 != 0 { // the last 16 pixels, some of them once more
		ycbcrNEON(&y[n-16], &cb[n-16], &cr[n-16], &src[4*(n-16)], 16)
	}
}

func halve(dst, src []byte) {
	n := len(dst) &^ 15
	if n > 0 {
		_ = src[2*n-1]
		halveNEON(&dst[0], &src[0], n)
	}
	halveGeneric(dst[n:], src[2*n:])
}

func quarter(dst, upper, lower []byte) {
	n := len(dst) &^ 15
	if n > 0 {
		_, _ = upper[2*n-1], lower[2*n-1]
		quarterNEON(&dst[0], &upper[0], &lower[0], n)
	}
	quarterGeneric(dst[n:], upper[2*n:], lower[2*n:])
}
