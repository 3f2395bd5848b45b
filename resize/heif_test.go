package resize

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// isoBox is a box of ISO/IEC 14496-12.
func isoBox(kind string, content ...[]byte) []byte {
	all := bytes.Join(content, nil)
	return append(append(big.AppendUint32(nil, uint32(8+len(all))), kind...), all...)
}

func numbers(n int, values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = append(b, binary.BigEndian.AppendUint64(nil, v)[8-n:]...)
	}
	return b
}

// header makes the boxes of a file with a primary item of a kind, 1, and other items, each with properties.
type item struct {
	kind       string
	properties [][]byte
}

func heifHeader(brand string, references []byte, items ...item) []byte {
	var infes, properties, associations []byte
	count := byte(0)
	for i, it := range items {
		infes = append(infes, isoBox("infe", []byte{2, 0, 0, 0}, numbers(2, uint64(i+1), 0), []byte(it.kind), []byte{0})...)
		associations = append(associations, numbers(2, uint64(i+1))...)
		associations = append(associations, byte(len(it.properties)))
		for _, p := range it.properties {
			properties = append(properties, p...)
			count++
			associations = append(associations, count)
		}
	}
	return append(isoBox("ftyp", []byte(brand), numbers(4, 0), []byte("mif1")),
		isoBox("meta", numbers(4, 0),
			isoBox("pitm", numbers(4, 0), numbers(2, 1)),
			isoBox("iprp", isoBox("ipco", properties), isoBox("ipma", numbers(4, 0, uint64(len(items))), associations)),
			isoBox("iinf", numbers(4, 0), numbers(2, uint64(len(items))), infes),
			isoBox("iref", numbers(4, 0), references))...)
}

func ispe(w, h uint64) []byte  { return isoBox("ispe", numbers(4, 0, w, h)) }
func irot(turns uint64) []byte { return isoBox("irot", numbers(1, turns)) }
func imir(axis uint64) []byte  { return isoBox("imir", numbers(1, axis)) }
func nclx(transfer, matrix uint64) []byte {
	return isoBox("colr", []byte("nclx"), numbers(2, 9, transfer, matrix), numbers(1, 0x80))
}
func clap(w, h uint64) []byte { return isoBox("clap", numbers(4, w, 1, h, 1, 0, 1, 0, 1)) }

