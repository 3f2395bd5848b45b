package resize

import (
	"errors"
	"fmt"
	"image/color"
	"maps"
	"slices"
	"strings"

	"pixmill/resize/codec"
	"pixmill/resize/crop"
	"pixmill/resize/finish"
	"pixmill/resize/meta"
)

// Fit is how a picture fits a variant's width and height where both are given; sharp's words, and its arithmetic.
type Fit string

const (
	Inside  Fit = "inside"  // as large as possible within both; the default
	Outside Fit = "outside" // as small as possible, at least both
	Cover   Fit = "cover"   // exactly both: as Outside, then cut at Position
	Contain Fit = "contain" // exactly both: as Inside, then padded with Background around Position
	Fill    Fit = "fill"    // exactly both: stretched
)

// The words that a Variant may use.
var (
	Fits       = []string{"inside", "outside", "cover", "contain", "fill"}
	Positions  = append(slices.Clone(finish.Positions), string(crop.Entropy), string(crop.Attention))
	Kernels    = []string{"lanczos3", "lanczos2", "mitchell", "cubic", "linear", "box", "nearest"}
	Efforts    = []string{"fast", "balanced", "small"}
	Animations = []string{"keep", "first"}
	Metadatas  = []string{"copyright", "none", "all"}
	Colors     = []string{"srgb", "keep"}
	HDRs       = []string{"keep", "drop"}
	Formats    = append([]string{same}, codec.Written()...)
)

const (
	same           = "same"
	defaultQuality = 80
	maxSide        = 65535 // of a variant in pixels: what JPEG and GIF can hold
)

type (
	// Finish is what is done to a variant when it has its size.
	Finish = finish.Finish
	// Mark is a watermark.
	Mark = finish.Mark
)

// Auto is a quality: the lowest at which an output still looks like the pixels that it was made of.
const Auto = -1

// Variant is one size that is made of every image.
type Variant struct {
	Name string // unique in its Recipe

	// Width and Height are in pixels. One that is 0 follows from the other and the source's shape, whatever the Fit; with both 0 the
	// variant has the source's size.
	Width, Height int

	Fit      Fit    // "" is Inside
	Position string // where Cover keeps and Contain puts the picture; "" is "center"; "entropy" and "attention" look at what there is (package crop)

	// Enlarge allows pictures larger than their source. Without it no pixel is blown up: Inside and Outside stop at the source's size,
	// Fill at its width and its height, Cover cuts what there is and may stay below Width or Height; Contain puts the
	// picture as it is on a canvas that still has the size asked for. So does sharp's withoutEnlargement.
	Enlarge bool

	Kernel string // "" is "lanczos3"

	// Formats to encode to; none is "same": the source's own format where it can be written (all but HEIC, TIFF and BMP), otherwise PNG
	// if the source may have transparency, JPEG if not. A format that comes up twice is written once.
	Formats []string

	Quality map[string]int // 1 to 100 by format, for lossy ones; absent is 80; or Auto

	// MaxBytes is the most that an output of a lossy format may have: its quality is lowered until it fits. 0: any number.
	MaxBytes int64

	// MinSavings is the share of its source's bytes, 0 to 1, that an output of the same format and size has to save; one that saves less,
	// or that is larger, is the source itself, its metadata filtered.
	MinSavings float64

	// Effort is how much time is spent on fewer bytes at the same quality; "" is "fast".
	Effort string

	// Animation is what becomes of an animated source in formats that can hold one: "keep", which "" is, or "first", its first frame.
	Animation string

	// Colors is how many a PNG or GIF may have, 2 to 256; 0: as many as it can hold.
	Colors int

	// Background is behind transparent pixels in JPEG (there its own alpha does not count), and around a picture that is Contained.
	// The zero value is opaque white.
	Background color.NRGBA

	Finish *Finish // what is done to it at last; nil: nothing

	// Metadata is how much of the source's metadata goes along: "none", "copyright", which "" is: whose picture it is, and its resolution, or
	// "all". Under "all", GPS allows positions, too.
	Metadata string
	GPS      bool

	// Color is what becomes of colours that are not sRGB: "srgb", which "" is: they are converted, or "keep": their profile goes along.
	Color string

	// HDR is what becomes of the gain map of an Ultra HDR photo in JPEGs that show a part of it, and nothing else: "keep", which "" is, or "drop".
	HDR string
}

