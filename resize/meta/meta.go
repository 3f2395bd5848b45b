// Package meta reads, filters and writes what an image file says besides its pixels: EXIF, XMP, IPTC, colour profiles and resolution.
//
//	a codec's walk along the headers ─► Places ─► Read, bounded ─► Blocks ─┬─► Describe ─► About, for people and sites
//	                                                                       └─► Filter(Keep) ─► Blocks ─► Insert into an encoded file
//	a whole file ─► Refilter(Keep): the same file, byte by byte, with the metadata that may stay
//
// All of it comes from strangers. Nothing is followed further than the limits below, what does not parse is left out, and what is written
// was put together anew: of an EXIF block its fields, of an XMP packet its elements, of IPTC its records. So neither a second reader of an
// output nor a library is ever given a hostile structure. It keeps no state, knows nothing of pixels, and everything may run concurrently.
package meta

// Blocks are the metadata of one file, as they lie in it or are to be written.
type Blocks struct {
	EXIF    []byte // a TIFF stream (EXIF 2.32, section 4.5.2)
	XMP     []byte // a packet (ISO 16684-1)
	IPTC    []byte // records of the Information Interchange Model 4.2
	ICC     []byte // a profile (ICC.1:2022)
	ISO     []byte // what ISO 21496-1 says of a gain map
	GainMap []byte // the whole JPEG of it, which lies behind the picture's
	Density Density
}

// Density is how many pixels of a print make a unit of length, or, without a unit, how much wider than high a pixel is.
type Density struct {
	X, Y uint16
	Unit DensityUnit
}

// DensityUnit is JFIF's number for it.
type DensityUnit uint8

// The units.
const (
	NoUnit DensityUnit = iota
	PerInch
	PerCM
)

// Empty says whether there is nothing to write.
func (b Blocks) Empty() bool {
	return b.Size() == 0 && b.Density == Density{}
}

// Size is how many bytes there are.
func (b Blocks) Size() int {
	return len(b.EXIF) + len(b.XMP) + len(b.IPTC) + len(b.ICC) + len(b.ISO) + len(b.GainMap)
}

// Level is how much of the metadata an output keeps.
type Level uint8

// The levels. A colour profile is no part of them: pixels mean nothing without it.
const (
	None      Level = iota
	Copyright       // whose picture it is, by EXIF, IPTC and XMP, and its resolution
	All             // everything but maker notes, previews and what the output has made untrue
)

// Keep is what Filter lets through.
type Keep struct {
	Level Level
	GPS   bool // positions too, under All; without it none leaves, in whatever block it hides

	// Orientation is what the output's pixels need to be seen upright: 0 and Upright for those that are.
	Orientation int
	// Width and Height are the output's, in pixels; 0: left out.
	Width, Height int
	// SRGB says that the output's colours are sRGB.
	SRGB bool
}

// Filter returns what may be written of b. Profiles pass; gain maps have to be added.
func (b Blocks) Filter(k Keep) Blocks {
	out := Blocks{ICC: b.ICC, EXIF: filterEXIF(b.EXIF, k)}
	if k.Level == None {
		return out
	}
	out.Density = b.Density
	out.XMP = filterXMP(b.XMP, k)
	out.IPTC = filterIPTC(b.IPTC, k)
	return out
}

// The most that is read of each kind. What is larger is left out as a whole.
const (
	maxEXIF    = 64 << 10  // JPEG can hold no more
	maxXMP     = 256 << 10 // a packet with a long history takes a tenth of it
	maxIPTC    = 64 << 10
	MaxProfile = 4 << 20 // of a profile's bytes: those of printing machines have 0.5 to 3 MB
)
