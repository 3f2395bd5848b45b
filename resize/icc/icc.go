// Package icc brings pictures' colours to sRGB: it reads colour profiles, and converts samples by what they say.
//
//	a profile's bytes (ICC.1:2022), code points (ITU-T H.273), PNG's chunks ─► Profile ─► Transform ─► samples, in place
//
// What can be converted is what cameras, phones and scanners write: red, green and blue by a matrix and curves, grey by a curve, and four inks
// by tables. Red, green and blue by tables are left as they are: such a profile has to go with its picture. Profiles come from strangers: their tags
// are read within their bytes, nothing is allocated by what they say, and one that does not parse is no profile.
//
// Profiles and Transforms are not changed once they are made; everything may run concurrently.
package icc

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf16"
)

// Kind is what can be done with a profile.
type Kind string

// The kinds. "" is no profile, or none that is to be understood: its picture counts as sRGB.
const (
	SRGB   Kind = "srgb"   // samples are sRGB already
	Matrix Kind = "matrix" // red, green and blue by curves and a matrix
	Gray   Kind = "gray"   // grey by a curve
	Tables Kind = "tables" // red, green and blue by tables
	Inks   Kind = "inks"   // cyan, magenta, yellow and black by tables
)

// Convertible says whether a Transform brings such samples to sRGB, and changes them.
func (k Kind) Convertible() bool { return k == Matrix || k == Gray || k == Inks }

// Profile says which colours samples stand for.
type Profile struct {
	Kind Kind
	Name string // for people, as in "Display P3"
	HDR  string // "PQ" or "HLG" where samples are of high dynamic range

	matrix matrix3 // linear red, green and blue to XYZ, of D50
	curves [3]curve
	known  *known // nil: it is none of those
	inks   *inkTables
}

// tags finds a profile's, by their table (ICC.1:2022, section 7.3).
type tags map[string][]byte

const (
	headSize = 128
	maxTags  = 100
)

// Parse reads a profile, or as much as there is of its beginning.
func Parse(b []byte) Profile {
	if len(b) < headSize+4 || string(b[36:40]) != "acsp" {
		return Profile{}
	}
	t := tags{}
	for i := range min(int(binary.BigEndian.Uint32(b[headSize:])), maxTags) {
		at := headSize + 4 + 12*i
		if at+12 > len(b) {
			break
		}
		off, n := int64(binary.BigEndian.Uint32(b[at+4:])), int64(binary.BigEndian.Uint32(b[at+8:]))
		data := []byte{} // it is there, but beyond what we have
		if off+n <= int64(len(b)) {
			data = b[off : off+n]
		}
		if _, twice := t[string(b[at:at+4])]; !twice {
			t[string(b[at:at+4])] = data
		}
	}
	p := Profile{Name: t.name()}
	if c := t["cicp"]; len(c) >= 12 {
		p.HDR = transferHDR(int(c[9]))
	}
	switch string(b[16:20]) {
	case "RGB ":
		p.rgb(t)
	case "GRAY":
		if c, ok := parseCurve(t["kTRC"]); ok {
			p.Kind, p.curves = Gray, [3]curve{c, c, c}
			if p.plain() {
				p.Kind = SRGB
			}
		}
	case "CMYK":
		if p.inks = parseInks(t["A2B0"], string(b[20:24]), b[8]); p.inks != nil {
			p.Kind = Inks
		}
	}
	return p
}

func (p *Profile) rgb(t tags) {
	if _, tables := t["A2B0"]; tables {
		p.Kind = Tables
		// Its samples are those of sRGB; its tables are about how to show them.
		if strings.HasPrefix(p.Name, "sRGB v4 ICC preference") || strings.HasPrefix(p.Name, "sRGB_v4_ICC_preference") {
			p.Kind, p.known = SRGB, &knownProfiles[0]
		}
		return
	}
	for i, c := range []string{"r", "g", "b"} {
		xyz, ok := parseXYZ(t[c+"XYZ"])
		curve, okay := parseCurve(t[c+"TRC"])
		if !ok || !okay {
			return
		}
		for k := range xyz {
			p.matrix[k][i] = xyz[k]
		}
		p.curves[i] = curve
	}
	p.settle()
}

// settle finds out what a profile of a matrix and curves is.
func (p *Profile) settle() {
	p.Kind = Matrix
	for i := range knownProfiles {
		if k := &knownProfiles[i]; p.like(k.profile()) {
			p.known = k
			if p.Name == "" {
				p.Name = k.name
			}
			if i == 0 {
				p.Kind = SRGB
			}
			return
		}
	}
}

// like says whether two profiles of matrices mean the same colours, to three of 255 of sRGB: so much does the last digit of a matrix make in the darkest
// component of a saturated colour. Spaces that are others differ by 10 and more.
func (p *Profile) like(q Profile) bool {
	a, b := p.linear(), q.linear()
	steps := []float64{0, 20, 70, 150, 255}
	for _, red := range steps {
		for _, green := range steps {
			for _, blue := range steps {
				v := [3]float64{red / 255, green / 255, blue / 255}
				x, y := a.at(v), b.at(v)
				for k := range x {
					if math.Abs(x[k]-y[k])*255 > 3 {
						return false
					}
				}
			}
		}
	}
	return true
}

// plain says whether a curve of grey is sRGB's own, to one of 255.
func (p *Profile) plain() bool {
	for v := range 256 {
		if math.Abs(255*encoded(p.curves[0].at(float64(v)/255))-float64(v)) > 1 {
			return false
		}
	}
	return true
}

// name is the description: text of version 2, or texts in several languages of version 4 (sections 10.15 and, of ICC.1:2001, 6.5.17).
func (t tags) name() string {
	b := t["desc"]
	switch {
	case len(b) > 12 && string(b[:4]) == "desc":
		n := min(int64(binary.BigEndian.Uint32(b[8:])), int64(len(b)-12), 100)
		return printable(string(b[12 : 12+n]))
	case len(b) >= 28 && string(b[:4]) == "mluc":
		n, off := int64(binary.BigEndian.Uint32(b[20:])), int64(binary.BigEndian.Uint32(b[24:]))
		var units []uint16
		for i := off; i+2 <= min(off+min(n, 200), int64(len(b))); i += 2 {
			units = append(units, binary.BigEndian.Uint16(b[i:]))
		}
		return printable(string(utf16.Decode(units)))
	}
	return ""
}

func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return -1
		}
		return r
	}, s))
}

// fixed is an s15Fixed16Number (section 4.6).
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

func parseXYZ(b []byte) (xyz [3]float64, ok bool) {
	if len(b) < 20 || string(b[:4]) != "XYZ " {
		return xyz, false
	}
	for i := range xyz {
		xyz[i] = fixed(b[8+4*i:])
	}
	return xyz, true
}
