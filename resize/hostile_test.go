package resize

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"io"
	"path/filepath"
	"testing"

	"pixmill/resize/codec"
)

// config.toml's limits.
var usual = Limits{FileSize: 256e6, Width: 32768, Height: 32768, Pixels: 150e6, Frames: 1000, Scans: 200}

// chunk is one of PNG's.
func chunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func pngHeaderOf(w, h uint32, depth, colour byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte(pngHead), chunk("IHDR", append(ihdr, depth, colour, 0, 0, 0))...)
}

// zeros is n zeros, deflated to a thousandth.
func zeros(t *testing.T, n int64) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := io.CopyN(z, zero{}, n); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestInflationBombs: of a stream that inflates to a quarter of a gigabyte no more is inflated than the picture, or nothing, where it is no part of it.
func TestInflationBombs(t *testing.T) {
	giant := zeros(t, 1<<28)
	t.Logf("256 MiB in %d bytes", len(giant))
	pixels := zeros(t, 64*(1+64*4))
	end := chunk("IEND", nil)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	small := pngHeaderOf(64, 64, 8, 6)
	for name, c := range map[string]struct {
		src  []byte
		good bool
	}{
		"pixels behind the picture": {join(small, chunk("IDAT", giant), end), false},
		"a text":                    {join(small, chunk("zTXt", append([]byte("Comment\x00\x00"), giant...)), chunk("IDAT", pixels), end), true},
		"a profile":                 {join(small, chunk("iCCP", append([]byte("icc\x00\x00"), giant...)), chunk("IDAT", pixels), end), true},
		"an international text":     {join(small, chunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"), giant...)), chunk("IDAT", pixels), end), true},
	} {
		var err error
		took := allocated(func() { _, err = Process(t.Context(), c.src, widths(32), usual) })
		if good := err == nil; good != c.good && !errors.As(err, new(*FormatError)) || c.good && err != nil {
			t.Errorf("%s: the error is %v", name, err)
		}
		if took > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", name, took)
		}
	}
}

// TestCutFiles cuts every sample file at every 37th byte (in short runs, at sixty places at most): each ends as an error with a type, or,
// where nothing but bytes behind the picture are lost, as the outputs of the whole file, or with a note that something may be missing. Never
// as a picture that is grey below.
func TestCutFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "images", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	limits := usual
	limits.Pixels = 4e6
	r := widths(40)
	cuts, noted := 0, 0
	for _, file := range files {
		src := testImage(t, filepath.Base(file))
		whole, err := Process(t.Context(), src, r, limits)
		if err != nil {
			continue // rejected or damaged as a whole
		}
		step := 37
		if testing.Short() {
			step *= len(src)/37/60 + 1
		}
		for n := 0; n < len(src); n += step {
			cuts++
			got, err := Process(t.Context(), src[:n], r, limits)
			switch {
			case err == nil && len(got.Notes) > len(whole.Notes):
				noted++
			case err == nil && !bytes.Equal(got.Outputs[0].Data, whole.Outputs[0].Data):
				t.Errorf("%s cut to %d of %d bytes: another picture, and no error", filepath.Base(file), n, len(src))
			case err != nil && !errors.As(err, new(*FormatError)) && !errors.As(err, new(*UnsupportedError)):
				t.Errorf("%s cut to %d of %d bytes: %v", filepath.Base(file), n, len(src), err)
			}
		}
	}
	t.Logf("%d cuts, %d noted", cuts, noted)
	if cuts < 3000 {
		t.Errorf("only %d cuts", cuts)
	}
}

// TestPolyglots: a file is what its first bytes say, whatever else it may be and however it is called.
func TestPolyglots(t *testing.T) {
	jpeg, png := asJPEG(t, corners(40, 30)), asPNG(t, corners(40, 30))
	for name, c := range map[string]struct {
		src  []byte
		want string
	}{
		"a zip behind a jpeg":  {append(bytes.Clone(jpeg), "PK\x03\x04 and so on PK\x05\x06"...), "jpeg"},
		"html in a comment":    {append([]byte("\xff\xd8\xff\xfe\x00\x1d<script>alert(1)</script>!!"), jpeg[2:]...), "jpeg"},
		"a png behind a jpeg":  {append(bytes.Clone(jpeg), png...), "jpeg"},
		"a jpeg behind a png":  {append(bytes.Clone(png), jpeg...), "png"},
		"a script before both": {append([]byte("#!/bin/sh\n"), png...), ""},
	} {
		if got := Sniff(c.src); got != c.want {
			t.Errorf("%s is taken for %q", name, got)
		}
		r := widths(20)
		r.Variants = append(r.Variants, Variant{Name: "own", Quality: map[string]int{"jpeg": 100}}) // whose bytes may be the source's
		result, err := Process(t.Context(), c.src, r, usual)
		if (err == nil) != (c.want != "") {
			t.Errorf("%s: %v", name, err)
		}
		for _, o := range result.Outputs {
			if bytes.Contains(o.Data, []byte("PK\x03\x04")) || bytes.Contains(o.Data, []byte("<script>")) {
				t.Errorf("%s: it went through", name)
			}
		}
	}
}

// TestNoSeams: a ramp stays a ramp, from row to row and from column to column, wherever bands and blocks meet.
func TestNoSeams(t *testing.T) {
	const w, h = 1000, 800
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Pix[y*m.Stride+x] = byte(20 + (x+y)/9)
		}
	}
	src, err := codec.Find("jpeg").Encode(nil, m, codec.Settings{Quality: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{600, 333, 150, 77} {
		out, ok := processed(t, src, Variant{Width: width, Formats: []string{"png"}}).(*image.Gray)
		if !ok {
			t.Fatal("not grey")
		}
		b := out.Bounds()
		for y := 4; y < b.Dy()-4; y++ {
			for x := 4; x < b.Dx()-4; x++ {
				want := 20 + ((float64(x)+0.5)*w/float64(b.Dx())+(float64(y)+0.5)*h/float64(b.Dy())-1)/9 - 4.0/9 // the mean of what division cut off
				if d := float64(out.GrayAt(x, y).Y) - want; d > 1.6 || d < -1.6 {
					t.Fatalf("%d px: %.1f off at %d,%d", width, d, x, y)
				}
			}
		}
	}
}
