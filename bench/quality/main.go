// Command quality says how near outputs are to the best there could be: djpeg -dct float at full size, then Lanczos3, stretched to the ratio, in
// float64. It prints the PSNR of pixmill's, vipsthumbnail's and sharp's variants, as PNG, where nothing but scaling counts, and as JPEG of
// quality 80, both decoded as everybody decodes them. bench/quality.sh makes the variants and starts it.
//
//	quality DIR WIDTHS PHOTO...     DIR has TOOL/NAME-WIDTH.png and .jpg
package main

import (
	"bufio"
	"fmt"
	"image"
	_ "image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

var tools = []string{"pixmill", "vipsthumbnail", "sharp"}

func main() {
	if err := run(os.Args[1], strings.Split(os.Args[2], ","), os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func run(dir string, widths, photos []string) error {
	fmt.Println("| photo | width | " + strings.Join(tools, " PNG | ") + " PNG | " + strings.Join(tools, " JPEG | ") + " JPEG | pixmill is nearest |\n|---|---|---|---|---|---|---|---|---|")
	nearest, all := 0, 0
	for _, photo := range photos {
		source, err := djpeg(photo, "-dct", "float")
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(photo), filepath.Ext(photo))
		for _, width := range widths {
			w, err := strconv.Atoi(width)
			if err != nil {
				return err
			}
			want := source.columns(w).transposed().columns((2*source.h*w + source.w) / (2 * source.w)).transposed()
			fmt.Printf("| %s | %d |", name, w)
			best := true
			for _, ext := range []string{"png", "jpg"} {
				var first float64
				for i, tool := range tools {
					got, err := load(filepath.Join(dir, tool, fmt.Sprintf("%s-%d.%s", name, w, ext)))
					if err != nil {
						return err
					}
					db, err := psnr(want, got)
					if err != nil {
						return fmt.Errorf("%s of %s at %d: %w", tool, name, w, err)
					}
					if i == 0 {
						first = db
					}
					best = best && db <= first
					fmt.Printf(" %.2f |", db)
				}
			}
			all++
			if best {
				nearest++
			}
			fmt.Println(map[bool]string{true: " yes |", false: " **no** |"}[best])
		}
	}
	fmt.Printf("\n%d of %d variants, as PNG and as JPEG, are at least as near as both others'.\n", nearest, all)
	return nil
}

// picture is three planes.
type picture struct {
	w, h int
	v    [3][]float64
}

func newPicture(w, h int) picture {
	p := picture{w: w, h: h}
	for k := range p.v {
		p.v[k] = make([]float64, w*h)
	}
	return p
}

func djpeg(file string, options ...string) (picture, error) {
	cmd := exec.Command("djpeg", append(options, "-ppm", file)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return picture{}, err
	}
	if err := cmd.Start(); err != nil {
		return picture{}, err
	}
	r := bufio.NewReaderSize(out, 1<<20)
	var w, h, most int
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &w, &h, &most); err != nil {
		return picture{}, fmt.Errorf("%s: %w", file, err)
	}
	p, row := newPicture(w, h), make([]byte, 3*w)
	for y := range h {
		if _, err := io.ReadFull(r, row); err != nil {
			return picture{}, fmt.Errorf("%s: %w", file, err)
		}
		for i, v := range row {
			p.v[i%3][y*w+i/3] = float64(v)
		}
	}
	return p, cmd.Wait()
}

func load(file string) (picture, error) {
	if filepath.Ext(file) == ".jpg" {
		return djpeg(file)
	}
	f, err := os.Open(file)
	if err != nil {
		return picture{}, err
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return picture{}, fmt.Errorf("%s: %w", file, err)
	}
	p := newPicture(m.Bounds().Dx(), m.Bounds().Dy())
	for i := range p.w * p.h {
		r, g, b, _ := m.At(i%p.w, i/p.w).RGBA()
		p.v[0][i], p.v[1][i], p.v[2][i] = float64(r>>8), float64(g>>8), float64(b>>8)
	}
	return p, nil
}

// columns reduces the rows to w.
func (p picture) columns(w int) picture {
	out, ratio := newPicture(w, p.h), float64(p.w)/float64(w)
	for x := range w {
		centre := (float64(x) + 0.5) * ratio
		first, last := max(0, int(centre-3*ratio-1)), min(p.w-1, int(centre+3*ratio+1))
		taps, sum := make([]float64, last-first+1), 0.0
		for i := range taps {
			taps[i] = lanczos3((float64(first+i) + 0.5 - centre) / ratio)
			sum += taps[i]
		}
		for k := range p.v {
			for y := range p.h {
				total := 0.0
				for i, v := range p.v[k][y*p.w+first : y*p.w+last+1] {
					total += v * taps[i]
				}
				out.v[k][y*w+x] = total / sum
			}
		}
	}
	return out
}

func lanczos3(x float64) float64 {
	switch {
	case x == 0:
		return 1
	case math.Abs(x) >= 3:
		return 0
	}
	return 3 * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/3) / (math.Pi * math.Pi * x * x)
}

func (p picture) transposed() picture {
	out := newPicture(p.h, p.w)
	for k := range p.v {
		for y := range p.h {
			for x := range p.w {
				out.v[k][x*p.h+y] = p.v[k][y*p.w+x]
			}
		}
	}
	return out
}

// psnr of 8-bit samples; what the reference has beyond 0 and 255 nobody can show.
func psnr(want, got picture) (float64, error) {
	if want.w != got.w || want.h != got.h {
		return 0, fmt.Errorf("it is %d×%d, not %d×%d", got.w, got.h, want.w, want.h)
	}
	sum := 0.0
	for k := range want.v {
		for i, v := range want.v[k] {
			d := min(max(v, 0), 255) - got.v[k][i]
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(3*want.w*want.h)/sum), nil
}
