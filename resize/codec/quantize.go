package codec

import (
	"image"
	"image/color"
	"slices"
)

// paletteSize is how many colours a palette may have.
func paletteSize(s Settings) int {
	if s.Colors == 0 {
		return 256
	}
	return s.Colors
}

// quantize gives a picture a palette: its own colours, if there are no more than size, otherwise such as median cut finds, and what is lost
// is spread over the neighbours, by Floyd and Steinberg's weights. Without translucent, pixels less than half opaque become the one
// transparent colour, the last of the palette.
func quantize(img image.Image, size int, translucent bool) *image.Paletted {
	if m, ok := img.(*image.Gray); ok {
		if size == 256 {
			return &image.Paletted{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect, Palette: grays()}
		}
		pixels := image.NewNRGBA(m.Rect)
		grayRGBA(pixels.Pix, m)
		img = pixels
	}
	src := img.(*image.NRGBA)
	if !translucent {
		src = masked(src)
	}
	if exact := withOwnColours(src, size); exact != nil {
		return exact
	}
	colours, clear := countColours(src, translucent)
	if clear {
		size--
	}
	d := ditherer{palette: medianCut(colours, size), translucent: translucent}
	out := image.NewPaletted(src.Rect, nil)
	d.run(out, src)
	for _, c := range d.palette {
		out.Palette = append(out.Palette, color.NRGBA{c[0], c[1], c[2], c[3]})
	}
	if clear {
		out.Palette = append(out.Palette, color.NRGBA{})
	}
	return out
}

func grays() color.Palette {
	p := make(color.Palette, 256)
	for i := range p {
		p[i] = color.Gray{uint8(i)}
	}
	return p
}

// masked returns a picture whose pixels are opaque or of the one transparent colour: m itself, if it is one.
func masked(m *image.NRGBA) *image.NRGBA {
	if m.Opaque() {
		return m
	}
	out := image.NewNRGBA(m.Rect)
	for i := 0; i+3 < len(m.Pix); i += 4 {
		if m.Pix[i+3] >= 128 {
			copy(out.Pix[i:i+3], m.Pix[i:i+3])
			out.Pix[i+3] = 255
		}
	}
	return out
}

// withOwnColours returns the picture with exactly its colours, transparency last, or nil when they are more than size.
func withOwnColours(src *image.NRGBA, size int) *image.Paletted {
	index := make(map[rgba]uint8, size)
	out := image.NewPaletted(src.Rect, nil)
	var last rgba
	at, known := uint8(0), false
	clear := -1
	for i := range out.Pix {
		c := rgba(src.Pix[4*i : 4*i+4])
		if c[3] == 0 {
			c = rgba{}
		}
		if !known || c != last {
			n, found := index[c]
			if !found {
				if len(index) == size {
					return nil
				}
				n = uint8(len(index))
				index[c] = n
				out.Palette = append(out.Palette, color.NRGBA{c[0], c[1], c[2], c[3]})
				if c == (rgba{}) {
					clear = int(n)
				}
			}
			last, at, known = c, n, true
		}
		out.Pix[i] = at
	}
	if end := len(out.Palette) - 1; clear >= 0 && clear != end {
		out.Palette[clear], out.Palette[end] = out.Palette[end], out.Palette[clear]
		for i, p := range out.Pix {
			switch int(p) {
			case clear:
				out.Pix[i] = uint8(end)
			case end:
				out.Pix[i] = uint8(clear)
			}
		}
	}
	return out
}

type rgba [4]uint8

// tally is how often the colours of one cell of the 32×32×32 cube occur, for each of 8 steps of alpha, and their sum.
type tally struct {
	mean  rgba
	count uint64
	sum   [4]uint64
}

