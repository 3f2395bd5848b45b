package resize

import (
	"bytes"
	"image"
	"image/gif"
	"slices"
	"testing"

	"github.com/bep/imagemeta"

	"pixmill/resize/icc"
	"pixmill/resize/meta"
)

// tags are what a reader that is not ours finds in an output.
func tags(t *testing.T, format string, data []byte) map[string]any {
	t.Helper()
	all := map[string]any{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(data),
		ImageFormat:     map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP, "avif": imagemeta.AVIF}[format],
		Sources:         imagemeta.EXIF | imagemeta.XMP | imagemeta.IPTC,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag:       func(i imagemeta.TagInfo) error { all[i.Tag] = i.Value; return nil },
		Warnf:           t.Logf,
	})
	if err != nil {
		t.Errorf("%s: %v", format, err)
	}
	if format == "png" { // whose XMP imagemeta does not look for
		for _, property := range []string{"Label", "WebStatement", "GPSAltitude"} {
			if bytes.Contains(meta.Find(format, data).XMP, []byte(":"+property+"=")) {
				all[property] = true
			}
		}
	}
	return all
}

// TestMetadataGoAlong: outputs in every format say as much of their source as they should, to a reader that is not ours.
func TestMetadataGoAlong(t *testing.T) {
	src, err := meta.Insert("jpeg", testImage(t, "gps-icc-p3.jpg"), meta.Blocks{
		XMP: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:rights="http://ns.adobe.com/xap/1.0/rights/"
  xmp:Label="green" exif:GPSAltitude="34/1" rights:WebStatement="https://example.org/licence"/></rdf:RDF></x:xmpmeta>`),
		IPTC: []byte("\x1c\x02\x74\x00\x03Ann\x1c\x02\x78\x00\x07a scene"), Density: meta.Density{X: 300, Y: 300, Unit: meta.PerInch}})
	if err != nil {
		t.Fatal(err)
	}
	rights := mustProbe(t, src).About.Copyright
	for _, c := range []struct {
		name          string
		v             Variant
		there, absent []string
	}{
		{"default", Variant{}, []string{"Copyright", "Artist", "WebStatement"}, []string{"Model", "GPSLatitude", "GPSAltitude", "Label", "DateTimeOriginal", "Caption-Abstract"}},
		{"none", Variant{Metadata: "none", GPS: true}, nil, []string{"Copyright", "Artist", "WebStatement", "Model", "GPSLatitude", "Label", "XResolution"}},
		{"all", Variant{Metadata: "all"}, []string{"Copyright", "Model", "Label", "DateTimeOriginal", "WebStatement"}, []string{"GPSLatitude", "GPSAltitude", "GPSLongitude"}},
		{"all with positions", Variant{Metadata: "all", GPS: true}, []string{"Copyright", "Model", "Label", "GPSLatitude", "GPSAltitude"}, nil},
	} {
		c.v.Width, c.v.Formats = 200, []string{"jpeg", "png", "webp", "avif", "gif"}
		result, err := Process(t.Context(), src, Recipe{Variants: []Variant{c.v}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range result.Outputs {
			if o.Format == "gif" {
				decoded(t, o.Data)
				whose := bytes.Contains(o.Data, []byte("\x21\xfe")) && bytes.Contains(o.Data, []byte(rights))
				if whose != (c.name != "none") || bytes.Contains(meta.Find("gif", o.Data).XMP, []byte("Label")) != (c.v.Metadata == "all") {
					t.Errorf("%s: the GIF says whose it is: %t, and %s", c.name, whose, meta.Find("gif", o.Data).XMP)
				}
				continue
			}
			all := tags(t, o.Format, o.Data)
			for _, tag := range c.there {
				if _, there := all[tag]; !there {
					t.Errorf("%s, %s: %s has not come along", c.name, o.Format, tag)
				}
			}
			for _, tag := range c.absent {
				if v, there := all[tag]; there {
					t.Errorf("%s, %s: %s has come along: %v", c.name, o.Format, tag, v)
				}
			}
			if _, there := all["CopyrightNotice"]; o.Format == "jpeg" && there != (c.name != "none") {
				t.Errorf("%s: IPTC's copyright notice is there: %t", c.name, there)
			}
			if w, there := all["ExifImageWidth"]; c.v.Metadata == "all" && (!there || w != uint32(200)) {
				t.Errorf("%s, %s: the width is %v", c.name, o.Format, w)
			}
			if o.Format == "avif" {
				decodedAVIF(t, o.Data)
			} else {
				decoded(t, o.Data)
			}
			want := meta.Density{X: 300, Y: 300, Unit: meta.PerInch}
			if got := meta.Find(o.Format, o.Data).Density; o.Format != "webp" && o.Format != "avif" && (got == want) != (c.name != "none") {
				t.Errorf("%s, %s: the resolution is %+v", c.name, o.Format, got)
			}
		}
	}
}

// TestGIFKeepsItsPacket: through a resize and as it is, still and moving, and other programs find what they did before.
func TestGIFKeepsItsPacket(t *testing.T) {
	packet := []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Label="green">
 <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ann</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>`)
	for _, file := range []string{"still.gif", "animated.gif"} {
		plain := testImage(t, file)
		src, err := meta.Insert("gif", plain, meta.Blocks{XMP: packet})
		if err != nil {
			t.Fatal(err)
		}
		before, info := mustProbe(t, plain), mustProbe(t, src)
		if info.About == nil || info.About.Copyright != "© Ann" || info.Frames != before.Frames || info.Plays != before.Plays {
			t.Errorf("%s: %+v", file, info)
		}
		result, err := Process(t.Context(), src, Recipe{Variants: []Variant{
			{Name: "small", Width: 20, Metadata: "all"}, {Name: "whole", Metadata: "all"}, {Name: "whose"}, {Name: "bare", Metadata: "none"},
		}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range result.Outputs {
			got := mustProbe(t, o.Data)
			label, whose := bytes.Contains(o.Data, []byte("Label")), got.About != nil && got.About.Copyright == "© Ann"
			if label != (o.Variant == "small" || o.Variant == "whole") || whose != (o.Variant != "bare") || got.Frames != before.Frames || got.Plays != before.Plays {
				t.Errorf("%s, %s: label %t, whose %t, %d frames that play %d times", file, o.Variant, label, whose, got.Frames, got.Plays)
			}
			if m, err := gif.DecodeAll(bytes.NewReader(o.Data)); err != nil || len(m.Image) != max(before.Frames, 1) {
				t.Errorf("%s, %s: %v", file, o.Variant, err)
			}
			if bytes.Count(o.Data, []byte(meta.GIFXMP)) > 1 {
				t.Errorf("%s, %s: there are several packets", file, o.Variant)
			}
		}
	}
}

// TestOrientationIsReset: what says that a picture has to be turned does not say so of one that was.
func TestOrientationIsReset(t *testing.T) {
	for _, file := range []string{"orientation-6.jpg", "orientation-6.png", "orientation-6.webp"} {
		result, err := Process(t.Context(), testImage(t, file), Recipe{Variants: []Variant{{Width: 100, Metadata: "all"}}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		o := result.Outputs[0]
		if info := mustProbe(t, o.Data); info.Orientation != 1 || info.About == nil || info.About.Camera != "pixmill" {
			t.Errorf("%s: %+v", file, info)
		}
		if all := tags(t, o.Format, o.Data); all["Orientation"] != uint16(1) {
			t.Errorf("%s: the orientation is %v", file, all["Orientation"])
		}
	}
}

// TestAVIFWithProfileAndAlpha: everything that an AVIF may have beside its picture, and that decoders still find that.
func TestAVIFWithProfileAndAlpha(t *testing.T) {
	adobe := icc.OfAdobeRGB().Embedded(nil)
	exif := meta.Find("jpeg", testImage(t, "gps-icc-p3.jpg")).EXIF
	for _, file := range []string{"rgb.png", "rgba.png", "grey.png"} {
		src, err := meta.Insert("png", profiled(t, "png", testImage(t, file), adobe), meta.Blocks{EXIF: exif, XMP: []byte(gainXMP)})
		if err != nil {
			t.Fatal(err)
		}
		v := Variant{Width: 100, Formats: []string{"avif"}, Quality: map[string]int{"avif": 95}, Metadata: "all", Color: "keep"}
		kept, err := Process(t.Context(), src, Recipe{Variants: []Variant{v}}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		v.Metadata, v.Formats = "none", []string{"png"}
		plain := processed(t, src, v)
		data := kept.Outputs[0].Data
		info := mustProbe(t, data)
		if info.About == nil || info.About.Creator != "Ann Example" || info.Color.Name != "Adobe RGB (1998)" || info.Alpha != (file == "rgba.png") {
			t.Errorf("%s: %+v", file, info)
		}
		if mean, _ := difference(decodedAVIF(t, data), plain); mean > 4 {
			t.Errorf("%s: the picture differs by %.1f", file, mean)
		}
	}
}

// decodedAVIF decodes by Process, without another loss, and keeps the colours.
func decodedAVIF(t *testing.T, data []byte) image.Image {
	return processed(t, data, Variant{Formats: []string{"png"}, Color: "keep"})
}

// TestAnimationsKeepMetadata: of an animated WebP, too.
func TestAnimationsKeepMetadata(t *testing.T) {
	exif := meta.Find("jpeg", testImage(t, "gps-icc-p3.jpg")).EXIF
	src, err := meta.Insert("webp", testImage(t, "animated.webp"), meta.Blocks{EXIF: exif})
	if err != nil {
		t.Fatal(err)
	}
	result, err := Process(t.Context(), src, Recipe{Variants: []Variant{{Width: 48}}}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	info := mustProbe(t, result.Outputs[0].Data)
	if info.Frames != 5 || info.About == nil || info.About.Creator != "Ann Example" || info.About.Position != nil {
		t.Errorf("%+v", info)
	}
	if !slices.Equal(result.Notes, nil) {
		t.Errorf("notes: %q", result.Notes)
	}
}
