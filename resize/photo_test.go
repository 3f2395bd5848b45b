package resize

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"golang.org/x/image/webp"
)

// planes is a picture as three planes of float64.
type planes struct {
	w, h int
	v    [3][]float64
}

func newPlanes(w, h int) planes {
	p := planes{w: w, h: h}
	for k := range p.v {
		p.v[k] = make([]float64, w*h)
	}
	return p
}

// exactly is a picture's pixels by the standard library's conversions, upright.
func exactly(m image.Image, orientation int) planes {
	b := m.Bounds()
	p := newPlanes(b.Dx(), b.Dy())
	if orientation == 6 {
		p = newPlanes(b.Dy(), b.Dx())
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			at := y*p.w + x
			if orientation == 6 {
				at = x*p.w + p.w - 1 - y
			}
			if c, ok := m.(*image.YCbCr); ok {
				yy := c.YCbCrAt(x, y)
				r, g, bl := color.YCbCrToRGB(yy.Y, yy.Cb, yy.Cr)
				p.v[0][at], p.v[1][at], p.v[2][at] = float64(r), float64(g), float64(bl)
				continue
			}
			c := nrgba(m, x, y)
			p.v[0][at], p.v[1][at], p.v[2][at] = float64(c.R), float64(c.G), float64(c.B)
		}
	}
	return p
}

// reference reduces rows and then columns by Lanczos's kernel of three lobes, stretched to the ratio, in float64 throughout: written
// from the definition, and sharing nothing with what it is to check.
func (p planes) reference(w, h int) planes {
	return p.columns(w).transposed().columns(h).transposed()
}

func (p planes) columns(w int) planes {
	out := newPlanes(w, p.h)
	ratio := float64(p.w) / float64(w)
	for x := range w {
		centre := (float64(x) + 0.5) * ratio
		first, last := max(0, int(centre-3*ratio-1)), min(p.w-1, int(centre+3*ratio+1))
		var taps []float64
		sum := 0.0
		for i := first; i <= last; i++ {
			d := (float64(i) + 0.5 - centre) / ratio
			tap := 0.0
			if d == 0 {
				tap = 1
			} else if math.Abs(d) < 3 {
				tap = 3 * math.Sin(math.Pi*d) * math.Sin(math.Pi*d/3) / (math.Pi * math.Pi * d * d)
			}
			taps = append(taps, tap)
			sum += tap
		}
		for k := range p.v {
			for y := range p.h {
				total := 0.0
				for i, v := range p.v[k][y*p.w+first : y*p.w+last+1] {
					total += v * taps[i]
				}
				out.v[k][y*w+x] = total / sum
			}
		}
	}
	return out
}

func (p planes) transposed() planes {
	out := newPlanes(p.h, p.w)
	for k := range p.v {
		for y := range p.h {
			for x := range p.w {
				out.v[k][x*p.h+y] = p.v[k][y*p.w+x]
			}
		}
	}
	return out
}

func (p planes) rounded() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, p.w, p.h))
	for i := range p.w * p.h {
		m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2], m.Pix[4*i+3] = to255(p.v[0][i]), to255(p.v[1][i]), to255(p.v[2][i]), 255
	}
	return m
}

// TestAgainstReference holds real photos' variants, encoded without loss, to the reference. They differ by what reducing in the DCT
// domain leaves out, by what the cascade costs, by rounding, and by how the reference repeats chroma. Above 45 dB nobody tells two pictures
// apart that are shown in turn.
func TestAgainstReference(t *testing.T) {
	sizes := []int{1280, 960, 640, 320}
	for _, c := range []struct {
		name        string
		orientation int
		want        float64 // dB
	}{
		{"craft-beer-baseline.jpg", 1, 52},
		{"book-beside-flowers-baseline.jpg", 1, 52},
		{"iphone7-12mp-display-p3.jpg", 1, 52},
		{"dji-0029-420.jpg", 1, 52},
		{"dji-0032-422.jpg", 1, 52},
		{"portrait-orientation-6.jpg", 6, 50},
		{"density_plot.png", 1, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := photo(t, c.name)
			r := widths(sizes...)
			for i := range r.Variants {
				r.Variants[i].Formats, r.Variants[i].Color = []string{"png"}, "keep"
			}
			result, err := Process(t.Context(), src, r, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if result.Info.Orientation != c.orientation {
				t.Errorf("the orientation is %d, want %d", result.Info.Orientation, c.orientation)
			}
			whole := exactly(decoded(t, src), c.orientation)
			for _, o := range result.Outputs {
				got := psnr(t, decoded(t, o.Data), whole.reference(o.Width, o.Height).rounded())
				t.Logf("%d×%d: %.1f dB", o.Width, o.Height, got)
				if got < c.want {
					t.Errorf("%d×%d: %.1f dB from the reference, want %.0f", o.Width, o.Height, got, c.want)
				}
			}
		})
	}
}

