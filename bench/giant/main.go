// Command giant tiles a photo, mirrored from tile to tile, into a JPEG of any size; with -progressive, into a progressive one.
//
//	giant [-progressive] WIDTH HEIGHT PHOTO OUT
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"

	"pixmill/resize/jpeg"
)

func main() {
	progressive := flag.Bool("progressive", false, "")
	flag.Parse()
	if err := run(*progressive, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "giant:", err)
		os.Exit(1)
	}
}

func run(progressive bool, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: giant [-progressive] WIDTH HEIGHT PHOTO OUT")
	}
	w, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	h, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	src, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	photo, err := jpeg.DecodePlanes(src, jpeg.Options{})
	if err != nil {
		return err
	}
	planes := make([]jpeg.Plane, 3)
	for i := range planes {
		p := jpeg.Plane{Width: w, Height: h}
		if i > 0 {
			p.Width, p.Height = (w+1)/2, (h+1)/2
		}
		p.Stride, p.Pix = p.Width, make([]byte, p.Width*p.Height)
		from := photo[min(i, len(photo)-1)]
		for y := range p.Height {
			row := from.Pix[mirrored(y, from.Height)*from.Stride:]
			for x := range p.Width {
				p.Pix[y*p.Stride+x] = row[mirrored(x, from.Width)]
			}
		}
		planes[i] = p
	}
	data, err := jpeg.Encode(nil, planes, jpeg.EncodeOptions{Quality: 90, Progressive: progressive})
	if err != nil {
		return err
	}
	return os.WriteFile(args[3], data, 0o644)
}

// mirrored maps i to 0 … n−1, forth and back.
func mirrored(i, n int) int {
	if i %= 2 * n; i >= n {
		i = 2*n - 1 - i
	}
	return i
}
