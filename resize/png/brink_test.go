package png

import (
	"testing"

	"pixmill/internal/brink"
)

// Kernels read and write nothing behind their buffers.
func TestFormsOnTheBrink(t *testing.T) {
	for n := 1; n < 100; n++ {
		for _, f := range filterForms {
			for _, bpp := range []int{1, 2, 3, 4, 6, 8} {
				f.fast(brink.Bytes(t, n*bpp), brink.Bytes(t, n*bpp), brink.Bytes(t, n*bpp), bpp)
			}
		}
		for _, c := range conversions {
			c.fast(brink.Bytes(t, n*c.to), brink.Bytes(t, n*c.from))
		}
		adler32(1, brink.Bytes(t, n))
	}
}
