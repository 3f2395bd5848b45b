// Command formats measures how fast each format is decoded and encoded, in megapixels a second of CPU time: the best of some runs, after one that
// compiles what WebAssembly there is.
//
//	go run -C bench ./formats -encode PICTURE.png [FILE...]     FILE: what to decode, at full size
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"pixmill/bench/cputime"
	"pixmill/resize/codec"
)

func main() {
	picture := flag.String("encode", "", "PNG to encode to every format, and to decode again")
	runs := flag.Int("runs", 3, "of which the best counts")
	flag.Parse()
	if err := run(*picture, *runs, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "formats:", err)
		os.Exit(1)
	}
}

func run(picture string, runs int, files []string) error {
	img, err := load(picture)
	if err != nil {
		return err
	}
	fmt.Printf("Encoding %d×%d, quality 80 (avif 60), and decoding what came of it:\n\n", img.Rect.Dx(), img.Rect.Dy())
	fmt.Print("| format | effort | encode MP/s | decode MP/s | bytes |\n|---|---|---|---|---|\n")
	megapixels := float64(img.Rect.Dx()) * float64(img.Rect.Dy()) / 1e6
	for _, name := range codec.Written() {
		c := codec.Find(name)
		for effort, word := range []string{"fast", "balanced", "small"} {
			s := codec.Settings{Quality: 80, Effort: codec.Effort(effort)}
			if name == "avif" {
				s.Quality = 60
			}
			var data []byte
			encoding, err := best(runs, func() (err error) {
				data, err = c.Encode(nil, img, s)
				return err
			})
			if err != nil {
				return err
			}
			decoding, err := best(runs, func() error { return decode(c, data) })
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s | %.1f | %.1f | %d |\n", name, word, megapixels/encoding.Seconds(), megapixels/decoding.Seconds(), len(data))
		}
	}
	fmt.Print("\nDecoding whole files:\n\n| file | megapixels | decode MP/s |\n|---|---|---|\n")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		c := codec.Find(codec.Sniff(data))
		if c == nil {
			return fmt.Errorf("%s is no image", file)
		}
		info, err := c.Probe(codec.NewHeader(bytes.NewReader(data), int64(len(data))))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		took, err := best(runs, func() error { return decode(c, data) })
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		mp := float64(info.Width) * float64(info.Height) / 1e6
		fmt.Printf("| %s | %.1f | %.1f |\n", filepath.Base(file), mp, mp/took.Seconds())
	}
	return nil
}

func load(path string) (*image.NRGBA, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	img := image.NewNRGBA(image.Rectangle{Max: decoded.Bounds().Size()})
	draw.Draw(img, img.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return img, nil
}

// best is the least CPU time of some runs, after one that does not count.
func best(runs int, do func() error) (least time.Duration, err error) {
	if err := do(); err != nil {
		return 0, err
	}
	for i := range runs {
		start := cputime.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if took := cputime.Now() - start; i == 0 || took < least {
			least = took
		}
	}
	return least, nil
}

// decode takes the rows at full size and lets them go.
func decode(c *codec.Codec, data []byte) error {
	info, err := c.Probe(codec.NewHeader(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		return err
	}
	w, h := info.Stored()
	return c.Decode(&codec.Source{Data: data}, info, codec.Want{Least: image.Pt(w, h), Planes: true}, nowhere{})
}

type nowhere struct{}

func (nowhere) Begin([]codec.Layer) error { return nil }
func (nowhere) Add(int, []byte, int, int) {}
