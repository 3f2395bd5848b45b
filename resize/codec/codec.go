// Package codec reads and writes image formats, one file each, behind one small registry.
//
//	head bytes ─► Sniff ─► name ─► Find ─► *Codec ─ Probe (headers only) ─► Info
//	                                              ─ Decode ─► Rows, from top to bottom ─ … ─► Encode ─► bytes
//
// It knows nothing of variants and recipes. A Codec holds no state: everything may run concurrently. Decoders may panic on
// damaged input; the caller recovers.
package codec

import (
	"image"

	"pixmill/resize/meta"
)

// Codec is one format.
type Codec struct {
	Name string // as config.toml and people's logs spell it
	Ext  string // of files, without the dot

	// Sniff tells the format from a file's first 16 bytes or more.
	Sniff func(head []byte) bool

	// Probe reads what the headers say, through h, which bounds how much that is. A file that ends too early behind its header
	// is no error here but Info.Truncated.
	Probe func(h *Header) (Info, error)

	// Scans counts the passes over the picture that decoding src takes, from its markers alone; nil: always one.
	Scans func(src *Source, info Info) int

	// Decode gives the first picture to Rows, not oriented, of the size that Probe found, or, where decoding can reduce, of half, a
	// quarter or an eighth of it (rounded up).
	Decode func(src *Source, info Info, want Want, to Rows) error

	// Frames shows the pictures of an animation, one after the other, as many as Probe found; nil: there are none but the first.
	Frames func(src *Source, info Info, show func(Frame) error) error

	// Scale is by what Decode divides the picture's sides; nil: by nothing.
	Scale func(info Info, want Want) int

	// Turn makes the file upright without loss; small tries for fewest bytes. Metadata is left behind. nil: that can't be done.
	Turn func(src *Source, info Info, small bool) ([]byte, error)

	// Encode appends an *image.NRGBA or *image.Gray, where it is Planar an *image.YCbCr of 4:2:0 too, whose Bounds start at 0,0.
	// nil: this format is only read.
	Encode func(dst []byte, img image.Image, s Settings) ([]byte, error)

	Planar  bool // Encode takes Y, Cb and Cr
	Lossy   bool // Encode uses Settings.Quality
	Palette bool // Encode uses Settings.Colors
	Alpha   bool // Encode keeps transparency; without it, it is given opaque pictures
	MaxSide int  // that Encode can write, in pixels

	// Animate begins an animation of w×h that plays so many times, 0 for ever; nil: pictures of this format do not move.
	Animate func(w, h, plays int, s Settings) Animation

	// EncodedBytes bounds Encode's output, for a picture of that many pixels, and WorkBytes its memory.
	EncodedBytes func(pixels float64) float64
	WorkBytes    func(size image.Point, s Settings) float64
}

// Want is what the rows are for.
type Want struct {
	Least  image.Point // the size, as stored, of what is made of them: in no direction are they fewer
	Planes bool        // Y, Cb and Cr will do, where the picture has them
	Inks   bool        // of a picture of four inks these, instead of RGBA
}

// Settings are how to encode.
type Settings struct {
	Quality int // 1 to 100, for lossy formats
	Effort  Effort
	Colors  int // 2 to 256 at most, for formats with a Palette; 0: as many as they can hold
}

// Effort is how much time to spend on fewer bytes.
type Effort uint8

const (
	Fast Effort = iota
	Balanced
	Small
)

// codecs are all formats that can be read.
var codecs = []*Codec{jpegCodec, pngCodec, gifCodec, webpCodec, avifCodec, heicCodec, tiffCodec, bmpCodec}

// Find returns the format of a name, nil when it is not one of those that can be read.
func Find(name string) *Codec {
	for _, c := range codecs {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Written names the formats that Encode.
func Written() []string {
	var names []string
	for _, c := range codecs {
		if c.Encode != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

// Sniff names the format of a file that begins with head, 16 bytes or more, also one that can't be decoded; "" when it is not
// an image that anybody here has heard of.
func Sniff(head []byte) string {
	for _, c := range codecs {
		if c.Sniff(head) {
			return c.Name
		}
	}
	for _, f := range foreign {
		if f.sniff(head) {
			return f.name
		}
	}
	return ""
}

// Info is what an image's headers say.
type Info struct {
	Format        string // "jpeg" "png" "gif" "webp" "avif" "heic" "tiff" "bmp"
	Width, Height int    // pixels, as the picture is to be seen: after its EXIF orientation
	Orientation   int    // EXIF's, 1 to 8: how the stored pixels have to be turned to be seen so
	Frames        int    // of an animation; 1 for a still picture
	Plays         int    // how many times an animation is shown; 0: for ever
	Alpha         bool   // some pixels may be transparent
	Gray          bool   // all pixels are grey
	Progressive   bool   // a JPEG of several scans
	Inks          bool   // its samples are cyan, magenta, yellow and black
	Quality       int    // of a JPEG, by its quantization tables, on libjpeg's scale of 1 to 100; 0: not known
	Bytes         int64  // of the file
	Streams       bool   // it is decoded from its beginning to its end, once: it need not be in memory

	// TurnPeak bounds the memory, in bytes, that Turn takes; 0: the picture is upright, or cannot be turned without loss.
	TurnPeak  int64
	Truncated bool // the file ends before its headers said it would
	Unended   bool // a GIF without an end marker: later pictures may be missing

	Color   Color
	GainMap *GainMap // for bright screens; of a size of 0: one that is not read; nil: it has none

	About    *meta.About // what it says about itself; nil: nothing
	Metadata int64       // bytes that reading and writing its metadata takes at most

	// DecodePeak bounds the memory, in bytes, that decoding takes at once at the picture's size; where it can reduce, also at a half,
	// a quarter and an eighth of it.
	DecodePeak [4]int64
}

// Stored is the size of the picture as it lies in the file, before its orientation.
func (i Info) Stored() (w, h int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// oriented returns info with its size, so far the stored one, turned.
func oriented(info Info, orientation int) Info {
	info.Orientation = orientation
	info.Width, info.Height = info.Stored()
	return info
}
