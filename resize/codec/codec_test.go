package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	engine "pixmill/resize/jpeg"
	pngengine "pixmill/resize/png"
)

func testImage(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCountScans(t *testing.T) {
	for _, c := range []struct {
		name string
		src  []byte
		want int
	}{
		{"baseline", testImage(t, "scene.jpg"), 1},
		{"restart markers are no scans", testImage(t, "restart-markers.jpg"), 1},
		{"progressive", testImage(t, "progressive.jpg"), 10},
		{"many", testImage(t, "many-scans.jpg"), 1000},
		{"a thumbnail in EXIF does not count", []byte("\xff\xd8\xff\xe1\x00\x08\xff\xda\xff\xda\xff\xda\xff\xda\x00\x02..."), 1},
		{"fill bytes", []byte("\xff\xd8\xff\xff\xff\xda\x00\x02.\xff\xff\xda\x00\x02..\xff\xd9\xff\xda\x00\x02"), 2},
		{"cut", []byte("\xff\xd8\xff\xda"), 1},
		{"nothing", nil, 0},
	} {
		if got := countScans(&Source{Data: c.src}, Info{}); got != c.want {
			t.Errorf("%s: %d scans, want %d", c.name, got, c.want)
		}
	}
}

// heap is rows that are looked at and forgotten.
type heap struct {
	layers []Layer
	rows   []int
}

func (h *heap) Begin(layers []Layer) error {
	h.layers, h.rows = layers, make([]int, len(layers))
	return nil
}

func (h *heap) Add(i int, pix []byte, stride, rows int) {
	if rows > 0 {
		_ = pix[(rows-1)*stride+h.layers[i].Width*h.layers[i].Channels-1]
	}
	h.rows[i] += rows
}

// TestDecode: every image gives layers of the size that Probe found, divided where that was asked for, and all their rows.
func TestDecode(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "images", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		src := testImage(t, filepath.Base(file))
		c := Find(Sniff(src))
		if c == nil {
			continue
		}
		info, err := c.Probe(NewHeader(bytes.NewReader(src), int64(len(src))))
		if err != nil || info.Width*info.Height > 5e6 {
			continue
		}
		w, h := info.Stored()
		for _, by := range []int{1, 2, 3, 8} {
			want, scale := Want{Least: image.Pt(w/by, h/by), Planes: by%2 > 0}, 1
			if c.Scale != nil {
				scale = c.Scale(info, want)
			}
			var got heap
			if err := c.Decode(&Source{Data: src}, info, want, &got); err != nil {
				continue
			}
			seen++
			for i, l := range got.layers {
				if got.rows[i] != l.Height {
					t.Errorf("%s: %d rows of %d", filepath.Base(file), got.rows[i], l.Height)
				}
				if l.Width != int(math.Ceil(float64(w)/l.PitchX)) || l.Height != int(math.Ceil(float64(h)/l.PitchY)) {
					t.Errorf("%s: a layer of %+v, the picture is %d×%d", filepath.Base(file), l, w, h)
				}
				if i == 0 && (l.PitchX != float64(scale) || l.Width < want.Least.X || l.Height < want.Least.Y) {
					t.Errorf("%s: a layer of %+v, scale is %d", filepath.Base(file), l, scale)
				}
			}
			if (len(got.layers) == 1 && got.layers[0].Channels == 1) != (info.Gray && !info.Alpha) && c.Name != "webp" && c.Name != "tiff" {
				t.Errorf("%s: grey is %t, its layers are %+v", filepath.Base(file), info.Gray, got.layers)
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d images could be decoded", seen)
	}
}

// TestJPEGBytes: what is reckoned from the header alone is not less than what the decoder says of itself.
func TestJPEGBytes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "images", "*.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src := testImage(t, filepath.Base(file))
		info, err := probeJPEG(NewHeader(bytes.NewReader(src), int64(len(src))))
		if err != nil {
			continue
		}
		for _, scale := range []int{1, 2, 4, 8} {
			d, err := engine.NewDecoder(src, engine.Options{Scale: scale, Lowpass: true})
			if err != nil {
				continue
			}
			if got, says := info.DecodePeak[bits.Len(uint(scale))-1], d.Memory(); got < says || got > 4*says+1<<20 {
				t.Errorf("%s at 1/%d: %d bytes, the decoder says %d", filepath.Base(file), scale, got, says)
			}
		}
	}
}

