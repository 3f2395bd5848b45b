package placeholder

import (
	"image"
	"math"
)

// maxSide is of a picture that ThumbHash is defined for, in pixels.
const maxSide = 100

// ThumbHash is the picture in about 25 bytes, as evanw.github.io/thumbhash describes it: its luminance, two colour differences and, where
// something is transparent, alpha, each as the lowest frequencies of a cosine transform, quantized to 4 bits. Sides are up to 100 px.
func ThumbHash(img *image.NRGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil
	}
	planes, transparent := split(img)
	most := 7 // frequencies of luminance along the longer side
	if transparent {
		most = 5
	}
	along := func(side int) int { return max(1, int(round(float64(most*side)/float64(max(w, h))))) }
	nx, ny := along(w), along(h)
	l := transform(planes[0], w, h, max(3, nx), max(3, ny))
	p, q := transform(planes[1], w, h, 3, 3), transform(planes[2], w, h, 3, 3)
	channels := []spectrum{l, p, q}

	landscape := w > h
	short := nx // the number of frequencies along the shorter side: the decoder knows the other one
	if landscape {
		short = ny
	}
	var out packer
	out.put(63*l.mean, 6)
	out.put(31.5+31.5*p.mean, 6)
	out.put(31.5+31.5*q.mean, 6)
	out.put(31*l.scale, 5)
	out.flag(transparent)
	out.put(float64(short), 3)
	out.put(63*p.scale, 6)
	out.put(63*q.scale, 6)
	out.flag(landscape)
	if transparent {
		a := transform(planes[3], w, h, 5, 5)
		out.put(15*a.mean, 4)
		out.put(15*a.scale, 4)
		channels = append(channels, a)
	}
	for _, c := range channels {
		for _, f := range c.waves {
			if c.scale > 0 {
				f = 0.5 + 0.5*f/c.scale
			}
			out.put(15*f, 4)
		}
	}
	return out.bytes
}

// split gives luminance, yellow to blue, red to green, and alpha, each 0 to 1 or -1 to 1. What is transparent shows the mean colour.
func split(img *image.NRGBA) (planes [4][]float64, transparent bool) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var mean [3]float64
	var weight float64
	each := func(visit func(r, g, b, a float64)) {
		for y := range h {
			row := img.Pix[y*img.Stride : y*img.Stride+4*w]
			for x := 0; x < len(row); x += 4 {
				visit(float64(row[x])/255, float64(row[x+1])/255, float64(row[x+2])/255, float64(row[x+3])/255)
			}
		}
	}
	each(func(r, g, b, a float64) {
		mean[0] += a * r
		mean[1] += a * g
		mean[2] += a * b
		weight += a
		transparent = transparent || a < 1
	})
	if weight > 0 {
		for i := range mean {
			mean[i] /= weight
		}
	}
	each(func(r, g, b, a float64) {
		r, g, b = mean[0]*(1-a)+a*r, mean[1]*(1-a)+a*g, mean[2]*(1-a)+a*b
		for i, v := range [4]float64{(r + g + b) / 3, (r+g)/2 - b, r - g, a} {
			planes[i] = append(planes[i], v)
		}
	})
	return planes, transparent
}

// spectrum is a channel's mean, its low frequencies row by row, and the largest of them.
type spectrum struct {
	mean, scale float64
	waves       []float64
}

// transform is a DCT-II of the frequencies in the triangle under nx and ny.
func transform(plane []float64, w, h, nx, ny int) spectrum {
	across, down := cosines(w, nx), cosines(h, ny)
	var s spectrum
	rows := make([]float64, h) // of one horizontal frequency
	sums := make([][]float64, nx)
	for cx := range nx {
		for y := range h {
			rows[y] = 0
			for x, v := range plane[y*w : y*w+w] {
				rows[y] += v * across[cx][x]
			}
		}
		sums[cx] = make([]float64, ny)
		for cy := range ny {
			for y, v := range rows {
				sums[cx][cy] += v * down[cy][y]
			}
			sums[cx][cy] /= float64(w * h)
		}
	}
	for cy := range ny {
		for cx := 0; cx*ny < nx*(ny-cy); cx++ {
			f := sums[cx][cy]
			if cx == 0 && cy == 0 {
				s.mean = f
				continue
			}
			s.waves = append(s.waves, f)
			s.scale = max(s.scale, math.Abs(f))
		}
	}
	return s
}

// cosines are n waves, sampled at the centres of size pixels.
func cosines(size, n int) [][]float64 {
	all := make([][]float64, n)
	for c := range all {
		all[c] = make([]float64, size)
		for i := range size {
			all[c][i] = math.Cos(math.Pi / float64(size) * float64(c) * (float64(i) + 0.5))
		}
	}
	return all
}

// packer collects small numbers, the first in the lowest bits.
type packer struct {
	bytes []byte
	used  int // bits of the last byte
}

// put rounds v, which fits into so many bits.
func (p *packer) put(v float64, bits int) {
	n := int(round(v))
	for i := range bits {
		if p.used%8 == 0 {
			p.bytes, p.used = append(p.bytes, 0), 0
		}
		p.bytes[len(p.bytes)-1] |= byte(n>>i&1) << p.used
		p.used++
	}
}

func (p *packer) flag(set bool) {
	if set {
		p.put(1, 1)
	} else {
		p.put(0, 1)
	}
}

// round takes halves up, as JavaScript's Math.round in other encoders does.
func round(v float64) float64 { return math.Floor(v + 0.5) }
