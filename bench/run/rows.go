package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// row is one table.
type row struct {
	name        string
	what        string
	contestants func() (all []contestant, missing []string, err error)
	targets     []target
}

// target compares pixmill, the row's first, with the best of some others: CPU seconds, or memory with a limit in bytes.
type target struct {
	times  float64
	others []string // none: all peers
	memory int64
	of     string // whose memory; "" is the first's
}

func (t target) verdict(m map[string]figures) string {
	word := func(reached bool) string {
		if reached {
			return "reached"
		}
		return "**missed**"
	}
	if t.memory > 0 {
		got := m[t.of].rss
		return fmt.Sprintf("peak RSS of %s ≤ %d MB: %d MB, %s", t.of, t.memory/1e6, got/1e6, word(got <= t.memory))
	}
	best, name := math.Inf(1), "nobody"
	for other, f := range m {
		peer := other != t.of && !strings.HasPrefix(other, "pixmill")
		if peer && (len(t.others) == 0 || slices.Contains(t.others, other)) && f.cpu < best {
			best, name = f.cpu, other
		}
	}
	if name == "nobody" {
		return fmt.Sprintf("CPU ≤ %.2f × %s: not measured, it is not here", t.times, strings.Join(t.others, ", "))
	}
	return fmt.Sprintf("CPU of %s ≤ %.2f × that of %s: %.2f ×, %s", t.of, t.times, name, m[t.of].cpu/best, word(m[t.of].cpu <= t.times*best))
}

var five = []string{"craft-beer-baseline.jpg", "book-beside-flowers-baseline.jpg", "iphone7-12mp-display-p3.jpg", "dji-0029-420.jpg", "dji-0032-422.jpg"}

var widths = []int{320, 640, 960, 1280, 1920}

const standard = "imaging + the standard library"

func (b *bench) rows() []row {
	var photos []string
	for _, name := range five {
		photos = append(photos, b.photo(name))
	}
	once := "sharp, one decoding"
	return []row{
		{
			"five", "Five photos (24, 12, 12, 9, 9 megapixels, baseline JPEG) into widths of 320, 640, 960, 1280 and 1920, JPEG of quality 80.",
			b.resizing(func() (work, error) { return work{photos, widths, "jpeg"}, nil }),
			[]target{{times: 0.5, of: "pixmill"}, {times: 1.0 / 15, of: "pixmill", others: []string{standard}}, {memory: 100e6, of: "pixmill"}},
		}, {
			"one", "The same photos into one width of 1200.",
			b.resizing(func() (work, error) { return work{photos, []int{1200}, "jpeg"}, nil }, "sharp, clone()"),
			[]target{{times: 0.8, of: "pixmill", others: []string{once}}, {times: 0.6, of: "pixmill", others: []string{"vipsthumbnail"}}},
		}, {
			"progressive", "Ten copies of a progressive JPEG of 12 megapixels into a width of 320.",
			b.resizing(func() (work, error) {
				files, err := b.copies(b.photo("iphone7-12mp-progressive.jpg"), 10)
				return work{files, []int{320}, "jpeg"}, err
			}, "GraphicsMagick", "ImageMagick", "sharp, clone()"),
			[]target{{times: 0.5, of: "pixmill", others: []string{once}}},
		},
		b.decoding(photos, 1), b.decoding(photos, 2), b.decoding(photos, 4), b.decoding(photos, 8),
		{
			"png", "A PNG of 24 megapixels into the five widths, PNG.",
			b.resizing(func() (work, error) {
				file, err := b.made("craft-beer.png", "djpeg -ppm "+b.photo(five[0])+" | convert-im6.q16 -limit area 1GP -limit memory 2GiB ppm:- -quality 75")
				return work{[]string{file}, widths, "png"}, err
			}, "GraphicsMagick", "ImageMagick", "sharp, clone()"),
			[]target{{times: 0.5, of: "pixmill", others: []string{standard}}},
		}, {
			"png-to-jpeg", "The same PNG into the five widths, JPEG.",
			b.resizing(func() (work, error) { return work{[]string{b.bin("craft-beer.png")}, widths, "jpeg"}, nil }, "GraphicsMagick", "ImageMagick", "sharp, clone()"),
			[]target{{times: 0.5, of: "pixmill", others: []string{standard}}},
		}, {
			"giant", "A baseline JPEG of 100 megapixels into a width of 1920.",
			b.resizing(func() (work, error) {
				file, err := b.made("giant.jpg", b.bin("giant")+" 12264 8160 "+b.photo("dji-0032-422.jpg"))
				return work{[]string{file}, []int{1920}, "jpeg"}, err
			}, "GraphicsMagick", "ImageMagick", "sharp, clone()", standard),
			[]target{{memory: 64e6, of: "pixmill"}},
		},
	}
}

// resizing lets all tools do a piece of work, but those left out.
func (b *bench) resizing(make func() (work, error), left ...string) func() ([]contestant, []string, error) {
	return func() (all []contestant, missing []string, err error) {
		w, err := make()
		if err != nil {
			return nil, nil, err
		}
		for _, t := range b.tools() {
			switch {
			case slices.Contains(left, t.name):
			case !b.present(t.program):
				missing = append(missing, t.name)
			default:
				all = append(all, contestant{t.name, func(out string) []string { return t.command(w, out) }})
			}
		}
		return all, missing, nil
	}
}

// decoding compares decoders alone, each photo five times.
func (b *bench) decoding(photos []string, scale int) row {
	const times = 5
	ours := append([]string{b.bin("decode"), strconv.Itoa(scale), strconv.Itoa(times)}, photos...)
	script := fmt.Sprintf(`for i in $(seq %d); do for f; do djpeg -dct int -nosmooth -scale 1/%d -ppm "$f" >/dev/null; done; done`, times, scale)
	if scale == 1 {
		script = strings.Replace(script, "-nosmooth ", "", 1)
	}
	theirs := append([]string{"sh", "-c", script, "djpeg"}, photos...)
	return row{
		fmt.Sprintf("decode-%d", scale),
		fmt.Sprintf("Decoding alone, at 1/%d: the five photos, %d times each. Ours makes rows of RGBA, djpeg a PPM for /dev/null, of the same samples.", scale, times),
		func() ([]contestant, []string, error) {
			all := []contestant{{"pixmill's decoder", func(string) []string { return ours }}}
			if !b.present("djpeg") {
				return all, []string{"djpeg"}, nil
			}
			return append(all, contestant{"djpeg", func(string) []string { return theirs }}), nil, nil
		},
		[]target{{times: 1, of: "pixmill's decoder", others: []string{"djpeg"}}},
	}
}

// copies are hard links.
func (b *bench) copies(file string, n int) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []string
	for i := range n {
		to := b.bin(fmt.Sprintf("copy%02d%s", i, filepath.Ext(file)))
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}

// made is a file that a command makes, which gets its name last.
func (b *bench) made(name, command string) (string, error) {
	file := b.bin(name)
	out, err := exec.Command("bash", "-o", "pipefail", "-c", command+" "+file).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	return file, nil
}
