package resize

import (
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/buckket/go-blurhash"
	"github.com/disintegration/imaging"

	"pixmill/resize/codec"
	"pixmill/resize/placeholder"
)

// The sides of the small pictures, in pixels.
const (
	previewSide = 64 // of the frame that all else is made of: nine times what seven waves need
	inlineSide  = 20 // of the one in the page
)

// Preview is what a page may show before a picture is there.
type Preview struct {
	Color     string // the dominant one, "#rrggbb"
	ThumbHash string // base64
	BlurHash  string // of 4×3 components, 3×4 for what is upright
	Inline    string // a data URI of a picture of some hundred bytes
}

// previewFrame adds the frame that Preview is made of; it comes at the end of the cascade, and so costs next to nothing.
func (p *plan) previewFrame(r Recipe) {
	v := Variant{Width: previewSide, Height: previewSide}.withDefaults()
	for _, other := range r.Variants {
		if other.Kernel != "" && other.Kernel != "nearest" { // of the same kernel it can be made of that one's frame
			v.Kernel = other.Kernel
			break
		}
	}
	at := place(p.info.Width, p.info.Height, v, nil)
	p.small = p.frame(at.w, at.h, image.Rect(0, 0, at.w, at.h), v.Kernel, p.info.Color.Kind.Convertible())
}

// look keeps what Preview is made of when its frame is there: the first one of an animation.
func (p *plan) look(f *frame, made raster) {
	if f != p.small || p.seen != nil {
		return
	}
	p.seen = image.NewNRGBA(image.Rect(0, 0, made.w, made.h))
	var src image.Image = made.planes()
	if src == nil {
		src = made.pixels()
	}
	draw.Draw(p.seen, p.seen.Rect, src, image.Point{}, draw.Src)
}

func newPreview(img *image.NRGBA) (*Preview, error) {
	c := placeholder.Color(img)
	p := &Preview{Color: fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)}
	p.ThumbHash = base64.StdEncoding.EncodeToString(placeholder.ThumbHash(img))
	nx, ny := 4, 3
	if img.Rect.Dy() > img.Rect.Dx() {
		nx, ny = 3, 4
	}
	nx, ny = min(nx, img.Rect.Dx()), min(ny, img.Rect.Dy()) // more would be counted double
	var err error
	if p.BlurHash, err = blurhash.Encode(nx, ny, flatten(img, color.NRGBA{255, 255, 255, 255})); err != nil {
		return nil, err
	}
	p.Inline, err = inline(imaging.Fit(img, inlineSide, inlineSide, imaging.Box))
	return p, err
}

// inline is a picture as a data URI (RFC 2397), of the format that is smaller for it.
func inline(img *image.NRGBA) (string, error) {
	name, s := "jpeg", codec.Settings{Quality: 50, Effort: codec.Balanced}
	if !img.Opaque() {
		name, s = "png", codec.Settings{Colors: 32}
	}
	data, err := codec.Find(name).Encode(nil, img, s)
	return "data:image/" + name + ";base64," + base64.StdEncoding.EncodeToString(data), err
}
