package resize

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"pixmill/resize/codec"
	"pixmill/resize/meta"
)

// An output of the source's format and size need not be encoded: its source's own bytes will do, with their metadata filtered. They are taken
//
//   - where the source is a JPEG of no higher quality than asked: encoding it again would lose and not gain (plan.keeps);
//   - where what was encoded is larger, or saves less than Variant.MinSavings (plan.encode).
//
// A JPEG that has to be turned is turned without loss, by its blocks. Where its sides are not whole MCUs, and in other formats, it is turned as
// pixels and encoded again, within the bytes of its source: an output is always upright.

// same says whether an order shows what the source shows, in its format. Inks become sRGB.
func (p *plan) same(at placement, o order) bool {
	whole := image.Rect(0, 0, p.info.Width, p.info.Height)
	return o.codec.Name == p.info.Format && at.w == p.info.Width && at.h == p.info.Height && o.canvas == whole && o.finish == nil &&
		o.moves == (p.info.Frames > 1) && !p.info.Inks
}

// mayBeOwn says whether the source's own bytes would do: not where its colours have to become others.
func (o *order) mayBeOwn() bool { return o.same && !o.converts }

// keeps says whether an order is the source, by what the header says. How many bytes that takes, it does not say.
func (p *plan) keeps(o order) bool {
	return o.mayBeOwn() && p.turnable() && o.maxBytes == 0 && !o.auto && p.info.Quality > 0 && p.info.Quality <= o.settings.Quality
}

// turnable says whether the source can be made upright without decoding it.
func (p *plan) turnable() bool {
	return p.info.Orientation <= meta.Upright || p.info.TurnPeak > 0
}

// wantsOwn says whether some output may be the source.
func (p *plan) wantsOwn() bool {
	falls := func(f *frame) bool { return slices.ContainsFunc(f.pieces, func(c *piece) bool { return c.mayBeOwn() }) }
	return len(p.kept) > 0 || p.turnable() && slices.ContainsFunc(p.frames, falls)
}

// withOwn is the plan with the source's own bytes, as outputs may be made of them; without those that cannot be had, all is encoded.
func (p *plan) withOwn(src *codec.Source, r Recipe) (*plan, error) {
	if !p.wantsOwn() {
		return p, nil
	}
	var err error
	if p.info.Orientation > meta.Upright {
		p.own, err = p.turned(src)
	} else {
		p.own, err = meta.Strip(p.info.Format, src.Data)
	}
	if stop := src.Stop(); stop != nil {
		return nil, stop
	}
	if err != nil { // the file has a fault, or a peculiarity; the decoder may say more, or get along with it
		p = p.withoutKept(r)
	}
	return p, nil
}

// turned is a JPEG upright, without metadata.
func (p *plan) turned(src *codec.Source) ([]byte, error) {
	return codec.Find(p.info.Format).Turn(src, p.info, slices.ContainsFunc(p.kept, small))
}

func small(c *piece) bool { return c.settings.Effort == codec.Small }

// withoutKept is the plan in which everything is encoded.
func (p *plan) withoutKept(r Recipe) *plan {
	info := p.info
	info.Quality = 0
	return newPlan(info, r)
}

// prefers says whether so many bytes of the source's own are better than so many that were encoded.
func (c *piece) prefers(own, encoded int) bool {
	if c.maxBytes > 0 && int64(own) > c.maxBytes && int64(encoded) <= c.maxBytes {
		return false
	}
	saved := own - encoded
	return saved <= 0 || float64(saved) < c.minSavings*float64(own)
}

// asItIs is the remark about what is kept without trying to do better.
func (p *plan) asItIs() string {
	turned := ""
	if p.info.Orientation > meta.Upright {
		turned = ", turned upright without loss"
	}
	return fmt.Sprintf("the photo as it is%s: it is a JPEG of quality %d already", turned, p.info.Quality)
}

// notBetter is the remark about what is kept because encoding did not do better.
func (c *piece) notBetter(own, encoded int) string {
	if encoded >= own {
		return "the photo as it is: encoded again it would not be smaller"
	}
	return fmt.Sprintf("the photo as it is: encoded again it would save less than %g %%", 100*c.minSavings)
}

// remarks are lines, each about some outputs.
type remarks struct {
	order []string
	names map[string][]string
}

func (r *remarks) add(line string, names []string) {
	if r.names == nil {
		r.names = map[string][]string{}
	}
	if r.names[line] == nil {
		r.order = append(r.order, line)
	}
	r.names[line] = append(r.names[line], names...)
}

func (r *remarks) lines() (all []string) {
	for _, line := range r.order {
		all = append(all, strings.Join(r.names[line], ", ")+": "+line)
	}
	return all
}

// names are those of a piece's outputs.
func (p *plan) names(c *piece) (all []string) {
	for _, t := range c.targets {
		all = append(all, strings.TrimPrefix(p.targets[t].Variant+"."+p.targets[t].Ext, "."))
	}
	return all
}
