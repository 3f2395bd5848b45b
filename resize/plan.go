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
	"pixmill/resize/crop"
	"pixmill/resize/finish"
	"pixmill/resize/icc"
	"pixmill/resize/meta"
)

// Target is one file that Process makes.
type Target struct {
	Variant       string // its name
	Format        string // as codec.Codec has it: "jpeg" "png" "webp" "avif" "gif"
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
	planes  bool     // all outputs can be made of Y, Cb and Cr of 4:2:0

	blocks    meta.Blocks // of the source, as these are, once it is there
	colours   icc.Profile
	transform *icc.Transform    // of them to sRGB; nil: nothing is converted
	gain      map[*piece][]byte // gain maps that go along

	kept    []*piece // that are the source as it is, and need no frame
	own     []byte   // what they are, without metadata, and what pieces may fall back on; nil: there is no such thing
	remarks remarks  // how outputs came about
	lacks   remarks  // what they are not

	small *frame       // that Preview is made of; nil: none is wanted
	seen  *image.NRGBA // as it was made
}

// frame is the picture at one size, or what a view shows of it.
type frame struct {
	w, h   int             // of the whole picture
	view   image.Rectangle // of it
	kernel string          // "" when the size is the source's own

	converts bool // its colours become sRGB

	parent *frame // it is resampled from; nil is the source
	uses   int    // frames that have it as their parent
	moves  bool   // every picture of an animation is made, and not only the first
	pieces []*piece
}

// piece is one picture to encode.
type piece struct {
	order
	targets []int // that get it
}

// order is what is to be encoded, and how: a frame, or a padded or finished one.
type order struct {
	canvas     image.Rectangle // in the frame's coordinates: all of it, or more, or a part where that is sought
	seek       crop.Method     // how the canvas finds its place in the frame; "": it has one
	finish     *finish.Finish  // nil: none
	codec      *codec.Codec
	settings   codec.Settings // their quality is where the search for one begins, if there is any
	auto       bool           // the quality is the lowest that looks like the picture
	maxBytes   int64          // and as low as that asks for; 0: nothing
	moves      bool           // it is an animation
	background color.NRGBA

	keep     meta.Keep
	color    string // "srgb" or "keep"
	converts bool   // its frame does
	hdr      bool   // a gain map goes along

	same       bool    // it shows what the source shows, in its format
	minSavings float64 // share of the source's bytes; what saves less is the source
}

func newPlan(info Info, r Recipe) *plan {
	p := &plan{info: info, planes: true}
	if info.Width < 1 || info.Height < 1 { // no header was read
		return p
	}
	for _, v := range r.Variants {
		v = v.withDefaults()
		at := place(info.Width, info.Height, v, r.focus(v))
		view, seek := at.view.Intersect(image.Rect(0, 0, at.w, at.h)), v.seeks(r)
		if seek != "" {
			view, at.view = image.Rect(0, 0, at.w, at.h), image.Rectangle{Max: at.view.Size()}
		}
		for _, c := range v.codecs(info) {
			want := v.order(c, info)
			want.canvas, want.seek, want.converts = at.view.Sub(view.Min), seek, p.converts(v, c)
			want.same = p.same(at, want)
			target, size := len(p.targets), want.size()
			p.targets = append(p.targets, Target{v.Name, c.Name, c.Ext, size.X, size.Y})
			if p.keeps(want) {
				p.kept = addPiece(p.kept, want, target)
				continue
			}
			f := p.frame(at.w, at.h, view, v.Kernel, want.converts)
			f.pieces = addPiece(f.pieces, want, target)
			p.planes = p.planes && c.Planar && !f.pads(f.pieces[len(f.pieces)-1]) && !want.moves && info.Color.Kind != icc.Inks
		}
	}
	if r.Preview {
		p.previewFrame(r)
	}
	p.arrange()
	return p
}