// TestPNGBytes: the same for PNG.
func TestPNGBytes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "images", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src := testImage(t, filepath.Base(file))
		info, err := probePNG(NewHeader(bytes.NewReader(src), int64(len(src))))
		if err != nil {
			continue
		}
		d, err := pngengine.NewDecoder(src, pngengine.Options{})
		if err != nil {
			continue
		}
		if got, says := info.DecodePeak[0], d.Memory(); got < says || got > 4*says+1<<20 {
			t.Errorf("%s: %d bytes, the decoder says %d", filepath.Base(file), got, says)
		}
		d.Release()
	}
}

func TestJPEGScale(t *testing.T) {
	for _, c := range []struct{ w, h, leastW, leastH, planes, pixels int }{
		{6000, 4000, 6000, 4000, 1, 1}, {6000, 4000, 3000, 2000, 1, 1}, {6000, 4000, 2001, 1334, 1, 1}, {6000, 4000, 2000, 1333, 2, 1},
		{6000, 4000, 1500, 1000, 2, 2}, {6000, 4000, 1001, 667, 2, 2}, {6000, 4000, 1000, 666, 4, 2}, {6000, 4000, 500, 333, 8, 4},
		{6000, 4000, 1, 1, 8, 8}, {6000, 4000, 100, 2000, 1, 1}, {6000, 4000, 9000, 6000, 1, 1}, {1, 1, 1, 1, 1, 1},
	} {
		info, least := Info{Width: c.w, Height: c.h}, image.Pt(c.leastW, c.leastH)
		if planes, pixels := jpegScale(info, Want{Least: least, Planes: true}), jpegScale(info, Want{Least: least}); planes != c.planes || pixels != c.pixels {
			t.Errorf("%d×%d to %v at 1/%d and 1/%d, want 1/%d and 1/%d", c.w, c.h, least, planes, pixels, c.planes, c.pixels)
		}
	}
}

func TestRounding16To8(t *testing.T) {
	for v := range 1 << 16 {
		want := byte(math.Round(float64(v) / 257))
		if got := to8(byte(v>>8), byte(v)); got != want {
			t.Fatalf("%d becomes %d, want %d", v, got, want)
		}
	}
}

// pixels collects rows of RGBA or grey.
type pixels struct {
	heap
	pix []byte
}

func (p *pixels) Add(i int, pix []byte, stride, rows int) {
	p.heap.Add(i, pix, stride, rows)
	p.pix = append(p.pix, pix[:rows*stride]...)
}

// TestConvert holds every conversion to the standard library's, within its rounding, odd sizes and all subsamplings.
func TestConvert(t *testing.T) {
	const w, h = 37, 23
	r := image.Rect(0, 0, w, h)
	random := make([]byte, 1<<14)
	source := rand.New(rand.NewPCG(3, 4))
	for i := range random {
		random[i] = byte(source.Uint32())
	}
	fill := func(planes ...[]byte) {
		rng := random
		for i, p := range planes {
			copy(p, rng[i*1000:])
			for n := len(rng) - i*1000; n < len(p); n += len(rng) {
				copy(p[n:], rng)
			}
		}
	}
	images := map[string]image.Image{}
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		a := image.NewNYCbCrA(r, ratio)
		fill(a.Y, a.Cb, a.Cr, a.A)
		for i := range a.Cb { // upsampling is TestUpsampled's
			a.Cb[i], a.Cr[i] = a.Cb[0], a.Cr[0]
		}
		images["A"+ratio.String()] = a
		images[ratio.String()] = &a.YCbCr
	}
	gray, gray16, cmyk, rgba, rgba64 := image.NewGray(r), image.NewGray16(r), image.NewCMYK(r), image.NewRGBA(r), image.NewRGBA64(r)
	nrgba, nrgba64 := image.NewNRGBA(r), image.NewNRGBA64(r)
	fill(gray.Pix, gray16.Pix, cmyk.Pix, nrgba.Pix, nrgba64.Pix)
	for y := range h {
		for x := range w {
			rgba.Set(x, y, nrgba.At(x, y))
			rgba64.Set(x, y, nrgba64.At(x, y))
		}
	}
	for i, m := range []image.Image{gray, gray16, cmyk, rgba, rgba64, nrgba, nrgba64} {
		images[fmt.Sprintf("%d %T", i, m)] = m
	}
	for name, m := range images {
		t.Run(name, func(t *testing.T) {
			var got pixels
			if err := give(m, Info{Format: "png", Width: w, Height: h, Orientation: 1}, Want{}, &Source{}, &got); err != nil {
				t.Fatal(err)
			}
			channels := got.layers[0].Channels
			for y := range h {
				for x := range w {
					want := nrgbaOf(m.At(x, y))
					p := got.pix[channels*(y*w+x):][:channels]
					c := color.NRGBA{p[0], p[0], p[0], 255}
					if channels == 4 {
						c = color.NRGBA{p[0], p[1], p[2], p[3]}
					}
					if want.A < 8 { // hardly any colour is left to compare
						want, c = color.NRGBA{A: want.A}, color.NRGBA{A: c.A}
					}
					for k, v := range []uint8{c.R, c.G, c.B, c.A} {
						if d := int(v) - int([]uint8{want.R, want.G, want.B, want.A}[k]); d < -1 || d > 1 {
							t.Fatalf("at %d,%d: %v, want %v", x, y, c, want)
						}
					}
				}
			}
		})
	}
}

