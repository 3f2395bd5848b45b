//go:build !purego

package resample

import "golang.org/x/sys/cpu"

var useAVX2 = cpu.X86.HasAVX2

// The kernels of pass_amd64.s. They write exactly what their generic twins write.

//go:noescape
func verticalAVX2(dst *int16, ring *byte, stride, pairs, width int, weights *int16)

//go:noescape
func horizontalAVX2(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)

//go:noescape
func horizontalRGBAAVX2(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)

//go:noescape
func horizontalWideAVX2(dst, src *int16, begin *int32, weights *int16, chunks, groups int)

// premultiplyAVX2 takes n pixels, a multiple of 8.
//
//go:noescape
func premultiplyAVX2(row *byte, n int)

func vertical(dst []int16, ring []byte, stride int, weights []int16) {
	if !useAVX2 {
		verticalGeneric(dst, ring, stride, weights)
		return
	}
	_ = ring[(len(weights)-1)*stride+len(dst)-1]
	verticalAVX2(&dst[0], &ring[0], stride, len(weights)/2, len(dst), &weights[0])
}

func horizontal(dst []byte, src []int16, t *table) {
	if !useAVX2 {
		horizontalGeneric(dst, src, t)
		return
	}
	n := len(t.begin)
	_, _ = dst[n-1], src[t.reach-1]
	horizontalAVX2(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkPlanar, n/group)
}

func horizontalRGBA(dst []byte, src []int16, t *table) {
	if !useAVX2 {
		horizontalRGBAGeneric(dst, src, t)
		return
	}
	n := len(t.begin)
	_, _ = dst[4*n-1], src[4*t.reach-1]
	horizontalRGBAAVX2(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkRGBA, n/group)
}

func horizontalWide(dst, src []int16, t *table) {
	if !useAVX2 {
		horizontalWideGeneric(dst, src, t)
		return
	}
	n := len(t.begin)
	_, _ = dst[4*n-1], src[4*t.reach-1]
	horizontalWideAVX2(&dst[0], &src[0], &t.begin[0], &t.weights[0], t.taps/chunkRGBA, n/group)
}

func premultiply(row []byte) {
	n := 0
	if useAVX2 {
		if n = len(row) / 4 &^ 7; n > 0 {
			premultiplyAVX2(&row[0], n)
		}
	}
	premultiplyGeneric(row[4*n:])
}
