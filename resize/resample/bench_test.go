package resample

import (
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/disintegration/imaging"
)

var benchSizes = []struct{ srcW, srcH, dstW, dstH int }{
	{6000, 4000, 1920, 1280},
	{3000, 2000, 1920, 1280},
	{1920, 1280, 1280, 853},
	{4000, 2667, 320, 213},
	{1280, 853, 1920, 1280},
}

func megapixels(b *testing.B, pixels int) {
	b.ReportMetric(float64(pixels)*float64(b.N)/1e6/b.Elapsed().Seconds(), "MP/s")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/op")
}

func BenchmarkScale(b *testing.B) {
	for _, s := range benchSizes {
		for _, ch := range []int{1, 4} {
			b.Run(fmt.Sprintf("from=%dx%d/to=%d/ch=%d", s.srcW, s.srcH, s.dstW, ch), func(b *testing.B) {
				src := make([]byte, s.srcW*s.srcH*ch)
				for i := range src {
					src[i] = byte(i*i>>7 + i)
				}
				dst := make([]byte, s.dstW*s.dstH*ch)
				k := kernel(b, "lanczos3")
				for b.Loop() {
					Plane(dst, s.dstW*ch, s.dstW, s.dstH, src, s.srcW*ch, s.srcW, s.srcH, ch, k)
				}
				megapixels(b, s.srcW*s.srcH)
			})
		}
	}
}

func BenchmarkAlpha(b *testing.B) {
	src := picture(3000*4, 2000, 1)
	dst := make([]byte, 1920*4)
	s := New(Options{SrcW: 3000, SrcH: 2000, DstW: 1920, DstH: 1280, Channels: 4, Kernel: kernel(b, "lanczos3"), Alpha: true})
	defer s.Close()
	for b.Loop() {
		s.Reset()
		for y := range 2000 {
			s.Write(src[y*12000:])
			for s.Next(dst) {
			}
		}
	}
	megapixels(b, 3000*2000)
}

func BenchmarkImaging(b *testing.B) {
	for _, s := range benchSizes {
		b.Run(fmt.Sprintf("from=%dx%d/to=%d", s.srcW, s.srcH, s.dstW), func(b *testing.B) {
			src := image.NewNRGBA(image.Rect(0, 0, s.srcW, s.srcH))
			for i := range src.Pix {
				src.Pix[i] = byte(i*i>>7+i) | byte(i&3/3*255)
			}
			for b.Loop() {
				imaging.Resize(src, s.dstW, s.dstH, imaging.Lanczos)
			}
			megapixels(b, s.srcW*s.srcH)
		})
	}
}

// BenchmarkPasses gives the cost of both orders of the passes, by the kernels alone. Vertical first is what a scaler
// does; for horizontal first the rows are taken to be widened already, and the vertical kernel to read bytes, which
// is to its favour.
func BenchmarkPasses(b *testing.B) {
	for _, s := range benchSizes {
		down := newAxis(geometry{s.srcH, s.dstH, 0, float64(s.srcH)}, kernel(b, "lanczos3"))
		across := newTable(newAxis(geometry{s.srcW, s.dstW, 0, float64(s.srcW)}, kernel(b, "lanczos3")), chunkPlanar)
		slots := roundUp(down.span, 2)
		stride := roundUp(s.srcW, rowUnit) | rowUnit
		ring, weights := make([]byte, slots*stride), make([]int16, slots)
		wide, out := make([]int16, stride+across.taps), make([]byte, len(across.begin))
		run := func(order string, verticalWidth, horizontalRows int) {
			b.Run(fmt.Sprintf("from=%dx%d/to=%d/first=%s", s.srcW, s.srcH, s.dstW, order), func(b *testing.B) {
				for b.Loop() {
					for range s.dstH {
						vertical(wide[:roundUp(verticalWidth, rowUnit)], ring, stride, weights)
					}
					for range horizontalRows {
						horizontal(out, wide, across)
					}
				}
				megapixels(b, s.srcW*s.srcH)
			})
		}
		if s.dstW <= s.srcW {
			run("vertical", s.srcW, s.dstH)
			run("horizontal", s.dstW, s.srcH)
		}
	}
}

// BenchmarkNew is what a geometry costs the first time, and later when its weights are known.
func BenchmarkNew(b *testing.B) {
	for _, s := range benchSizes {
		for _, known := range []bool{false, true} {
			b.Run(fmt.Sprintf("from=%dx%d/to=%d/known=%v", s.srcW, s.srcH, s.dstW, known), func(b *testing.B) {
				k := kernel(b, "lanczos3")
				if !known {
					k.name = ""
				}
				b.ReportAllocs()
				for b.Loop() {
					New(Options{SrcW: s.srcW, SrcH: s.srcH, DstW: s.dstW, DstH: s.dstH, Channels: 1, Kernel: k}).Close()
				}
			})
		}
	}
}
