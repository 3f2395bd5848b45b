package png

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// reference decodes with image/png and converts to what the Decoder gives.
func reference(src []byte) (h Header, pix []byte, err error) {
	img, err := png.Decode(bytes.NewReader(src))
	if err != nil {
		return h, nil, err
	}
	h.Width, h.Height = img.Bounds().Dx(), img.Bounds().Dy()
	to8 := func(v uint16) byte { return byte((uint32(v) + 128) / 257) }
	for y := range h.Height {
		for x := range h.Width {
			switch m := img.(type) {
			case *image.Gray:
				pix = append(pix, m.GrayAt(x, y).Y)
			case *image.Gray16:
				pix = append(pix, to8(m.Gray16At(x, y).Y))
			case *image.RGBA: // opaque
				c := m.RGBAAt(x, y)
				pix = append(pix, c.R, c.G, c.B, c.A)
			case *image.RGBA64: // opaque
				c := m.RGBA64At(x, y)
				pix = append(pix, to8(c.R), to8(c.G), to8(c.B), to8(c.A))
			case *image.NRGBA64:
				c := m.NRGBA64At(x, y)
				pix = append(pix, to8(c.R), to8(c.G), to8(c.B), to8(c.A))
			case *image.NRGBA:
				c := m.NRGBAAt(x, y)
				pix = append(pix, c.R, c.G, c.B, c.A)
			case *image.Paletted:
				c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
				pix = append(pix, c.R, c.G, c.B, c.A)
			default:
				return h, nil, fmt.Errorf("image/png gave a %T", img)
			}
		}
	}
	return h, pix, nil
}

// rowsOf decodes row by row.
func rowsOf(src []byte) (h Header, pix []byte, err error) {
	d, err := NewDecoder(src, Options{})
	if err != nil {
		return h, nil, err
	}
	defer d.Release()
	h = d.Header()
	for {
		row, err := d.Next()
		if err == io.EOF {
			if _, again := d.Next(); again != io.EOF {
				return h, pix, fmt.Errorf("after the end comes %v", again)
			}
			return h, pix, nil
		}
		if err != nil {
			return h, pix, err
		}
		if len(row) != h.Width*d.Channels() {
			return h, pix, fmt.Errorf("a row of %d bytes, %d channels", len(row), d.Channels())
		}
		pix = append(pix, row...)
	}
}

// agree decodes with image/png too, and compares: both accept or both refuse, and all pixels are the same.
func agree(src []byte) error {
	wantHeader, want, wantErr := reference(src)
	h, got, err := rowsOf(src)
	switch {
	case (err == nil) != (wantErr == nil):
		return fmt.Errorf("error %v, image/png's %v", err, wantErr)
	case err != nil:
		return typed(err)
	case h.Width != wantHeader.Width || h.Height != wantHeader.Height:
		return fmt.Errorf("%d × %d, want %d × %d", h.Width, h.Height, wantHeader.Width, wantHeader.Height)
	case !bytes.Equal(got, want):
		if len(got) != len(want) {
			return fmt.Errorf("%d bytes of pixels, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				return fmt.Errorf("byte %d of the pixels is %d, want %d", i, got[i], want[i])
			}
		}
	}
	return nil
}

// typed complains about errors that are of none of this package's types.
func typed(err error) error {
	var damage *FormatError
	var unsupported UnsupportedError
	switch {
	case errors.As(err, &unsupported) && unsupported != "":
		return nil
	case !errors.As(err, &damage):
		return fmt.Errorf("error of a strange type: %v", err)
	case damage.Missing < 0 || damage.Missing > 1 || damage.Reason == "":
		return fmt.Errorf("error %+v", damage)
	}
	return nil
}

// Every kind of pixels, interlaced or not, of odd sizes, with every filter: as image/png decodes it, pixel by pixel.
func TestAgainstStandardLibrary(t *testing.T) {
	sizes := [][2]int{{1, 1}, {2, 3}, {3, 1}, {1, 9}, {4, 4}, {7, 5}, {8, 8}, {17, 11}, {33, 9}, {101, 6}, {258, 5}}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range kindsOfPixels() {
		for _, size := range sizes {
			for _, p.interlaced = range []bool{false, true} {
				for p.filter = range anyFilter + 1 {
					p.width, p.height = size[0], size[1]
					if err := agree(p.encode(rng)); err != nil {
						t.Fatalf("%v: %v", p, err)
					}
				}
			}
		}
	}
}

// The header tells what rows will be.
func TestHeader(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, p := range kindsOfPixels() {
		p.width, p.height, p.interlaced = 5, 3, p.depth == 8
		d, err := NewDecoder(p.encode(rng), Options{})
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		gray := p.color == Gray || p.color == GrayAlpha
		alpha := p.color == GrayAlpha || p.color == RGBA || p.transparent
		want := Header{Width: 5, Height: 3, Depth: p.depth, Color: p.color, Interlaced: p.interlaced, Gray: gray, Alpha: alpha}
		if d.Header() != want {
			t.Errorf("%v: %+v", p, d.Header())
		}
		if channels := d.Channels(); channels == 1 != (gray && !alpha) || channels != 1 && channels != 4 {
			t.Errorf("%v: %d channels", p, channels)
		}
		d.Release()
	}
}

