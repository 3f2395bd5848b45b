//go:build !purego

package png

// The kernels of kernels_arm64.s, for every machine of this architecture. They write exactly what their generic twins write.

// The filters that look to the left go pixel by pixel, n of them of bpp bytes, 2 to 8. They read and write 8 bytes at each.
//
//go:noescape
func subNEON(dst, raw *byte, bpp, n int)

//go:noescape
func averageNEON(dst, raw, prev *byte, bpp, n int)

//go:noescape
func paethNEON(dst, raw, prev *byte, bpp, n int)

// upNEON writes n bytes, a multiple of 32.
//
//go:noescape
func upNEON(dst, raw, prev *byte, n int)

// adlerNEON returns the sum of n bytes, a multiple of 32 and at most adlerPart, and their sum weighted with n … 1.
//
//go:noescape
func adlerNEON(p *byte, n int) (sum, weighted uint64)

// to8NEON writes n bytes, a multiple of 16.
//
//go:noescape
func to8NEON(dst, src *byte, n int)

// rgbToRGBANEON and grayAlphaToRGBANEON write n pixels, a multiple of 16.
//
//go:noescape
func rgbToRGBANEON(dst, src *byte, n int)

//go:noescape
func grayAlphaToRGBANEON(dst, src *byte, n int)

// eights is how many pixels of bpp bytes a row of so many bytes has, not counting the last ones where 8 bytes do not fit. One byte at a
// time costs about what it does without kernels.
func eights(bytes, bpp int) int {
	if bytes < 8 || bpp == 1 {
		return 0
	}
	return (bytes-8)/bpp + 1
}

func sub(dst, raw []byte, bpp int) {
	raw = raw[:len(dst)]
	n := eights(len(dst), bpp)
	if n > 0 {
		subNEON(&dst[0], &raw[0], bpp, n)
	}
	subGeneric(dst, raw, bpp, n*bpp)
}

func average(dst, raw, prev []byte, bpp int) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	n := eights(len(dst), bpp)
	if n > 0 {
		averageNEON(&dst[0], &raw[0], &prev[0], bpp, n)
	}
	averageGeneric(dst, raw, prev, bpp, n*bpp)
}

func paeth(dst, raw, prev []byte, bpp int) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	n := eights(len(dst), bpp)
	if n > 0 {
		paethNEON(&dst[0], &raw[0], &prev[0], bpp, n)
	}
	paethGeneric(dst, raw, prev, bpp, n*bpp)
}

func up(dst, raw, prev []byte) {
	raw, prev = raw[:len(dst)], prev[:len(dst)]
	n := 0
	if len(dst) >= 32 {
		n = len(dst) &^ 31
		upNEON(&dst[0], &raw[0], &prev[0], n)
	}
	upGeneric(dst, raw, prev, n)
}

// adlerPart is how many bytes adlerNEON sums without its 32 bits overflowing.
const adlerPart = 1 << 16

func adler32(sum uint32, p []byte) uint32 {
	for len(p) >= 32 {
		n := min(len(p)&^31, adlerPart)
		a, b := uint64(sum&0xffff), uint64(sum>>16)
		s, w := adlerNEON(&p[0], n)
		sum = uint32((b+uint64(n)*a+w)%65521)<<16 | uint32((a+s)%65521)
		p = p[n:]
	}
	return adler32Generic(sum, p)
}

func to8(dst, src []byte) {
	n := 0
	if len(dst) >= 16 {
		n = len(dst) &^ 15
		_ = src[2*n-1]
		to8NEON(&dst[0], &src[0], n)
	}
	to8Generic(dst[n:], src[2*n:])
}

func rgbToRGBA(dst, src []byte) {
	n := 0
	if len(src) >= 48 {
		n = len(src) / 3 &^ 15
		_ = dst[4*n-1]
		rgbToRGBANEON(&dst[0], &src[0], n)
	}
	rgbToRGBAGeneric(dst[4*n:], src[3*n:])
}

func grayAlphaToRGBA(dst, src []byte) {
	n := 0
	if len(src) >= 32 {
		n = len(src) / 2 &^ 15
		_ = dst[4*n-1]
		grayAlphaToRGBANEON(&dst[0], &src[0], n)
	}
	grayAlphaToRGBAGeneric(dst[4*n:], src[2*n:])
}
