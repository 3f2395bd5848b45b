//go:build (!amd64 && !arm64) || purego

package resample

func vertical(dst []int16, ring []byte, stride int, weights []int16) {
	verticalGeneric(dst, ring, stride, weights)
}

func horizontal(dst []byte, src []int16, t *table) { horizontalGeneric(dst, src, t) }

func horizontalRGBA(dst []byte, src []int16, t *table) { horizontalRGBAGeneric(dst, src, t) }

func horizontalWide(dst, src []int16, t *table) { horizontalWideGeneric(dst, src, t) }

func premultiply(row []byte) { premultiplyGeneric(row) }
