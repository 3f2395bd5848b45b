package codec

import (
	"encoding/binary"

	"pixmill/resize/icc"
	"pixmill/resize/meta"
)

// Color is which colours an image's samples are.
type Color struct {
	Kind icc.Kind // "": sRGB, as nobody says otherwise
	Name string   // of its profile, for people
}

// declared is what a format says about colours besides a profile.
type declared struct {
	primaries, transfer int  // ITU-T H.273
	coded               bool // these are given
	first               bool // and count more than a profile
	srgb                bool
	gamma               uint32 // PNG's units
	chroma              [8]uint32
}

func (d *declared) code(primaries, transfer int, first bool) {
	d.primaries, d.transfer, d.coded, d.first = primaries, transfer, true, first
}

// pngColour says whether png wants to know of chunks of a kind.
func pngColour(kind string) bool {
	return kind == "cICP" || kind == "sRGB" || kind == "gAMA" || kind == "cHRM"
}

// png takes a chunk about colours (PNG, third edition, section 11.3.2); which of them counts is that section's order.
func (d *declared) png(kind string, b []byte) {
	switch {
	case kind == "cICP" && len(b) >= 4:
		d.code(int(b[0]), int(b[1]), true)
	case kind == "sRGB":
		d.srgb = true
	case kind == "gAMA" && len(b) >= 4:
		d.gamma = binary.BigEndian.Uint32(b)
	case kind == "cHRM" && len(b) >= 32:
		for i := range d.chroma {
			d.chroma[i] = binary.BigEndian.Uint32(b[4*i:])
		}
	}
}

// profile is the one that counts.
func (d *declared) profile(b meta.Blocks) icc.Profile {
	switch {
	case d.coded && (d.first || len(b.ICC) == 0):
		return icc.OfCode(d.primaries, d.transfer)
	case len(b.ICC) > 0:
		return icc.Parse(b.ICC)
	case meta.AdobeRGB(b.EXIF):
		return icc.OfAdobeRGB()
	case !d.srgb:
		return icc.OfPNG(d.gamma, d.chroma)
	}
	return icc.Profile{}
}

// fits says whether a profile is one of samples as the picture has them.
func (i Info) fits(k icc.Kind) bool {
	switch k {
	case icc.Inks:
		return i.Inks
	case icc.Gray:
		return i.Gray
	case icc.Tables:
		return !i.Gray && !i.Inks
	}
	return !i.Inks
}

// probedProfile is how many bytes of a profile Probe reads; one of tables may be larger, and shows it at its beginning.
const probedProfile = 128 << 10

// Read is Probe, and what metadata say that it has passed.
func (c *Codec) Read(h *Header) (Info, error) {
	info, err := c.Probe(h)
	if info.Width < 1 {
		return info, err
	}
	blocks := h.places.Read(h.r, probedProfile)
	info.About = meta.Describe(blocks, info.Orientation)
	info.Metadata = h.places.Memory()
	colours := h.colour.profile(blocks)
	if colours.HDR != "" && err == nil {
		err = hdr(info.Format, colours.HDR)
	}
	if info.Format == "jpeg" {
		info.GainMap = h.gainMap()
	}
	if info.fits(colours.Kind) {
		info.Color = Color{colours.Kind, colours.Name}
	}
	return info, err
}

// GainMap is a gain map: what its header says, and where it is.
type GainMap struct {
	Info Info
	meta.GainMap
}

// gainMap finds the first one behind a JPEG that is to be understood, or that there is another.
func (h *Header) gainMap() (found *GainMap) {
	for _, g := range h.places.Pictures(h.r) {
		if g.Size < 4 || g.From+g.Size > h.size {
			continue
		}
		second := NewHeader(h.section(g.From, g.Size), g.Size)
		info, err := probeJPEG(second)
		switch {
		case err != nil || info.Truncated:
		case second.places.Meaning(second.r, &g):
			return &GainMap{info, g}
		case second.places.Apples(second.r):
			found = &GainMap{}
		}
	}
	return found
}

// Metadata reads what a whole image says besides its pixels.
func Metadata(src *Source) (meta.Blocks, icc.Profile) {
	h := NewHeader(src.Reader(), src.Length())
	head := make([]byte, min(src.Length(), 32))
	_, _ = src.Reader().ReadAt(head, 0)
	c := Find(Sniff(head))
	if c == nil {
		return meta.Blocks{}, icc.Profile{}
	}
	_, _ = c.Probe(h) // has succeeded before
	blocks := h.places.Read(h.r, meta.MaxProfile)
	return blocks, h.colour.profile(blocks)
}
