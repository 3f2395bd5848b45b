package resize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes f allocates, freed again or not.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// riff is a WebP of chunks.
func riff(chunks ...[]byte) []byte {
	all := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(all))), all...)
}

func riffChunk(id string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data))), data...)
	return append(b, make([]byte, len(data)&1)...)
}

// le24 are numbers of three bytes, as WebP has them.
func le24(values ...int) (b []byte) {
	for _, v := range values {
		b = append(b, byte(v), byte(v>>8), byte(v>>16))
	}
	return b
}

// webpFrames is an animation of n frames of w×h, each of one colour, in 40 bytes.
func webpFrames(t testing.TB, n, w, h int) []byte {
	vp8l := testImage(t, "bomb.webp")[12:] // a chunk whose data hold for any size
	vp8l = bytes.Clone(vp8l)
	bits := uint32(w-1) | uint32(h-1)<<14
	binary.LittleEndian.PutUint32(vp8l[9:], binary.LittleEndian.Uint32(vp8l[9:])&^(1<<28-1)|bits)
	frame := riffChunk("ANMF", append(append(le24(0, 0, w-1, h-1, 40), 0), vp8l...))
	chunks := [][]byte{riffChunk("VP8X", append([]byte{2, 0, 0, 0}, le24(w-1, h-1)...)), riffChunk("ANIM", make([]byte, 6))}
	for range n {
		chunks = append(chunks, frame)
	}
	return riff(chunks...)
}

// manyScans is testdata's progressive JPEG of 1000 scans, cut behind the first n, with its size as its frame header says it.
func manyScans(t testing.TB, n, w, h int) []byte {
	src := bytes.Clone(testImage(t, "many-scans.jpg"))
	sof := bytes.Index(src, []byte{0xff, 0xc2})
	binary.BigEndian.PutUint16(src[sof+5:], uint16(h))
	binary.BigEndian.PutUint16(src[sof+7:], uint16(w))
	for off := sof; ; n-- {
		at := bytes.Index(src[off:], []byte{0xff, 0xda})
		if at < 0 {
			return src
		}
		if off += at; n == 0 {
			return append(src[:off:off], 0xff, 0xd9)
		}
		off += 2
	}
}

// headerBombs declare more than may be; the value says which limit is to be named, "" for headers that no picture can have.
func headerBombs(t testing.TB) map[string]struct {
	src []byte
	key string
} {
	type bomb = struct {
		src []byte
		key string
	}
	gif := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x02L\x01\x00;")
	bombs := map[string]bomb{
		"png of 29 bytes, 1.2e9×2.3e9":          {pngHeaderOf(1_200_000_000, 2_300_000_000, 8, 6)[:29], ""},
		"png of 1.2e9×2.1e9":                    {append(pngHeaderOf(1_200_000_000, 2_100_000_000, 8, 6), chunk("IEND", nil)...), "limits.width"},
		"gif of 65535×65535":                    {gif, "limits.width"},
		"avif of 2147483647×2147483647":         {heifHeader("avif", nil, item{"av01", [][]byte{ispe(1<<31-1, 1<<31-1)}}), "limits.width"},
		"heic of 30000×30000":                   {heifHeader("heic", nil, item{"hvc1", [][]byte{ispe(30000, 30000)}}), "limits.pixels"},
		"heic of 4294967295×4294967295":         {heifHeader("heic", nil, item{"hvc1", [][]byte{ispe(1<<32-1, 1<<32-1)}}), ""},
		"webp, animated, of 16777216×16777216":  {riff(riffChunk("VP8X", append([]byte{2, 0, 0, 0}, le24(1<<24-1, 1<<24-1)...)), riffChunk("ANMF", make([]byte, 16))), "limits.width"},
		"avif of 4294967295 frames":             {append(heifHeader("avis", nil, item{"av01", [][]byte{ispe(64, 64)}}), isoBox("moov", isoBox("trak", isoBox("mdia", isoBox("minf", isoBox("stbl", isoBox("stsz", numbers(4, 0, 4, 1<<32-1)))))))...), "limits.frames"},
		"png of 2147483647 frames":              {bytes.Join([][]byte{pngHeaderOf(64, 64, 8, 6), chunk("acTL", numbers(4, 1<<31-1, 0)), chunk("IEND", nil)}, nil), "limits.frames"},
		"webp of 1200 frames":                   {webpFrames(t, 1200, 64, 64), "limits.frames"},
		"webp of 1000 frames of 12 megapixels":  {webpFrames(t, 1000, 4000, 3000), "limits.pixels"},
		"jpeg of 1000 scans":                    {testImage(t, "many-scans.jpg"), "limits.scans"},
		"jpeg of 150 scans of 144 megapixels":   {manyScans(t, 150, 12000, 12000), "limits.pixels"},
		"gif of 1200 frames":                    {testImage(t, "many-frames.gif"), "limits.frames"},
		"gif of 100 frames of 16.8 megapixels":  {testImage(t, "frame-area.gif"), "limits.pixels"},
		"tiff of tiles of 4 GB":                 {tiffOf(map[uint16]uint32{256: 100, 257: 100, 322: 1 << 31, 323: 1 << 31}), ""},
		"tiff of one strip of 4294967295 lines": {tiffOf(map[uint16]uint32{256: 65535, 257: 1<<32 - 1}), ""},
	}
	for _, name := range []string{"bomb-50000x50000.png", "bomb.bmp", "bomb.gif", "bomb.jpg", "bomb.tiff"} {
		bombs[name] = bomb{testImage(t, name), "limits.width"}
	}
	bombs["bomb.webp"] = bomb{testImage(t, "bomb.webp"), "limits.pixels"}
	return bombs
}

