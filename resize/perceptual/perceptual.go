// Package perceptual tells how far two pictures look apart: by SSIMULACRA 2, version 2.1 (Jon Sneyers, Cloudinary, 2022 and 2023), which compares
// structure, new edges and lost ones, in colours as the eye has them, at six scales.
//
//	pixels ─ linear light (color.go) ─ halved, five times ─ XYB (color.go) ─ blurred (blur.go) ─ maps of differences ─ means ─ weights ─► Score
//
// A score of 100 is the same picture; 90 cannot be told from it even where the two are flickered, 80 not side by side; at 70 a difference is
// hardly to be noticed, at 50 it is slightly annoying, at 30 annoying. Scores are those of the reference program to some hundredths.
//
// A Reference is read only once it is made: Score may run concurrently.
package perceptual

import (
	"image"
	"math"
)

const (
	scales = 6
	least  = 8 // pixels of the shorter side of a scale that has a smaller one
)

// Reference is a picture that others are compared with.
type Reference struct {
	w, h   int
	levels []level
}

// level is the picture at one scale: its colours, their means, and the means of their squares.
type level struct {
	w, h                int
	colors, mean, power [3]plane
}

// plane is a map of w×h.
type plane []float32

// NewReference prepares a picture, whose Bounds start at 0,0. Transparency is seen over middle grey.
func NewReference(m *image.NRGBA) *Reference {
	r := &Reference{w: m.Rect.Dx(), h: m.Rect.Dy()}
	light, w, h := linear(m), r.w, r.h
	work := newBlur(w, h)
	for len(r.levels) < scales && r.goesOn() {
		l := level{w: w, h: h, colors: xyb(light, w*h)}
		for c := range 3 {
			l.mean[c], l.power[c] = make(plane, w*h), make(plane, w*h)
			work.mean(l.mean[c], l.colors[c], w, h)
			work.product(l.power[c], l.colors[c], l.colors[c], w, h)
		}
		r.levels = append(r.levels, l)
		w, h = halve(&light, w, h)
	}
	return r
}

// goesOn says whether there is another scale: the one before has to be large enough, as the reference program has it.
func (r *Reference) goesOn() bool {
	w, h := r.w, r.h
	if n := len(r.levels); n > 0 {
		w, h = r.levels[n-1].w, r.levels[n-1].h
	}
	return w >= least && h >= least
}

// Score compares a picture of the same size: 100 is the same, lower is worse, and may be less than 0. Of pictures that are less than 8 pixels
// wide or high it knows nothing: 100.
func (r *Reference) Score(m *image.NRGBA) float64 {
	if m.Rect.Dx() != r.w || m.Rect.Dy() != r.h {
		panic("pictures of different sizes are compared")
	}
	light, w, h := linear(m), r.w, r.h
	work := newBlur(w, h)
	mean, power, product := make(plane, w*h), make(plane, w*h), make(plane, w*h)
	var means [3][]float64 // for each colour, of each scale, what weights weigh
	for i := range r.levels {
		l := &r.levels[i]
		colors := xyb(light, w*h)
		for c := range 3 {
			work.mean(mean, colors[c], w, h)
			work.product(power, colors[c], colors[c], w, h)
			work.product(product, l.colors[c], colors[c], w, h)
			n := w * h
			structure := structureLost(l.mean[c], mean[:n], l.power[c], power[:n], product[:n])
			gained, lost := edges(l.colors[c], l.mean[c], colors[c], mean[:n])
			for _, norm := range []func(sums) float64{sums.mean, sums.norm4} {
				means[c] = append(means[c], norm(structure), norm(gained), norm(lost))
			}
		}
		w, h = halve(&light, w, h)
	}
	total, at := 0.0, 0
	for _, list := range means {
		for _, v := range list { // of a small picture there are fewer scales, and as in the reference program later weights move up
			total += weights[at] * v
			at++
		}
	}
	return rated(total)
}

// rated brings a weighted sum to the scale of people's opinions.
func rated(sum float64) float64 {
	s := sum * 0.9562382616834844
	s = 2.326765642916932*s - 0.020884521182843837*s*s + 6.248496625763138e-05*s*s*s
	if s <= 0 {
		return 100
	}
	return 100 - 10*math.Pow(s, 0.6276336467831387)
}

// Bytes bounds what a Reference and one Score take together, for a picture of w×h.
func Bytes(w, h int) float64 {
	const (
		kept    = 9 * 4 / 3 // planes of all scales
		working = 12
	)
	return 4 * float64(kept+working) * float64(w+1) * float64(h+1)
}

// sums are of a map's values, and of their fourth powers.
type sums struct {
	n           int
	first, four float64
}

func (s *sums) add(v float64) {
	s.first += v
	v *= v
	s.four += v * v
}

func (s sums) mean() float64  { return s.first / float64(s.n) }
func (s sums) norm4() float64 { return math.Sqrt(math.Sqrt(s.four / float64(s.n))) }

// structureLost sums up 1 less the structural similarity of two pictures, by their local means, powers, and the mean of their product. As
// the values are perceptual already, differences of means count the same in the dark and in the light.
func structureLost(mean1, mean2, power1, power2, product plane) sums {
	const stable = 0.0009
	s := sums{n: len(mean1)}
	for i, m1 := range mean1 {
		m2 := mean2[i]
		similar := (1 - (m1-m2)*(m1-m2)) * (2*(product[i]-m1*m2) + stable)
		lost := 1 - float64(similar/(power1[i]-m1*m1+(power2[i]-m2*m2)+stable))
		s.add(max(lost, 0))
	}
	return s
}

// edges sums up by how much the second picture is farther from its local mean than the first (ringing, blocks, banding), and by how much
// less (blur).
func edges(colors1, mean1, colors2, mean2 plane) (gained, lost sums) {
	gained.n, lost.n = len(colors1), len(colors1)
	for i := range colors1 {
		was, is := abs(colors1[i]-mean1[i]), abs(colors2[i]-mean2[i])
		d := float64(1+is)/float64(1+was) - 1
		if d > 0 {
			gained.add(d)
		} else {
			lost.add(-d)
		}
	}
	return gained, lost
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }
