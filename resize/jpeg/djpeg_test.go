package jpeg

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// These tests compare with libjpeg-turbo, sample by sample. They need its programs: Debian's libjpeg-turbo-progs.

func tool(t testing.TB, name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s (libjpeg-turbo-progs) is not installed", name)
	}
	return path
}

func run(t testing.TB, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, stderr.Bytes())
	}
	return out
}

// pnm parses a binary PGM or PPM.
func pnm(t testing.TB, b []byte) (pix []byte, width, height, channels int) {
	t.Helper()
	var magic string
	var depth int
	if _, err := fmt.Sscanf(string(b[:min(len(b), 64)]), "%s\n%d %d\n%d\n", &magic, &width, &height, &depth); err != nil {
		t.Fatal(err)
	}
	channels = 3
	if magic == "P5" {
		channels = 1
	}
	return b[len(b)-width*height*channels:], width, height, channels
}

// photo is a picture with soft and hard parts, as a PPM.
func photo(width, height int) []byte {
	b := fmt.Appendf(nil, "P6\n%d %d\n255\n", width, height)
	seed := uint32(1)
	for y := range height {
		for x := range width {
			seed = seed*1664525 + 1013904223
			noise := int(seed >> 28)
			edge := 0
			if (x/11+y/7)&1 == 0 {
				edge = 90
			}
			b = append(b, byte(min(x*5+noise, 255)), byte(min(edge+y*3+noise, 255)), byte((x*y/4+edge)&255))
		}
	}
	return b
}

// asRGB marks an image as RGB, so that djpeg writes its upsampled planes as they are.
func asRGB(src []byte) []byte {
	adobe := []byte{0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}
	out := append([]byte{0xFF, 0xD8}, adobe...)
	rest := src[2:]
	if rest[1] == 0xE0 { // JFIF would say YCbCr
		rest = rest[2+(int(rest[2])<<8|int(rest[3])):]
	}
	return append(out, rest...)
}

// ours is the image as djpeg would write it.
func ours(t testing.TB, src []byte, opts Options, channels int) (pix []byte, width, height int) {
	t.Helper()
	img, err := DecodeNRGBA(src, opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(img.Pix); i += 4 {
		pix = append(pix, img.Pix[i:i+channels]...)
	}
	return pix, img.Rect.Dx(), img.Rect.Dy()
}

func sameAsDjpeg(t *testing.T, src []byte, scale int, args ...string) {
	t.Helper()
	args = append([]string{"-dct", "int", "-scale", fmt.Sprint(8/scale) + "/8"}, args...)
	want, width, height, channels := pnm(t, run(t, src, "djpeg", args...))
	got, w, h := ours(t, src, Options{Scale: scale, Repeat: slices.Contains(args, "-nosmooth")}, channels)
	if w != width || h != height {
		t.Fatalf("1/%d: %d × %d, djpeg %d × %d", scale, w, h, width, height)
	}
	wrong, first := 0, -1
	for i := range want {
		if got[i] != want[i] {
			if wrong++; first < 0 {
				first = i
			}
		}
	}
	if wrong > 0 {
		p := first / channels
		t.Errorf("1/%d: %d of %d samples differ from djpeg %v, first at (%d,%d) channel %d: %d, want %d", scale, wrong, len(want),
			args, p%width, p/width, first%channels, got[first], want[first])
	}
}

// The samples are djpeg's, in every sampling, mode and scale.
func TestDjpeg(t *testing.T) {
	tool(t, "djpeg")
	samplings := []string{"1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "1x3", "3x2", "2x2,2x1", "2x2,1x2", "2x1,1x1,2x1",
		"1x1,2x2,1x1", "2x2,1x1,2x2", "4x1,2x1", "1x4,1x2"}
	modes := map[string][]string{
		"baseline":    nil,
		"optimized":   {"-optimize"},
		"progressive": {"-progressive"},
		"restarts":    {"-restart", "3B"},
		"restart row": {"-restart", "1", "-progressive"},
	}
	for _, sampling := range samplings {
		t.Run(sampling, func(t *testing.T) {
			for mode, args := range modes {
				t.Run(mode, func(t *testing.T) {
					for _, quality := range []string{"5", "75", "100"} {
						src := run(t, photo(117, 93), "cjpeg", append([]string{"-sample", sampling, "-quality", quality}, args...)...)
						for _, scale := range []int{1, 2, 4, 8} {
							sameAsDjpeg(t, src, scale)
							sameAsDjpeg(t, src, scale, "-nosmooth")
						}
					}
				})
			}
		})
	}
}

// Each component in a scan of its own, which also allows samplings that are too large for one MCU.
func TestDjpegSeparateScans(t *testing.T) {
	tool(t, "djpeg")
	scripts := map[string]string{
		"sequential": "0; 1; 2;",
		"mixed":      "2; 0 1;",
		"progressive": "0: 0 0 0 2; 1: 0 0 0 1; 2: 0 0 0 0; 1: 0 0 1 0; 0: 0 0 2 1; 0: 0 0 1 0; 0: 1 9 0 2; 2: 1 63 0 1; 1: 1 63 0 0;" +
			"0: 10 63 0 2; 0: 1 63 2 1; 2: 1 63 1 0; 0: 1 63 1 0;",
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "scans")
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, sampling := range []string{"1x1", "2x2", "2x1", "4x4", "3x3", "4x4,1x1,2x2", "3x3,1x1,3x1"} {
				if name == "mixed" && sampling[0] > '2' {
					continue
				}
				for _, restart := range []string{"0", "1", "2B", "7B"} {
					src := run(t, photo(71, 85), "cjpeg", "-sample", sampling, "-scans", file, "-restart", restart)
					for _, scale := range []int{1, 2, 4, 8} {
						sameAsDjpeg(t, src, scale)
					}
				}
			}
		})
	}
}