// arrange orders the frames, and finds out of what each is made.
func (p *plan) arrange() {
	slices.SortStableFunc(p.frames, func(a, b *frame) int {
		return cmp.Or(cmp.Compare(b.area(), a.area()), cmp.Compare(b.seen(), a.seen()))
	})
	for i, f := range p.frames {
		p.adopt(f, p.frames[:i])
	}
	for _, f := range slices.Backward(p.frames) {
		f.moves = f.moves || slices.ContainsFunc(f.pieces, func(c *piece) bool { return c.moves })
		if f.moves && f.parent != nil {
			f.parent.moves = true
		}
	}
}

// area is that of the whole picture, seen that of the view.
func (f *frame) area() float64 { return float64(f.w) * float64(f.h) }
func (f *frame) seen() float64 { return area(f.view) }

func (f *frame) whole() bool { return f.view == image.Rect(0, 0, f.w, f.h) }

// pads says whether a piece shows more than the frame has, composes, whether it is anything else than the frame.
func (f *frame) pads(c *piece) bool { return !c.canvas.In(image.Rectangle{Max: f.view.Size()}) }
func (f *frame) composes(c *piece) bool {
	return c.canvas != image.Rectangle{Max: f.view.Size()} || c.finish != nil
}

// size is that of a piece's outputs.
func (c *order) size() image.Point {
	if c.finish == nil {
		return c.canvas.Size()
	}
	return c.finish.Size(c.canvas.Size())
}

// frame returns the one of that size, view, kernel and colours.
func (p *plan) frame(w, h int, view image.Rectangle, kernel string, converts bool) *frame {
	if w == p.info.Width && h == p.info.Height {
		kernel = ""
	}
	for _, f := range p.frames {
		if f.w == w && f.h == h && f.view == view && f.kernel == kernel && f.converts == converts {
			return f
		}
	}
	f := &frame{w: w, h: h, view: view, kernel: kernel, converts: converts}
	p.frames = append(p.frames, f)
	return f
}

// addPiece adds a target to the piece that is the same, or to a new one.
func addPiece(pieces []*piece, want order, target int) []*piece {
	for _, have := range pieces {
		if have.order == want {
			have.targets = append(have.targets, target)
			return pieces
		}
	}
	return append(pieces, &piece{want, []int{target}})
}

// adopt finds the nearest larger frame to resample f from: a whole one with nothing that the source has not, of the same kernel, and not
// by "nearest", which picks pixels of the source. A frame of the source's own size is as good as the source.
func (p *plan) adopt(f *frame, larger []*frame) {
	for _, parent := range slices.Backward(larger) {
		fits := parent.whole() && parent.converts == f.converts && parent.serves(f) && parent.w <= p.info.Width && parent.h <= p.info.Height
		if fits && (parent.kernel == "" || parent.kernel == f.kernel && f.kernel != "nearest") {
			f.parent = parent
			parent.uses++
			return
		}
	}
}

// serves says whether f can be made from a frame of this size. What has been reduced before has less of what lies near the limit of
// its resolution than the source; it has to be about twice as large for that not to show (by 1 to 3 dB, TestAgainstReference).
func (f *frame) serves(smaller *frame) bool {
	same := f.w == smaller.w && f.h == smaller.h
	return same || 10*f.w >= 19*smaller.w && 10*f.h >= 19*smaller.h
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
			pixels := max(f.area(), float64(t.Width)*float64(t.Height))
			if enlarged && l.Pixels > 0 && pixels > float64(l.Pixels) {
				return &TooLargeError{fmt.Sprintf("%s in the enlarged variant %q", megapixels(pixels), t.Variant),
					"limits.pixels", strconv.FormatInt(l.Pixels, 10)}
			}
			if all := pixels * float64(p.info.Frames); enlarged && c.moves && l.Pixels > 0 && all > frameArea*float64(l.Pixels) {
				return l.area(all, fmt.Sprintf("in %d frames of the enlarged variant %q", p.info.Frames, t.Variant), frameArea)
			}
		}
	}
	return nil
}

