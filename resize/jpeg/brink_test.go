package jpeg

import (
	"testing"
	"unsafe"

	"pixmill/internal/brink"
)

// at is a value behind which there is no memory.
func at[T any](t *testing.T, v T) *T {
	t.Helper()
	p := (*T)(unsafe.Pointer(&brink.Bytes(t, int(unsafe.Sizeof(v)))[0]))
	*p = v
	return p
}

// Kernels read and write nothing behind their buffers.
func TestFormsOnTheBrink(t *testing.T) {
	for n := 2; n < 100; n++ {
		stretch(brink.Bytes(t, 2*n), brink.Bytes(t, n))
		stretchBlend(brink.Bytes(t, 2*n), brink.Bytes(t, n), brink.Bytes(t, n))
		ycbcrRow(brink.Bytes(t, 4*n), brink.Bytes(t, n), brink.Bytes(t, n), brink.Bytes(t, n))
		ycbcr(brink.Bytes(t, n), brink.Bytes(t, n), brink.Bytes(t, n), brink.Bytes(t, 4*n))
		halve(brink.Bytes(t, n), brink.Bytes(t, 2*n))
		quarter(brink.Bytes(t, n), brink.Bytes(t, 2*n), brink.Bytes(t, 2*n))
	}
	var q quantizer
	q.set(&lumaTable, 80)
	q4, q2 := at(t, *reductions[4].factors), at(t, *reductions[2].factors)
	for stride := 16; stride < 40; stride++ {
		idct8(brink.Bytes(t, 7*stride+8), stride, at(t, [64]int16{9}), at(t, [64]int16{9}))
		idct4(brink.Bytes(t, 3*stride+4), stride, at(t, [64]int16{9}), at(t, [64]int16{9}), q4)
		idct2(brink.Bytes(t, stride+2), stride, at(t, [64]int16{9}), at(t, [64]int16{9}), q2)
		p := at(t, pair{})
		forward(p, brink.Bytes(t, 7*stride+16), stride, at(t, q))
		survey(p, at(t, [64]int16{}), at(t, [2]int32{}))
	}
}
