package resize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pixmill/resize/codec"
)

const (
	jpegHead = "\xff\xd8\xff\xe0"
	pngHead  = "\x89PNG\r\n\x1a\n"
)

var little, big binary.AppendByteOrder = binary.LittleEndian, binary.BigEndian

func probe(src []byte) (Info, error) { return Probe(bytes.NewReader(src), int64(len(src))) }

func TestProbe(t *testing.T) {
	for _, c := range []struct {
		file string
		want Info // memory is left out
	}{
		{"scene.jpg", Info{Format: "jpeg", Width: 1600, Height: 1200, Orientation: 1, Frames: 1}},
		{"progressive.jpg", Info{Format: "jpeg", Width: 803, Height: 601, Orientation: 1, Frames: 1, Progressive: true}},
		{"grey.jpg", Info{Format: "jpeg", Width: 400, Height: 300, Orientation: 1, Frames: 1, Gray: true}},
		{"cmyk.jpg", Info{Format: "jpeg", Width: 400, Height: 300, Orientation: 1, Frames: 1}},
		{"orientation-3.jpg", Info{Format: "jpeg", Width: 480, Height: 320, Orientation: 3, Frames: 1}},
		{"orientation-6.jpg", Info{Format: "jpeg", Width: 480, Height: 320, Orientation: 6, Frames: 1}},
		{"exif-loop.jpg", Info{Format: "jpeg", Width: 480, Height: 320, Orientation: 6, Frames: 1}},
		{"exif-lying.jpg", Info{Format: "jpeg", Width: 480, Height: 320, Orientation: 8, Frames: 1}},
		{"jpeg-inside.png", Info{Format: "jpeg", Width: 640, Height: 480, Orientation: 1, Frames: 1}},
		{"bomb.jpg", Info{Format: "jpeg", Width: 65535, Height: 65535, Orientation: 1, Frames: 1, Gray: true}},
		{"rgb.png", Info{Format: "png", Width: 320, Height: 240, Orientation: 1, Frames: 1}},
		{"rgba16.png", Info{Format: "png", Width: 256, Height: 192, Orientation: 1, Frames: 1, Alpha: true}},
		{"grey-alpha.png", Info{Format: "png", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true, Gray: true}},
		{"palette-trns.png", Info{Format: "png", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"rgb-trns.png", Info{Format: "png", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"one-bit.png", Info{Format: "png", Width: 203, Height: 151, Orientation: 1, Frames: 1, Gray: true}},
		{"animated.png", Info{Format: "png", Width: 96, Height: 64, Orientation: 1, Frames: 5, Alpha: true}},
		{"orientation-6.png", Info{Format: "png", Width: 480, Height: 320, Orientation: 6, Frames: 1}},
		{"truncated.png", Info{Format: "png", Width: 320, Height: 240, Orientation: 1, Frames: 1, Truncated: true}},
		{"still.gif", Info{Format: "gif", Width: 320, Height: 240, Orientation: 1, Frames: 1}},
		{"transparent.gif", Info{Format: "gif", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"animated.gif", Info{Format: "gif", Width: 96, Height: 64, Orientation: 1, Frames: 5, Alpha: true}},
		{"many-frames.gif", Info{Format: "gif", Width: 64, Height: 64, Orientation: 1, Frames: 1200, Alpha: true}},
		{"lossy.webp", Info{Format: "webp", Width: 320, Height: 240, Orientation: 1, Frames: 1}},
		{"alpha.webp", Info{Format: "webp", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"alpha-lossless.webp", Info{Format: "webp", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"orientation-6.webp", Info{Format: "webp", Width: 480, Height: 320, Orientation: 6, Frames: 1}},
		{"lossy.avif", Info{Format: "avif", Width: 320, Height: 240, Orientation: 1, Frames: 1}},
		{"alpha.avif", Info{Format: "avif", Width: 320, Height: 240, Orientation: 1, Frames: 1, Alpha: true}},
		{"bomb.webp", Info{Format: "webp", Width: 16384, Height: 16384, Orientation: 1, Frames: 1}},
		{"rgb.tiff", Info{Format: "tiff", Width: 320, Height: 240, Orientation: 1, Frames: 1}},
		{"orientation-6.tiff", Info{Format: "tiff", Width: 480, Height: 320, Orientation: 6, Frames: 1}},
		{"palette8.bmp", Info{Format: "bmp", Width: 161, Height: 120, Orientation: 1, Frames: 1}},
	} {
		t.Run(c.file, func(t *testing.T) {
			got, err := probe(testImage(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if got.DecodePeak[0] <= 0 {
				t.Errorf("memory: %v", got.DecodePeak)
			}
			if got = shape(got); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestProbeOfAnimatedWebP(t *testing.T) {
	info, err := probe(testImage(t, "animated.webp"))
	if err != nil || info.Frames != 5 || info.Width != 96 || info.Height != 64 {
		t.Errorf("got %+v, %v, want 5 frames of 96×64", info, err)
	}
}

func TestSniff(t *testing.T) {
	box := func(brand string) string { return "\x00\x00\x00\x1cftyp" + brand + "\x00\x00\x00\x00mif1heic" }
	for _, c := range []struct{ head, want string }{
		{jpegHead + "\x00\x10JFIF\x00", "jpeg"},
		{pngHead + "\x00\x00\x00\rIHDR", "png"},
		{"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff", "gif"},
		{"GIF87a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff", "gif"},
		{"RIFF\x24\x00\x00\x00WEBPVP8 ", "webp"},
		{"RIFF\x24\x00\x00\x00WAVEfmt ", ""},
		{"II*\x00\x08\x00\x00\x00........", "tiff"},
		{"MM\x00*\x00\x00\x00\x08........", "tiff"},
		{"BM\x4e\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00", "bmp"},
		{"BMW is a maker of cars.", ""},
		{box("avif"), "avif"},
		{box("heic"), "heic"},
		{box("mif1"), "heic"},
		{"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "avif"},
		{box("crx "), "cr3"},
		{box("isom"), ""},
		{"\xff\x0a\xfa\x1f\x01\x90\x08\x06", "jxl"},
		{"\x00\x00\x00\x0cJXL \r\n\x87\n....", "jxl"},
		{"\x00\x00\x00\x0cjP  \r\n\x87\n....", "jp2"},
		{"8BPS\x00\x01\x00\x00\x00\x00\x00\x00", "psd"},
		{"<svg xmlns='http://www.w3.org/2000/svg'/>", ""},
		{"hello", ""},
		{"\xff\xd8", ""},
		{"", ""},
	} {
		if got := Sniff([]byte(c.head)); got != c.want {
			t.Errorf("Sniff(%q) is %q, want %q", c.head, got, c.want)
		}
	}
}

func TestNotDecodable(t *testing.T) {
	for _, c := range []struct {
		name, src, want string
		unsupported     bool
		truncated       bool
	}{
		{"nothing", "", "not an image: the file is empty", false, true},
		{"text", "just some text that is no image", "not an image: its first bytes are none of an image's", false, false},
		{"heic", "\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic", "incomplete heic: the file ends before the image does", false, true},
		{"avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1miaf", "incomplete avif: the file ends before the image does", false, true},
		{"arithmetic", "\xff\xd8\xff\xc9\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00", "arithmetic-coded, lossless or hierarchical JPEG is not supported yet: convert it to JPEG or PNG", true, false},
		{"12 bits", "\xff\xd8\xff\xc1\x00\x0b\x0c\x00\x10\x00\x10\x01\x01\x11\x00", "JPEG of 12 bits is not supported yet: convert it to JPEG or PNG", true, false},
		{"no width", "\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x00\x01\x01\x11\x00", "damaged jpeg: its width is zero", false, false},
		{"cut in the header", "\xff\xd8\xff\xe0\x00\x10JFIF", "incomplete jpeg: the file ends before the image does", false, true},
		{"cut png", "\x89PNG\r\n\x1a\n\x00\x00", "incomplete png: the file ends before the image does", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := probe([]byte(c.src))
			if err == nil || err.Error() != c.want {
				t.Fatalf("the error is %v\nwant         %s", err, c.want)
			}
			var format *FormatError
			var unsupported *UnsupportedError
			if errors.As(err, &unsupported) != c.unsupported || errors.As(err, &format) == c.unsupported {
				t.Errorf("the error is a %T", err)
			}
			if format != nil && format.Truncated != c.truncated {
				t.Errorf("Truncated is %t", format.Truncated)
			}
		})
	}
}

// failing is a file on a disk that is going.
type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, fs.ErrPermission }

func TestProbeReturnsReadErrors(t *testing.T) {
	if _, err := Probe(failing{}, 1000); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the error is %v, want the reader's", err)
	}
	src := bytes.NewReader(testImage(t, "scene.jpg")[:32])
	if _, err := Probe(thenFailing{src}, 100000); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the error is %v, want the reader's", err)
	}
}

// thenFailing answers the first, small read only.
type thenFailing struct{ *bytes.Reader }

func (f thenFailing) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > 32 {
		return 0, fs.ErrPermission
	}
	return f.Reader.ReadAt(p, off)
}

// endless is a file of any size that repeats a pattern behind its head, and counts what is read of it.
type endless struct {
	head, pattern []byte
	run           []byte // of many patterns
	reads, bytes  int
}

func (e *endless) ReadAt(p []byte, off int64) (int, error) {
	e.reads++
	e.bytes += len(p)
	if e.run == nil {
		e.run = bytes.Repeat(e.pattern, 1+(128<<10)/len(e.pattern))
	}
	n := 0
	if off < int64(len(e.head)) {
		n = copy(p, e.head[off:])
		off += int64(n)
	}
	if n < len(p) {
		copy(p[n:], e.run[(off-int64(len(e.head)))%int64(len(e.pattern)):])
	}
	return len(p), nil
}

// TestProbeIsBounded: a gigabyte made to be walked in the smallest steps costs little memory and few reads.
func TestProbeIsBounded(t *testing.T) {
	ihdr := pngHead + "\x00\x00\x00\x0dIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00...."
	for _, c := range []struct{ name, head, pattern string }{
		{"jpeg of empty comments", "\xff\xd8", "\xff\xfe\x00\x02"},
		{"jpeg of fill bytes", "\xff\xd8", "\xff"},
		{"jpeg of garbage", "\xff\xd8\xff\xfe\x00\x02", "\x00"},
		{"jpeg of exif", "\xff\xd8", "\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00"},
		{"jpeg of comments as long as a page", "\xff\xd8", "\xff\xfe\x0f\xfe" + strings.Repeat(".", 4092)},
		{"png of empty chunks", ihdr, "\x00\x00\x00\x00zzZz...."},
		{"png of exif", ihdr, "\x00\x00\x00\x00eXIf...."},
		{"gif of one-byte blocks", "GIF89a\x10\x00\x10\x00\x00\x00\x00", "\x21\xfe\x00"},
		{"gif of frames", "GIF89a\x10\x00\x10\x00\x00\x00\x00", "\x2c\x00\x00\x00\x00\x10\x00\x10\x00\x00\x02\x00"},
		{"webp of empty chunks", "RIFF\xff\xff\xff\x7fWEBP", "zzzz\x00\x00\x00\x00"},
		{"tiff of tags", "II*\x00\x08\x00\x00\x00\xff\xff", "\x00\x01\x03\x00\x01\x00\x00\x00\x10\x00\x00\x00"},
		{"tiff of ifds", "II*\x00\x08\x00\x00\x00\xff\xff", "\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := &endless{head: []byte(c.head), pattern: []byte(c.pattern)}
			_, _ = file.ReadAt(make([]byte, 1), 0)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Probe(file, 1<<30)
			runtime.ReadMemStats(&after)
			t.Logf("%d reads, %d bytes, %d allocated: %v", file.reads, file.bytes, after.TotalAlloc-before.TotalAlloc, err)
			if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
				t.Errorf("%d bytes were allocated", spent)
			}
			typed(t, err)
			if file.reads > 1<<15 {
				t.Errorf("%d reads", file.reads)
			}
		})
	}
}

// TestTestdata processes every test image there is: none may do worse than a typed error.
func TestTestdata(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "images", "*.*"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d test images: %v", len(files), err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "testdata", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]string{}
	for line := range strings.Lines(string(readme)) {
		if cells := strings.Split(line, "|"); len(cells) == 7 {
			expected[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[5])
		}
	}
	limits := Limits{FileSize: 256e6, Width: 32768, Height: 32768, Pixels: 150e6, Frames: 1000, Scans: 200}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			src := testImage(t, name)
			result, err := Process(t.Context(), src, widths(320, 640), limits)
			if got, want := outcome(err), expected[name]; !strings.Contains(want, got) {
				t.Errorf("%s: %v\nwant %s, as testdata/README.md says", got, err, want)
			}
			if err == nil && len(result.Outputs) != 2 {
				t.Errorf("%d outputs", len(result.Outputs))
			}
		})
	}
}

// outcome is err in the words of testdata/README.md.
func outcome(err error) string {
	var format *FormatError
	var unsupported *UnsupportedError
	switch {
	case err == nil:
		return "variants"
	case errors.Is(err, ErrTooLarge):
		return "rejected: too large"
	case errors.As(err, &unsupported):
		return "rejected: unsupported"
	case errors.As(err, &format) && format.Format == "":
		return "rejected: not an image"
	case errors.As(err, &format):
		return "rejected: damaged"
	}
	return "something else"
}

// TestAbout: what a photo says of itself is known from its header, in whatever format.
func TestAbout(t *testing.T) {
	info, err := probe(testImage(t, "gps-icc-p3.jpg"))
	if err != nil || info.About == nil {
		t.Fatalf("%+v, %v", info, err)
	}
	a := *info.About
	if a.Camera != "pixmill Test Camera 1" || a.Creator != "Ann Example" || a.Taken != "2024-05-06T07:08:09" || a.Exposure != "1/250" || a.ISO != 200 {
		t.Errorf("got %+v", a)
	}
	if a.Position == nil || math.Abs(a.Position.Latitude-52.520094) > 1e-5 || math.Abs(a.Position.Longitude-13.409600) > 1e-5 {
		t.Errorf("the position is %+v", a.Position)
	}
	for _, file := range []string{"orientation-6.png", "orientation-6.webp"} {
		if info, err := probe(testImage(t, file)); err != nil || info.About == nil || info.About.Camera != "pixmill" {
			t.Errorf("%s: %+v, %v", file, info.About, err)
		}
	}
}

// shape is info without what depends on how a picture was encoded.
func shape(info Info) Info {
	info.About, info.Metadata, info.Color, info.GainMap, info.Streams = nil, 0, codec.Color{}, nil, false
	info.DecodePeak, info.Bytes, info.Quality, info.TurnPeak, info.Inks = [4]int64{}, 0, 0, 0, false
	return info
}
