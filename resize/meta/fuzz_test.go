package meta

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzRefilter: whatever a file is made of, filtering it gives an error or a file whose metadata stay what they are when they are filtered
// again, and that tells no position.
func FuzzRefilter(f *testing.F) {
	full := Blocks{EXIF: cameraEXIF(binary.BigEndian), XMP: everything, IPTC: someIPTC, ICC: []byte("a profile"), Density: Density{300, 300, PerInch}}
	formats := []string{"jpeg", "png", "webp"}
	for i, file := range []string{"tiny-1x1.jpg", "interlaced-3x1.png", "animated.webp"} {
		src := testImage(f, file)
		f.Add(uint8(i), src)
		loaded, err := Insert(formats[i], src, full)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), loaded)
	}
	f.Fuzz(func(t *testing.T, format uint8, src []byte) {
		name := formats[int(format)%len(formats)]
		once, err := Refilter(name, src, Keep{Level: All})
		if err != nil {
			return
		}
		if b := Find(name, once); bytes.Contains(b.XMP, []byte("GPSLatitude=")) || Describe(b, 1) != nil && Describe(b, 1).Position != nil {
			t.Errorf("a position has stayed in %q", once)
		}
		if twice, err := Refilter(name, once, Keep{Level: All}); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("filtered again: %v\n%q\n%q", err, once, twice)
		}
	})
}

// FuzzBlocks: no block makes a reader panic, and what is written of it can be read.
func FuzzBlocks(f *testing.F) {
	f.Add(cameraEXIF(binary.LittleEndian), everything, someIPTC)
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"), xmpOf(`dc:title="a"/><rdf:Description>`), []byte{0x1c, 2, 5, 0x80, 4})
	f.Fuzz(func(t *testing.T, exif, xmp, iptc []byte) {
		b := Blocks{EXIF: exif, XMP: xmp, IPTC: iptc}
		for orientation := range 9 {
			Describe(b, orientation)
		}
		out := b.Filter(Keep{Level: All, GPS: true, Orientation: 3, Width: 10, Height: 20, SRGB: true})
		if o := Orientation(bytes.NewReader(out.EXIF), int64(len(out.EXIF))); o != 3 {
			t.Errorf("orientation %d in %q", o, out.EXIF)
		}
		if len(out.XMP) > 0 && parseXMP(out.XMP, 2*maxNodes) == nil && len(out.XMP) <= maxXMP {
			t.Errorf("the packet that was written cannot be read: %q", out.XMP)
		}
	})
}

// FuzzOrientation: whatever a block says, there is an orientation between 1 and 8.
func FuzzOrientation(f *testing.F) {
	f.Add(cameraEXIF(binary.LittleEndian))
	f.Add(cameraEXIF(binary.BigEndian))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x02\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if o := Orientation(bytes.NewReader(tiff), int64(len(tiff))); o < Upright || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

// FuzzPictures: whatever a JPEG says is behind it lies where it says, and what a gain map's values mean can be read again where it was written.
func FuzzPictures(f *testing.F) {
	gain := GainMap{XMP: xmpOf(`xmlns:hdrgm="` + nsHDR + `" hdrgm:GainMapMax="2">`), ISO: []byte("meaning")}
	second, err := gain.Worn(testImage(f, "tiny-1x1.jpg"))
	if err != nil {
		f.Fatal(err)
	}
	src, err := Insert("jpeg", testImage(f, "tiny-1x1.jpg"), Blocks{GainMap: second, ISO: make([]byte, 4)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	f.Fuzz(func(t *testing.T, src []byte) {
		note := func(b []byte) (p Places) {
			off := int64(0)
			_ = jpegParts(b, func(part jpegPart) {
				if 0xe0 <= part.marker && part.marker <= 0xef {
					p.JPEG(part.marker, part.payload()[:min(JPEGHead, len(part.payload()))], off+4, int64(len(part.whole)-4))
				}
				off += int64(len(part.whole))
			})
			return p
		}
		first := note(src)
		for _, g := range first.Pictures(bytes.NewReader(src)) {
			if g.From < 0 || g.Size < 0 || g.From+g.Size > int64(len(src)) {
				continue // as the codec does
			}
			data := src[g.From : g.From+g.Size]
			places := note(data)
			if !places.Meaning(bytes.NewReader(data), &g) {
				continue
			}
			worn, err := g.Worn(bytes.Clone(testImage(t, "tiny-1x1.jpg")))
			if err != nil {
				t.Fatal(err)
			}
			again := GainMap{}
			if places := note(worn); !places.Meaning(bytes.NewReader(worn), &again) || !bytes.Equal(again.XMP, g.XMP) {
				t.Errorf("%q was written as %q", g.XMP, again.XMP)
			}
		}
	})
}
