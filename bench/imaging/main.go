// Command imaging is what one would write in Go without pixmill: the standard library decodes and encodes, disintegration/imaging
// resizes, every width from the photo itself.
//
//	imaging FORMAT OUT WIDTHS FILE...
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/disintegration/imaging"
)

func main() {
	if err := run(os.Args[1], os.Args[2], strings.Split(os.Args[3], ","), os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, "imaging:", err)
		os.Exit(1)
	}
}

func run(format, out string, widths, files []string) error {
	ext := map[string]string{"jpeg": ".jpg", "png": ".png"}[format]
	for _, file := range files {
		img, err := imaging.Open(file, imaging.AutoOrientation(true))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		for _, w := range widths {
			width, err := strconv.Atoi(w)
			if err != nil {
				return err
			}
			small := imaging.Resize(img, width, 0, imaging.Lanczos)
			if err := imaging.Save(small, filepath.Join(out, name+"-"+w+ext), imaging.JPEGQuality(80)); err != nil {
				return err
			}
		}
	}
	return nil
}