// countColours returns the tallies of the cells that occur, and whether a pixel is transparent.
func countColours(src *image.NRGBA, translucent bool) (found []tally, clear bool) {
	cells := make([]tally, 1<<15)
	if translucent {
		cells = make([]tally, 1<<18)
	}
	for i := 0; i+3 < len(src.Pix); i += 4 {
		p := src.Pix[i : i+4 : i+4]
		if p[3] == 0 {
			clear = true
			continue
		}
		cell := int(p[0]>>3)<<10 | int(p[1]>>3)<<5 | int(p[2]>>3)
		if translucent {
			cell |= int(p[3]>>5) << 15
		}
		c := &cells[cell]
		c.count++
		for k := range c.sum {
			c.sum[k] += uint64(p[k])
		}
	}
	for _, c := range cells {
		if c.count > 0 {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		found = []tally{{count: 1}}
	}
	setMeans(found)
	return found, clear
}

func setMeans(all []tally) {
	for i := range all {
		for k, s := range all[i].sum {
			all[i].mean[k] = uint8((s + all[i].count/2) / all[i].count)
		}
	}
}

// medianCut halves, again and again, the box of colours that is worst off, until there are as many as the palette may have.
func medianCut(colours []tally, size int) []rgba {
	boxes := [][]tally{colours}
	for len(boxes) < size {
		worst, axis, most := -1, 0, uint64(0)
		for i, b := range boxes {
			if a, loss := spread(b); loss > most {
				worst, axis, most = i, a, loss
			}
		}
		if worst < 0 {
			break
		}
		low, high := split(boxes[worst], axis)
		boxes[worst] = low
		boxes = append(boxes, high)
	}
	palette := make([]rgba, len(boxes))
	for i, b := range boxes {
		total := []tally{{}}
		for _, c := range b {
			total[0].count += c.count
			for k := range c.sum {
				total[0].sum[k] += c.sum[k]
			}
		}
		setMeans(total)
		palette[i] = total[0].mean
	}
	return palette
}

// spread returns a box's longest axis, and how much is lost by keeping it whole: the pixels in it times its length.
func spread(box []tally) (axis int, loss uint64) {
	low, high, count := rgba{255, 255, 255, 255}, rgba{}, uint64(0)
	for _, c := range box {
		count += c.count
		for k, v := range c.mean {
			low[k], high[k] = min(low[k], v), max(high[k], v)
		}
	}
	length := uint64(0)
	for k := range low {
		if l := uint64(high[k] - low[k]); l > length {
			axis, length = k, l
		}
	}
	return axis, count * length
}

// split divides a box of two or more colours so that about half of the pixels are on either side.
func split(box []tally, axis int) (low, high []tally) {
	slices.SortFunc(box, func(a, b tally) int { return int(a.mean[axis]) - int(b.mean[axis]) })
	total := uint64(0)
	for _, c := range box {
		total += c.count
	}
	at, seen := 0, uint64(0)
	for at < len(box)-2 && seen+box[at].count <= total/2 {
		seen += box[at].count
		at++
	}
	return box[:at+1], box[at+1:]
}

// ditherer maps pixels to a palette; those that are wholly transparent get the entry behind it. near remembers the nearest entry, plus one, of
// each cell: of the 64×64×64 cube, or of 32 steps of each colour and of alpha.
type ditherer struct {
	palette     []rgba
	translucent bool
	near        []uint16
}

func (d *ditherer) run(out *image.Paletted, src *image.NRGBA) {
	d.near = make([]uint16, 1<<18)
	if d.translucent {
		d.near = make([]uint16, 1<<20)
	}
	w := src.Rect.Dx()
	transparent := uint8(min(len(d.palette), 255))
	here, below := make([][4]int32, w+2), make([][4]int32, w+2) // errors in sixteenths, one pixel of margin on both sides
	for y := range src.Rect.Dy() {
		row := src.Pix[y*src.Stride:]
		for x := range w {
			p := row[4*x : 4*x+4 : 4*x+4]
			if p[3] == 0 {
				out.Pix[y*out.Stride+x] = transparent
				continue
			}
			var want [4]int32
			for k := range want {
				want[k] = min(max(int32(p[k])+(here[x+1][k]+8)>>4, 0), 255)
			}
			i := d.nearest(want)
			out.Pix[y*out.Stride+x] = uint8(i)
			for k, v := range d.palette[i] {
				e := want[k] - int32(v)
				here[x+2][k] += 7 * e
				below[x][k] += 3 * e
				below[x+1][k] += 5 * e
				below[x+2][k] += e
			}
		}
		here, below = below, here
		clear(below)
	}
}

func (d *ditherer) nearest(c [4]int32) int {
	at := c[0]>>2<<12 | c[1]>>2<<6 | c[2]>>2
	if d.translucent {
		at = c[0]>>3<<15 | c[1]>>3<<10 | c[2]>>3<<5 | c[3]>>3
	}
	cell := &d.near[at]
	if *cell == 0 {
		best, least := 0, int32(1<<30)
		for i, p := range d.palette {
			r, g, b, a := c[0]-int32(p[0]), c[1]-int32(p[1]), c[2]-int32(p[2]), c[3]-int32(p[3])
			if dist := r*r + g*g + b*b + a*a; dist < least {
				best, least = i, dist
			}
		}
		*cell = uint16(best + 1)
	}
	return int(*cell) - 1
}