// Lossy says whether a format is written at some quality.
func Lossy(format string) bool {
	c := codec.Find(format)
	return c != nil && c.Lossy
}

// Recipe is what is made of an image.
type Recipe struct {
	Variants []Variant
	Preview  bool   // Result.Preview is wanted
	Focus    *Focus // of this image; nil: none is known

	faces *Focus // between the faces that this image's metadata name: where attention goes
}

// Focus is the point of an image that Cover keeps in the middle, or as near to it as the sides allow, whatever the variant's Position.
type Focus struct{ X, Y float64 } // 0 to 1 from the left and the top of the picture as it is to be seen

// looksForFaces says whether it matters where faces are.
func (r Recipe) looksForFaces() bool {
	return r.Focus == nil && slices.ContainsFunc(r.Variants, func(v Variant) bool { return v.Fit == Cover && v.Position == string(crop.Attention) })
}

// faces returns the middle of all faces that an image's metadata name; nil: none.
func faces(info Info) *Focus {
	if info.About == nil {
		return nil
	}
	left, top, right, bottom := 1.0, 1.0, 0.0, 0.0
	for _, r := range info.About.Regions {
		if r.Kind == "Face" || r.Kind == "Focus" {
			left, top, right, bottom = min(left, r.X-r.W/2), min(top, r.Y-r.H/2), max(right, r.X+r.W/2), max(bottom, r.Y+r.H/2)
		}
	}
	if left >= right || top >= bottom {
		return nil
	}
	return &Focus{(left + right) / 2, (top + bottom) / 2}
}

// focus is the point that a variant is cut around; nil: its Position says where.
func (r Recipe) focus(v Variant) *Focus {
	if r.Focus == nil && v.Position == string(crop.Attention) {
		return r.faces
	}
	return r.Focus
}

// Validate reports everything that is wrong with the recipe; Plan, Cost and Process want one that is valid.
func (r Recipe) Validate() error {
	var faults []error
	if len(r.Variants) == 0 {
		faults = append(faults, errors.New("a recipe without variants makes nothing: add one"))
	}
	seen := map[string]bool{}
	for _, v := range r.Variants {
		if seen[v.Name] {
			faults = append(faults, fmt.Errorf("two variants are named %q: rename one", v.Name))
		}
		seen[v.Name] = true
		for _, err := range v.faults() {
			faults = append(faults, fmt.Errorf("variant %q: %w", v.Name, err))
		}
	}
	return errors.Join(faults...)
}

