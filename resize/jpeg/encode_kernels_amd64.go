//go:build !purego

package jpeg

// The kernels of encode_fdct_amd64.s and encode_color_amd64.s. They write exactly what their generic twins write.

//go:noescape
func forwardAVX2(p *pair, src *byte, stride int, q *quantizer)

//go:noescape
func surveyAVX2(p *pair, most *[64]int16, energy *[2]int32)

// ycbcrAVX2 converts n pixels, a multiple of 32.
//
//go:noescape
func ycbcrAVX2(y, cb, cr, src *byte, n int)

// halveAVX2 and quarterAVX2 write n samples, a multiple of 16.
//
//go:noescape
func halveAVX2(dst, src *byte, n int)

//go:noescape
func quarterAVX2(dst, upper, lower *byte, n int)

func forward(p *pair, src []byte, stride int, q *quantizer) {
	if useAVX2 {
		_ = src[7*stride+15]
		forwardAVX2(p, &src[0], stride, q)
		return
	}
	forwardGeneric(p, src, stride, q)
}

func survey(p *pair, most *[64]int16, energy *[2]int32) {
	if useAVX2 {
		surveyAVX2(p, most, energy)
		return
	}
	surveyGeneric(p, most, energy)
}

func ycbcr(y, cb, cr, src []byte) {
	n := len(src) / 4
	if !useAVX2 || n < 32 {
		ycbcrGeneric(y, cb, cr, src)
		return
	}
	_, _, _ = y[n-1], cb[n-1], cr[n-1]
	ycbcrAVX2(&y[0], &cb[0], &cr[0], &src[0], n&^31)
	if n&31 != 0 { // the last 32 pixels, some of them once more
		ycbcrAVX2(&y[n-32], &cb[n-32], &cr[n-32], &src[4*(n-32)], 32)
	}
}

func halve(dst, src []byte) {
	n := 0
	if useAVX2 {
		if n = len(dst) &^ 15; n > 0 {
			_ = src[2*n-1]
			halveAVX2(&dst[0], &src[0], n)
		}
	}
	halveGeneric(dst[n:], src[2*n:])
}

func quarter(dst, upper, lower []byte) {
	n := 0
	if useAVX2 {
		if n = len(dst) &^ 15; n > 0 {
			_, _ = upper[2*n-1], lower[2*n-1]
			quarterAVX2(&dst[0], &upper[0], &lower[0], n)
		}
	}
	quarterGeneric(dst[n:], upper[2*n:], lower[2*n:])
}
