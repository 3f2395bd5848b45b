package codec

import (
	"compress/lzw"
	"encoding/binary"
	"image"
	"image/color"
	"math/bits"
	"time"
)

// gifMovie writes pictures that hold only what has changed, each with a palette of its own. One is held back until the next is
// known: whether its place has to be erased first, only that one says.
type gifMovie struct {
	out     []byte
	colours int
	seen    *image.NRGBA    // what a viewer has, before its colours were reduced
	last    *image.Paletted // the picture held back, at its place
	delay   int
	clock   steps
}

func animateGIF(w, h, plays int, s Settings) Animation {
	g := &gifMovie{colours: paletteSize(s), seen: image.NewNRGBA(image.Rect(0, 0, w, h))}
	g.clock = steps{step: 10 * time.Millisecond, most: 1<<16 - 1}
	g.out = append(g.out, "GIF89a"...)
	g.out = le16(g.out, w, h)
	g.out = append(g.out, 0, 0, 0) // no table for all
	if plays != 1 {
		g.out = append(g.out, gifExtension, gifApplication, 11)
		g.out = append(g.out, "NETSCAPE2.0\x03\x01"...)
		g.out = append(le16(g.out, min(max(plays-1, 0), 1<<16-1)), 0)
	}
	return g
}

func le16(b []byte, values ...int) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// Add implements Animation.
func (g *gifMovie) Add(f Frame) error {
	m := masked(f.Image)
	if gone := vanished(g.seen, m); !gone.Empty() {
		// The picture before this one takes in all that is to go, leaving it as it is, and is erased as a whole.
		place := g.last.Rect.Union(gone)
		g.last = widened(g.last, place)
		erase(g.seen, place)
		if err := g.flush(gifBackground); err != nil {
			return err
		}
	} else if err := g.flush(gifKeep); err != nil {
		return err
	}
	place := changed(g.seen, m)
	if g.delay = g.clock.take(f.Delay); place.Empty() {
		place = image.Rect(0, 0, 1, 1)
	}
	p := part(m, place)
	for y := range place.Dy() { // what is there already is left as it is
		had, row := g.seen.Pix[(place.Min.Y+y)*g.seen.Stride+4*place.Min.X:], p.Pix[y*p.Stride:][:p.Stride]
		for i := 0; i < len(row); i += 4 {
			if [4]byte(row[i:]) == [4]byte(had[i:]) {
				clear(row[i : i+4])
			}
		}
	}
	size := min(g.colours, 255) // besides transparency
	if !p.Opaque() {
		size++
	}
	g.last = quantize(p, size, false)
	g.last.Rect = place
	if !isClear(g.last.Palette[len(g.last.Palette)-1]) {
		g.last.Palette = append(g.last.Palette, color.NRGBA{}) // for widened
	}
	copy(g.seen.Pix, m.Pix)
	return nil
}

func isClear(c color.Color) bool { return c == color.NRGBA{} }

// vanished is the smallest rectangle around what was opaque and is to be transparent.
func vanished(seen, m *image.NRGBA) image.Rectangle {
	var r image.Rectangle
	w := seen.Rect.Dx()
	for i := 3; i < len(m.Pix); i += 4 {
		if m.Pix[i] == 0 && seen.Pix[i] != 0 {
			x, y := i/4%w, i/4/w
			r = r.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return r
}

// widened puts a picture into a larger, transparent one.
func widened(p *image.Paletted, place image.Rectangle) *image.Paletted {
	if p.Rect == place {
		return p
	}
	transparent := uint8(len(p.Palette) - 1)
	out := image.NewPaletted(place, p.Palette)
	for i := range out.Pix {
		out.Pix[i] = transparent
	}
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		copy(out.Pix[out.PixOffset(p.Rect.Min.X, y):], p.Pix[p.PixOffset(p.Rect.Min.X, y):][:p.Rect.Dx()])
	}
	return out
}

// flush writes the picture held back.
func (g *gifMovie) flush(disposal byte) error {
	p := g.last
	if p == nil {
		return nil
	}
	g.last = nil
	n := len(p.Palette)
	flags, transparent := disposal<<2, byte(0)
	if isClear(p.Palette[n-1]) {
		flags, transparent = flags|1, byte(n-1)
	}
	g.out = append(g.out, gifExtension, gifGraphicControl, 4, flags)
	g.out = append(le16(g.out, g.delay), transparent, 0, gifImage)
	g.out = le16(g.out, p.Rect.Min.X, p.Rect.Min.Y, p.Rect.Dx(), p.Rect.Dy())
	depth := max(bits.Len(uint(n-1)), 1)
	g.out = append(g.out, 0x80|byte(depth-1))
	for i := range 1 << depth {
		var c color.NRGBA
		if i < n {
			c = color.NRGBAModel.Convert(p.Palette[i]).(color.NRGBA)
		}
		g.out = append(g.out, c.R, c.G, c.B)
	}
	depth = max(depth, 2)
	g.out = append(g.out, byte(depth))
	b := &gifBlocks{out: g.out}
	w := lzw.NewWriter(b, lzw.LSB, depth)
	if _, err := w.Write(p.Pix); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	g.out = b.end()
	return nil
}

// End implements Animation.
func (g *gifMovie) End() ([]byte, error) {
	err := g.flush(gifKeep)
	return append(g.out, gifTrailer), err
}

// gifBlocks cuts data into blocks of at most 255 bytes, each with its length before it.
type gifBlocks struct {
	out   []byte
	block []byte
}

func (b *gifBlocks) Write(p []byte) (int, error) {
	for _, c := range p {
		b.WriteByte(c)
	}
	return len(p), nil
}

// WriteByte is what package lzw prefers.
func (b *gifBlocks) WriteByte(c byte) error {
	if b.block = append(b.block, c); len(b.block) == 255 {
		b.cut()
	}
	return nil
}

// Flush is there for package lzw, which would put a buffer in between otherwise.
func (b *gifBlocks) Flush() error { return nil }

func (b *gifBlocks) cut() {
	b.out = append(append(b.out, byte(len(b.block))), b.block...)
	b.block = b.block[:0]
}

func (b *gifBlocks) end() []byte {
	if len(b.block) > 0 {
		b.cut()
	}
	return append(b.out, 0)
}
