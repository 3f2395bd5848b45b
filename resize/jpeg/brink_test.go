//go:build linux || darwin

package jpeg

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

// at is a value behind which there is no memory.
func at[T any](t *testing.T, v T) *T {
	t.Helper()
	p := (*T)(unsafe.Pointer(&brink(t, int(unsafe.Sizeof(v)))[0]))
	*p = v
	return p
}

// Kernels read and write nothing behind their buffers.
func TestFormsOnTheBrink(t *testing.T) {
	for n := 2; n < 100; n++ {
		stretch(brink(t, 2*n), brink(t, n))
		stretchBlend(brink(t, 2*n), brink(t, n), brink(t, n))
		ycbcrRow(brink(t, 4*n), brink(t, n), brink(t, n), brink(t, n))
		ycbcr(brink(t, n), brink(t, n), brink(t, n), brink(t, 4*n))
		halve(brink(t, n), brink(t, 2*n))
		quarter(brink(t, n), brink(t, 2*n), brink(t, 2*n))
	}
	var q quantizer
	q.set(&lumaTable, 80)
	q4, q2 := at(t, *reductions[4].factors), at(t, *reductions[2].factors)
	for stride := 16; stride < 40; stride++ {
		idct8(brink(t, 7*stride+8), stride, at(t, [64]int16{9}), at(t, [64]int16{9}))
		idct4(brink(t, 3*stride+4), stride, at(t, [64]int16{9}), at(t, [64]int16{9}), q4)
		idct2(brink(t, stride+2), stride, at(t, [64]int16{9}), at(t, [64]int16{9}), q2)
		p := at(t, pair{})
		forward(p, brink(t, 7*stride+16), stride, at(t, q))
		survey(p, at(t, [64]int16{}), at(t, [2]int32{}))
	}
}
