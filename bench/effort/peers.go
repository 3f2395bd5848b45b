package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gen2brain/jpegli"

	"pixmill/bench/cputime"
	"pixmill/resize/codec"
	"pixmill/resize/jpeg"
)

// A picture is a PNG file, and what encoders read of it.
type picture struct {
	name, path string
	img        *image.NRGBA
	ppm        string // path of the same pixels
}

func load(path, work string) (*picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	decoded, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".png")
	p := &picture{name: name, path: path, img: image.NewNRGBA(decoded.Bounds()), ppm: filepath.Join(work, name+".ppm")}
	draw.Draw(p.img, p.img.Rect, decoded, decoded.Bounds().Min, draw.Src)
	pixels := fmt.Appendf(nil, "P6\n%d %d\n255\n", p.img.Rect.Dx(), p.img.Rect.Dy())
	for i := 0; i < len(p.img.Pix); i += 4 {
		pixels = append(pixels, p.img.Pix[i:i+3]...)
	}
	return p, os.WriteFile(p.ppm, pixels, 0o600)
}

// A file is what an encoder wrote, and the CPU time of one run, the least of some: user and system.
type file struct {
	data []byte
	cpu  time.Duration
}

type encoder struct {
	name   string
	encode func(p *picture, qualities []int) ([]file, error)
}

const baseline = "cjpeg -optimize"

var encoders = []encoder{
	{baseline, command("cjpeg", "-dct", "int", "-optimize")},
	{"cjpeg -progressive", command("cjpeg", "-dct", "int", "-progressive")},
	{"mozjpeg (sharp)", sharp},
	{"jpegli (wasm)", within(jpegliWith(0))},
	{"jpegli progressive", within(jpegliWith(2))},
	{"pixmill fast", within(pixmill(jpeg.EncodeOptions{}))},
	{"pixmill progressive", within(pixmill(jpeg.EncodeOptions{Progressive: true}))},
	{"pixmill balanced", within(pixmill(jpeg.EncodeOptions{Effort: jpeg.Balanced}))},
	{"pixmill small", within(pixmill(jpeg.EncodeOptions{Effort: jpeg.Small}))},
	{"webp fast", within(in("webp", codec.Fast))},
	{"webp balanced", within(in("webp", codec.Balanced))},
	{"avif fast", within(in("avif", codec.Fast))},
	{"avif balanced", within(in("avif", codec.Balanced))},
}

const runs = 3

// command runs a program that reads PPM from a file and writes JPEG to its output.
func command(name string, args ...string) func(*picture, []int) ([]file, error) {
	return func(p *picture, qualities []int) (files []file, err error) {
		for _, q := range qualities {
			var best file
			for range runs {
				var out, problem bytes.Buffer
				cmd := exec.Command(name, append(args[:len(args):len(args)], "-quality", strconv.Itoa(q), p.ppm)...)
				cmd.Stdout, cmd.Stderr = &out, &problem
				if err := cmd.Run(); err != nil {
					return nil, fmt.Errorf("%w: %s", err, problem.Bytes())
				}
				best = best.or(file{out.Bytes(), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()})
			}
			files = append(files, best)
		}
		return files, nil
	}
}

func (f file) or(other file) file {
	if f.data == nil || other.cpu < f.cpu {
		return other
	}
	return f
}

// within runs an encoder of this process.
func within(encode func(p *picture, quality int) ([]byte, error)) func(*picture, []int) ([]file, error) {
	return func(p *picture, qualities []int) (files []file, err error) {
		if _, err := encode(p, qualities[0]); err != nil { // for its memory and its compiler
			return nil, err
		}
		for _, q := range qualities {
			var best file
			for range runs {
				start := cputime.Now()
				data, err := encode(p, q)
				if err != nil {
					return nil, err
				}
				best = best.or(file{data, cputime.Now() - start})
			}
			files = append(files, best)
		}
		return files, nil
	}
}

func pixmill(o jpeg.EncodeOptions) func(p *picture, quality int) ([]byte, error) {
	return func(p *picture, quality int) ([]byte, error) {
		o.Quality = quality
		return jpeg.EncodeRGBA(nil, p.img, o)
	}
}

// in encodes as pixmill does to another format.
func in(format string, effort codec.Effort) func(p *picture, quality int) ([]byte, error) {
	return func(p *picture, quality int) ([]byte, error) {
		return codec.Find(format).Encode(nil, p.img, codec.Settings{Quality: quality, Effort: effort})
	}
}

// shown is a file that the metrics' programs can read: JPEG as it is, other formats as the PNG of what pixmill sees in them.
func shown(data []byte) (name string, out []byte, err error) {
	format := codec.Sniff(data)
	if format == "jpeg" {
		return "candidate.jpg", data, nil
	}
	img, err := codec.Find(format).Seen(data)
	if err != nil {
		return "", nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return "candidate.png", b.Bytes(), err
}

func jpegliWith(level int) func(p *picture, quality int) ([]byte, error) {
	return func(p *picture, quality int) ([]byte, error) {
		var out bytes.Buffer
		err := jpegli.Encode(&out, (*image.RGBA)(p.img), &jpegli.EncodingOptions{Quality: quality, ProgressiveLevel: level,
			ChromaSubsampling: image.YCbCrSubsampleRatio420, OptimizeCoding: true, AdaptiveQuantization: true})
		return out.Bytes(), err
	}
}

// sharp runs sharp.mjs, whose output is for each quality: CPU microseconds and length, 32 bits each, and the file.
func sharp(p *picture, qualities []int) (files []file, err error) {
	args := []string{"sharp.mjs", "mozjpeg", p.path}
	for _, q := range qualities {
		args = append(args, strconv.Itoa(q))
	}
	cmd := exec.Command("node", args...)
	cmd.Dir = os.Getenv("SHARP")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	for range qualities {
		if len(out) < 8 {
			return nil, fmt.Errorf("sharp.mjs wrote too little")
		}
		micros, n := binary.LittleEndian.Uint32(out), int(binary.LittleEndian.Uint32(out[4:]))
		if len(out) < 8+n {
			return nil, fmt.Errorf("sharp.mjs wrote too little")
		}
		files = append(files, file{out[8:][:n], time.Duration(micros) * time.Microsecond})
		out = out[8+n:]
	}
	return files, nil
}

// A metric tells how far two pictures are apart.
type metric func(want, got string) (float64, error)

var metrics = map[string]metric{
	"butteraugli": program(regexp.MustCompile(`3-norm: ([0-9.]+)`), "butteraugli_main"),
	"ssimulacra2": func(want, got string) (float64, error) {
		score, err := program(regexp.MustCompile(`^(-?[0-9.]+)\s*$`), "ssimulacra2")(want, got)
		return 100 - score, err
	},
}

// program runs a command on two pictures, and finds the figure in what it prints.
func program(figure *regexp.Regexp, name string) metric {
	return func(want, got string) (float64, error) {
		out, err := exec.Command(name, want, got).CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%s: %w: %s", name, err, out)
		}
		found := figure.FindSubmatch(out)
		if found == nil {
			return 0, fmt.Errorf("%s printed no figure: %s", name, out)
		}
		return strconv.ParseFloat(string(found[1]), 64)
	}
}
