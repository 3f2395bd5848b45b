//go:build !purego

package resample

import (
	"fmt"
	"testing"
)

// The assembly gives the bytes that the generic functions give, and writes no byte beside them.
func TestAssemblyIsGeneric(t *testing.T) {
	if !fast {
		t.Skip("this machine has no AVX2")
	}
	defer func() { fast = true }()
	for _, k := range kernels {
		for _, s := range [][4]int{{100, 80, 64, 40}, {101, 83, 47, 39}, {64, 64, 65, 67}, {15, 9, 16, 16}, {3, 3, 40, 40}, {4000, 20, 31, 7}, {700, 300, 17, 1},
			{1, 1, 33, 2}, {48, 1, 47, 1}, {333, 222, 332, 221}} {
			t.Run(fmt.Sprint(k.Name, s), func(t *testing.T) {
				src := picture(s[0], s[1])
				for i := range src.Pix { // the hardest edges there are
					if i/7%3 == 0 {
						src.Pix[i] = byte(i%2) * 255
					}
				}
				canary := func() Plane {
					p := Plane{Pix: make([]byte, (s[2]+19)*s[3]), Stride: s[2] + 19, Width: s[2], Height: s[3]}
					for i := range p.Pix {
						p.Pix[i] = 0xdd
					}
					return p
				}
				want, got := canary(), canary()
				fast = false
				Scale(want, src, src.Whole(), k)
				fast = true
				Scale(got, src, src.Whole(), k)
				for i := range want.Pix {
					if want.Pix[i] != got.Pix[i] {
						t.Fatalf("byte %d (column %d, row %d) is %d, want %d", i, i%want.Stride, i/want.Stride, got.Pix[i], want.Pix[i])
					}
				}
			})
		}
	}
}
