package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
)

// gradient is a picture for image/jpeg to encode.
func gradient(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{byte(x * 7), byte(y * 5), byte((x*y)/3 + 40*(x/9&1)), 255})
		}
	}
	return img
}

func encoded(t testing.TB, img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samplesOf returns the planes that image/jpeg decoded, and the size of each.
func samplesOf(img image.Image) (planes []Plane) {
	add := func(pix []byte, stride, width, height int) {
		planes = append(planes, Plane{Pix: pix, Stride: stride, Width: width, Height: height})
	}
	r := img.Bounds()
	switch img := img.(type) {
	case *image.Gray:
		add(img.Pix, img.Stride, r.Dx(), r.Dy())
	case *image.YCbCr:
		width, height := r.Dx(), r.Dy()
		switch img.SubsampleRatio {
		case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
			width = (width + 1) / 2
		case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
			width = (width + 3) / 4
		}
		switch img.SubsampleRatio {
		case image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio410:
			height = (height + 1) / 2
		}
		add(img.Y, img.YStride, r.Dx(), r.Dy())
		add(img.Cb, img.CStride, width, height)
		add(img.Cr, img.CStride, width, height)
	}
	return planes
}

// farthest is the largest difference between the samples of planes of the same size.
func farthest(a, b []Plane) (worst int, err error) {
	if len(a) != len(b) {
		return 0, fmt.Errorf("%d planes and %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Width != b[i].Width || a[i].Height != b[i].Height {
			return 0, fmt.Errorf("plane %d is %d × %d and %d × %d", i, a[i].Width, a[i].Height, b[i].Width, b[i].Height)
		}
		for y := range a[i].Height {
			for x := range a[i].Width {
				d := int(a[i].Pix[y*a[i].Stride+x]) - int(b[i].Pix[y*b[i].Stride+x])
				worst = max(worst, d, -d)
			}
		}
	}
	return worst, nil
}

// Go's decoder and this one are each within 1 of the exact sample, so within 2 of each other.
func TestStandardLibrary(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {8, 8}, {16, 17}, {35, 50}, {129, 64}} {
		for _, quality := range []int{5, 50, 90, 100} {
			gray := image.NewGray(image.Rect(0, 0, size[0], size[1]))
			for i := range gray.Pix {
				gray.Pix[i] = byte(i * 11)
			}
			for _, img := range []image.Image{gradient(size[0], size[1]), gray} {
				src := encoded(t, img, quality)
				theirs, err := jpeg.Decode(bytes.NewReader(src))
				if err != nil {
					t.Fatal(err)
				}
				ours, err := DecodePlanes(src, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if d, err := farthest(ours, samplesOf(theirs)); err != nil || d > 2 {
					t.Errorf("%v, quality %d: %d apart, %v", size, quality, d, err)
				}
			}
		}
	}
}

// Four inks, as image/jpeg and image/color have them: 4 apart, as their YCbCr conversion and IDCT round differently.
func TestInks(t *testing.T) {
	for _, adobe := range []int{0, 2} {
		p := picture{width: 40, height: 33, sampling: [][2]int{{1, 1}, {1, 1}, {1, 1}, {1, 1}}, adobe: adobe}
		src, _ := p.encode(rand.New(rand.NewPCG(6, 6)))
		theirs, err := jpeg.Decode(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		ours, err := DecodeNRGBA(src, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for y := range p.height {
			for x := range p.width {
				r, g, b, _ := theirs.At(x, y).RGBA()
				o := ours.NRGBAAt(x, y)
				for i, d := range []int{int(r>>8) - int(o.R), int(g>>8) - int(o.G), int(b>>8) - int(o.B)} {
					if d > 4 || d < -4 {
						t.Fatalf("transform %d, (%d,%d): channel %d is %d apart: %v and %v", adobe, x, y, i, d, o, theirs.At(x, y))
					}
				}
			}
		}
	}
}

func TestHeader(t *testing.T) {
	p := picture{width: 300, height: 200, sampling: [][2]int{{2, 2}, {1, 1}, {1, 1}, {2, 2}}, adobe: 2, restart: 7}
	src, _ := p.encode(rand.New(rand.NewPCG(7, 7)))
	src = slices.Concat(src[:2], segment(0xE1, []byte("Exif\x00\x00data")...), segment(0xFE, []byte("a remark")...), src[2:])
	h, err := ReadHeader(src)
	if err != nil {
		t.Fatal(err)
	}
	if h.Width != 300 || h.Height != 200 || len(h.Components) != 4 || h.Color != YCCK || !h.Inverted || h.Progressive || h.RestartInterval != 7 {
		t.Errorf("%+v", h)
	}
	if c := h.Components[0]; c.ID != 1 || c.H != 2 || c.V != 2 {
		t.Errorf("%+v", c)
	}
	var segments []string
	for _, s := range h.Segments {
		segments = append(segments, fmt.Sprintf("%x:%.8q", s.Marker, src[s.Offset:s.Offset+s.Length]))
	}
	if got, want := fmt.Sprint(segments), `[e1:"Exif\x00\x00da" fe:"a remark" ee:"Adobe\x00d\x00"]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// with returns a small image, one byte of which was changed behind a marker.
func with(t testing.TB, marker byte, offset int, value byte) []byte {
	src := encoded(t, gradient(20, 20), 80)
	i := bytes.Index(src, []byte{0xFF, marker})
	if i < 0 {
		t.Fatalf("no marker %x", marker)
	}
	src[i+offset] = value
	return src
}

func TestRefused(t *testing.T) {
	whole := encoded(t, gradient(20, 20), 80)
	sos := bytes.Index(whole, []byte{0xFF, 0xDA})
	insert := func(s []byte) []byte { return slices.Concat(whole[:sos], s, whole[sos:]) }
	tests := []struct {
		name        string
		src         []byte
		unsupported bool
	}{
		{"empty", nil, false},
		{"not a JPEG", []byte("GIF89a"), false},
		{"only the start", whole[:2], false},
		{"no scan", slices.Concat(whole[:sos], []byte{0xFF, 0xD9}), false},
		{"arithmetic", with(t, 0xC0, 1, 0xC9), true},
		{"progressive arithmetic", with(t, 0xC0, 1, 0xCA), true},
		{"arithmetic conditioning", insert(segment(0xCC, 0, 0)), true},
		{"lossless", with(t, 0xC0, 1, 0xC3), true},
		{"differential", with(t, 0xC0, 1, 0xC5), true},
		{"hierarchical", insert(segment(0xDE, 8, 0, 20, 0, 20, 3)), true},
		{"12 bits", with(t, 0xC0, 4, 12), true},
		{"height in DNL", func() []byte { b := with(t, 0xC0, 5, 0); b[bytes.Index(b, []byte{0xFF, 0xC0})+6] = 0; return b }(), true},
		{"DNL", insert(segment(0xDC, 0, 20)), true},
		{"no width", with(t, 0xC0, 8, 0), false},
		{"sampling of 0", with(t, 0xC0, 11, 0x02), false},
		{"sampling of 5", with(t, 0xC0, 11, 0x15), false},
		{"quantisation table 4", with(t, 0xC0, 12, 4), false},
		{"no quantisation table", with(t, 0xC0, 12, 3), false},
		{"same component twice", with(t, 0xC0, 13, 1), false},
		{"frame of another length", with(t, 0xC0, 9, 4), false},
		{"two frames", insert(segment(0xC0, 8, 0, 20, 0, 20, 1, 1, 0x11, 0)), false},
		{"impossible Huffman table", with(t, 0xC4, 5, 3), false},
		{"Huffman table of class 2", with(t, 0xC4, 4, 0x20), false},
		{"scan of unknown component", with(t, 0xDA, 5, 9), false},
		{"scan of no component", with(t, 0xDA, 4, 0), false},
		{"no Huffman table", with(t, 0xDA, 6, 0x22), false},
		{"segment of length 1", with(t, 0xDB, 3, 1), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := DecodePlanes(test.src, Options{})
			var damage *FormatError
			var unsupported UnsupportedError
			if test.unsupported && !errors.As(err, &unsupported) || !test.unsupported && !errors.As(err, &damage) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := NewDecoder(whole, Options{Scale: 3}); err == nil {
		t.Error("scale 1/3 is accepted")
	}
}

func TestMaxScans(t *testing.T) {
	src, err := os.ReadFile("testdata/progressive-420.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodePlanes(src, Options{MaxScans: 9}); !errors.Is(err, ErrScans) {
		t.Errorf("10 scans, 9 allowed: %v", err)
	}
	if _, err := DecodePlanes(src, Options{MaxScans: 10}); err != nil {
		t.Errorf("10 scans, 10 allowed: %v", err)
	}
}

func TestCheck(t *testing.T) {
	stop := errors.New("stop")
	for name, src := range samples(t) {
		calls := 0
		if _, err := DecodePlanes(src, Options{Check: func() error { calls++; return nil }}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, at := range []int{1, calls/2 + 1, calls} {
			n := 0
			planes, err := DecodePlanes(src, Options{Check: func() error {
				if n++; n == at {
					return stop
				}
				return nil
			}})
			if !errors.Is(err, stop) || planes != nil || n != at {
				t.Errorf("%s: stopped at %d of %d: %v after %d", name, at, calls, err, n)
			}
		}
	}
}

// A baseline image of 100 megapixels is decoded in less than 8 MB, and a Decoder used again takes none.
func TestMemory(t *testing.T) {
	p := picture{width: 16384, height: 6144, sampling: [][2]int{{2, 2}, {1, 1}, {1, 1}}, adobe: -1, flat: true}
	src, _ := p.encode(rand.New(rand.NewPCG(11, 11)))
	for _, scale := range []int{1, 8} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d, err := NewDecoder(src, Options{Scale: scale})
		if err != nil {
			t.Fatal(err)
		}
		drain(t, d)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("1/%d: %d bytes", scale, used)
		}
		runtime.ReadMemStats(&before)
		if err := d.Reset(src, Options{Scale: scale}); err != nil {
			t.Fatal(err)
		}
		drain(t, d)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<10 {
			t.Errorf("1/%d, second time: %d bytes", scale, used)
		}
	}
}

func drain(t testing.TB, d *Decoder) {
	t.Helper()
	for {
		if _, err := d.Next(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// Memory is a bound, and not a wild one.
func TestMemoryBound(t *testing.T) {
	all := samples(t)
	for _, file := range []string{"craft-beer-baseline.jpg", "craft-beer-progressive.jpg"} {
		if src, err := os.ReadFile(photos + "/" + file); err == nil {
			all[file] = src
		}
	}
	for name, src := range all {
		for _, opts := range []Options{{Scale: 1}, {Scale: 2}, {Scale: 4}, {Scale: 8}, {Scale: 2, Lowpass: true}, {Scale: 4, Lowpass: true}} {
			d, err := NewDecoder(src, opts)
			if err != nil {
				t.Fatal(err)
			}
			bound := d.Memory()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			drain(t, d)
			runtime.ReadMemStats(&after)
			used := int64(after.TotalAlloc - before.TotalAlloc)
			if used > bound || bound > 2*used+200<<10 {
				t.Errorf("%s, %+v: used %d, bound %d", name, opts, used, bound)
			}
		}
	}
}

// After its end, a Decoder stays at its end.
func TestEnd(t *testing.T) {
	for name, src := range samples(t) {
		for _, cut := range []int{0, len(src) / 4} {
			d, err := NewDecoder(src[:len(src)-cut], Options{})
			if err != nil {
				continue
			}
			for err == nil {
				_, err = d.Next()
			}
			for range 3 {
				if band, again := d.Next(); band != nil || fmt.Sprint(again) != fmt.Sprint(err) {
					t.Errorf("%s, less %d: %v, then %v", name, cut, err, again)
				}
			}
		}
	}
}
