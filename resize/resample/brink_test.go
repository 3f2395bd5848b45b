package resample

import (
	"testing"
	"unsafe"

	"pixmill/internal/brink"
)

func brinkWords(t *testing.T, n int) []int16 {
	t.Helper()
	return unsafe.Slice((*int16)(unsafe.Pointer(&brink.Bytes(t, 2*n)[0])), n)
}

// Kernels read and write nothing behind their buffers.
func TestTwinsOnTheBrink(t *testing.T) {
	for width := rowUnit; width <= 4*rowUnit; width += rowUnit {
		for rows := 2; rows < 20; rows += 2 {
			weights := brinkWords(t, rows)
			weights[rows-1] = 1
			vertical(brinkWords(t, width), brink.Bytes(t, rows*width), width, weights)
		}
	}
	for n := 1; n < 60; n++ {
		premultiply(brink.Bytes(t, n))
		premultiply(brink.Bytes(t, 4*n))
		axis := newAxis(geometry{100, n, 0, 100}, kernel(t, "lanczos3"))
		for _, chunk := range []int{chunkPlanar, chunkRGBA} {
			tab := newTable(axis, chunk)
			weights := brinkWords(t, len(tab.weights))
			copy(weights, tab.weights)
			tab.weights = weights
			if chunk == chunkPlanar {
				horizontal(brink.Bytes(t, len(tab.begin)), brinkWords(t, tab.reach), tab)
				continue
			}
			horizontalRGBA(brink.Bytes(t, 4*len(tab.begin)), brinkWords(t, 4*tab.reach), tab)
			horizontalWide(brinkWords(t, 4*len(tab.begin)), brinkWords(t, 4*tab.reach), tab)
		}
	}
}
