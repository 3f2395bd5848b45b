package meta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// About is what a photo says about itself, for people and for sites. What it does not say is zero.
type About struct {
	Title, Caption, Alt        string
	Keywords                   []string
	Creator, Copyright, Credit string
	Taken                      string // as in RFC 3339, "2024-05-06T07:08:09+02:00", or without the zone where the camera did not know it
	Rating                     int    // stars, 1 to 5; -1: rejected

	Camera, Lens string
	Exposure     string  // seconds, as photographers write it: "1/250", "2"
	Aperture     float64 // as in f/2.8
	ISO          int
	Focal        float64 // mm
	Focal35      int     // mm, of a lens for film of 35 mm that would show as much

	Position *Position // nil: unknown. Whoever publishes it asks first whether that is wanted
	Regions  []Region
}

// Position is where a photo was taken.
type Position struct {
	Latitude, Longitude float64 // degrees, north and east positive
	Altitude            float64 // metres above the sea; 0 where unknown, too
}

// Region is a part of the picture that somebody has marked (Metadata Working Group, image regions).
type Region struct {
	Kind string // "Face" "Pet" "Focus" "BarCode"
	Name string // of who it is
	// X and Y are the middle, and W and H the size, in parts of the picture's width and height, as it is to be seen.
	X, Y, W, H float64
}

// The most that About holds of hostile metadata.
const (
	maxText     = 2000 // bytes of a text
	maxKeywords = 100
	maxRegions  = 64
)

// Describe reads what blocks say; orientation is the picture's, which regions have to be turned by. nil when they say nothing.
func Describe(b Blocks, orientation int) *About {
	var a About
	if rdf := parseXMP(b.XMP, maxNodesRead); rdf != nil {
		a.fromXMP(rdf, orientation)
	}
	a.fromIPTC(records(b.IPTC))
	if e, found := parseEXIF(b.EXIF); found {
		a.fromEXIF(&e)
	}
	if a.empty() {
		return nil
	}
	return &a
}

func (a *About) empty() bool {
	return a.Title+a.Caption+a.Alt+a.Creator+a.Copyright+a.Credit+a.Taken+a.Camera+a.Lens+a.Exposure == "" && len(a.Keywords) == 0 &&
		a.Rating == 0 && a.Aperture == 0 && a.ISO == 0 && a.Focal == 0 && a.Focal35 == 0 && a.Position == nil && len(a.Regions) == 0
}

// put sets a text that is not known yet.
func put(to *string, text string) {
	if *to == "" {
		*to = clean(text)
	}
}

func clean(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(strings.Trim(s, "\x00"), ""))
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

func (a *About) keyword(s string) {
	if s = clean(s); s != "" && len(a.Keywords) < maxKeywords && !slices.Contains(a.Keywords, s) {
		a.Keywords = append(a.Keywords, s)
	}
}

func (a *About) fromIPTC(all []record) {
	one := func(dataset byte) string { return strings.Join(iptcTexts(all, dataset), ", ") }
	put(&a.Title, one(iptcTitle))
	put(&a.Title, one(iptcHeadline))
	put(&a.Caption, one(iptcCaption))
	put(&a.Creator, one(iptcByline))
	put(&a.Copyright, one(iptcCopyright))
	put(&a.Credit, one(iptcCredit))
	if len(a.Keywords) == 0 {
		for _, s := range iptcTexts(all, iptcKeyword) {
			a.keyword(s)
		}
	}
}

