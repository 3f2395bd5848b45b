// Command conformance decodes every JPEG below some folders with pixmill's decoder and with djpeg, at 1/1, 1/2, 1/4 and 1/8, and says how
// many come out the same. Below a folder named reftest, as image-rs/jpeg-decoder has it, the PNG beside a JPEG is held to be what it should
// look like, within 3. Of libjpeg-turbo's own testorig.jpg the PPMs are held to the sums that its test-suite has.
//
//	conformance DIR...
package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"image"
	"image/color"
	_ "image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"pixmill/resize/jpeg"
)

// sums are MD5s of `djpeg -dct int -nosmooth -scale 1/N -ppm testorig.jpg`, by libjpeg-turbo's CMakeLists.txt (MD5_PPM_420M_ISLOW_*).
var sums = map[int]string{
	2: "e692a315cea26b988c8e8b29a5dbcd81",
	4: "79cd778f8bf1a117690052cacdd54eca",
	8: "391b3d4aca640c8567d6f8745eb2142f",
}

func main() {
	var t tally
	for _, dir := range os.Args[1:] {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".jpg") {
				t.file(path)
			}
			return err
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "conformance:", err)
			os.Exit(1)
		}
	}
	fmt.Printf("%d files at 4 scales: %d pictures identical to djpeg's, %d different, %d refused by both, %d by pixmill alone, %d by djpeg alone\n",
		t.files, t.same, t.different, t.neither, t.oursRefused, t.theirsRefused)
	fmt.Printf("%d PNGs beside JPEGs: %d within 3, %d not\n", t.within+t.beyond, t.within, t.beyond)
	fmt.Printf("%d of %d sums of testorig.jpg\n", t.sums, t.sumsSeen)
	if t.different+t.sumsSeen-t.sums > 0 {
		os.Exit(1)
	}
}

type tally struct {
	files, same, different              int
	neither, oursRefused, theirsRefused int
	within, beyond                      int
	sums, sumsSeen                      int
}

func (t *tally) file(path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(path, err)
		return
	}
	t.files++
	for _, scale := range []int{1, 2, 4, 8} {
		ours, ourErr := jpeg.DecodeNRGBA(src, jpeg.Options{Scale: scale, Repeat: scale > 1})
		args := []string{"-dct", "int", "-ppm", "-rgb", "-scale", fmt.Sprintf("1/%d", scale)}
		if scale > 1 {
			args = append(args, "-nosmooth")
		}
		cmd := exec.Command("djpeg", append(args, path)...)
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, theirErr := cmd.Output()
		w, h, pix, theirErr := ppm(out, theirErr)
		damaged := complaint.Len() > 0 // djpeg goes on, with a warning
		switch {
		case ourErr != nil && (theirErr != nil || damaged):
			t.neither++
		case ourErr != nil:
			t.oursRefused++
			fmt.Printf("%s at 1/%d: pixmill alone refuses it: %v\n", path, scale, ourErr)
		case theirErr != nil:
			t.theirsRefused++
			fmt.Printf("%s at 1/%d: djpeg alone refuses it: %s\n", path, scale, strings.TrimSpace(complaint.String()))
		default:
			if most := farthest(ours, w, h, pix); most != 0 {
				t.different++
				fmt.Printf("%s at 1/%d: up to %d apart%s\n", path, scale, most, map[bool]string{true: " (djpeg: " + strings.TrimSpace(complaint.String()) + ")"}[damaged])
			} else {
				t.same++
			}
		}
		if sum := sums[scale]; filepath.Base(path) == "testorig.jpg" && sum != "" && ourErr == nil {
			t.sumsSeen++
			if fmt.Sprintf("%x", md5.Sum(asPPM(ours))) == sum {
				t.sums++
			}
		}
		if scale == 1 && ourErr == nil && strings.Contains(path, "/reftest/") {
			t.beside(strings.TrimSuffix(path, filepath.Ext(path))+".png", ours)
		}
	}
}

// ppm reads a PPM of RGB.
func ppm(data []byte, err error) (w, h int, pix []byte, _ error) {
	if err != nil {
		return 0, 0, nil, err
	}
	var most int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P6\n%d %d\n%d\n", &w, &h, &most); err != nil {
		return 0, 0, nil, err
	}
	return w, h, data[len(data)-3*w*h:], nil
}

func asPPM(m *image.NRGBA) []byte {
	b := fmt.Appendf(nil, "P6\n%d %d\n255\n", m.Rect.Dx(), m.Rect.Dy())
	for i := 0; i < len(m.Pix); i += 4 {
		b = append(b, m.Pix[i:i+3]...)
	}
	return b
}

// farthest is the largest difference of two samples; 256 of two sizes.
func farthest(m *image.NRGBA, w, h int, pix []byte) int {
	if m.Rect != image.Rect(0, 0, w, h) {
		return 256
	}
	most := 0
	for i, v := range pix {
		d := int(v) - int(m.Pix[i/3*4+i%3])
		most = max(most, d, -d)
	}
	return most
}

// beside compares with the PNG of a reference, if there is one.
func (t *tally) beside(path string, ours *image.NRGBA) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	pix := make([]byte, 0, 3*w*h)
	for i := range w * h {
		c := color.NRGBAModel.Convert(m.At(i%w, i/w)).(color.NRGBA)
		pix = append(pix, c.R, c.G, c.B)
	}
	if most := farthest(ours, w, h, pix); most > 3 {
		t.beyond++
		fmt.Printf("%s: up to %d apart\n", path, most)
		return
	}
	t.within++
}