// nrgbaOf is c as 8 bits, rounded, where color.NRGBAModel cuts off.
func nrgbaOf(c color.Color) color.NRGBA {
	if n, ok := c.(color.NRGBA64); ok {
		round := func(v uint16) uint8 { return uint8(math.Round(float64(v) / 257)) }
		return color.NRGBA{round(n.R), round(n.G), round(n.B), round(n.A)}
	}
	r, g, b, a := c.RGBA()
	if a == 0 {
		return color.NRGBA{}
	}
	part := func(v uint32) uint8 { return uint8(math.Round(min(float64(v)/float64(a), 1) * 255)) }
	return color.NRGBA{part(r), part(g), part(b), uint8(math.Round(float64(a) / 257))}
}

// TestUpsampled holds interpolated chroma to the triangle in float64, at odd sizes and all subsamplings. With luma all 0 and one of Cb and Cr
// at 128, blue and red show the other.
func TestUpsampled(t *testing.T) {
	const w, h = 37, 23
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		m := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
		rng := rand.New(rand.NewPCG(7, 8))
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = byte(128+rng.IntN(100)), 128
		}
		sh, sv := halvings(ratio)
		cw, ch := (w+1<<sh-1)>>sh, (h+1<<sv-1)>>sv
		at := func(x, y int) float64 { return float64(m.Cb[min(max(y, 0), ch-1)*m.CStride+min(max(x, 0), cw-1)]) }
		row, d := upsampled(m), make([]byte, 4*w)
		for y := range h {
			row(d, y)
			for x := range w {
				u, v := (float64(x)+0.5)/float64(int(1)<<sh)-0.5, (float64(y)+0.5)/float64(int(1)<<sv)-0.5
				i, j := int(math.Floor(u)), int(math.Floor(v))
				u, v = u-float64(i), v-float64(j)
				cb := (at(i, j)*(1-u)+at(i+1, j)*u)*(1-v) + (at(i, j+1)*(1-u)+at(i+1, j+1)*u)*v
				if got, want := float64(d[4*x+2]), 1.772*(cb-128); math.Abs(got-want) > 1.5 {
					t.Fatalf("%v at %d,%d: %.0f, want %.1f", ratio, x, y, got, want)
				}
			}
		}
	}
}

func TestPaletteOutOfRange(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White})
	m.Pix[9] = 2
	err := give(m, Info{Format: "png", Width: 4, Height: 4, Orientation: 1}, Want{}, &Source{}, new(heap))
	if format := new(*FormatError); !errors.As(err, format) {
		t.Errorf("the error is %v, want a *FormatError", err)
	}
}

func TestFault(t *testing.T) {
	for _, c := range []struct {
		err   error
		ended bool
		want  string
	}{
		{jpeg.FormatError("bad Huffman code"), false, "damaged png: bad Huffman code"},
		{jpeg.FormatError("bad Huffman code"), true, "incomplete png: the file ends before the image does"},
		{jpeg.UnsupportedError("luma/chroma subsampling ratio"), true, "this kind of PNG (luma/chroma subsampling ratio) is not supported yet: convert it to JPEG or PNG"},
		{tiff.FormatError("bad IFD"), false, "damaged png: bad IFD"},
		{bmp.ErrUnsupported, false, "this kind of PNG (its compression, depth or header) is not supported yet: convert it to JPEG or PNG"},
		{errors.New("gif: reading frames: odd thing"), false, "damaged png: reading frames: odd thing"},
		{&FormatError{Format: "gif", Reason: "ours"}, true, "damaged gif: ours"},
	} {
		if got := Fault("png", c.err, c.ended).Error(); got != c.want {
			t.Errorf("%v becomes %q, want %q", c.err, got, c.want)
		}
	}
}

