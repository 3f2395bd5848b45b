// Command crop compares the cuts of resize/crop with those of libvips' smartcrop, on the same pixels, and prints a table in Markdown.
//
//	crop [-sheets DIR] PHOTO.png...
//
// With -sheets it also writes each photo with both cuts drawn in: ours in white, libvips' in black.
package main

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/disintegration/imaging"

	"pixmill/resize/crop"
)

func main() {
	sheets := flag.String("sheets", "", "")
	flag.Parse()
	fmt.Println("| photo | cut | method | pixmill at | libvips at | in common |\n|---|---|---|---|---|---|")
	for _, name := range flag.Args() {
		if err := compare(name, *sheets); err != nil {
			fmt.Fprintln(os.Stderr, "crop:", name+":", err)
			os.Exit(1)
		}
	}
}

func compare(name, sheets string) error {
	read, err := imaging.Open(name)
	if err != nil {
		return err
	}
	img := imaging.Clone(read)
	side := min(img.Rect.Dx(), img.Rect.Dy())
	title := strings.TrimSuffix(filepath.Base(name), ".png")
	for _, size := range []image.Point{{side, side}, {side / 2, side * 9 / 10}} {
		for _, by := range []crop.Method{crop.Attention, crop.Entropy} {
			ours := image.Rectangle{Max: size}.Add(crop.Find(img, size, by))
			theirs, err := smartcrop(name, img, size, string(by))
			if err != nil {
				return err
			}
			both := ours.Intersect(theirs)
			fmt.Printf("| %s | %d×%d of %d×%d | %s | %d, %d | %d, %d | %d %% |\n", title, size.X, size.Y, img.Rect.Dx(), img.Rect.Dy(), by,
				ours.Min.X, ours.Min.Y, theirs.Min.X, theirs.Min.Y, 100*both.Dx()*both.Dy()/(size.X*size.Y))
			if sheets != "" {
				if err := sheet(filepath.Join(sheets, fmt.Sprintf("%s-%dx%d-%s.jpg", title, size.X, size.Y, by)), img, ours, theirs); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// smartcrop lets vips cut, and finds where it did.
func smartcrop(name string, img *image.NRGBA, size image.Point, by string) (image.Rectangle, error) {
	temp, err := os.MkdirTemp("", "crop")
	if err != nil {
		return image.Rectangle{}, err
	}
	defer os.RemoveAll(temp)
	out := filepath.Join(temp, "out.png")
	if text, err := exec.Command("vips", "smartcrop", name, out, strconv.Itoa(size.X), strconv.Itoa(size.Y), "--interesting", by).CombinedOutput(); err != nil {
		return image.Rectangle{}, fmt.Errorf("vips smartcrop: %w: %s", err, text)
	}
	f, err := os.Open(out)
	if err != nil {
		return image.Rectangle{}, err
	}
	defer f.Close()
	decoded, err := png.Decode(f)
	if err != nil {
		return image.Rectangle{}, err
	}
	cut := imaging.Clone(decoded)
	for y := 0; y+size.Y <= img.Rect.Dy(); y++ {
		for x := 0; x+size.X <= img.Rect.Dx(); x++ {
			at := image.Rectangle{Max: size}.Add(image.Pt(x, y))
			if isAt(img, cut, at) {
				return at, nil
			}
		}
	}
	return image.Rectangle{}, fmt.Errorf("vips smartcrop made pixels that the photo does not have")
}

func isAt(img, cut *image.NRGBA, at image.Rectangle) bool {
	for y := range at.Dy() {
		a := img.Pix[(at.Min.Y+y)*img.Stride+4*at.Min.X:][:4*at.Dx()]
		b := cut.Pix[y*cut.Stride:][:4*at.Dx()]
		if string(a) != string(b) {
			return false
		}
	}
	return true
}

func sheet(name string, img *image.NRGBA, ours, theirs image.Rectangle) error {
	out := imaging.Clone(img)
	frame := func(r image.Rectangle, c color.NRGBA) {
		for width := range 4 {
			in := r.Inset(width)
			for x := in.Min.X; x < in.Max.X; x++ {
				out.SetNRGBA(x, in.Min.Y, c)
				out.SetNRGBA(x, in.Max.Y-1, c)
			}
			for y := in.Min.Y; y < in.Max.Y; y++ {
				out.SetNRGBA(in.Min.X, y, c)
				out.SetNRGBA(in.Max.X-1, y, c)
			}
		}
	}
	frame(theirs, color.NRGBA{0, 0, 0, 255})
	frame(ours.Inset(5), color.NRGBA{255, 255, 255, 255})
	return imaging.Save(out, name, imaging.JPEGQuality(85))
}