func (v Variant) faults() []error {
	var faults []error
	fail := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	word := func(key, value string, allowed []string) {
		if !slices.Contains(allowed, value) {
			fail("%s %q is not known: write one of %s", key, value, strings.Join(allowed, ", "))
		}
	}
	for key, side := range map[string]int{"width": v.Width, "height": v.Height} {
		if side < 0 || side > maxSide {
			fail("%s is %d: write 1 to %d, or 0 to take it from the other side", key, side, maxSide)
		}
	}
	v = v.withDefaults()
	word("fit", string(v.Fit), Fits)
	word("kernel", v.Kernel, Kernels)
	word("position", v.Position, Positions)
	word("effort", v.Effort, Efforts)
	word("animation", v.Animation, Animations)
	word("metadata", v.Metadata, Metadatas)
	word("color", v.Color, Colors)
	word("hdr", v.HDR, HDRs)
	if v.Colors != 0 && (v.Colors < 2 || v.Colors > 256) {
		fail("colors is %d: write 2 to 256, or 0 for as many as there are", v.Colors)
	}
	if v.Finish != nil {
		if err := v.Finish.Validate(); err != nil {
			faults = append(faults, err)
		}
	}
	for _, f := range v.Formats {
		word("format", f, Formats)
	}
	for _, f := range slices.Sorted(maps.Keys(v.Quality)) {
		word("quality for", f, Formats[1:])
		if q := v.Quality[f]; q != Auto && (q < 1 || q > 100) {
			fail("quality for %s is %d: write 1 to 100, or \"auto\"", f, q)
		}
	}
	if v.MaxBytes < 0 {
		fail("max_bytes is %d: write a number of bytes, or 0 for any number", v.MaxBytes)
	}
	if !(v.MinSavings >= 0 && v.MinSavings <= 1) {
		fail("min_savings is %g: write 0 to 1", v.MinSavings)
	}
	return faults
}

// withDefaults puts the words that zero values stand for.
func (v Variant) withDefaults() Variant {
	if v.Fit == "" {
		v.Fit = Inside
	}
	if v.Position == "" {
		v.Position = Positions[0]
	}
	if v.Kernel == "" {
		v.Kernel = Kernels[0]
	}
	if v.Effort == "" {
		v.Effort = Efforts[0]
	}
	if v.Animation == "" {
		v.Animation = Animations[0]
	}
	if v.Metadata == "" {
		v.Metadata = Metadatas[0]
	}
	if v.Color == "" {
		v.Color = Colors[0]
	}
	if v.HDR == "" {
		v.HDR = HDRs[0]
	}
	if len(v.Formats) == 0 {
		v.Formats = []string{same}
	}
	if v.Background == (color.NRGBA{}) {
		v.Background = color.NRGBA{255, 255, 255, 255}
	}
	return v
}

// codecs resolves a variant's formats for a source.
func (v Variant) codecs(info Info) []*codec.Codec {
	var all []*codec.Codec
	for _, name := range v.Formats {
		c := codec.Find(name)
		if name == same {
			c = sameFormat(info)
		}
		if c != nil && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

func sameFormat(info Info) *codec.Codec {
	if c := codec.Find(info.Format); c != nil && c.Encode != nil {
		return c
	}
	if info.Alpha {
		return codec.Find("png")
	}
	return codec.Find("jpeg")
}

// seeks says what a cut is judged by, where the picture has to be seen for that; "" where its place is known.
func (v Variant) seeks(r Recipe) crop.Method {
	by := crop.Method(v.Position)
	if v.Fit == Cover && r.focus(v) == nil && (by == crop.Entropy || by == crop.Attention) {
		return by
	}
	return ""
}

// moves says whether an output is an animation.
func (v Variant) moves(c *codec.Codec, info Info) bool {
	source := codec.Find(info.Format)
	return info.Frames > 1 && v.Animation == "keep" && c.Animate != nil && source != nil && source.Frames != nil
}

// order has no quality for formats that have none, so that equal pictures are seen to be equal.
func (v Variant) order(c *codec.Codec, info Info) order {
	o := order{codec: c, finish: v.Finish, moves: v.moves(c, info), background: v.Background, color: v.Color, hdr: v.HDR == "keep",
		keep: meta.Keep{Level: levels[v.Metadata], GPS: v.GPS}, minSavings: v.MinSavings, maxBytes: v.MaxBytes}
	o.settings.Effort = codec.Effort(slices.Index(Efforts, v.Effort))
	if c.Lossy {
		o.settings.Quality = defaultQuality
		if q, given := v.Quality[c.Name]; given {
			o.settings.Quality = q
		}
		if o.settings.Quality == Auto {
			o.auto, o.settings.Quality = true, bestAuto
		}
	}
	if c.Palette {
		o.settings.Colors = v.Colors
	}
	return o
}