func TestQuantize(t *testing.T) {
	t.Run("as many colours as there are", func(t *testing.T) {
		m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
		for i := range 256 {
			m.SetNRGBA(i%16, i/16, color.NRGBA{uint8(i / 32 * 32), uint8(i % 8 * 32), uint8(i / 8 % 4 * 64), 255})
		}
		p := quantize(m, 256, false)
		if len(p.Palette) != 256 {
			t.Errorf("%d colours, want 256", len(p.Palette))
		}
		for i := range 256 {
			if got, want := color.NRGBAModel.Convert(p.At(i%16, i/16)), m.At(i%16, i/16); got != want {
				t.Fatalf("pixel %d is %v, want %v", i, got, want)
			}
		}
	})
	t.Run("transparency takes one", func(t *testing.T) {
		m := image.NewNRGBA(image.Rect(0, 0, 100, 100))
		rng := rand.New(rand.NewPCG(5, 6))
		for i := range m.Pix {
			m.Pix[i] = byte(rng.Uint32())
		}
		p := quantize(m, 256, false)
		if len(p.Palette) != 256 {
			t.Fatalf("%d colours, want 256", len(p.Palette))
		}
		for y := range 100 {
			for x := range 100 {
				if opaque := m.NRGBAAt(x, y).A >= 128; opaque != (p.ColorIndexAt(x, y) != 255) {
					t.Fatalf("pixel %d,%d of alpha %d has colour %d", x, y, m.NRGBAAt(x, y).A, p.ColorIndexAt(x, y))
				}
			}
		}
	})
	t.Run("greys", func(t *testing.T) {
		m := image.NewGray(image.Rect(0, 0, 256, 1))
		for i := range m.Pix {
			m.Pix[i] = uint8(i)
		}
		b, err := encodeGIF(nil, m, Settings{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := gif.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for x := range 256 {
			if got := color.GrayModel.Convert(back.At(x, 0)).(color.Gray).Y; got != uint8(x) {
				t.Errorf("grey %d became %d", x, got)
			}
		}
	})
}

// TestDither: what black and white can't show is shown by their shares, in every part of the picture.
func TestDither(t *testing.T) {
	for _, grey := range []uint8{20, 100, 128, 230} {
		m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for i := range m.Pix {
			m.Pix[i] = grey
			if i%4 == 3 {
				m.Pix[i] = 255
			}
		}
		out := image.NewPaletted(m.Rect, nil)
		d := ditherer{palette: []rgba{{0, 0, 0, 255}, {255, 255, 255, 255}}}
		d.run(out, m)
		for tile := range 16 {
			lit := 0
			for i := range 256 {
				lit += int(out.ColorIndexAt(tile%4*16+i%16, tile/4*16+i/16))
			}
			if got, want := float64(lit)/256, float64(grey)/255; math.Abs(got-want) > 0.04 {
				t.Errorf("grey %d, tile %d: %.3f of it are white, want %.3f", grey, tile, got, want)
			}
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m := image.NewNRGBA(image.Rect(0, 0, 1000, 1000))
	photo, err := jpeg.Decode(bytes.NewReader(testImage(b, "scene.jpg")))
	if err != nil {
		b.Fatal(err)
	}
	for y := range 1000 {
		for x := range 1000 {
			m.Set(x, y, photo.At(x, y))
		}
	}
	for _, name := range Written() {
		for effort, word := range []string{"fast", "balanced", "small"} {
			b.Run("format="+name+"/effort="+word, func(b *testing.B) {
				var data []byte
				b.SetBytes(int64(len(m.Pix)))
				for b.Loop() {
					var err error
					if data, err = Find(name).Encode(data[:0], m, Settings{Quality: 80, Effort: Effort(effort)}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "MP/s")
				b.ReportMetric(float64(len(data)), "bytes")
			})
		}
	}
}

// unheeded takes rows to nowhere.
type unheeded struct{}

func (unheeded) Begin([]Layer) error       { return nil }
func (unheeded) Add(int, []byte, int, int) {}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"scene.jpg", "rgb.png", "still.gif", "lossy.webp", "lossless.webp", "lossy.avif", "alpha.avif", "rgb.tiff"} {
		benchmarkDecode(b, name, testImage(b, name))
	}
	for _, name := range []string{"8bit-sRGB.avif", "iphone7-display-p3.heic", "denali.webp"} {
		if data, err := os.ReadFile("../../../shared/photos/" + name); err == nil {
			benchmarkDecode(b, name, data)
		}
	}
}

func benchmarkDecode(b *testing.B, name string, data []byte) {
	b.Run("file="+name, func(b *testing.B) {
		c := Find(Sniff(data))
		info, err := c.Probe(NewHeader(bytes.NewReader(data), int64(len(data))))
		if err != nil {
			b.Fatal(err)
		}
		w, h := info.Stored()
		b.SetBytes(int64(4 * w * h))
		for b.Loop() {
			if err := c.Decode(&Source{Data: data}, info, Want{Least: image.Pt(w, h), Planes: true}, unheeded{}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*float64(w)*float64(h)/1e6/b.Elapsed().Seconds(), "MP/s")
	})
}
