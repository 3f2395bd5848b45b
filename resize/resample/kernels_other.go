//go:build !amd64 || purego

package resample

func horizontal(dst []int16, src []byte, w *weights) { horizontalGeneric(dst, src, w, 0) }

func vertical(dst []byte, r *ring, first int, taps []int16) { verticalGeneric(dst, r, first, taps, 0) }
