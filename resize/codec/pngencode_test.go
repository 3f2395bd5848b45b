package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"
)

// paintings are pictures of every kind that a PNG can hold.
func paintings() map[string]image.Image {
	const w, h = 67, 41
	rng := rand.New(rand.NewPCG(1, 2))
	paint := func(f func(x, y int) color.NRGBA) *image.NRGBA {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.SetNRGBA(x, y, f(x, y))
			}
		}
		return m
	}
	gray := func(levels int) *image.Gray {
		m := image.NewGray(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = byte(rng.IntN(levels) * 255 / max(levels-1, 1))
		}
		return m
	}
	all := map[string]image.Image{
		"photo":       paint(func(x, y int) color.NRGBA { return color.NRGBA{uint8(3 * x), uint8(5 * y), uint8(x * y), 255} }),
		"translucent": paint(func(x, y int) color.NRGBA { return color.NRGBA{uint8(3 * x), 200, uint8(x * y), uint8(6 * y)} }),
		"grey pixels": paint(func(x, y int) color.NRGBA { v := uint8(3*x + y); return color.NRGBA{v, v, v, 255} }),
		"clear":       paint(func(x, y int) color.NRGBA { return color.NRGBA{} }),
		"grey 256":    gray(256), "grey 16": gray(16), "grey 2": gray(2), "grey 1": gray(1),
	}
	for _, n := range []int{1, 2, 3, 4, 5, 16, 17, 255, 256, 257} {
		all[fmt.Sprintf("%d colours", n)] = paint(func(x, y int) color.NRGBA {
			i := (x + w*y) * 31 % n
			return color.NRGBA{uint8(i), uint8(i >> 8 * 99), uint8(255 - i), uint8(255 - 40*(i%3))}
		})
	}
	return all
}

// TestPNGKinds: whatever kind of PNG is chosen, at every effort, no pixel changes, and no effort takes more bytes than a smaller one.
func TestPNGKinds(t *testing.T) {
	for name, m := range paintings() {
		size := math.MaxInt
		for _, effort := range []Effort{Fast, Balanced, Small} {
			data, err := encodePNG([]byte("before"), m, Settings{Effort: effort})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(data, []byte("before\x89PNG")) {
				t.Fatalf("%s: what was there is gone", name)
			}
			data = data[6:]
			back, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s, effort %d: %v", name, effort, err)
			}
			for y := range m.Bounds().Dy() {
				for x := range m.Bounds().Dx() {
					if got, want := color.NRGBAModel.Convert(back.At(x, y)), color.NRGBAModel.Convert(m.At(x, y)); got != want && want.(color.NRGBA).A > 0 {
						t.Fatalf("%s, effort %d: %v at %d,%d, want %v", name, effort, got, x, y, want)
					}
				}
			}
			if len(data) > size {
				t.Errorf("%s: effort %d takes %d bytes, a smaller one %d", name, effort, len(data), size)
			}
			size = len(data)
		}
	}
}

// TestPNGIsNoLargerThanItHasToBe: its header tells the kind.
func TestPNGIsNoLargerThanItHasToBe(t *testing.T) {
	all := paintings()
	for name, want := range map[string][2]byte{ // depth and colour type
		"photo": {8, pngRGB}, "translucent": {8, pngRGBAlpha}, "grey pixels": {8, pngGray}, "grey 256": {8, pngGray}, "grey 16": {4, pngPalette},
		"grey 2": {1, pngPalette}, "1 colours": {1, pngPalette}, "3 colours": {2, pngPalette}, "16 colours": {4, pngPalette},
		"17 colours": {8, pngPalette}, "256 colours": {8, pngPalette}, "257 colours": {8, pngRGBAlpha}, "clear": {1, pngPalette},
	} {
		for _, effort := range []Effort{Fast, Small} {
			data, err := encodePNG(nil, all[name], Settings{Effort: effort})
			if err != nil {
				t.Fatal(err)
			}
			if got := [2]byte{data[24], data[25]}; got != want {
				t.Errorf("%s, effort %d: depth and colour type are %d, want %d", name, effort, got, want)
			}
		}
	}
}

// TestPNGFilters: what each strategy writes is what image/png takes back.
func TestPNGFilters(t *testing.T) {
	for name, m := range paintings() {
		m = pngKind(m, Settings{})
		for filter := range pngStrategies {
			back, err := png.Decode(bytes.NewReader(filteredPNG(m, filter)))
			if err != nil {
				t.Fatalf("%s, filter %d: %v", name, filter, err)
			}
			for y := range m.Bounds().Dy() {
				for x := range m.Bounds().Dx() {
					if got, want := color.NRGBAModel.Convert(back.At(x, y)), color.NRGBAModel.Convert(m.At(x, y)); got != want {
						t.Fatalf("%s, filter %d: %v at %d,%d, want %v", name, filter, got, x, y, want)
					}
				}
			}
		}
	}
}

// TestPNGFilterBytes: what each filter makes of a row gives the row back, by the formulas of section 9.2.
func TestPNGFilterBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, step := range []int{1, 3, 4} {
		row, above := make([]byte, 60), make([]byte, 60)
		for i := range row {
			row[i], above[i] = byte(rng.IntN(256)), byte(rng.IntN(256))
		}
		f := newPNGFilter(leastSum, rowsOfPNG{bytes: len(row), step: step})
		f.all(row, above)
		for filter, line := range f.lines {
			if line[0] != byte(filter) {
				t.Errorf("filter %d says it is %d", filter, line[0])
			}
			for i, x := range line[1:] {
				left, corner := 0, 0
				if i >= step {
					left, corner = int(row[i-step]), int(above[i-step])
				}
				up := int(above[i])
				away := func(v int) float64 { return math.Abs(float64(left + up - corner - v)) }
				paeth := left
				if away(up) < away(paeth) {
					paeth = up
				}
				if away(corner) < away(paeth) {
					paeth = corner
				}
				if got := x + byte([]int{0, left, up, (left + up) / 2, paeth}[filter]); got != row[i] {
					t.Fatalf("filter %d, byte %d of %d: %d, want %d", filter, i, step, got, row[i])
				}
			}
		}
	}
}

// TestPNGColors: a palette as large as was asked, which keeps half transparency, and looks like the picture.
func TestPNGColors(t *testing.T) {
	for _, name := range []string{"photo", "translucent", "grey 256"} {
		m := paintings()[name]
		last := 0.0
		for _, colours := range []int{2, 16, 64, 256} {
			if name == "grey 256" && colours == 256 {
				continue
			}
			data, err := encodePNG(nil, m, Settings{Colors: colours})
			if err != nil {
				t.Fatal(err)
			}
			back, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			p, ok := back.(*image.Paletted)
			if !ok || len(p.Palette) > colours {
				t.Fatalf("%s, %d colours: a %T", name, colours, back)
			}
			sum, n := 0.0, 0
			for y := range m.Bounds().Dy() {
				for x := range m.Bounds().Dx() {
					a, b := [4]uint32{}, [4]uint32{}
					a[0], a[1], a[2], a[3] = m.At(x, y).RGBA()
					b[0], b[1], b[2], b[3] = back.At(x, y).RGBA()
					for k := range a {
						d := (float64(a[k]) - float64(b[k])) / 257
						sum, n = sum+d*d, n+1
					}
				}
			}
			psnr := 10 * math.Log10(255*255*float64(n)/sum)
			if psnr < last || colours >= 64 && psnr < 22 {
				t.Errorf("%s, %d colours: %.1f dB, with fewer %.1f", name, colours, psnr, last)
			}
			last = psnr
		}
	}
}
