//go:build !purego

package jpeg

// The kernels of kernels_arm64.s and kernels_color_arm64.s, for every machine of this architecture. They write exactly what their generic twins write.

//go:noescape
func idct8NEON(dst *byte, stride int, b, quant *[64]int16)

//go:noescape
func idct4NEON(dst *byte, stride int, b, quant *[64]int16, f *factors)

//go:noescape
func idct2NEON(dst *byte, stride int, b, quant *[64]int16, f *factors)

// stretchNEON writes dst[2i-1] and dst[2i] for n values of i from 1, n a multiple of 16.
//
//go:noescape
func stretchNEON(dst, src *byte, n int)

//go:noescape
func stretchBlendNEON(dst, near, far *byte, n int)

// ycbcrRowNEON writes n pixels, a multiple of 16.
//
//go:noescape
func ycbcrRowNEON(dst, y, cb, cr *byte, n int)

func idct8(dst []byte, stride int, b, quant *[64]int16) {
	_ = dst[7*stride+7]
	idct8NEON(&dst[0], stride, b, quant)
}

func idct4(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	_ = dst[3*stride+3]
	idct4NEON(&dst[0], stride, b, quant, f)
}

func idct2(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	_ = dst[stride+1]
	idct2NEON(&dst[0], stride, b, quant, f)
}

func stretch(dst, src []byte) {
	n := (len(src) - 1) &^ 15
	if n <= 0 {
		stretchGeneric(dst, src)
		return
	}
	dst = dst[:2*len(src)]
	stretchNEON(&dst[0], &src[0], n)
	done := dst[2*n]
	stretchGeneric(dst[2*n:], src[n:]) // its first sample is not the row's
	dst[2*n] = done
	dst[0] = src[0]
}

func stretchBlend(dst, near, far []byte) {
	n := (len(near) - 1) &^ 15
	if n <= 0 {
		stretchBlendGeneric(dst, near, far)
		return
	}
	dst, far = dst[:2*len(near)], far[:len(near)]
	stretchBlendNEON(&dst[0], &near[0], &far[0], n)
	done := dst[2*n]
	stretchBlendGeneric(dst[2*n:], near[n:], far[n:]) // likewise
	dst[2*n] = done
	dst[0] = byte((4*(3*uint16(near[0])+uint16(far[0])) + 8) >> 4)
}

func ycbcrRow(dst, y, cb, cr []byte) {
	n := len(y) &^ 15
	if n > 0 {
		_, _, _ = dst[4*n-1], cb[n-1], cr[n-1]
		ycbcrRowNEON(&dst[0], &y[0], &cb[0], &cr[0], n)
	}
	ycbcrRowGeneric(dst[4*n:], y[n:], cb[n:], cr[n:])
}