// The convenient forms hold the rows of Next.
func TestImages(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, p := range kindsOfPixels() {
		for _, p.interlaced = range []bool{false, true} {
			p.width, p.height, p.filter = 19, 7, anyFilter
			src := p.encode(rng)
			_, want, err := rowsOf(src)
			if err != nil {
				t.Fatal(err)
			}
			img, err := DecodeImage(src, Options{})
			if err != nil {
				t.Fatalf("%v: %v", p, err)
			}
			if img.Bounds() != image.Rect(0, 0, 19, 7) {
				t.Fatalf("%v: bounds %v", p, img.Bounds())
			}
			switch m := img.(type) {
			case *image.Gray:
				if p.color != Gray || p.transparent || !bytes.Equal(m.Pix, want) {
					t.Errorf("%v: wrong as an *image.Gray", p)
				}
				for i := len(want) - 1; i >= 0; i-- { // as RGBA
					want = append(want[:i], append([]byte{want[i], want[i], want[i], 255}, want[i+1:]...)...)
				}
			case *image.NRGBA:
				if p.color == Gray && !p.transparent || !bytes.Equal(m.Pix, want) {
					t.Errorf("%v: wrong as an *image.NRGBA", p)
				}
			default:
				t.Errorf("%v: a %T", p, img)
			}
			rgba, err := DecodeNRGBA(src, Options{})
			if err != nil || !bytes.Equal(rgba.Pix, want) || rgba.Rect != image.Rect(0, 0, 19, 7) {
				t.Errorf("%v: wrong as RGBA, error %v", p, err)
			}
		}
	}
	if img, err := DecodeImage([]byte("no image"), Options{}); img != nil || typed(err) != nil {
		t.Errorf("of no image: %v, %v", img, err)
	}
	if img, err := DecodeNRGBA([]byte("no image"), Options{}); img != nil || typed(err) != nil {
		t.Errorf("of no image: %v, %v", img, err)
	}
}

const photos = "../../../shared/photos"

func files(t testing.TB, pattern string) []string {
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// bomb is a file of 84 bytes for which image/png claims 10 GB.
const bomb = "bomb-50000x50000.png"

// The images of this repository, whatever is in them.
func TestFiles(t *testing.T) {
	names := files(t, "../../testdata/images/*.png")
	if len(names) < 10 {
		t.Fatalf("only %d files", len(names))
	}
	for _, name := range names {
		if filepath.Base(name) == bomb {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := agree(src); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPhotos(t *testing.T) {
	names := files(t, photos+"/*.png")
	if len(names) == 0 {
		t.Skip("the shared photos are not here: " + photos)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := agree(src); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An image of many IDAT chunks, small ones among them, is one stream.
func TestChunkSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, size := range []int{1, 2, 3, 7, 100, 4095, 4096, 4097, 8192} {
		for _, level := range []int{1, 9} {
			p := picture{width: 100, height: 60, color: RGB, depth: 8, filter: anyFilter, idat: size, level: level}
			src := p.encode(rng)
			if err := agree(src); err != nil {
				t.Errorf("%d bytes a chunk: %v", size, err)
			}
			all := chunksOf(src)
			all = append(all[:2:2], append([]chunk{{kind: "IDAT"}, {kind: "IDAT"}}, all[2:]...)...) // empty ones
			if err := agree(file(all...)); err != nil {
				t.Errorf("%d bytes a chunk, and empty ones: %v", size, err)
			}
		}
	}
}

// Options.Check is asked again and again, and its error ends the decoding.
func TestCheck(t *testing.T) {
	stop := errors.New("stop")
	for _, interlaced := range []bool{false, true} {
		p := picture{width: 300, height: 1000, color: RGB, depth: 8, interlaced: interlaced, filter: anyFilter}
		src := p.encode(rand.New(rand.NewPCG(5, 5)))
		calls := 0
		if _, err := DecodeImage(src, Options{Check: func() error { calls++; return nil }}); err != nil || calls < 5 || calls > 60 {
			t.Errorf("interlaced %t: %d calls, error %v", interlaced, calls, err)
		}
		for last := range calls {
			n := 0
			_, err := DecodeImage(src, Options{Check: func() error {
				if n++; n > last {
					return stop
				}
				return nil
			}})
			if err != stop || n != last+1 {
				t.Errorf("interlaced %t, stopped at call %d of %d: error %v, %d calls", interlaced, last+1, calls, err, n)
			}
		}
	}
}
