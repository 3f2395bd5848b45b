package resize

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

var (
	red    = color.NRGBA{255, 0, 0, 255}
	green  = color.NRGBA{0, 255, 0, 255}
	blue   = color.NRGBA{0, 0, 255, 255}
	yellow = color.NRGBA{255, 255, 0, 255}
	white  = color.NRGBA{255, 255, 255, 255}
)

// corners is four quarters of one colour each: red, green / blue, yellow.
func corners(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.NRGBA{{red, green}, {blue, yellow}}[2*y/h][2*x/w]
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// scene has soft gradients, edges and texture, as photos do.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	rng := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			v := 128 + 90*math.Sin(9*fx+4*fy*fy) + 25*math.Sin(60*fx*fy)
			if (fx-0.6)*(fx-0.6)+(fy-0.4)*(fy-0.4) < 0.04 {
				v = 255 - v
			}
			n := rng.Float64()*8 - 4
			m.SetNRGBA(x, y, color.NRGBA{to255(v + n), to255(0.8*v + 40*fx + n), to255(200 - 0.5*v + n), 255})
		}
	}
	return m
}

func to255(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

func noise(w, h int, alpha bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range m.Pix {
		m.Pix[i] = byte(rng.Uint32())
		if i%4 == 3 && !alpha {
			m.Pix[i] = 255
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func asGIF(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) })
}

func asTIFF(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) })
}

func asBMP(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, m) })
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is a TIFF stream with nothing but an orientation.
func exif(orientation int, order binary.AppendByteOrder) []byte {
	b := []byte("II")
	if order == binary.BigEndian {
		b = []byte("MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(orientation))
	b = order.AppendUint16(b, 0)
	return order.AppendUint32(b, 0)
}

// withSegment puts a segment behind a JPEG's SOI.
func withSegment(src []byte, marker byte, data []byte) []byte {
	out := append([]byte{}, src[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
	out = append(out, data...)
	return append(out, src[2:]...)
}

func withExif(src []byte, tiff []byte) []byte {
	return withSegment(src, 0xe1, append([]byte("Exif\x00\x00"), tiff...))
}

// turnedToBeStored is the picture that, turned as its EXIF orientation asks, gives m.
func turnedToBeStored(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	sw, sh := w, h
	if orientation >= 5 {
		sw, sh = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, sw, sh))
	for y := range sh {
		for x := range sw {
			// Where the stored row y and column x are to be seen, from the table of EXIF 2.32, tag 0x0112.
			seen := map[int]image.Point{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {w - 1 - y, x}, 7: {w - 1 - y, h - 1 - x}, 8: {y, h - 1 - x},
			}[orientation]
			out.SetNRGBA(x, y, m.NRGBAAt(seen.X, seen.Y))
		}
	}
	return out
}

func decoded(t testing.TB, data []byte) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("the output can't be decoded: %v", err)
	}
	return m
}

// process makes the variants and fails the test if that fails.
func process(t testing.TB, src []byte, variants ...Variant) []Output {
	t.Helper()
	r := Recipe{Variants: variants}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	result, err := Process(context.Background(), src, r, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Outputs
}

// processed makes one variant and decodes it.
func processed(t testing.TB, src []byte, v Variant) image.Image {
	t.Helper()
	v.Name = "v"
	return decoded(t, process(t, src, v)[0].Data)
}

func nrgba(m image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
}

// near fails unless the pixel is c, give or take.
func near(t testing.TB, m image.Image, x, y int, c color.NRGBA, tolerance int) {
	t.Helper()
	got := nrgba(m, x, y)
	for _, d := range []int{int(got.R) - int(c.R), int(got.G) - int(c.G), int(got.B) - int(c.B), int(got.A) - int(c.A)} {
		if max(d, -d) > tolerance {
			t.Errorf("pixel %d,%d is %v, want %v ±%d", x, y, got, c, tolerance)
			return
		}
	}
}

// psnr compares colours in dB, over 8 bits; alpha is left out.
func psnr(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("sizes differ: %v and %v", a.Bounds(), b.Bounds())
	}
	sum, r := 0.0, a.Bounds()
	p, q := image.NewNRGBA(r), image.NewNRGBA(r)
	draw.Draw(p, r, a, r.Min, draw.Src)
	draw.Draw(q, r, b, r.Min, draw.Src)
	for i := range p.Pix {
		if i%4 < 3 {
			d := float64(p.Pix[i]) - float64(q.Pix[i])
			sum += d * d
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*3*float64(r.Dx()*r.Dy())/sum)
}

// testImage reads one of the repository's test images.
func testImage(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// photo reads one of the photos that are not in the repository.
func photo(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "photos", name))
	if err != nil {
		t.Skipf("the shared photos are not here: %v", err)
	}
	return data
}

// widths is the recipe of one variant a width.
func widths(all ...int) Recipe {
	var r Recipe
	for _, w := range all {
		r.Variants = append(r.Variants, Variant{Name: string(rune('a' + len(r.Variants))), Width: w})
	}
	return r
}

// crc ends a PNG chunk.
func crc(chunk []byte) []byte { return big.AppendUint32(nil, crc32.ChecksumIEEE(chunk)) }