func TestProbeHEIF(t *testing.T) {
	hvc1 := func(properties ...[]byte) item { return item{"hvc1", append([][]byte{ispe(400, 300)}, properties...)} }
	av01 := func(properties ...[]byte) item { return item{"av01", append([][]byte{ispe(400, 300)}, properties...)} }
	auxiliary := func(kind string) item {
		return item{"av01", [][]byte{isoBox("auxC", numbers(4, 0), []byte(kind+"\x00"))}}
	}
	const alpha = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
	auxl := isoBox("auxl", numbers(2, 2, 1, 1))
	dimg := isoBox("dimg", numbers(2, 1, 2, 2, 3))
	info := func(format string, w, h, orientation int) Info {
		return Info{Format: format, Width: w, Height: h, Orientation: orientation, Frames: 1}
	}
	withAlpha, gray := info("avif", 400, 300, 1), info("avif", 400, 300, 1)
	withAlpha.Alpha, gray.Gray = true, true
	for _, c := range []struct {
		name  string
		src   []byte
		want  Info
		fault string
	}{
		{"avif", heifHeader("avif", nil, av01()), info("avif", 400, 300, 1), ""},
		{"heic", heifHeader("heic", nil, hvc1()), info("heic", 400, 300, 1), ""},
		{"avif under heic's brand", heifHeader("heic", nil, av01()), info("avif", 400, 300, 1), ""},
		{"grid", heifHeader("heic", dimg, item{"grid", [][]byte{ispe(4032, 3024)}}, hvc1(), hvc1()), info("heic", 4032, 3024, 1), ""},
		{"grid of PQ", heifHeader("heic", dimg, item{"grid", [][]byte{ispe(4032, 3024)}}, hvc1(nclx(16, 9)), hvc1()), info("heic", 4032, 3024, 1), "HEIC in HDR (PQ) is not supported"},
		{"turned avif", heifHeader("avif", nil, av01(irot(1))), info("avif", 300, 400, 8), ""},
		{"turned heic", heifHeader("heic", nil, hvc1(irot(3))), info("heic", 300, 400, 1), ""},
		{"turned, then mirrored", heifHeader("avif", nil, av01(irot(1), imir(1))), info("avif", 300, 400, 7), ""},
		{"mirrored, then turned", heifHeader("avif", nil, av01(imir(1), irot(1))), info("avif", 300, 400, 5), ""},
		{"cut and turned", heifHeader("heic", nil, hvc1(clap(200, 100), irot(1))), info("heic", 100, 200, 1), ""},
		{"cut beyond itself", heifHeader("avif", nil, av01(clap(500, 100))), info("avif", 400, 300, 1), ""},
		{"alpha", heifHeader("avif", auxl, av01(), auxiliary(alpha)), withAlpha, ""},
		{"a gain map is no alpha", heifHeader("avif", auxl, av01(), auxiliary("urn:com:apple:photo:2020:aux:hdrgainmap")), info("avif", 400, 300, 1), ""},
		{"grey", heifHeader("avif", nil, av01(isoBox("pixi", numbers(4, 0), numbers(1, 1, 8)))), gray, ""},
		{"PQ", heifHeader("avif", nil, av01(nclx(16, 9))), info("avif", 400, 300, 1), "AVIF in HDR (PQ) is not supported"},
		{"HLG", heifHeader("heic", nil, hvc1(nclx(18, 9))), info("heic", 400, 300, 1), "HEIC in HDR (HLG) is not supported"},
		{"alpha in a heic", heifHeader("heic", auxl, hvc1(), auxiliary(alpha)), Info{}, "HEIC with transparency is not supported"},
		{"green, blue and red in a heic", heifHeader("heic", nil, hvc1(nclx(13, 0))), Info{}, "HEIC of red, green and blue is not supported"},
		{"jpeg in a heif", heifHeader("mif1", nil, item{"jpeg", [][]byte{ispe(4, 3)}}), Info{}, `HEIF with pictures of type "jpeg" is not supported`},
		{"no size", heifHeader("avif", nil, item{"av01", nil}), Info{}, "damaged avif: a size of 0×0"},
		{"no picture", isoBox("ftyp", []byte("avif\x00\x00\x00\x00avif")), Info{}, "damaged avif: there is no picture in it"},
		{"a box in a smaller one", bytes.Replace(heifHeader("avif", nil, av01()), isoBox("pitm")[4:], []byte("pit!"), 1), Info{}, "damaged avif: there is no picture in it"},
		{"cut", heifHeader("avif", nil, av01())[:100], Info{}, "incomplete avif"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := probe(c.src)
			if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.HasPrefix(err.Error(), c.fault)) {
				t.Fatalf("the error is %v, want %q", err, c.fault)
			}
			if there := got.GainMap != nil; there != strings.Contains(c.name, "gain map") {
				t.Errorf("it has a gain map: %t", there)
			}
			if got = shape(got); c.want.Format != "" && got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// TestHostileHEIF: lists that promise four billion entries, and boxes that hold themselves, end soon.
func TestHostileHEIF(t *testing.T) {
	good := heifHeader("avif", nil, item{"av01", [][]byte{ispe(40, 30)}})
	for name, src := range map[string][]byte{
		"associations": bytes.Replace(good, append([]byte("ipma"), numbers(4, 0, 1)...), append([]byte("ipma"), numbers(4, 0, 1<<32-1)...), 1),
		"endless box":  bytes.Replace(good, isoBox("pitm", numbers(4, 0), numbers(2, 1)), append(numbers(4, 1), "pitm\xff\xff\xff\xff\xff\xff"...), 1),
		"empty boxes":  append(isoBox("ftyp", []byte("avif\x00\x00\x00\x00avif")), bytes.Repeat(isoBox("free"), 300_000)...),
		"no length":    append(isoBox("ftyp", []byte("avif\x00\x00\x00\x00avif")), numbers(4, 4, 0, 0)...),
	} {
		_, err := probe(src)
		if outcome(err) != "rejected: damaged" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// withProperties adds properties to the primary item of a real file, whose pixels move by as much.
func withProperties(t *testing.T, src []byte, properties ...[]byte) []byte {
	t.Helper()
	out := bytes.Clone(src)
	find := func(kind string) int {
		at := bytes.Index(out, []byte(kind))
		if at < 0 {
			t.Fatalf("no %s", kind)
		}
		return at
	}
	grow := func(kind string, n int) {
		at := find(kind) - 4
		binary.BigEndian.PutUint32(out[at:], binary.BigEndian.Uint32(out[at:])+uint32(n))
	}
	insert := func(at int, b []byte) { out = append(out[:at:at], append(bytes.Clone(b), out[at:]...)...) }

	known := byte(0)
	ipco := find("ipco")
	end := ipco - 4 + int(binary.BigEndian.Uint32(out[ipco-4:]))
	for at := ipco + 4; at < end; at += int(binary.BigEndian.Uint32(out[at:])) {
		known++
	}
	added := 0
	ipma := find("ipma") + 4
	if binary.BigEndian.Uint32(out[ipma:]) != 0 || binary.BigEndian.Uint32(out[ipma+4:]) == 0 || out[ipma+9] != out[find("pitm")+9] {
		t.Fatal("an ipma of another kind")
	}
	n := int(out[ipma+10])
	for i, p := range properties {
		insert(ipma+11+n+i, []byte{0x80 | (known + byte(i) + 1)}) // essential
		out[ipma+10]++
		added += 1 + len(p)
	}
	insert(end, bytes.Join(properties, nil))
	grow("ipma", len(properties))
	grow("ipco", added-len(properties))
	grow("iprp", added)
	grow("meta", added)
	at := find("iloc") + 4
	version, sizes := out[at], int(out[at+5])>>4
	widths := []int{int(out[at+4]) >> 4, int(out[at+4]) & 15, sizes} // offset, length, base offset
	at += 6
	items := int(binary.BigEndian.Uint16(out[at:]))
	add := func(at, width int) {
		if width == 4 {
			binary.BigEndian.PutUint32(out[at:], binary.BigEndian.Uint32(out[at:])+uint32(added))
		}
	}
	for at += 2; items > 0; items-- {
		at += 4 // identifier, data reference
		if version > 0 {
			at += 2
		}
		add(at, widths[2])
		at += widths[2]
		extents := int(binary.BigEndian.Uint16(out[at:]))
		for at += 2; extents > 0; extents-- {
			if widths[2] == 0 {
				add(at, widths[0])
			}
			at += widths[0] + widths[1]
		}
	}
	return out
}

// heicFile is one of the files that gen2brain's package is tested with: nobody encodes HEIC in Go.
func heicFile(t *testing.T, name string) []byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go, which knows where the file is, is not to be had here, as in wine:", err)
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gen2brain/heic").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestHEIFOrientation: irot and imir are applied, once, whether the library does it (libheif) or leaves it to us (libavif).
func TestHEIFOrientation(t *testing.T) {
	// Which EXIF orientation each is, from their geometry: irot turns to the left, then imir exchanges top and bottom (0) or left and right (1).
	turned := [4]int{1, 8, 3, 6}
	mirrored := [4][2]int{{4, 2}, {5, 7}, {2, 4}, {7, 5}}
	for name, src := range map[string][]byte{"avif": testImage(t, "lossy.avif"), "heic": heicFile(t, "test8.heic")} {
		upright := overWhite(processed(t, src, Variant{Formats: []string{"png"}}))
		check := func(orientation int, properties ...[]byte) {
			m := processed(t, withProperties(t, src, properties...), Variant{Formats: []string{"png"}})
			back := turnedToBeStored(overWhite(m), orientation)
			if p := psnr(t, upright, back); p < 40 { // chroma of odd rows and columns meets other luma
				t.Errorf("%s, orientation %d: %.1f dB", name, orientation, p)
			}
		}
		for turns := range uint64(4) {
			check(turned[turns], irot(turns))
			for axis := range uint64(2) {
				check(mirrored[turns][axis], irot(turns), imir(axis))
			}
		}
	}
}

// TestCleanAperture: what a clap leaves is all that is to be seen.
func TestCleanAperture(t *testing.T) {
	for name, src := range map[string][]byte{"avif": testImage(t, "lossy.avif"), "heic": heicFile(t, "test8.heic")} {
		whole := overWhite(processed(t, src, Variant{Formats: []string{"png"}}))
		x, y := (whole.Rect.Dx()-200)/2, (whole.Rect.Dy()-100)/2
		want := image.NewNRGBA(image.Rect(0, 0, 200, 100))
		for row := range 100 {
			copy(want.Pix[row*want.Stride:], whole.Pix[whole.PixOffset(x, y+row):][:want.Stride])
		}
		got := processed(t, withProperties(t, src, clap(200, 100)), Variant{Formats: []string{"png"}})
		if p := psnr(t, want, got); p < 45 {
			t.Errorf("%s: %.1f dB", name, p)
		}
	}
}

// TestHEICKinds: 8 and 12 bits, grey, and a grid of tiles whose last ones reach beyond it.
func TestHEICKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		gray bool
	}{{"test.heic", 1346, 1346, false}, {"test8.heic", 512, 512, false}, {"test12.heic", 512, 512, false}, {"gray.heic", 512, 512, true}} {
		src := heicFile(t, c.name)
		info := mustProbe(t, src)
		if info.Width != c.w || info.Height != c.h || info.Gray != c.gray {
			t.Errorf("%s: %+v", c.name, info)
		}
		for _, o := range process(t, src, Variant{Width: 256}, Variant{Name: "png", Width: 256, Formats: []string{"png"}}) {
			m := decoded(t, o.Data)
			if m.Bounds().Dx() != 256 {
				t.Errorf("%s is %v", c.name, m.Bounds())
			}
		}
		holdToCost(t, src, widths(256))
	}
}

// TestHEICPhoto holds an iPhone's HEIC against the JPEG that was made of it.
func TestHEICPhoto(t *testing.T) {
	src := photo(t, "iphone7-display-p3.heic")
	holdToCost(t, src, widths(1008))
	m := processed(t, src, Variant{Width: 1008, Formats: []string{"png"}})
	other := processed(t, photo(t, "iphone7-12mp-display-p3.jpg"), Variant{Width: 1008, Formats: []string{"png"}})
	if m.Bounds() != other.Bounds() {
		t.Fatalf("%v and %v", m.Bounds(), other.Bounds())
	}
	if p := psnr(t, m, other); p < 35 {
		t.Errorf("%.1f dB from the same photo as JPEG", p)
	}
}

// TestDamagedHEIF: a cut or a wrong byte gives a typed error or a picture, and memory stays what was said.
func TestDamagedHEIF(t *testing.T) {
	for name, src := range map[string][]byte{"avif": testImage(t, "alpha.avif"), "heic": heicFile(t, "test8.heic")} {
		for i := range 24 {
			at := 12 + i*i*(len(src)-40)/(24*24)
			_, err := Process(t.Context(), src[:at], widths(40), Limits{})
			if outcome(err) != "rejected: damaged" {
				t.Errorf("%s cut at %d: %v", name, at, err)
			}
			wrong := bytes.Clone(src)
			wrong[at+3] ^= 0xa5
			_, err = Process(t.Context(), wrong, widths(40), Limits{Pixels: 1e6})
			if outcome(err) == "something else" || errors.As(err, new(*PanicError)) {
				t.Errorf("%s with a wrong byte at %d: %v", name, at+3, err)
			}
		}
	}
}