// run decodes the source, once, makes the frames and encodes their pieces.
func (p *plan) run(ctx context.Context, src *codec.Source) ([]Output, error) {
	outputs := make([]Output, len(p.targets))
	for i, t := range p.targets {
		outputs[i].Target = t
	}
	take := func(c *piece, e written) {
		for _, t := range c.targets {
			outputs[t].Data, outputs[t].Kept, outputs[t].Quality = e.data, e.kept, e.quality
		}
	}
	for _, c := range p.kept {
		own, err := p.dressOwn(c)
		if err != nil {
			return nil, err
		}
		take(c, written{data: own, kept: true})
		p.remarks.add(p.asItIs(), p.names(c))
	}
	if slices.ContainsFunc(p.frames, func(f *frame) bool { return f.moves }) {
		return outputs, p.animate(ctx, src, take)
	}
	made, err := p.decode(src)
	if err != nil {
		return nil, err
	}
	err = p.cascade(ctx, made, p.frames, func(f *frame, c *piece) error {
		e, err := p.encode(ctx, c, p.picture(c, f, made[f]))
		take(c, e)
		return err
	})
	return outputs, err
}

// cascade makes frames from those that are made, and gives their pieces to use; samples are dropped with their last use.
func (p *plan) cascade(ctx context.Context, made map[*frame]raster, frames []*frame, use func(*frame, *piece) error) error {
	children := map[*frame]int{}
	for _, f := range frames {
		if f.parent != nil {
			children[f.parent]++
		}
	}
	for _, f := range frames {
		if err := stopped(ctx); err != nil {
			return err
		}
		if f.parent != nil {
			made[f] = f.from(made[f.parent])
			if children[f.parent]--; children[f.parent] == 0 {
				made[f.parent].free()
			}
		}
		p.look(f, made[f])
		for _, c := range f.pieces {
			if err := stopped(ctx); err != nil {
				return err
			}
			if err := use(f, c); err != nil {
				return err
			}
		}
		if children[f] == 0 {
			made[f].free()
		}
	}
	return nil
}

// decode makes the frames that are made from the source.
func (p *plan) decode(src *codec.Source) (map[*frame]raster, error) {
	c := codec.Find(p.info.Format)
	return p.gather(src, p.frames, func(in *intake) error { return c.Decode(src, p.info, p.want(), in) })
}

// gather takes the rows that give brings to those of some frames that are made from the source.
func (p *plan) gather(src *codec.Source, frames []*frame, give func(*intake) error) (map[*frame]raster, error) {
	in := &intake{p: p, roots: roots(frames)}
	err := give(in)
	if err := p.fault(src, err); err != nil {
		return nil, err
	}
	made := map[*frame]raster{}
	for i, f := range in.roots {
		var whole bool
		if i < len(in.scalings) {
			made[f], whole = in.scalings[i].finish()
		}
		if !whole {
			return nil, &FormatError{Format: p.info.Format, Reason: "it has fewer rows than its header says"}
		}
		if f.converts {
			p.recolour(made[f])
		}
	}
	return made, nil
}

// fault is what a decoder's error means.
func (p *plan) fault(src *codec.Source, err error) error {
	if stop := src.Stop(); stop != nil { // the reason, whatever error it has become on its way through the decoder
		return stop
	}
	if err != nil {
		return codec.Fault(p.info.Format, err, src.Ended)
	}
	return nil
}

// roots are the frames that are made from the source.
func roots(frames []*frame) []*frame {
	return slices.DeleteFunc(slices.Clone(frames), func(f *frame) bool { return f.parent != nil })
}

// want is what the source's rows are for: the largest frame made from it. "nearest" picks pixels of the source itself.
func (p *plan) want() codec.Want {
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
	return codec.Want{Least: least, Planes: p.planes, Inks: p.info.Color.Kind == icc.Inks}
}
