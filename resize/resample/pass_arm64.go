//go:build !purego

package resample

// The kernels of pass_arm64.s, for every machine of this architecture. They write exactly what their generic twins write.

//go:noescape
func verticalNEON(dst *int16, ring *byte, stride, pairs, width int, weights *int16)

//go:noescape
func horizontalNEON(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)

//go:noescape
func horizontalRGBANEON(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)

//go:noescape
func horizontalWideNEON(dst, src *int16, begin *int32, weights *int16, chunks, groups int)

// premultiplyNEON takes n pixels, a multiple of 16.
//
//go:noescape
func premultiplyNEON(row *byte, n int)

func vertical(dst []int16, ring []byte, stride int, weights []int16) {
	_ = ring[(len(weights)-1)*stride+len(dst)-1]
	verticalNEON(&dst[0], &ring[0], stride, len(weights)/2, len(dst), &weights[0])
}

func horizontal(dst []byte, src []int16, t *table) {
	n := len(t.begin)
	_, _ = dst[n-1], src[t.reach-1]
	horizontalNEON(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkPlanar, n/group)
}

func horizontalRGBA(dst []byte, src []int16, t *table) {
	n := len(t.begin)
	_, _ = dst[4*n-1], src[4*t.reach-1]
	horizontalRGBANEON(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkRGBA, n/group)
}

func horizontalWide(dst, src []int16, t *table) {
	n := len(t.begin)
	_, _ = dst[4*n-1], src[4*t.reach-1]
	horizontalWideNEON(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkRGBA, n/group)
}

func premultiply(row []byte) {
	n := len(row) / 4 &^ 15
	if n > 0 {
		premultiplyNEON(&row[0], n)
	}
	premultiplyGeneric(row[4*n:])
}
