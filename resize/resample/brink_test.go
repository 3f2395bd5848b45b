//go:build linux || darwin

package resample

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// brink returns n bytes behind which there is no memory.
func brink(t *testing.T, n int) []byte {
	t.Helper()
	page := os.Getpagesize()
	size := (n+page-1)/page*page + page
	m, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(m[size-page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return m[size-page-n : size-page : size-page]
}

func brinkWords(t *testing.T, n int) []int16 {
	t.Helper()
	return unsafe.Slice((*int16)(unsafe.Pointer(&brink(t, 2*n)[0])), n)
}

// Kernels read and write nothing behind their buffers.
func TestTwinsOnTheBrink(t *testing.T) {
	for width := rowUnit; width <= 4*rowUnit; width += rowUnit {
		for rows := 2; rows < 20; rows += 2 {
			weights := brinkWords(t, rows)
			weights[rows-1] = 1
			vertical(brinkWords(t, width), brink(t, rows*width), width, weights)
		}
	}
	for n := 1; n < 60; n++ {
		premultiply(brink(t, n))
		premultiply(brink(t, 4*n))
		axis := newAxis(geometry{100, n, 0, 100}, kernel(t, "lanczos3"))
		for _, chunk := range []int{chunkPlanar, chunkRGBA} {
			tab := newTable(axis, chunk)
			weights := brinkWords(t, len(tab.weights))
			copy(weights, tab.weights)
			tab.weights = weights
			if chunk == chunkPlanar {
				horizontal(brink(t, len(tab.begin)), brinkWords(t, tab.reach), tab)
				continue
			}
			horizontalRGBA(brink(t, 4*len(tab.begin)), brinkWords(t, 4*tab.reach), tab)
			horizontalWide(brinkWords(t, 4*len(tab.begin)), brinkWords(t, 4*tab.reach), tab)
		}
	}
}
