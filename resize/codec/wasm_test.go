package codec

import (
	"bytes"
	"compress/gzip"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"pixmill/resize/codec/wasm"
)

// TestLibraries: what go:linkname finds is what it should be, whatever version of gen2brain's packages go.mod names.
func TestLibraries(t *testing.T) {
	for name, gz := range map[string][]byte{"webp": webpWasm, "avif's decoder": avifDecodeWasm, "avif's encoder": avifEncodeWasm, "heif": heifWasm} {
		r, err := gzip.NewReader(bytes.NewReader(gz))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		code, err := io.ReadAll(r)
		if err != nil || !bytes.HasPrefix(code, []byte("\x00asm\x01\x00\x00\x00")) {
			t.Errorf("%s is no WebAssembly: %v", name, err)
		}
	}
	for _, p := range []*wasm.Program{webpEncoder, avifDecoder, heicDecoder} {
		i, err := p.Start(8<<20, wasm.Watch{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Alloc(1000); err != nil {
			t.Error(err)
		}
		i.Close()
	}
}

// TestWebPInAllForms: planes, pixels and grey; with loss they are near the picture, without they are it.
func TestWebPInAllForms(t *testing.T) {
	planes := image.NewYCbCr(image.Rect(0, 0, 51, 33), image.YCbCrSubsampleRatio420)
	for i := range planes.Y {
		planes.Y[i] = byte(i)
	}
	for i := range planes.Cb {
		planes.Cb[i], planes.Cr[i] = byte(100+i%50), byte(150-i%50)
	}
	gray := &image.Gray{Pix: planes.Y, Stride: planes.YStride, Rect: planes.Rect}
	pixels := image.NewNRGBA(planes.Rect)
	row := upsampled(planes)
	for y := range 33 {
		row(pixels.Pix[y*pixels.Stride:][:pixels.Stride], y)
	}
	for name, m := range map[string]image.Image{"planes": planes, "grey": gray, "pixels": pixels} {
		for _, quality := range []int{90, 100} {
			data, err := encodeWebP(nil, m, Settings{Quality: quality})
			if err != nil {
				t.Fatal(err)
			}
			back, err := decodeWebP(&Source{Data: data}, Info{})
			if err != nil {
				t.Fatal(err)
			}
			convert, err := converter(back)
			if err != nil {
				t.Fatal(err)
			}
			want := pixels
			if name == "grey" {
				want = image.NewNRGBA(gray.Rect)
				grayRGBA(want.Pix, gray)
			}
			got := make([]byte, want.Stride)
			worst := 0
			for y := range 33 {
				if err := convert(got, y); err != nil {
					t.Fatal(err)
				}
				for i, v := range want.Pix[y*want.Stride:][:want.Stride] {
					worst = max(worst, int(v)-int(got[i]), int(got[i])-int(v))
				}
			}
			if quality == 100 && worst > 0 || worst > 60 {
				t.Errorf("%s at quality %d: a sample is off by %d", name, quality, worst)
			}
		}
	}
}

// TestMemoryIsBounded: a decoder that is told of less memory than it needs ends with an error, and so does one that is stopped.
func TestMemoryIsBounded(t *testing.T) {
	data, err := os.ReadFile("../../testdata/images/alpha.avif")
	if err != nil {
		t.Fatal(err)
	}
	info, err := avifCodec.Probe(NewHeader(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	info.DecodePeak[0] = 3 << 20
	if err := decodeAVIF(&Source{Data: data}, info, Want{}, unheeded{}); err == nil {
		t.Error("it was decoded in 3 MB")
	}
	if _, err := encodeAVIF(nil, image.NewNRGBA(image.Rect(0, 0, 16, 16)), Settings{Quality: 50}); err != nil {
		t.Errorf("after a failure: %v", err)
	}
}

func TestStopped(t *testing.T) {
	enough := errors.New("enough")
	data, err := os.ReadFile("../../../shared/photos/iphone7-display-p3.heic")
	if err != nil {
		t.Skip("shared/photos is not there: ", err)
	}
	info, err := heicCodec.Probe(NewHeader(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	err = decodeHEIC(&Source{Data: data, Stop: func() error { return enough }}, info, Want{}, unheeded{})
	if !errors.Is(err, enough) {
		t.Errorf("the error is %v", err)
	}
	for range 600 { // what goes on by itself ends with the picture
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("it goes on and on")
}

// TestCache: what is compiled is kept, read back, and compiled anew when what was kept is damaged or cannot be.
func TestCache(t *testing.T) {
	dir := t.TempDir()
	defer wasm.CacheIn("")
	use := func(folder string) {
		t.Helper()
		wasm.CacheIn(folder)
		i, err := wasm.New("libwebp", &webpWasm).Start(4<<20, wasm.Watch{})
		if err != nil {
			t.Fatal(err)
		}
		defer i.Close()
		if _, err := i.Alloc(100); err != nil {
			t.Error(err)
		}
	}
	use(filepath.Join(dir, "cache"))
	files, _ := filepath.Glob(filepath.Join(dir, "cache", "*", "*"))
	if len(files) != 1 {
		t.Fatalf("%d files are kept, want 1", len(files))
	}
	use(filepath.Join(dir, "cache"))
	for _, rubbish := range []string{"", "rubbish"} {
		if err := os.WriteFile(files[0], []byte(rubbish), 0o600); err != nil {
			t.Fatal(err)
		}
		use(filepath.Join(dir, "cache"))
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	use(filepath.Join(dir, "file"))
}

// TestEncodersHaveMemoryEnough: for every shape, content and effort, what WorkBytes gives is enough.
func TestEncodersHaveMemoryEnough(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	noise := func(w, h int) *image.NRGBA {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = byte(rng.Uint32())
		}
		return m
	}
	flat := image.NewNRGBA(image.Rect(0, 0, 600, 400)) // with edges, as a screen has
	for i := range flat.Pix {
		flat.Pix[i] = byte(255*(i/4/37%2*(i/2400/23%2)) | i%4/3*255)
	}
	screen := image.NewNRGBA(image.Rect(0, 0, 240, 240)) // of two colours, as a code to be scanned: aom keeps account of all of its blocks
	bits := noise(120, 120)
	for i := range screen.Pix {
		screen.Pix[i] = 255 * (bits.Pix[i/8%120*4+i/1920*480]&1 | byte(i%4/3))
	}
	if _, err := avifCodec.Encode(nil, screen, Settings{Quality: 60, Effort: Small}); err != nil {
		t.Errorf("screen: %v", err)
	}
	for name, m := range map[string]*image.NRGBA{"noise": noise(320, 240), "thin": noise(3000, 2), "tall": noise(2, 3000), "one": noise(1, 1), "flat": flat} {
		for _, c := range []*Codec{webpCodec, avifCodec} {
			for _, effort := range []Effort{Fast, Balanced, Small} {
				for _, quality := range []int{1, 80, 100} {
					if _, err := c.Encode(nil, m, Settings{Quality: quality, Effort: effort}); err != nil {
						t.Errorf("%s as %s, effort %d, quality %d: %v", name, c.Name, effort, quality, err)
					}
				}
			}
		}
	}
}
