package icc

import (
	"testing"
)

// FuzzParse: whatever a profile says, converting by it ends, and grey by a matrix that passes for sRGB stays what it is.
func FuzzParse(f *testing.F) {
	for i := range knownProfiles {
		f.Add(knownProfiles[i].bytes())
	}
	f.Add(inksProfile())
	f.Add(inksV4Profile())
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Parse(b)
		if e := p.Embedded(b); p.Kind == "" && e != nil || p.Kind == SRGB && len(e) == 0 {
			t.Errorf("%q goes with a profile of %d bytes", p.Kind, len(e))
		}
		if !p.Kind.Convertible() || p.Kind == Inks && len(b) > 1<<16 {
			return
		}
		tr := NewTransform(p)
		pix := []byte{0, 0, 0, 255, 1, 2, 3, 4, 255, 255, 255, 0, 128, 0, 255, 9}
		switch p.Kind {
		case Inks:
			tr.Inks(pix)
		case Gray:
			tr.GrayRGBA(pix)
		default:
			tr.RGBA(pix)
		}
		tr.Gray(pix)
	})
}
