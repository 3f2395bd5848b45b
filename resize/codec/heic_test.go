package codec

import (
	"image"
	"image/color"
	"testing"
)

// TestRematrix: what BT.709's and BT.2020's equations make of colours is, rematrixed, what JFIF's make of them.
func TestRematrix(t *testing.T) {
	for matrix, k := range map[int][2]float64{matrix709: {0.2126, 0.0722}, matrix2020: {0.2627, 0.0593}, 6: {0.299, 0.114}, matrixUnspecified: {0.299, 0.114}} {
		for _, c := range []color.RGBA{{200, 100, 50, 255}, {10, 220, 90, 255}, {60, 60, 250, 255}, {128, 128, 128, 255}, {255, 255, 255, 255}, {0, 0, 0, 255}} {
			r, g, b := float64(c.R), float64(c.G), float64(c.B)
			luma := k[0]*r + (1-k[0]-k[1])*g + k[1]*b
			m := image.NewYCbCr(image.Rect(0, 0, 3, 3), image.YCbCrSubsampleRatio420)
			for i := range m.Y {
				m.Y[i] = byte(luma + 0.5)
			}
			for i := range m.Cb {
				m.Cb[i] = byte(min((b-luma)/(2*(1-k[1]))+128.5, 255))
				m.Cr[i] = byte(min((r-luma)/(2*(1-k[0]))+128.5, 255))
			}
			rematrix(m, matrix)
			for at := range 9 {
				got := color.RGBAModel.Convert(m.At(at%3, at/3)).(color.RGBA)
				for _, d := range []int{int(got.R) - int(c.R), int(got.G) - int(c.G), int(got.B) - int(c.B)} {
					if d < -3 || d > 3 {
						t.Fatalf("matrix %d: %v became %v", matrix, c, got)
					}
				}
			}
		}
	}
}

// TestSPSColour reads what x265 wrote: a sequence parameter set with its VUI, and the same cut.
func TestSPSColour(t *testing.T) {
	// Main profile, 64×64, 8 bits, 4:2:0; VUI: full range, primaries 1, transfer 13, matrix 6. Written bit by bit, after section 7.3.2.2.
	var w bitWriter
	w.put(0x4201, 16)
	w.put(0, 4)
	w.put(0, 3)
	w.put(1, 1)
	w.put(0, 44)
	w.put(0, 44)
	w.put(93, 8)
	for _, v := range []uint32{0, 1, 64, 64} {
		w.exp(v)
	}
	w.put(0, 1) // no conformance window
	w.exp(0)
	w.exp(0)
	w.exp(4)
	w.put(1, 1)
	for _, v := range []uint32{0, 0, 0, 0, 3, 0, 3, 0, 0} {
		w.exp(v)
	}
	w.put(0, 1+2+1) // scaling lists, AMP and SAO, PCM
	w.exp(1)        // one set of reference pictures
	w.exp(0)
	w.exp(0)
	w.put(0, 1+2)
	w.put(1, 1) // VUI
	w.put(0, 2)
	w.put(1, 1)
	w.put(5, 3)
	w.put(1, 1)
	w.put(1, 1)
	w.put(1<<16|13<<8|6, 24)
	w.put(0x80, 8)
	got, ok := spsColour(w.out)
	if want := (videoColour{primaries: 1, transfer: 13, matrix: 6, full: true}); !ok || got != want {
		t.Errorf("got %+v, %t, want %+v", got, ok, want)
	}
	for n := range len(w.out) - 4 {
		if _, ok := spsColour(w.out[:n]); ok {
			t.Errorf("what is cut after %d bytes is believed", n)
		}
	}
}

type bitWriter struct {
	out []byte
	n   int
}

func (w *bitWriter) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) exp(v uint32) {
	n := 0
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.put(0, n)
	w.put(uint64(v+1), n+1)
}
