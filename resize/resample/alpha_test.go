package resample

import (
	"bytes"
	"math"
	"testing"
)

// An opaque red disc on transparent green: no green comes out, and red keeps its level however thin its edge.
func TestAlphaFringe(t *testing.T) {
	const w, h = 64, 64
	src := make([]byte, 4*w*h)
	for i := range w * h {
		x, y := float64(i%w)-31.5, float64(i/w)-31.5
		copy(src[4*i:], []byte{0, 255, 0, 0})
		if x*x+y*y < 400 {
			copy(src[4*i:], []byte{200, 0, 0, 255})
		}
	}
	for _, name := range names {
		for _, size := range [][2]int{{27, 101}, {64, 64}, {31, 31}, {150, 70}} {
			o := Options{SrcW: w, SrcH: h, DstW: size[0], DstH: size[1], Channels: 4, Kernel: kernel(t, name), Alpha: true}
			got := plane(o, src)
			edge := 0
			for i := 0; i < len(got); i += 4 {
				p := got[i:][:4]
				if p[1] != 0 || p[2] != 0 {
					t.Fatalf("%s %v: fringe %v", name, size, p)
				}
				if p[3] == 0 && p[0] != 0 || p[3] >= 4 && (p[0] < 199 || p[0] > 201) {
					t.Fatalf("%s %v: red became %v", name, size, p)
				}
				if p[3] > 0 && p[3] < 255 {
					edge++
				}
			}
			if edge == 0 && size[0] == 27 && name != "nearest" {
				t.Errorf("%s %v: no soft edge", name, size)
			}
		}
	}
}

// An opaque picture comes out the same with and without Alpha, to the rounding of the six bits between.
func TestAlphaOpaque(t *testing.T) {
	src := picture(50*4, 40, 3)
	for i := 3; i < len(src); i += 4 {
		src[i] = 255
	}
	for _, name := range names {
		o := Options{SrcW: 50, SrcH: 40, DstW: 33, DstH: 61, Channels: 4, Kernel: kernel(t, name)}
		plain := plane(o, src)
		o.Alpha = true
		squares, worst, _ := compare(plane(o, src), floats(plain))
		if worst > 1 || squares > float64(len(plain))/50 {
			t.Errorf("%s: off by %g, sum of squares %g of %d", name, worst, squares, len(plain))
		}
	}
}

func TestPremultiply(t *testing.T) {
	for a := range 256 {
		for v := range 256 {
			p := []byte{byte(v), byte(v), byte(v), byte(a), 1, 2, 3} // 1 2 3: no whole pixel
			Premultiply(p)
			if want := byte(math.Round(float64(v) * float64(a) / 255)); p[0] != want || p[1] != want || p[2] != want || p[3] != byte(a) {
				t.Fatalf("%d at %d: %v", v, a, p)
			}
			once := bytes.Clone(p)
			Unpremultiply(p)
			if a > 0 {
				if want := byte(min(math.Floor(float64(once[0])*255/float64(a)+0.5), 255)); p[0] != want {
					t.Fatalf("%d at %d back to %d, not %d", once[0], a, p[0], want)
				}
			}
			Premultiply(p)
			if !bytes.Equal(p, once) || p[4] != 1 || p[6] != 3 {
				t.Fatalf("%d at %d: %v, again %v", v, a, once, p)
			}
		}
	}
}

// Every colour over every alpha comes back as the rounded quotient, and overshoot is cut.
func TestDivideAlpha(t *testing.T) {
	for alpha := -200; alpha < 20000; alpha += 7 {
		for colour := -200; colour < 20000; colour += 61 {
			var got [4]byte
			divideAlpha(got[:], []int16{int16(colour), int16(colour), int16(colour), int16(alpha)})
			a := math.Floor(float64(alpha)/64 + 0.5)
			if want := min(max(a, 0), 255); float64(got[3]) != want {
				t.Fatalf("alpha %d: %d, not %g", alpha, got[3], want)
			}
			want := 0.0
			if got[3] > 0 {
				want = min(max(math.Floor((2*float64(colour)*255+float64(alpha))/(2*float64(alpha))), 0), 255)
			}
			if float64(got[0]) != want || got[1] != got[0] || got[2] != got[0] {
				t.Fatalf("%d over alpha %d: %v, not %g", colour, alpha, got, want)
			}
		}
	}
}