// TestWebPRange: limited-range samples are stretched, so that a lossy WebP is not washed out.
func TestWebPRange(t *testing.T) {
	src := photo(t, "denali.webp")
	out := processed(t, src, Variant{Formats: []string{"png"}})
	raw, err := webp.Decode(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := raw.(*image.YCbCr)
	if !ok {
		t.Fatalf("decoded as %T", raw)
	}
	want := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			// ITU-R BT.601, limited range; chroma by the triangle, between the middles of four pixels each.
			l := 255.0 / 219 * (float64(m.Y[m.YOffset(x, y)]) - 16)
			cb, cr := 255.0/224*(interpolated(m.Cb, m, x, y)-128), 255.0/224*(interpolated(m.Cr, m, x, y)-128)
			want.SetNRGBA(x, y, color.NRGBA{to255(l + 1.402*cr), to255(l - 0.344136*cb - 0.714136*cr), to255(l + 1.772*cb), 255})
		}
	}
	if got := psnr(t, out, want); got < 50 {
		t.Errorf("%.1f dB from BT.601's equations, want 50", got)
	}
}

// interpolated is the value of a plane of 4:2:0 chroma at a pixel.
func interpolated(plane []byte, m *image.YCbCr, x, y int) float64 {
	w, h := (m.Rect.Dx()+1)/2, (m.Rect.Dy()+1)/2
	at := func(x, y int) float64 { return float64(plane[min(max(y, 0), h-1)*m.CStride+min(max(x, 0), w-1)]) }
	u, v := (float64(x)-0.5)/2, (float64(y)-0.5)/2
	i, j := int(math.Floor(u)), int(math.Floor(v))
	u, v = u-float64(i), v-float64(j)
	return (at(i, j)*(1-u)+at(i+1, j)*u)*(1-v) + (at(i, j+1)*(1-u)+at(i+1, j+1)*u)*v
}

func BenchmarkProcess(b *testing.B) {
	for _, c := range []struct {
		name string
		r    Recipe
	}{{"five", widths(320, 640, 960, 1280, 1920)}, {"one", widths(1200)}} {
		for _, file := range []struct {
			name, size string
			mp         float64
		}{{"craft-beer-baseline.jpg", "24MP", 24}, {"book-beside-flowers-baseline.jpg", "12MP", 12.2}} {
			b.Run(fmt.Sprintf("widths=%s/size=%s", c.name, file.size), func(b *testing.B) {
				src := photo(b, file.name)
				b.SetBytes(int64(len(src)))
				for b.Loop() {
					if _, err := Process(b.Context(), src, c.r, Limits{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(file.mp*float64(b.N)/b.Elapsed().Seconds(), "MP/s")
			})
		}
	}
}

// BenchmarkColours: a photo in Display P3, converted and as it is.
func BenchmarkColours(b *testing.B) {
	src := photo(b, "iphone7-12mp-display-p3.jpg")
	for _, color := range Colors {
		r := widths(320, 640, 960, 1280, 1920)
		for i := range r.Variants {
			r.Variants[i].Color = color
		}
		b.Run("color="+color, func(b *testing.B) {
			for b.Loop() {
				if _, err := Process(b.Context(), src, r, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProbe(b *testing.B) {
	src := photo(b, "craft-beer-baseline.jpg")
	for b.Loop() {
		if _, err := probe(src); err != nil {
			b.Fatal(err)
		}
	}
}