// tiffOf is a TIFF's directory of LONGs, without what they lead to.
func tiffOf(tags map[uint16]uint32) []byte {
	all := map[uint16]uint32{258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 279: 100}
	for tag, v := range tags {
		all[tag] = v
	}
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(all)))
	for tag := range uint16(400) {
		if v, there := all[tag]; there {
			b = binary.LittleEndian.AppendUint16(b, tag)
			b = binary.LittleEndian.AppendUint16(b, 4)
			b = binary.LittleEndian.AppendUint32(b, 1)
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return append(b, 0, 0, 0, 0)
}

// TestBombsAreCheapToReject: what declares more than it may is rejected from its header, by name, for less memory than a small photo takes.
// BenchmarkReject has the times.
func TestBombsAreCheapToReject(t *testing.T) {
	for name, bomb := range headerBombs(t) {
		var err error
		took := allocated(func() { _, err = Process(t.Context(), bomb.src, widths(320, 1920), usual) })
		if bomb.key == "" {
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			typed(t, err)
		} else if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), bomb.key+" is ") {
			t.Errorf("%s: the error is %v, want one about %s", name, err, bomb.key)
		}
		if took > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, took)
		}
	}
}

// BenchmarkReject: ten milliseconds are the most that a bomb may take, a quarter of a second one of a thousand scans.
func BenchmarkReject(b *testing.B) {
	for name, bomb := range headerBombs(b) {
		b.Run("bomb="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Process(b.Context(), bomb.src, widths(320, 1920), usual); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

// TestManyScans: up to the limit a progressive JPEG is read, whatever its scans are.
func TestManyScans(t *testing.T) {
	for scans, want := range map[int]bool{1: true, 100: true, 200: true, 201: false, 1000: false} {
		_, err := Process(t.Context(), manyScans(t, scans, 160, 120), widths(80), usual)
		if (err == nil) != want || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d scans: %v", scans, err)
		}
	}
}

// ifds is an EXIF block of n directories, each with an orientation, an Exif and a GPS directory, thumbnails and a next one: all those that follow, or,
// where it is a ring, the first again.
func ifds(n int, ring bool) []byte {
	const size = 2 + 5*12 + 4
	b := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, v uint32) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	for i := range n {
		next := uint32(8 + size*(i+1))
		if ring || i == n-1 {
			next = 8
		}
		b = binary.LittleEndian.AppendUint16(b, 5)
		entry(0x0112, 3, 6)
		entry(0x014a, 4, next)
		entry(0x8769, 4, next)
		entry(0x8825, 4, next)
		entry(0xa005, 4, next)
		b = binary.LittleEndian.AppendUint32(b, next)
	}
	return b
}

// hostileEXIF are blocks whose directories lead on and on.
var hostileEXIF = map[string][]byte{
	"a directory that is its own": ifds(1, true),
	"a ring of three":             ifds(3, false),
	"all to the first":            ifds(900, true),
	"a chain of 900":              ifds(900, false),
}

// TestDirectoriesThatLoop: of EXIF directories a handful is looked at, however they lead to each other, and the orientation counts all the same.
func TestDirectoriesThatLoop(t *testing.T) {
	plain := asJPEG(t, corners(40, 30))
	for name, block := range hostileEXIF {
		for format, src := range map[string][]byte{
			"jpeg": withExif(plain, block),
			"webp": riff(riffChunk("VP8X", append([]byte{8, 0, 0, 0}, le24(39, 29)...)), riffChunk("EXIF", block)),
			"png":  append(append(pngHeaderOf(40, 30, 8, 2), chunk("eXIf", block)...), chunk("IEND", nil)...),
		} {
			counted := &counting{Reader: bytes.NewReader(src)}
			var info Info
			var err error
			took := allocated(func() { info, err = Probe(counted, int64(len(src))) })
			if format == "jpeg" && (err != nil || info.Orientation != 6) {
				t.Errorf("%s in a %s: %+v, %v", name, format, info, err)
			}
			typed(t, err)
			if took > 1<<20 || counted.reads > 4*64 {
				t.Errorf("%s in a %s: %d reads, %d bytes were allocated", name, format, counted.reads, took)
			}
		}
	}
}

type counting struct {
	*bytes.Reader
	reads int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return c.Reader.ReadAt(p, off)
}

// BenchmarkDirectories: less than a millisecond.
func BenchmarkDirectories(b *testing.B) {
	plain := asJPEG(b, corners(40, 30))
	for name, block := range hostileEXIF {
		src := withExif(plain, block)
		b.Run("exif="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				if _, err := probe(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestGiantProfiles: of a colour profile no more is ever held than a real one has.
func TestGiantProfiles(t *testing.T) {
	const size = 100 << 20
	giant := zeros(t, size)
	pixels := zeros(t, 64*(1+64*4))
	segment := func(i, n int) []byte {
		return append([]byte{0xff, 0xe2, 0xff, 0xff}, append([]byte("ICC_PROFILE\x00"), append([]byte{byte(i), byte(n)}, make([]byte, 0xffff-16)...)...)...)
	}
	jpeg := asJPEG(t, corners(64, 64))
	var segments []byte
	for i := range 255 {
		segments = append(segments, segment(i+1, 255)...)
	}
	still := testImage(t, "lossy.webp")[12:]
	r := Recipe{Variants: []Variant{{Name: "small", Width: 32, Formats: []string{"png"}}}} // written without a program to be compiled
	for name, src := range map[string][]byte{
		"png":  bytes.Join([][]byte{pngHeaderOf(64, 64, 8, 6), chunk("iCCP", append([]byte("icc\x00\x00"), giant...)), chunk("IDAT", pixels), chunk("IEND", nil)}, nil),
		"jpeg": bytes.Join([][]byte{jpeg[:2], segments, jpeg[2:]}, nil),
		"webp": riff(riffChunk("VP8X", append([]byte{0x20, 0, 0, 0}, le24(319, 239)...)), riffChunk("ICCP", make([]byte, size)), still),
	} {
		in := bytes.NewReader(src)
		var err error
		if took := allocated(func() { _, err = Probe(in, in.Size()) }); err != nil || took > 1<<20 {
			t.Errorf("%s: probing it took %d bytes: %v", name, took, err)
		}
		if took := allocated(func() { _, err = Process(t.Context(), src, r, usual) }); err != nil || took > 16<<20 {
			t.Errorf("%s: it took %d bytes: %v", name, took, err)
		}
	}
}
