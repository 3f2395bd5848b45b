// Package finish is what is done to a picture after it has its size: blurred or sharpened, toned, marked, framed, its corners rounded, in
// that order.
//
// Pictures are *image.NRGBA with their bounds at 0,0. Apply may run concurrently; it starts no goroutine of its own, but imaging does, and is
// handed nothing but pixels that were decoded and checked.
package finish

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/disintegration/imaging"
)

// The words of Finish.Tone.
const (
	Natural   = ""
	Grayscale = "grayscale"
	Sepia     = "sepia"
)

// Finish is plain data; its zero value leaves a picture as it is.
type Finish struct {
	Blur    float64     // standard deviation of a Gaussian, in pixels of the result; 0: none
	Sharpen float64     // the same, of an unsharp mask; 0: none
	Tone    string      // Natural, Grayscale or Sepia
	Mark    *Mark       // nil: none
	Border  int         // pixels of Color on each side
	Color   color.NRGBA // of the border
	Corners int         // radius in pixels
}

const (
	maxSigma  = 100
	maxBorder = 4096
)

// Validate says what is wrong with a finish.
func (f *Finish) Validate() error {
	var faults []error
	for key, sigma := range map[string]float64{"blur": f.Blur, "sharpen": f.Sharpen} {
		if !(sigma >= 0 && sigma <= maxSigma) {
			faults = append(faults, fmt.Errorf("%s is %g: write 0 to %d, in pixels", key, sigma, maxSigma))
		}
	}
	for key, pixels := range map[string]int{"border": f.Border, "corners": f.Corners} {
		if pixels < 0 || pixels > maxBorder {
			faults = append(faults, fmt.Errorf("%s is %d: write 0 to %d, in pixels", key, pixels, maxBorder))
		}
	}
	if f.Tone != Natural && f.Tone != Grayscale && f.Tone != Sepia {
		faults = append(faults, fmt.Errorf("tone %q is not known: write %q or %q", f.Tone, Grayscale, Sepia))
	}
	if f.Mark != nil {
		faults = append(faults, f.Mark.validate())
	}
	return errors.Join(faults...)
}

// Size is that of a picture of the given size when it is finished.
func (f *Finish) Size(of image.Point) image.Point { return of.Add(image.Pt(2*f.Border, 2*f.Border)) }

// Alpha reports whether finished pictures have transparent pixels that they did not have before.
func (f *Finish) Alpha() bool { return f.Corners > 0 }

// Gray reports whether a finished picture is grey, when before it was, or was not.
func (f *Finish) Gray(before bool) bool {
	return (before || f.Tone == Grayscale) && f.Tone != Sepia && f.Mark == nil && f.Border == 0
}

// Bytes bounds the memory that Apply takes for a picture of that many pixels when finished: imaging's two passes, its copy, the
// border's and the mark's.
func (f *Finish) Bytes(pixels float64) float64 { return 24*pixels + 1<<16 }

// Apply returns a picture finished; img itself stays as it is.
func (f *Finish) Apply(img *image.NRGBA) *image.NRGBA {
	out := img
	if f.Blur > 0 {
		out = imaging.Blur(out, f.Blur)
	}
	if f.Sharpen > 0 {
		out = imaging.Sharpen(out, f.Sharpen)
	}
	switch f.Tone {
	case Grayscale:
		out = imaging.Grayscale(out)
	case Sepia:
		out = imaging.AdjustFunc(out, sepia)
	}
	if out == img && (f.Mark != nil || f.Corners > 0) {
		out = imaging.Clone(out)
	}
	if f.Mark != nil {
		f.Mark.put(out)
	}
	if f.Border > 0 {
		out = f.framed(out)
	}
	if f.Corners > 0 {
		round(out, f.Corners)
	}
	return out
}

// sepia is the matrix of the W3C's Filter Effects 1, section 10.1.
func sepia(c color.NRGBA) color.NRGBA {
	r, g, b := float64(c.R), float64(c.G), float64(c.B)
	mix := func(kr, kg, kb float64) uint8 { return uint8(min(kr*r+kg*g+kb*b+0.5, 255)) }
	return color.NRGBA{mix(0.393, 0.769, 0.189), mix(0.349, 0.686, 0.168), mix(0.272, 0.534, 0.131), c.A}
}

func (f *Finish) framed(img *image.NRGBA) *image.NRGBA {
	size := f.Size(img.Rect.Size())
	out := imaging.New(size.X, size.Y, f.Color)
	inner := image.Rectangle{Max: img.Rect.Size()}.Add(image.Pt(f.Border, f.Border))
	draw.Draw(out, inner, img, image.Point{}, draw.Over)
	return out
}

// round makes what lies outside of a quarter circle in each corner transparent, the pixels that the circle crosses in part.
func round(img *image.NRGBA, radius int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	radius = min(radius, w/2, h/2)
	for y := range radius {
		for x := range radius {
			// The distance of the pixel's centre from the circle's is how much of the pixel is inside, as near as can be seen.
			inside := float64(radius) - math.Hypot(float64(radius-x)-0.5, float64(radius-y)-0.5) + 0.5
			if inside >= 1 {
				break
			}
			for _, at := range [4]image.Point{{x, y}, {w - 1 - x, y}, {x, h - 1 - y}, {w - 1 - x, h - 1 - y}} {
				a := &img.Pix[at.Y*img.Stride+4*at.X+3]
				*a = uint8(float64(*a)*max(inside, 0) + 0.5)
			}
		}
	}
}
