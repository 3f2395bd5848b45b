//go:build linux || darwin

package png

import (
	"os"
	"syscall"
	"testing"
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

// Kernels read and write nothing behind their buffers.
func TestFormsOnTheBrink(t *testing.T) {
	for n := 1; n < 100; n++ {
		for _, f := range filterForms {
			for _, bpp := range []int{1, 2, 3, 4, 6, 8} {
				f.fast(brink(t, n*bpp), brink(t, n*bpp), brink(t, n*bpp), bpp)
			}
		}
		for _, c := range conversions {
			c.fast(brink(t, n*c.to), brink(t, n*c.from))
		}
		adler32(1, brink(t, n))
	}
}
