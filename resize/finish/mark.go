package finish

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"  // a mark's format
	_ "image/jpeg" // a mark's format
	_ "image/png"  // a mark's format
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/disintegration/imaging"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Mark is a watermark: a picture or a text, put over every output. It is plain data, that can be sent elsewhere; it must not be copied.
type Mark struct {
	Image    []byte      // a PNG, JPEG or GIF; empty: Text
	Text     string      // one line
	Color    color.NRGBA // of Text
	Position string      // as a Variant's: "center", "right bottom" …
	Opacity  float64     // 0 to 1
	Size     float64     // its width over the output's, 0 to 1
	Margin   float64     // its distance from the sides over the output's shorter side, 0 to 0.5

	once    sync.Once
	picture *image.NRGBA // of Image
	err     error
}

// Positions are where a mark can be.
var Positions = []string{"center", "top", "right top", "right", "right bottom", "bottom", "left bottom", "left", "left top"}

func (m *Mark) validate() error {
	var faults []error
	if len(m.Image) > 0 {
		_, err := m.decode()
		faults = append(faults, err)
	}
	if (len(m.Image) == 0) == (m.Text == "") {
		faults = append(faults, errors.New("a watermark has either an image or a text: name one of them"))
	}
	if r := missing(m.Text); r != 0 {
		faults = append(faults, fmt.Errorf("watermark text has %q, which the built-in letters (Latin, Greek, Cyrillic) lack: leave it out, or make an image of the text", r))
	}
	if !slices.Contains(Positions, m.Position) {
		faults = append(faults, fmt.Errorf("watermark position %q is not known: write one of %s", m.Position, strings.Join(Positions, ", ")))
	}
	for key, f := range map[string]struct{ value, least, most float64 }{"opacity": {m.Opacity, 0, 1}, "size": {m.Size, 0.001, 1}, "margin": {m.Margin, 0, 0.5}} {
		if !(f.value >= f.least && f.value <= f.most) {
			faults = append(faults, fmt.Errorf("watermark %s is %g: write %g to %g", key, f.value, f.least, f.most))
		}
	}
	return errors.Join(faults...)
}

// maxPicture is how many pixels a mark's image may have.
const maxPicture = 16 << 20

// decode makes the picture of Image, once.
func (m *Mark) decode() (*image.NRGBA, error) {
	m.once.Do(func() { m.picture, m.err = decode(m.Image) })
	return m.picture, m.err
}

func decode(data []byte) (*image.NRGBA, error) {
	header, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return nil, fmt.Errorf("watermark image is no PNG, JPEG or GIF that can be read: %w", err)
	case header.Width*header.Height > maxPicture:
		return nil, fmt.Errorf("watermark image has %d×%d pixels, which is a lot: make it smaller than %d megapixels", header.Width, header.Height, maxPicture>>20)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("watermark image is a damaged %s: %w", format, err)
	}
	return imaging.Clone(img), nil
}

// put draws the mark over a picture.
func (m *Mark) put(on *image.NRGBA) {
	size := on.Rect.Size()
	width := max(int(math.Round(m.Size*float64(size.X))), 1)
	mark, err := m.decode()
	if err != nil { // there is none, or none that was valid
		mark = m.written(width, size.Y)
	} else {
		mark = scaled(mark, width, size.Y)
	}
	margin := int(math.Round(m.Margin * float64(min(size.X, size.Y))))
	at := m.corner(size, mark.Rect.Size(), margin)
	opacity := image.NewUniform(color.Alpha{uint8(math.Round(m.Opacity * 255))})
	draw.DrawMask(on, mark.Rect.Add(at), mark, image.Point{}, opacity, image.Point{}, draw.Over)
}

// scaled is a picture at a width, or at the height that there is.
func scaled(img *image.NRGBA, width, height int) *image.NRGBA {
	if h := img.Rect.Dy() * width / img.Rect.Dx(); h > height {
		return imaging.Resize(img, 0, height, imaging.Lanczos)
	}
	return imaging.Resize(img, width, 0, imaging.Lanczos)
}

// corner is where a mark of a size goes.
func (m *Mark) corner(in, size image.Point, margin int) image.Point {
	free := in.Sub(size)
	at := free.Div(2)
	for _, side := range strings.Fields(m.Position) {
		switch side {
		case "left":
			at.X = min(margin, free.X)
		case "right":
			at.X = max(free.X-margin, 0)
		case "top":
			at.Y = min(margin, free.Y)
		case "bottom":
			at.Y = max(free.Y-margin, 0)
		}
	}
	return at
}

var letters = func() *opentype.Font {
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		panic(fmt.Sprintf("the built-in font: %v", err))
	}
	return f
}()

// missing is the first rune of a text that the font has no form for; 0: it has all.
func missing(text string) rune {
	for _, r := range text {
		if glyph, err := letters.GlyphIndex(nil, r); err != nil || glyph == 0 {
			return r
		}
	}
	return 0
}

// written is the text at a width, or at the height that there is, on a shadow of the contrary brightness so that it can be read on anything.
func (m *Mark) written(width, height int) *image.NRGBA {
	const trial = 100 // pixels an em
	face := faceOf(trial)
	bounds, _ := font.BoundString(face, m.Text)
	wide, high := bounds.Max.X-bounds.Min.X, face.Metrics().Height
	em := trial * min(float64(width)*64/float64(max(wide, 1)), float64(height)*64/float64(high))
	face = faceOf(em)
	shadow := max(int(em/24), 1)
	bounds, _ = font.BoundString(face, m.Text)
	left, top := bounds.Min.X.Floor(), bounds.Min.Y.Floor()
	out := image.NewNRGBA(image.Rect(0, 0, bounds.Max.X.Ceil()-left+shadow, bounds.Max.Y.Ceil()-top+shadow))
	under := color.NRGBA{A: m.Color.A / 2}
	if 299*int(m.Color.R)+587*int(m.Color.G)+114*int(m.Color.B) < 128*1000 {
		under = color.NRGBA{255, 255, 255, m.Color.A / 2}
	}
	for _, pass := range []struct {
		c     color.NRGBA
		shift int
	}{{under, shadow}, {m.Color, 0}} {
		d := font.Drawer{Dst: out, Src: image.NewUniform(pass.c), Face: face, Dot: fixed.P(pass.shift-left, pass.shift-top)}
		d.DrawString(m.Text)
	}
	return out
}

func faceOf(em float64) font.Face {
	face, err := opentype.NewFace(letters, &opentype.FaceOptions{Size: max(em, 1), DPI: 72})
	if err != nil {
		panic(fmt.Sprintf("the built-in font at %g px: %v", em, err))
	}
	return face
}