func (a *About) fromEXIF(e *exif) {
	main := func(tag uint16) string { return e.text(e.main, tag) }
	put(&a.Title, main(tagXPTitle))
	put(&a.Caption, described(main(tagDescription)))
	put(&a.Caption, main(tagXPComment))
	put(&a.Creator, main(tagArtist))
	put(&a.Creator, main(tagXPAuthor))
	put(&a.Copyright, main(tagCopyright))
	if len(a.Keywords) == 0 {
		for _, s := range strings.Split(main(tagXPKeywords), ";") {
			a.keyword(s)
		}
	}
	put(&a.Camera, camera(main(tagMake), main(tagModel)))
	put(&a.Lens, e.text(e.photo, tagLensModel))
	if t := e.taken(); t != "" {
		a.Taken = t
	}
	value := func(tag uint16) float64 { f, _ := find(e.photo, tag); return e.rational(f, 0) }
	whole := func(all []field, tag uint16) int { f, _ := find(all, tag); return e.number(f) }
	a.Exposure = exposure(value(tagExposureTime))
	a.Aperture = rounded(value(tagFNumber), 10)
	a.ISO = whole(e.photo, tagISO)
	a.Focal = rounded(value(tagFocalLength), 10)
	a.Focal35 = whole(e.photo, tagFocal35)
	if r := whole(e.main, tagRating); a.Rating == 0 && 1 <= r && r <= 5 {
		a.Rating = r
	}
	if p := e.position(); p != nil {
		a.Position = p
	}
}

// described is a description, unless a camera has put its own words there.
func described(s string) string {
	for _, junk := range []string{`DCIM\`, "OLYMPUS DIGITAL CAMERA", "SONY DSC", "KONICA MINOLTA DIGITAL CAMERA", "MINOLTA DIGITAL CAMERA"} {
		if strings.HasPrefix(s, junk) {
			return ""
		}
	}
	return s
}

// text is a field's: ASCII, which many write as UTF-8, or Windows' UTF-16 in bytes.
func (e *exif) text(all []field, tag uint16) string {
	f, _ := find(all, tag)
	if tag < tagXPTitle || tag > tagXPSubject {
		if f.kind != 2 {
			return ""
		}
		text, _, _ := bytes.Cut(f.value, []byte{0})
		return clean(string(text))
	}
	units := make([]uint16, 0, len(f.value)/2)
	for b := f.value; len(b) >= 2; b = b[2:] {
		units = append(units, binary.LittleEndian.Uint16(b))
	}
	return clean(string(utf16.Decode(units)))
}

// camera joins maker and model, where the model does not name the maker already.
func camera(maker, model string) string {
	brand, _, _ := strings.Cut(maker, " ")
	if maker == "" || strings.HasPrefix(strings.ToLower(model), strings.ToLower(brand)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

func (e *exif) taken() string {
	text, zone := e.text(e.photo, tagOriginal), e.text(e.photo, tagOffsetOrig)
	if text == "" {
		text, zone = e.text(e.main, tagDateTime), e.text(e.photo, tagOffset)
	}
	t, err := time.Parse("2006:01:02 15:04:05", text)
	if err != nil {
		return ""
	}
	at := t.Format("2006-01-02T15:04:05")
	if _, err := time.Parse("-07:00", zone); err == nil {
		at += zone
	}
	return at
}

// exposure writes seconds as photographers do.
func exposure(s float64) string {
	switch {
	case s <= 0 || s > 1e6 || math.IsNaN(s):
		return ""
	case s < 0.3:
		return fmt.Sprintf("1/%.0f", 1/s)
	}
	return strconv.FormatFloat(rounded(s, 10), 'f', -1, 64)
}

func rounded(v, parts float64) float64 { return math.Round(v*parts) / parts }

// position reads the GPS directory (EXIF 2.32, section 4.6.6).
func (e *exif) position() *Position {
	angle := func(ref, tag uint16, negative byte, most float64) (float64, bool) {
		f, there := find(e.gps, tag)
		if !there || len(f.value) < 24 {
			return 0, false
		}
		v := e.rational(f, 0) + e.rational(f, 1)/60 + e.rational(f, 2)/3600
		if r, _ := find(e.gps, ref); len(r.value) > 0 && r.value[0] == negative {
			v = -v
		}
		return rounded(v, 1e6), math.Abs(v) <= most
	}
	lat, ok := angle(1, 2, 'S', 90)
	long, okay := angle(3, 4, 'W', 180)
	if !ok || !okay || lat == 0 && long == 0 { // what cameras write that have not found themselves yet
		return nil
	}
	alt, _ := find(e.gps, 6)
	p := &Position{lat, long, rounded(e.rational(alt, 0), 10)}
	if below, _ := find(e.gps, 5); len(below.value) > 0 && below.value[0] == 1 {
		p.Altitude = -p.Altitude
	}
	return p
}
