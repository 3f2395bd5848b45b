package resize

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pixmill/resize/icc"
	"pixmill/resize/meta"
)

// levels are what a Variant's Metadata stands for.
var levels = map[string]meta.Level{"none": meta.None, "copyright": meta.Copyright, "all": meta.All}

// load takes in what the source says besides its pixels.
func (p *plan) load(blocks meta.Blocks, colours icc.Profile) {
	p.blocks, p.colours = blocks, colours
	if p.info.Color.Kind.Convertible() && slices.ContainsFunc(p.frames, func(f *frame) bool { return f.converts }) {
		p.transform = icc.NewTransform(colours)
	}
}

// dress adds to a piece's bytes what they are to say besides its pixels; data may be changed, and returned.
func (p *plan) dress(c *piece, data []byte) ([]byte, error) {
	size := c.size()
	keep := c.keep
	keep.Width, keep.Height = size.X, size.Y
	blocks := p.blocks
	blocks.ICC = p.profile(c, p.blocks.ICC)
	keep.SRGB = len(blocks.ICC) == 0
	blocks = blocks.Filter(keep)
	if blocks.GainMap = p.gain[c]; len(blocks.GainMap) > 0 && len(p.info.GainMap.ISO) > 0 {
		blocks.ISO = make([]byte, 4) // version 0, which says that there is one
	}
	return meta.Insert(c.codec.Name, data, blocks)
}

// dressOwn is dress for the source's own bytes, which other pieces may be, too.
func (p *plan) dressOwn(c *piece) ([]byte, error) {
	shared := slices.ContainsFunc(p.pieces(), func(other *piece) bool { return other != c && other.mayBeOwn() })
	if !shared || p.blocks.Density == (meta.Density{}) {
		return p.dress(c, p.own)
	}
	return p.dress(c, slices.Clone(p.own))
}

// pieces are all there are.
func (p *plan) pieces() []*piece {
	all := slices.Clone(p.kept)
	for _, f := range p.frames {
		all = append(all, f.pieces...)
	}
	return all
}

// stills are the formats that do not move, where others do: " in png, jpeg".
func stills(pieces []*piece) string {
	moving, still := map[string]bool{}, []string{}
	for _, c := range pieces {
		moving[c.codec.Name] = moving[c.codec.Name] || c.moves
	}
	for _, c := range pieces {
		if name := c.codec.Name; !moving[name] && !slices.Contains(still, name) {
			still = append(still, name)
		}
	}
	if len(still) == 0 || len(still) == len(moving) {
		return ""
	}
	return " in " + strings.Join(still, ", ")
}

// notes say what the outputs lack of the source.
func (p *plan) notes() []string {
	all := p.lacks.lines()
	if p.info.Unended {
		all = append(all, "it has no end marker: it may have had more pictures")
	}
	pieces := p.pieces()
	if p.info.Frames > 1 && slices.ContainsFunc(pieces, func(c *piece) bool { return !c.moves }) {
		all = append(all, fmt.Sprintf("animation: only the first of %d frames is kept%s", p.info.Frames, stills(pieces)))
	}
	if p.info.Color.Kind == icc.Tables {
		what := "colours: they stay as they are, with their profile " + strconv.Quote(p.info.Color.Name)
		var lost []string
		for _, c := range pieces {
			if !meta.Embeds(c.codec.Name) && !slices.Contains(lost, c.codec.Name) {
				lost = append(lost, c.codec.Name)
			}
		}
		if len(lost) > 0 {
			what += ", but for " + strings.Join(lost, ", ") + ", where they will look wrong"
		}
		all = append(all, what)
	}
	return all
}
