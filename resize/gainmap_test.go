package resize

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"pixmill/resize/meta"
)

const gainXMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.5" hdrgm:HDRCapacityMax="2.5"/></rdf:RDF></x:xmpmeta>`

// ultraHDR is a photo of w×h with a gain map of a quarter of its sides, dark on the left and bright on the right, orientation as given.
func ultraHDR(t testing.TB, w, h, orientation int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w/4, h/4))
	for y := range h / 4 {
		for x := range w / 4 {
			m.SetGray(x, y, color.Gray{uint8(255 * x / (w/4 - 1))})
		}
	}
	gain, err := meta.GainMap{XMP: []byte(gainXMP), ISO: []byte("\x00\x00\x00\x00meaning")}.Worn(asJPEG(t, m))
	if err != nil {
		t.Fatal(err)
	}
	src, err := meta.Insert("jpeg", asJPEG(t, scene(w, h)), meta.Blocks{EXIF: exif(orientation, little), GainMap: gain})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// second cuts the gain map out of an output by its MPF segment, read here and not by package meta.
func second(t *testing.T, data []byte) []byte {
	t.Helper()
	at := bytes.Index(data, []byte("MPF\x00MM\x00*"))
	if at < 0 {
		t.Fatal("there is no MPF segment")
	}
	entries := data[at+4+8+2+36+4:]
	first, size, offset := binary.BigEndian.Uint32(entries[4:]), binary.BigEndian.Uint32(entries[20:]), binary.BigEndian.Uint32(entries[24:])
	from := at + 4 + int(offset)
	if from != int(first) || from+int(size) != len(data) {
		t.Fatalf("the first picture has %d bytes, the second begins at %d and has %d, the file %d", first, from, size, len(data))
	}
	return data[from:]
}

// TestGainMapsAreKept: an output's gain map shows what the output shows, of a size in proportion, with the words that belong to it.
func TestGainMapsAreKept(t *testing.T) {
	for _, c := range []struct {
		name        string
		orientation int
		v           Variant
		w, h        int
		left, right int // of its values, about
	}{
		{"reduced", 1, Variant{Width: 200}, 50, 38, 0, 255},
		{"its own size", 1, Variant{Quality: map[string]int{"jpeg": 30}}, 100, 75, 0, 255},
		{"the right half", 1, Variant{Width: 150, Height: 225, Fit: Cover, Position: "right"}, 37, 56, 128, 255},
		{"turned", 6, Variant{Width: 150}, 38, 50, 0, 0}, // dark on top
	} {
		t.Run(c.name, func(t *testing.T) {
			src := ultraHDR(t, 400, 300, c.orientation)
			result, err := Process(t.Context(), src, Recipe{Variants: []Variant{c.v}}, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			data := result.Outputs[0].Data
			gain := second(t, data)
			img := decoded(t, gain)
			if size := img.Bounds().Size(); size != image.Pt(c.w, c.h) {
				t.Errorf("the gain map is %v, want %d×%d", size, c.w, c.h)
			}
			left, right := nrgba(img, 0, 0).R, nrgba(img, img.Bounds().Dx()-1, 0).R
			if max(int(left)-c.left, c.left-int(left), int(right)-c.right, c.right-int(right)) > 12 {
				t.Errorf("its values go from %d to %d, want %d to %d", left, right, c.left, c.right)
			}
			info := mustProbe(t, data)
			if info.GainMap == nil || !bytes.Contains(info.GainMap.XMP, []byte(`hdrgm:GainMapMax="2.5"`)) || string(info.GainMap.ISO) != "\x00\x00\x00\x00meaning" {
				t.Errorf("the output's header says %+v", info.GainMap)
			}
			xmp := string(meta.Find("jpeg", data).XMP)
			for _, s := range []string{`hdrgm:Version="1.0"`, `Item:Semantic="GainMap"`} {
				if !strings.Contains(xmp, s) {
					t.Errorf("%s is not in %s", s, xmp)
				}
			}
			if len(result.Notes) > 0 {
				t.Errorf("notes: %q", result.Notes)
			}
		})
	}
}

// TestGainMapsAreLeftOut: with a line that says where.
func TestGainMapsAreLeftOut(t *testing.T) {
	src := ultraHDR(t, 400, 300, 1)
	r := Recipe{Variants: []Variant{{Name: "a", Width: 100, Formats: []string{"jpeg", "webp"}}, {Name: "b", Width: 200, HDR: "drop"}}}
	result, err := Process(t.Context(), src, r, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a.webp: HDR: the gain map is left out"}; !slices.Equal(result.Notes, want) {
		t.Errorf("notes: %q", result.Notes)
	}
	if want := []string{"b.jpg: HDR: the gain map is dropped"}; !slices.Equal(result.Remarks, want) {
		t.Errorf("remarks: %q", result.Remarks)
	}
	if bytes.Contains(result.Outputs[2].Data, []byte("MPF\x00")) || mustProbe(t, result.Outputs[2].Data).GainMap != nil {
		t.Error("it was dropped, and is there")
	}
	if xmp := meta.Find("jpeg", result.Outputs[2].Data).XMP; len(xmp) > 0 {
		t.Errorf("it was dropped, and there is talk of it: %s", xmp)
	}
	// Apple's, of which nobody else knows how to read it, is told of and left out.
	for _, says := range []string{`xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/" HDRGainMap:HDRGainMapVersion="65536"`,
		`xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/" apdi:AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap"`} {
		gain, err := meta.Insert("jpeg", asJPEG(t, scene(100, 75)), meta.Blocks{XMP: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ` + says + `/></rdf:RDF></x:xmpmeta>`)})
		if err != nil {
			t.Fatal(err)
		}
		apple, err := meta.Insert("jpeg", asJPEG(t, scene(400, 300)), meta.Blocks{GainMap: gain})
		if err != nil {
			t.Fatal(err)
		}
		for hdr, want := range map[string]string{"keep": "HDR: the gain map is left out", "drop": "HDR: the gain map is dropped"} {
			result, err := Process(t.Context(), apple, Recipe{Variants: []Variant{{Width: 100, HDR: hdr}}}, Limits{})
			if err != nil || !strings.Contains(strings.Join(append(result.Notes, result.Remarks...), "\n"), want) || bytes.Contains(result.Outputs[0].Data, []byte("MPF\x00")) {
				t.Errorf("Apple's, %s: %v, %q, %q", hdr, err, result.Notes, result.Remarks)
			}
		}
	}
	// Cut in the gain map, the photo is whole.
	cut := src[:len(src)-200]
	if result, err := Process(t.Context(), cut, Recipe{Variants: []Variant{{Width: 100}}}, Limits{}); err != nil || len(result.Notes) > 0 || bytes.Contains(result.Outputs[0].Data, []byte("MPF\x00")) {
		t.Errorf("a cut gain map: %v, %q", err, result.Notes)
	}
}
