package jpeg

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"testing"
)

var samplingNames = []struct {
	sampling Sampling
	args     []string // of cjpeg
}{
	{S420, []string{"-sample", "2x2"}},
	{S422, []string{"-sample", "2x1"}},
	{S444, []string{"-sample", "1x1"}},
	{SGray, []string{"-grayscale"}},
}

// nrgba is a PPM's picture.
func nrgba(t testing.TB, ppm []byte) *image.NRGBA {
	t.Helper()
	pix, width, height, _ := pnm(t, ppm)
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		copy(img.Pix[4*i:], pix[3*i:3*i+3])
		img.Pix[4*i+3] = byte(i) // not to be looked at
	}
	return img
}

func sameAsCjpeg(t *testing.T, ppm []byte, o EncodeOptions, args []string) {
	t.Helper()
	args = append([]string{"-dct", "int", "-baseline", "-quality", fmt.Sprint(o.Quality)}, args...)
	switch {
	case o.Progressive:
		args = append(args, "-progressive")
	case !o.FastTables:
		args = append(args, "-optimize")
	}
	want := run(t, ppm, "cjpeg", args...)
	got, err := EncodeRGBA(nil, nrgba(t, ppm), o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("%d bytes, cjpeg %v %d; different from byte %d", len(got), args, len(want), at)
	}
}

// The file is cjpeg's, byte for byte: in every sampling, quality and kind of tables.
func TestCjpeg(t *testing.T) {
	tool(t, "cjpeg")
	ppm := photo(117, 93)
	for _, s := range samplingNames {
		for quality := 1; quality <= 100; quality += 3 {
			for _, o := range []EncodeOptions{{}, {FastTables: true}, {Progressive: true}} {
				o.Quality, o.Sampling = quality, s.sampling
				sameAsCjpeg(t, ppm, o, s.args)
			}
		}
	}
}

// All sizes from 1 to 40, where blocks and MCUs are partly or wholly behind the edges.
func TestCjpegSizes(t *testing.T) {
	tool(t, "cjpeg")
	for size := 1; size <= 40; size++ {
		for i, s := range samplingNames {
			for _, dim := range [][2]int{{size, 41 - size}, {size, 9 + i}, {9 + i, size}} {
				o := EncodeOptions{Quality: 85, Sampling: s.sampling, Progressive: size&1 == 0}
				sameAsCjpeg(t, photo(dim[0], dim[1]), o, s.args)
			}
		}
	}
}

// Photos, as they are and in a larger number of bits.
func TestCjpegPhotos(t *testing.T) {
	tool(t, "cjpeg")
	for _, file := range photoFiles(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ppm := run(t, src, "djpeg", "-scale", "1/4", "-rgb")
		for i, s := range samplingNames {
			sameAsCjpeg(t, ppm, EncodeOptions{Quality: []int{80, 90, 99, 60}[i], Sampling: s.sampling}, s.args)
			sameAsCjpeg(t, ppm, EncodeOptions{Quality: 80, Sampling: s.sampling, Progressive: true}, s.args)
		}
	}
}

// Long runs of flat blocks, of blocks with a few late bits, and of blocks with nothing but late bits: the longest runs
// of ends of blocks, and most correction bits, that progressive scans can have.
func TestCjpegRuns(t *testing.T) {
	tool(t, "cjpeg")
	const width, height = 2048, 1200
	stripes := [8]byte{0, 255, 20, 0, 210, 255, 0, 180} // 7 large coefficients, of which 134 blocks have 938
	for name, sample := range map[string]func(i int) byte{
		"flat":    func(int) byte { return 100 },
		"seldom":  func(i int) byte { return 100 + byte(i*i%31*(1-min(i/8%997, 1))) },
		"often":   func(i int) byte { return 100 + byte(i*i%31*(1-min(i/8%3, 1))) },
		"stripes": func(i int) byte { return stripes[i&7] },
	} {
		t.Run(name, func(t *testing.T) {
			ppm := fmt.Appendf(nil, "P6\n%d %d\n255\n", width, height)
			for i := range width * height {
				v := sample(i)
				ppm = append(ppm, v, v, v/2)
			}
			for _, o := range []EncodeOptions{{Progressive: true}, {}} {
				o.Quality, o.Sampling = 100, S444
				sameAsCjpeg(t, ppm, o, []string{"-sample", "1x1"})
			}
		})
	}
}
