package jpeg

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// What both image/jpeg and this package decode without an error has the same samples, within 2, if it is sequential: of
// damaged progressive images, which are hard to tell, they make different things. Whatever the
// input, there is no panic, and the scales and the pixels agree with the planes in size.
func FuzzDecode(f *testing.F) {
	for _, src := range samples(f) {
		if len(src) < 8000 {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		h, err := ReadHeader(src)
		if err != nil || h.Width*h.Height > 1<<18 {
			return
		}
		for _, scale := range []int{2, 4, 8} {
			img, err := DecodeNRGBA(src, Options{Scale: scale, MaxScans: 20})
			if err != nil {
				continue
			}
			if r := img.Rect; r.Dx() != ceil(h.Width, scale) || r.Dy() != ceil(h.Height, scale) {
				t.Fatalf("%d × %d at 1/%d is %v", h.Width, h.Height, scale, r)
			}
		}
		ours, err := DecodePlanes(src, Options{MaxScans: 20})
		if err != nil || h.Progressive {
			return
		}
		img, err := jpeg.Decode(bytes.NewReader(src))
		if err != nil {
			return
		}
		theirs := samplesOf(img)
		if len(theirs) != len(ours) || extreme(t, src) {
			return
		}
		if d, err := farthest(ours, theirs); err == nil && d > 2 {
			t.Errorf("%d apart", d)
		}
	})
}

// extreme tells whether an image has a block that no encoder makes: whose samples 16 bits may not hold, with a run
// beyond its end, of which image/jpeg leaves the value in the stream, or with more data than MCUs before a restart marker.
func extreme(t testing.TB, src []byte) bool {
	d, err := NewDecoder(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tooMuch := func(c *component, dc int32, b []int16) bool {
		sum := abs(dc) * int32(uint16(c.quant[0]))
		for k := 1; k < 64; k++ {
			sum += min(abs(int32(b[k]))*int32(uint16(c.quant[k])), 1<<20)
		}
		return sum > 1<<13
	}
	found := false
	rows := func() error {
		for mcu := range d.scan.wide * d.scan.high {
			found = found || mcu == d.scan.restart && (!d.bits.final || d.bits.end*8-(d.bits.pos*8-int(d.bits.n)) > 7)
			if !d.ready(mcu) {
				t.Fatal("damaged this time")
			}
			for i := range d.units {
				u, b := &d.units[i], &d.blocks[i]
				u.c.pred, _ = d.bits.block(b, u.dc, u.ac, u.by, u.c.pred)
				found = found || tooMuch(u.c, u.c.pred, b[:64]) || b[unwanted] != 0
				clear(b[:])
			}
		}
		return nil
	}
	if err := d.scans(rows); err != nil {
		t.Fatal(err)
	}
	return found
}

func abs(v int32) int32 { return min(max(v, -v), 1<<15) }
