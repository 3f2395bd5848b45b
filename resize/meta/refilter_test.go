package meta

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// xmpOf wraps properties of a picture.
func xmpOf(properties string) []byte {
	return []byte(`<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `">
 <rdf:Description rdf:about="" xmlns:dc="` + nsDC + `" xmlns:exif="` + nsEXIF + `" xmlns:tiff="` + nsTIFF + `" xmlns:xmp="` + nsXMP + `"
  xmlns:photoshop="` + nsPhotoshop + `" xmlns:d="http://www.dji.com/drone-dji/1.0/" xmlns:mwg-rs="` + nsRegions + `" xmlns:stArea="` + nsArea + `"
  xmlns:Iptc4xmpExt="` + nsIPTCExt + `" xmlns:Iptc4xmpCore="` + nsIPTC + `" ` + properties + `</rdf:Description>
</rdf:RDF></x:xmpmeta>` + strings.Repeat(" ", 2000) + `<?xpacket end="w"?>`)
}

// everything is a packet with something of all kinds.
var everything = xmpOf(`xmp:Rating="4" tiff:Orientation="6" exif:GPSLatitude="52,31.2N" d:GpsLongtitude="+13.4">
 <dc:title><rdf:Alt><rdf:li xml:lang="de">Gipfel</rdf:li><rdf:li xml:lang="x-default">Summit &amp; sky</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>alps</rdf:li><rdf:li>snow</rdf:li></rdf:Bag></dc:subject>
 <dc:creator><rdf:Seq><rdf:li>Ann Example</rdf:li></rdf:Seq></dc:creator>
 <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ann Example</rdf:li></rdf:Alt></dc:rights>
 <Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A woman on a summit</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
 <photoshop:DateCreated>2024-05-06T07:08:09+02:00</photoshop:DateCreated>
 <Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Chamonix</Iptc4xmpExt:City><exif:GPSLatitude>45,55.4N</exif:GPSLatitude></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>
 <mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
  <rdf:li><rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face"><mwg-rs:Area stArea:x="0.25" stArea:y="0.4" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></rdf:Description></rdf:li>
 </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>`)

// cameraEXIF is a block with a copyright, a position, a maker note and an orientation of 6.
func cameraEXIF(order binary.ByteOrder) []byte {
	e := exif{order: order}
	ascii := func(tag uint16, s string) field { return field{tag, 2, append([]byte(s), 0)} }
	ratio := func(tag uint16, v ...int) field {
		f := field{tag: tag, kind: 5}
		for _, n := range v {
			f.value = append(f.value, binary4(order, n)...)
		}
		return f
	}
	e.main = []field{ascii(tagMake, "pixmill"), ascii(tagModel, "Test Camera 1"), e.short(tagOrientation, 6), ascii(tagCopyright, "© Ann"), ascii(tagArtist, "Ann Example"),
		ratio(tagXResolution, 300, 1), ratio(tagYResolution, 300, 1), e.short(tagUnit, 2), ascii(0x0111, "a strip's offset")}
	e.photo = []field{ratio(tagExposureTime, 1, 250), ratio(tagFNumber, 28, 10), e.short(tagISO, 200), ascii(tagOriginal, "2024:05:06 07:08:09"),
		ascii(tagOffsetOrig, "+02:00"), {tagMakerNote, 7, []byte("secret serial")}, e.short(tagColorSpace, uncalibrated), ratio(tagFocalLength, 50, 1), e.short(tagFocal35, 75)}
	e.interop = []field{ascii(tagInteropIndex, "R03")}
	e.gps = []field{ascii(1, "N"), ratio(2, 52, 1, 31, 1, 1234, 100), ascii(3, "W"), ratio(4, 13, 1, 24, 1, 3456, 100), {5, 1, []byte{0}}, ratio(6, 34, 1)}
	return e.block()
}

func iptcOf(records ...record) []byte {
	var b []byte
	for _, r := range records {
		b = append(b, 0x1c, r.number, r.dataset)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(r.value))), r.value...)
	}
	return b
}

var someIPTC = iptcOf(record{1, iptcCharset, []byte("\x1b%G")}, record{2, 0, []byte{0, 4}}, record{2, iptcCopyright, []byte("© Ann")},
	record{2, iptcCaption, []byte("a caption")}, record{2, iptcKeyword, []byte("alps")}, record{2, 202, []byte("a preview")})

func testImage(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRefilter: of files with everything in them just what may stay does, and the rest is the file without any.
func TestRefilter(t *testing.T) {
	full := Blocks{EXIF: cameraEXIF(binary.BigEndian), XMP: everything, IPTC: someIPTC, ICC: bytes.Repeat([]byte("a profile "), 13000), Density: Density{300, 300, PerInch}}
	copy(full.ICC, "\x00\x01\xfb\xd0") // its length: all profiles begin with it
	full.EXIF = standardEXIF(io.NewSectionReader(bytes.NewReader(full.EXIF), 0, int64(len(full.EXIF))), int64(len(full.EXIF)))
	positions, secrets := []string{"GPS", "Gps", "45,55"}, []string{"secret serial", "strip's", "preview"}
	for format, file := range map[string]string{"jpeg": "scene.jpg", "png": "rgb.png", "webp": "lossy.webp"} {
		bare, err := Refilter(format, testImage(t, file), Keep{})
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := Insert(format, slices.Clone(bare), full)
		if err != nil {
			t.Fatal(err)
		}
		got := Find(format, loaded)
		if !bytes.Equal(got.EXIF, full.EXIF) || !bytes.Equal(got.XMP, full.XMP) || !bytes.Equal(got.ICC, full.ICC) || format == "jpeg" && !bytes.Equal(got.IPTC, full.IPTC) {
			t.Errorf("%s: what is read is not what was written", format)
		}
		for _, k := range []Keep{{}, {Level: Copyright}, {Level: All}, {Level: All, GPS: true}, {Orientation: 6}} {
			out, err := Refilter(format, loaded, k)
			if err != nil {
				t.Fatalf("%s, %+v: %v", format, k, err)
			}
			b := Find(format, out)
			if !bytes.Equal(b.ICC, full.ICC) {
				t.Errorf("%s, %+v: the profile is lost", format, k)
			}
			all := string(b.EXIF) + string(b.XMP) + string(b.IPTC)
			for _, s := range append(secrets, positions...) {
				if strings.Contains(all, s) && !(k.GPS && slices.Contains(positions, s)) {
					t.Errorf("%s, %+v: %q has stayed", format, k, s)
				}
			}
			for s, want := range map[string]bool{"© Ann": k.Level > None, "Test Camera": k.Level == All, "Summit &amp; sky": k.Level == All} {
				if strings.Contains(all, s) != want {
					t.Errorf("%s, %+v: %q is there: %t", format, k, s, !want)
				}
			}
			if o := Orientation(bytes.NewReader(b.EXIF), int64(len(b.EXIF))); o != max(1, k.Orientation) {
				t.Errorf("%s, %+v: orientation %d", format, k, o)
			}
			if e, _ := parseEXIF(b.EXIF); (len(e.gps) > 0) != k.GPS {
				t.Errorf("%s, %+v: a GPS directory of %d", format, k, len(e.gps))
			}
			if want := (Density{300, 300, PerInch}); (format != "webp" || k.Level > None) && (b.Density == want) != (k.Level > None) {
				t.Errorf("%s, %+v: density %+v", format, k, b.Density)
			}
			if again, err := Insert(format, slices.Clone(bare), full.Filter(k)); err != nil || !bytes.Equal(again, out) {
				t.Errorf("%s, %+v: the picture has changed, %v", format, k, err)
			}
		}
	}
}

func TestRefilterOfTheDamaged(t *testing.T) {
	for format, file := range map[string]string{"jpeg": "scene.jpg", "png": "rgb.png", "webp": "lossy.webp"} {
		src := testImage(t, file)
		for _, n := range []int{0, 1, 7, 11, 19, 33, 200, len(src) / 2, len(src) - 1} {
			if out, err := Refilter(format, src[:n], Keep{Level: All}); err == nil {
				t.Errorf("%s cut to %d bytes gives %d", format, n, len(out))
			}
		}
	}
	if _, err := Refilter("tiff", testImage(t, "rgb.tiff"), Keep{}); err == nil {
		t.Error("a TIFF is filtered")
	}
}

// TestRefilterGIF: comments and applications' own go, pictures and loop stay.
func TestRefilterGIF(t *testing.T) {
	src := testImage(t, "animated.gif")
	at := bytes.Index(src, []byte("\x21\xff\x0bNETSCAPE2.0"))
	if at < 0 {
		t.Fatal("the image has no loop")
	}
	loaded := slices.Concat(src[:at], []byte("\x21\xfe\x06secret\x00\x21\xff\x0bXMP DataXMP\x03abc\x00"), src[at:], []byte("behind"))
	out, err := Refilter("gif", loaded, Keep{Level: All})
	if err != nil || !bytes.Equal(out, src) {
		t.Errorf("%d bytes, %v, want the %d without", len(out), err, len(src))
	}
	for _, n := range []int{0, 12, 20, len(src) / 2} {
		if out, err := Refilter("gif", src[:n], Keep{}); err == nil {
			t.Errorf("cut to %d bytes it gives %d", n, len(out))
		}
	}
}

func TestDescribe(t *testing.T) {
	got := Describe(Blocks{EXIF: cameraEXIF(binary.LittleEndian), XMP: everything, IPTC: someIPTC}, 6)
	if got == nil {
		t.Fatal("nothing is said")
	}
	for _, c := range []struct{ what, got, want any }{
		{"title", got.Title, "Summit & sky"},
		{"caption", got.Caption, "a caption"},
		{"alt", got.Alt, "A woman on a summit"},
		{"keywords", strings.Join(got.Keywords, " "), "alps snow"},
		{"creator", got.Creator, "Ann Example"},
		{"copyright", got.Copyright, "© Ann Example"},
		{"taken", got.Taken, "2024-05-06T07:08:09+02:00"},
		{"rating", got.Rating, 4},
		{"camera", got.Camera, "pixmill Test Camera 1"},
		{"exposure", got.Exposure, "1/250"},
		{"aperture", got.Aperture, 2.8},
		{"iso", got.ISO, 200},
		{"focal", got.Focal, 50.0},
		{"focal35", got.Focal35, 75},
		{"position", *got.Position, Position{52.520094, -13.4096, 34}},
		{"regions", len(got.Regions), 1},
		{"region", got.Regions[0], Region{"Face", "Ann", 0.6, 0.25, 0.2, 0.1}},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
	if got := Describe(Blocks{}, 1); got != nil {
		t.Errorf("of nothing: %+v", got)
	}
}
