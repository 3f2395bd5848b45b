//go:build !purego

package resample

import "golang.org/x/sys/cpu"

//go:noescape
func horizontalAVX2(dst *int16, src *byte, first *int32, taps *int16, n int)

//go:noescape
func wideAVX2(dst *int16, src *byte, first *int32, taps *int16, chunks, n int)

//go:noescape
func verticalAVX2(dst *byte, rows *int16, offsets *int, taps *int16, pairs, n int)

// fast selects the assembly; tests switch it off.
var fast = cpu.X86.HasAVX2

func horizontal(dst []int16, src []byte, w *weights) {
	done := 0
	if fast {
		// Sixteen samples are read for each of the first ones, so their last weights must not reach over the row's end.
		if done = w.within; w.taps == chunk {
			done &^= 3
		}
		if done > 0 && w.taps == chunk {
			horizontalAVX2(&dst[0], &src[0], &w.first[0], &w.all[0], done)
		} else if done > 0 {
			wideAVX2(&dst[0], &src[0], &w.first[0], &w.all[0], w.taps/chunk, done)
		}
	}
	horizontalGeneric(dst, src, w, done)
}

func vertical(dst []byte, r *ring, first int, taps []int16) {
	done := 0
	if fast {
		if done = len(dst) &^ 15; done > 0 {
			pairs := (len(taps) + 1) / 2
			r.offsets = grown(r.offsets, 2*pairs)
			for i := range r.offsets { // the weight of the one that makes the last pair whole is zero
				r.offsets[i] = (first + min(i, len(taps)-1)) % r.lines * len(dst) * 2
			}
			verticalAVX2(&dst[0], &r.rows[0], &r.offsets[0], &taps[0], pairs, done)
		}
	}
	verticalGeneric(dst, r, first, taps, done)
}
