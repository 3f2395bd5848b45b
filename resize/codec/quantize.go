package codec

import (
	"image"
	"image/color"
	"slices"
)

// quantize gives a picture a palette of its own, by median cut, and spreads what is lost over the neighbours, by Floyd and
// Steinberg's weights. Greys are kept exactly. Pixels less than half opaque become the one transparent colour.
func quantize(img image.Image) *image.Paletted {
	if gray, ok := img.(*image.Gray); ok {
		return &image.Paletted{Pix: gray.Pix, Stride: gray.Stride, Rect: gray.Rect, Palette: grays()}
	}
	src := img.(*image.NRGBA)
	colours, clear := countColours(src)
	size := 256
	if clear {
		size--
	}
	palette := medianCut(colours, size)
	d := ditherer{palette: palette}
	out := image.NewPaletted(src.Rect, nil)
	d.run(out, src)
	for _, c := range palette {
		out.Palette = append(out.Palette, color.NRGBA{c[0], c[1], c[2], 255})
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

type rgb [3]uint8

// tally is how often the colours of one cell of the 32×32×32 cube occur, and their sum.
type tally struct {
	mean  rgb
	count uint64
	sum   [3]uint64
}

// countColours returns the tallies of the cells that occur, and whether a pixel is transparent.
func countColours(src *image.NRGBA) (found []tally, clear bool) {
	cells := make([]tally, 1<<15)
	for i := 0; i < len(src.Pix); i += 4 {
		p := src.Pix[i : i+4 : i+4]
		if p[3] < 128 {
			clear = true
			continue
		}
		c := &cells[int(p[0]>>3)<<10|int(p[1]>>3)<<5|int(p[2]>>3)]
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
func medianCut(colours []tally, size int) []rgb {
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
	palette := make([]rgb, len(boxes))
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
	low, high, count := rgb{255, 255, 255}, rgb{}, uint64(0)
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

// ditherer maps pixels to a palette. near remembers the nearest entry, plus one, of each cell of the 64×64×64 cube.
type ditherer struct {
	palette []rgb
	near    [1 << 18]uint16
}

func (d *ditherer) run(out *image.Paletted, src *image.NRGBA) {
	w := src.Rect.Dx()
	transparent := uint8(min(len(d.palette), 255))
	here, below := make([][3]int32, w+2), make([][3]int32, w+2) // errors in sixteenths, one pixel of margin on both sides
	for y := range src.Rect.Dy() {
		row := src.Pix[y*src.Stride:]
		for x := range w {
			p := row[4*x : 4*x+4 : 4*x+4]
			if p[3] < 128 {
				out.Pix[y*out.Stride+x] = transparent
				continue
			}
			var want [3]int32
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

func (d *ditherer) nearest(c [3]int32) int {
	cell := &d.near[c[0]>>2<<12|c[1]>>2<<6|c[2]>>2]
	if *cell == 0 {
		best, least := 0, int32(1<<30)
		for i, p := range d.palette {
			r, g, b := c[0]-int32(p[0]), c[1]-int32(p[1]), c[2]-int32(p[2])
			if dist := r*r + g*g + b*b; dist < least {
				best, least = i, dist
			}
		}
		*cell = uint16(best + 1)
	}
	return int(*cell) - 1
}
