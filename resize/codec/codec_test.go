package codec

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
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
		if got := countScans(c.src); got != c.want {
			t.Errorf("%s: %d scans, want %d", c.name, got, c.want)
		}
	}
}

// TestDecodeMemory: what a decoder returns is not larger than Probe said it keeps.
func TestDecodeMemory(t *testing.T) {
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
		img, err := c.Decode(&Source{Data: src}, info, image.Pt(info.Stored()))
		if err != nil {
			continue
		}
		seen++
		if got := size(t, img); got > info.DecodeHeld {
			t.Errorf("%s: %T of %d bytes, Probe said %d", filepath.Base(file), img, got, info.DecodeHeld)
		}
		if w, h := info.Stored(); img.Bounds() != image.Rect(0, 0, w, h) {
			t.Errorf("%s: Probe says %d×%d, Decode %v", filepath.Base(file), w, h, img.Bounds())
		}
	}
	if seen < 40 {
		t.Errorf("only %d images could be decoded", seen)
	}
}

func size(t *testing.T, img image.Image) int64 {
	switch m := img.(type) {
	case *image.YCbCr:
		return int64(cap(m.Y) + cap(m.Cb) + cap(m.Cr))
	case *image.NYCbCrA:
		return int64(cap(m.Y) + cap(m.Cb) + cap(m.Cr) + cap(m.A))
	case *image.Gray:
		return int64(cap(m.Pix))
	case *image.Gray16:
		return int64(cap(m.Pix))
	case *image.RGBA:
		return int64(cap(m.Pix))
	case *image.RGBA64:
		return int64(cap(m.Pix))
	case *image.NRGBA:
		return int64(cap(m.Pix))
	case *image.NRGBA64:
		return int64(cap(m.Pix))
	case *image.CMYK:
		return int64(cap(m.Pix))
	case *image.Paletted:
		return int64(cap(m.Pix))
	}
	t.Fatalf("an unexpected %T", img)
	return 0
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
		p := quantize(m)
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
		p := quantize(m)
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
		var b bytes.Buffer
		if err := encodeGIF(&b, m, 0); err != nil {
			t.Fatal(err)
		}
		back, err := gif.Decode(&b)
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
		d := ditherer{palette: []rgb{{0, 0, 0}, {255, 255, 255}}}
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
		b.Run("format="+name, func(b *testing.B) {
			var buf bytes.Buffer
			b.SetBytes(int64(len(m.Pix)))
			for b.Loop() {
				buf.Reset()
				if err := Find(name).Encode(&buf, m, 80); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "MP/s")
			b.ReportMetric(float64(buf.Len()), "bytes")
		})
	}
}
