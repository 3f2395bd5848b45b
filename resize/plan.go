package resize

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strconv"

	"pixmill/resize/codec"
)

// Target is one file that Process makes.
type Target struct {
	Variant       string // its name
	Format        string // "jpeg" "png" "gif"
	Ext           string // for a file's name, without the dot
	Width, Height int    // pixels
}

// Plan says what Process will make of an image, from its header alone: in the order of the variants, and of each one's formats.
func Plan(info Info, r Recipe) []Target { return newPlan(info, r).targets }

// plan is everything that is decided before a pixel is there.
type plan struct {
	info    Info
	targets []Target
	frames  []*frame // the largest first: none needs a later one
}

// frame is the whole picture at one size.
type frame struct {
	w, h   int
	kernel string // "" when the size is the source's own
	parent *frame // it is resampled from; nil is the source
	uses   int    // frames that have it as their parent
	pieces []*piece
}

// piece is one picture to encode: a part of a frame, or a padded one.
type piece struct {
	view       image.Rectangle // in the frame's coordinates
	codec      *codec.Codec
	quality    int
	background color.NRGBA
	targets    []int // that get it
}

func newPlan(info Info, r Recipe) *plan {
	p := &plan{info: info}
	if info.Width < 1 || info.Height < 1 { // no header was read
		return p
	}
	for _, v := range r.Variants {
		v = v.withDefaults()
		at := place(info.Width, info.Height, v)
		for _, c := range v.codecs(info) {
			f := p.frame(at.w, at.h, v.Kernel)
			f.piece(piece{view: at.view, codec: c, quality: v.qualityFor(c), background: v.Background}, len(p.targets))
			p.targets = append(p.targets, Target{v.Name, c.Name, c.Ext, at.view.Dx(), at.view.Dy()})
		}
	}
	slices.SortStableFunc(p.frames, func(a, b *frame) int { return cmp.Compare(b.area(), a.area()) })
	for i, f := range p.frames {
		p.adopt(f, p.frames[:i])
	}
	return p
}

func (f *frame) area() float64 { return float64(f.w) * float64(f.h) }

// frame returns the one of that size and kernel.
func (p *plan) frame(w, h int, kernel string) *frame {
	if w == p.info.Width && h == p.info.Height {
		kernel = ""
	}
	for _, f := range p.frames {
		if f.w == w && f.h == h && f.kernel == kernel {
			return f
		}
	}
	f := &frame{w: w, h: h, kernel: kernel}
	p.frames = append(p.frames, f)
	return f
}

// piece adds a target to the piece that is the same, or to a new one.
func (f *frame) piece(want piece, target int) {
	for _, have := range f.pieces {
		if have.view == want.view && have.codec == want.codec && have.quality == want.quality && have.background == want.background {
			have.targets = append(have.targets, target)
			return
		}
	}
	want.targets = []int{target}
	f.pieces = append(f.pieces, &want)
}

// adopt finds the nearest larger frame to resample f from: one with nothing that the source has not, of the same kernel, and not
// by "nearest", which picks pixels of the source. A frame of the source's own size is as good as the source.
func (p *plan) adopt(f *frame, larger []*frame) {
	for _, parent := range slices.Backward(larger) {
		fits := parent.w >= f.w && parent.h >= f.h && parent.w <= p.info.Width && parent.h <= p.info.Height
		if fits && (parent.kernel == "" || parent.kernel == f.kernel && f.kernel != "nearest") {
			f.parent = parent
			parent.uses++
			return
		}
	}
}

// check holds the plan against what can be written, and against Limits.Pixels: enlarging a long and thin picture makes giants.
func (p *plan) check(l Limits) error {
	for _, f := range p.frames {
		for _, c := range f.pieces {
			t := p.targets[c.targets[0]]
			if w := max(t.Width, t.Height); w > c.codec.MaxSide {
				return &TooLargeError{fmt.Sprintf("variant %q of %d×%d px", t.Variant, t.Width, t.Height),
					"the longest side of a " + t.Format, strconv.Itoa(c.codec.MaxSide)}
			}
			enlarged := f.w > p.info.Width || f.h > p.info.Height || t.Width > f.w || t.Height > f.h
			if pixels := max(f.area(), float64(t.Width)*float64(t.Height)); enlarged && l.Pixels > 0 && pixels > float64(l.Pixels) {
				return &TooLargeError{fmt.Sprintf("%s in the enlarged variant %q", megapixels(pixels), t.Variant),
					"limits.pixels", strconv.FormatInt(l.Pixels, 10)}
			}
		}
	}
	return nil
}

// run makes the frames and encodes their pieces; pixels are dropped with their last use.
func (p *plan) run(ctx context.Context, src picture) ([]Output, error) {
	outputs := make([]Output, len(p.targets))
	for i, t := range p.targets {
		outputs[i].Target = t
	}
	pixels := map[*frame]image.Image{}
	planar := p.planar()
	waiting := map[*frame]int{}
	for i, f := range p.frames {
		from := src
		if f.parent != nil {
			from = picture{pixels[f.parent], 1}
		}
		made, err := p.make(ctx, from, f, planar)
		if err != nil {
			return nil, err
		}
		if waiting[f.parent]--; f.parent != nil && waiting[f.parent] == 0 {
			delete(pixels, f.parent)
		}
		if from.img = nil; p.sourceDone(i) {
			src.img = nil
		}
		if waiting[f] = f.uses; f.uses > 0 {
			pixels[f] = made
		}
		for _, c := range f.pieces {
			if err := stopped(ctx); err != nil {
				return nil, err
			}
			data, err := p.encode(c, made)
			if err != nil {
				return nil, err
			}
			for _, t := range c.targets {
				outputs[t].Data = data
			}
		}
	}
	return outputs, nil
}

// make is a frame's pixels: planes where they do, else *image.NRGBA.
func (p *plan) make(ctx context.Context, from picture, f *frame, planar bool) (image.Image, error) {
	if planar {
		if made := resamplePlanes(from, f.w, f.h, f.kernel); made != nil {
			return made, stopped(ctx)
		}
	}
	return resampled(ctx, from, f.w, f.h, f.kernel)
}

// least is the size, as stored, below which the source must not be reduced while it is decoded: that of the largest frame made
// from it. "nearest" picks pixels of the source itself.
func (p *plan) least() image.Point {
	var least image.Point
	for _, f := range p.frames {
		switch {
		case f.parent != nil:
		case f.kernel == "nearest":
			least = image.Pt(p.info.Width, p.info.Height)
		default:
			least.X, least.Y = max(least.X, f.w), max(least.Y, f.h)
		}
	}
	if p.info.Orientation >= 5 {
		least.X, least.Y = least.Y, least.X
	}
	return least
}

// sourceDone says whether frames[i] was the last that needed the source.
func (p *plan) sourceDone(i int) bool {
	return !slices.ContainsFunc(p.frames[i+1:], func(f *frame) bool { return f.parent == nil })
}
