package resize

import (
	"context"
	"image"
	"math"

	"pixmill/resize/codec"
)

// A gain map is a second, smaller picture in the file of an Ultra HDR photo. Where outputs keep it, it goes through a plan of its own: of each output
// it shows the same part, reduced as much as the photo is.

// gains says whether a piece keeps the source's gain map: as a JPEG that shows a part of the photo, and nothing else.
func (p *plan) gains(c *piece) bool {
	return p.info.GainMap != nil && p.info.GainMap.Size > 0 && c.hdr && c.codec.Name == "jpeg" && c.finish == nil && c.seek == ""
}

// gainPlan is the gain map's; targets are the pieces that get one. nil: nobody does.
func (p *plan) gainPlan() (gain *plan, pieces []*piece) {
	if p.info.GainMap == nil || p.info.GainMap.Size == 0 {
		return nil, nil
	}
	info := p.info.GainMap.Info
	info.Orientation = p.info.Orientation
	info.Width, info.Height = info.Stored()
	gain = &plan{info: info, planes: true}
	add := func(c *piece, w, h int, shown image.Rectangle, kernel string) {
		sx, sy := float64(info.Width)/float64(p.info.Width), float64(info.Height)/float64(p.info.Height)
		gw, gh := max(1, int(math.Round(float64(w)*sx))), max(1, int(math.Round(float64(h)*sy)))
		fx, fy := float64(gw)/float64(w), float64(gh)/float64(h)
		at := func(v int, f float64) int { return int(math.Round(float64(v) * f)) }
		view := image.Rect(at(shown.Min.X, fx), at(shown.Min.Y, fy), at(shown.Max.X, fx), at(shown.Max.Y, fy))
		view.Max.X, view.Max.Y = max(view.Max.X, view.Min.X+1), max(view.Max.Y, view.Min.Y+1)
		if view = view.Intersect(image.Rect(0, 0, gw, gh)); view.Empty() {
			return
		}
		o := order{canvas: image.Rectangle{Max: view.Size()}, codec: c.codec, settings: codec.Settings{Quality: max(c.settings.Quality, 75), Effort: c.settings.Effort}}
		f := gain.frame(gw, gh, view, kernel, false)
		f.pieces = addPiece(f.pieces, o, len(gain.targets))
		gain.targets = append(gain.targets, Target{Format: "jpeg", Width: view.Dx(), Height: view.Dy()})
		pieces = append(pieces, c)
	}
	whole := image.Rect(0, 0, p.info.Width, p.info.Height)
	for _, c := range p.kept {
		if p.gains(c) {
			add(c, whole.Dx(), whole.Dy(), whole, "")
		}
	}
	for _, f := range p.frames {
		for _, c := range f.pieces {
			if p.gains(c) && !f.pads(c) {
				add(c, f.w, f.h, c.canvas.Add(f.view.Min), f.kernel)
			}
		}
	}
	gain.arrange()
	return gain, pieces
}

// makeGains makes the gain maps of all pieces that keep one; what cannot be read is left out, and said.
func (p *plan) makeGains(ctx context.Context, src *codec.Source) error {
	gain, pieces := p.gainPlan()
	if len(pieces) == 0 {
		p.missGains()
		return nil
	}
	g := p.info.GainMap
	in := &codec.Source{Data: src.Data[min(g.From, int64(len(src.Data))):min(g.From+g.Size, int64(len(src.Data)))], Stop: src.Stop, Join: src.Join}
	outputs, err := gain.run(ctx, in)
	if stop := src.Stop(); stop != nil {
		return stop
	}
	p.gain = map[*piece][]byte{}
	if err != nil {
		p.missGains()
		return nil
	}
	for i, c := range pieces {
		if p.gain[c], err = g.Worn(outputs[i].Data); err != nil {
			return err
		}
	}
	p.missGains()
	return nil
}

// missGains says which outputs have no gain map, though the photo has one.
func (p *plan) missGains() {
	for _, c := range p.pieces() {
		switch {
		case p.info.GainMap == nil || p.gain[c] != nil:
		case c.hdr:
			p.lacks.add("HDR: the gain map is left out", p.names(c))
		default:
			p.remarks.add("HDR: the gain map is dropped", p.names(c))
		}
	}
}
