package jpeg

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// planesOf are planes of a smooth picture with some noise, at a sampling.
func planesOf(width, height int, s Sampling, noise int) []Plane {
	rng := rand.New(rand.NewPCG(7, uint64(width)))
	h, v := s.factors()
	var all []Plane
	for i := range 3 {
		p := Plane{Width: width, Height: height}
		if i > 0 {
			p.Width, p.Height = ceil(width, h), ceil(height, v)
		}
		p.Stride = p.Width + i
		p.Pix = make([]byte, p.Stride*p.Height)
		for y := range p.Height {
			for x := range p.Width {
				wave := 60*math.Sin(float64(x+i)/9) + 50*math.Cos(float64(y-i)/7)
				p.Pix[y*p.Stride+x] = byte(min(max(128+int(wave)+rng.IntN(2*noise+1)-noise, 0), 255))
			}
		}
		if all = append(all, p); s == SGray {
			break
		}
	}
	return all
}

// psnr of two planes of the same size, in dB.
func psnr(a, b Plane) float64 {
	sum := 0.0
	for y := range a.Height {
		for x := range a.Width {
			d := float64(a.Pix[y*a.Stride+x]) - float64(b.Pix[y*b.Stride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(a.Width*a.Height)/max(sum, 1))
}

func decodedBothWays(t *testing.T, src []byte) []Plane {
	t.Helper()
	ours, err := DecodePlanes(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := farthest(ours, samplesOf(img)); err != nil || d > 2 {
		t.Fatalf("image/jpeg is %d apart, %v", d, err)
	}
	return ours
}

// What is encoded at high quality comes back, from this decoder and from image/jpeg, at any size.
func TestEncodeDecode(t *testing.T) {
	for s := S420; s <= SGray; s++ {
		for size := 1; size <= 40; size++ {
			for _, o := range []EncodeOptions{{}, {FastTables: true}, {Progressive: true}} {
				o.Quality, o.Sampling = 98, s
				want := planesOf(size, 1+size*7%40, s, 0)
				src, err := Encode(nil, want, o)
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range decodedBothWays(t, src) {
					if q := psnr(p, want[i]); q < 42 {
						t.Errorf("%d × %d, %+v: plane %d at %.1f dB", want[0].Width, want[0].Height, o, i, q)
					}
				}
			}
		}
	}
}

// Noise, which takes the largest coefficients and the longest codes there are.
func TestEncodeNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for s := S420; s <= SGray; s++ {
		for _, o := range []EncodeOptions{{}, {FastTables: true}, {Progressive: true}} {
			o.Quality, o.Sampling = 100, s
			planes := planesOf(77, 61, s, 0)
			for _, p := range planes {
				for i := range p.Pix {
					p.Pix[i] = byte(-(rng.Uint32() & 1)) // black or white
				}
			}
			src, err := Encode(nil, planes, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range decodedBothWays(t, src) {
				if q := psnr(p, planes[i]); q < 50 {
					t.Errorf("%+v: plane %d at %.1f dB", o, i, q)
				}
			}
		}
	}
}

// golden sums of what cjpeg of libjpeg-turbo 2.1.5 makes of photo(117, 93), with -dct int -baseline -quality 80.
var goldenEncoded = map[string]EncodeOptions{}

func TestEncodeGolden(t *testing.T) {
	for sum, o := range goldenEncoded {
		src, err := EncodeRGBA(nil, nrgba(t, photo(117, 93)), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.8x", sha256.Sum256(src)); got != sum {
			t.Errorf("%+v: %s, want %s", o, got, sum)
		}
	}
}

func TestEncodeRefused(t *testing.T) {
	good := planesOf(20, 20, S420, 0)
	short := planesOf(20, 20, S420, 0)
	short[2].Pix = short[2].Pix[:len(short[2].Pix)-3]
	for name, c := range map[string]struct {
		planes []Plane
		o      EncodeOptions
		want   string
	}{
		"quality":      {good, EncodeOptions{Quality: 101}, "quality 101"},
		"negative":     {good, EncodeOptions{Quality: -1}, "quality -1"},
		"sampling":     {good, EncodeOptions{Sampling: 9}, "sampling 9"},
		"both":         {good, EncodeOptions{Progressive: true, FastTables: true}, "progressive"},
		"chroma size":  {good, EncodeOptions{Sampling: S444}, "plane 1 is 10 × 10 samples, not 20 × 20"},
		"two planes":   {good[:2], EncodeOptions{}, "2 planes"},
		"short":        {short, EncodeOptions{}, "plane 2 is not whole"},
		"empty":        {[]Plane{{}}, EncodeOptions{}, "empty"},
		"too large":    {[]Plane{{Width: 65536, Height: 1, Stride: 65536}}, EncodeOptions{}, "too large"},
		"marker":       {good, EncodeOptions{Segments: []Payload{{Marker: 0xDB}}}, "0xdb"},
		"long payload": {good, EncodeOptions{Segments: []Payload{{0xE1, make([]byte, 65534)}}}, "65534 bytes"},
	} {
		dst, err := Encode([]byte("before"), c.planes, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || string(dst) != "before" {
			t.Errorf("%s: %q, %v", name, dst, err)
		}
	}
	if _, err := EncodeRGBA(nil, &image.NRGBA{}, EncodeOptions{}); err == nil {
		t.Error("an empty picture is encoded")
	}
	if _, err := ICCPayloads(make([]byte, 17<<20)); err == nil {
		t.Error("a profile of 17 MB is accepted")
	}
}

func TestEncodeSegments(t *testing.T) {
	profile := bytes.Repeat([]byte("profile "), 12000) // takes two segments
	segments, err := ICCPayloads(profile)
	if err != nil {
		t.Fatal(err)
	}
	segments = append(segments, Payload{0xE1, []byte("Exif\x00\x00II")}, Payload{markerCOM, []byte("hello")})
	src, err := Encode([]byte("before"), planesOf(20, 20, S444, 3), EncodeOptions{Sampling: S444, Segments: segments})
	if err != nil {
		t.Fatal(err)
	}
	src, ok := bytes.CutPrefix(src, []byte("before"))
	if !ok {
		t.Fatal("what was in dst is gone")
	}
	h, err := ReadHeader(src)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]Payload{{markerAPP0, src[6:20]}}, segments...)
	for i, s := range h.Segments {
		if i >= len(want) || s.Marker != want[i].Marker || !bytes.Equal(src[s.Offset:][:s.Length], want[i].Data) {
			t.Errorf("segment %d is %#x with %d bytes", i, s.Marker, s.Length)
		}
	}
	if len(h.Segments) != len(want) {
		t.Errorf("%d segments, want %d", len(h.Segments), len(want))
	}
	var joined []byte
	for _, s := range segments[:2] {
		joined = append(joined, s.Data[14:]...)
	}
	if !bytes.Equal(joined, profile) || string(segments[1].Data[:14]) != "ICC_PROFILE\x00\x02\x02" {
		t.Error("the profile does not come together again")
	}
}

// Once its memory is there, an encoder allocates nothing; without dst, only the output, once.
func TestEncodeAllocations(t *testing.T) {
	img := nrgba(t, photo(200, 150))
	for s := S420; s <= SGray; s++ {
		for _, o := range []EncodeOptions{{}, {FastTables: true}, {Progressive: true}} {
			o.Sampling, o.Quality = s, 80
			e := new(encoder)
			out := e.pixels(nil, img, &o)
			if n := testing.AllocsPerRun(10, func() { out = e.pixels(out[:0], img, &o) }); n != 0 {
				t.Errorf("%+v: %.0f allocations", o, n)
			}
			planes := planesOf(200, 150, s, 9)
			if n := testing.AllocsPerRun(10, func() { e.planes(nil, planes, &o) }); n != 1 {
				t.Errorf("%+v: %.0f allocations for the output", o, n)
			}
		}
	}
}

// Planes are what EncodeRGBA makes of pixels, edges included: without chroma to reduce, the file is the same.
func TestEncodePlanes(t *testing.T) {
	for size := 1; size <= 40; size++ {
		img := nrgba(t, photo(size, 1+size*7%40))
		width, height := img.Rect.Dx(), img.Rect.Dy()
		planes := planesOf(width, height, S444, 0)
		for y := range height {
			line := func(i int) []byte { return planes[i].Pix[y*planes[i].Stride:][:width] }
			ycbcrGeneric(line(0), line(1), line(2), img.Pix[y*img.Stride:][:4*width])
		}
		for s, planes := range map[Sampling][]Plane{S444: planes, SGray: planes[:1]} {
			want, err := EncodeRGBA(nil, img, EncodeOptions{Sampling: s})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Encode(nil, planes, EncodeOptions{Sampling: s}); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d × %d in %d planes: another file, %v", width, height, len(planes), err)
			}
		}
	}
}

// Pictures within larger ones, and grey ones.
func TestEncodePictures(t *testing.T) {
	img := nrgba(t, photo(60, 50))
	within := img.SubImage(image.Rect(13, 9, 50, 42)).(*image.NRGBA)
	moved := image.NewNRGBA(image.Rect(0, 0, 37, 33))
	gray := image.NewGray(image.Rect(-3, -3, 57, 47))
	for y := range 33 {
		copy(moved.Pix[y*moved.Stride:], within.Pix[y*within.Stride:][:4*37])
	}
	for i := range gray.Pix {
		gray.Pix[i] = img.Pix[4*i]
	}
	partly := gray.SubImage(image.Rect(0, 0, 21, 47)).(*image.Gray)
	must := func(src []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	if !bytes.Equal(must(EncodeRGBA(nil, within, EncodeOptions{})), must(EncodeRGBA(nil, moved, EncodeOptions{}))) {
		t.Error("a picture within another is not encoded as it is by itself")
	}
	src := must(EncodeGray(nil, partly, EncodeOptions{Quality: 100}))
	want := []Plane{{Pix: partly.Pix, Stride: partly.Stride, Width: 21, Height: 47}}
	if d, err := farthest(decodedBothWays(t, src), want); err != nil || d > 2 {
		t.Errorf("grey is %d apart, %v", d, err)
	}
}

// An encoder does not remember the image before.
func TestEncoderAgain(t *testing.T) {
	e := new(encoder)
	rng := rand.New(rand.NewPCG(9, 9))
	for range 200 {
		o := EncodeOptions{Sampling: Sampling(rng.IntN(4)), Quality: 1 + rng.IntN(100), FastTables: rng.IntN(2) == 0}
		o.Progressive = !o.FastTables && rng.IntN(2) == 0
		planes := planesOf(1+rng.IntN(60), 1+rng.IntN(60), o.Sampling, 20)
		again, want := e.planes(nil, planes, &o), new(encoder).planes(nil, planes, &o)
		if !bytes.Equal(again, want) {
			t.Fatalf("%+v: another image", o)
		}
	}
}

// Any pixels can be encoded, and come back as well as the quality promises.
func FuzzEncode(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint8(5), uint8(80), uint8(0))
	f.Add(bytes.Repeat([]byte{0, 255}, 200), uint8(17), uint8(100), uint8(5))
	f.Add(bytes.Repeat([]byte{9, 255, 30}, 300), uint8(31), uint8(1), uint8(10))
	f.Fuzz(func(t *testing.T, pix []byte, width, quality, mode uint8) {
		if len(pix) == 0 || len(pix) > 1<<14 {
			return
		}
		o := EncodeOptions{Quality: 1 + int(quality)%100, Sampling: Sampling(mode & 3), FastTables: mode&4 != 0, Progressive: mode&12 == 8}
		w := 1 + int(width)
		planes := planesOf(w, ceil(len(pix), w), o.Sampling, 0)
		for i := range planes {
			copy(planes[i].Pix, pix[min(i, len(pix)):])
		}
		src, err := Encode(nil, planes, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range decodedBothWays(t, src) {
			if q := psnr(p, planes[i]); o.Quality >= 95 && q < 26 || o.Quality == 100 && q < 48 {
				t.Errorf("%d × %d, %+v: plane %d at %.1f dB", p.Width, p.Height, o, i, q)
			}
		}
	})
}