// All sizes from 1 to 40, where the edges of blocks and of smooth upsampling are.
func TestDjpegSizes(t *testing.T) {
	tool(t, "djpeg")
	for size := 1; size <= 40; size++ {
		for _, args := range [][]string{{"-sample", "2x2"}, {"-sample", "2x1", "-progressive"}, {"-sample", "1x2"}, {"-grayscale"}} {
			for _, dim := range [][2]int{{size, 41 - size}, {size, 9}, {9, size}} {
				src := run(t, photo(dim[0], dim[1]), "cjpeg", args...)
				for _, scale := range []int{1, 2, 4, 8} {
					sameAsDjpeg(t, src, scale)
				}
			}
		}
	}
}

// Colour spaces as djpeg has them.
func TestDjpegColors(t *testing.T) {
	tool(t, "djpeg")
	for _, args := range [][]string{{"-rgb"}, {"-rgb", "-progressive"}, {"-grayscale"}, {"-grayscale", "-progressive", "-restart", "5B"}} {
		src := run(t, photo(133, 66), "cjpeg", args...)
		for _, scale := range []int{1, 2, 4, 8} {
			sameAsDjpeg(t, src, scale)
		}
	}
	src := run(t, photo(133, 66), "cjpeg", "-sample", "2x2")
	for _, scale := range []int{1, 2, 4, 8} {
		sameAsDjpeg(t, asRGB(src), scale) // the upsampled planes, bare
	}
}

const photos = "../../../shared/photos"

func photoFiles(t testing.TB) []string {
	files, _ := filepath.Glob(photos + "/*.jpg")
	if len(files) == 0 {
		t.Skip("the shared photos are not here: " + photos)
	}
	return files
}

func TestDjpegPhotos(t *testing.T) {
	tool(t, "djpeg")
	for _, file := range photoFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, scale := range []int{1, 2, 4, 8} {
				sameAsDjpeg(t, src, scale)
			}
		})
	}
}

// The same coefficients give the same samples, whatever the order in which they come: also of those that djpeg can't
// be asked about.
func TestTranscoded(t *testing.T) {
	tool(t, "jpegtran")
	for _, sampling := range []string{"1x1", "2x1", "2x2", "4x1"} {
		src := run(t, photo(117, 93), "cjpeg", "-sample", sampling, "-quality", "80")
		for _, args := range [][]string{{"-progressive"}, {"-optimize", "-restart", "2B"}, {"-progressive", "-restart", "1"}} {
			other := run(t, src, "jpegtran", args...)
			for _, scale := range []int{1, 2, 4, 8} {
				for _, low := range []bool{false, true} {
					opts := Options{Scale: scale, Lowpass: low}
					want, err1 := DecodePlanes(src, opts)
					got, err2 := DecodePlanes(other, opts)
					if err1 != nil || err2 != nil {
						t.Fatal(sampling, args, scale, low, err1, err2)
					}
					if d, err := farthest(got, want); d != 0 || err != nil {
						t.Errorf("%s %v 1/%d, low-pass %t: %d apart, %v", sampling, args, scale, low, d, err)
					}
				}
			}
		}
	}
}
