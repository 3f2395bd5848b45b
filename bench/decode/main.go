// Command decode decodes JPEG files with pixmill's decoder into rows of RGB-coloured pixels that nobody keeps, to be timed beside
// djpeg -ppm > /dev/null.
//
//	decode SCALE TIMES FILE...
package main

import (
	"fmt"
	"os"
	"strconv"

	"pixmill/resize/jpeg"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	scale, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	for _, file := range args[2:] {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for range times {
			err := jpeg.Using(src, jpeg.Options{Scale: scale}, func(d *jpeg.Decoder) error {
				w, _ := d.Size()
				row := make([]byte, 4*w)
				return d.RGBA(func(int) []byte { return row })
			})
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}
