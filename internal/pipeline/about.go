package pipeline

import (
	"cmp"

	"pixmill/resize"
	"pixmill/sink"
)

// about is what sites are told of a photo: what it says of itself, but for where it was taken, and what it looks like from afar.
func about(info resize.Info, p *resize.Preview) *sink.About {
	a := &sink.About{Color: p.Color, ThumbHash: p.ThumbHash, BlurHash: p.BlurHash, Placeholder: p.Inline}
	if m := info.About; m != nil {
		a.Title, a.Caption, a.Alt, a.Keywords = m.Title, m.Caption, m.Alt, m.Keywords
		a.Creator, a.Copyright, a.Date = m.Creator, m.Copyright, m.Taken
		a.Camera, a.Lens, a.Exposure, a.Aperture, a.ISO = m.Camera, m.Lens, m.Exposure, m.Aperture, m.ISO
		a.Focal, a.Focal35 = m.Focal, m.Focal35
	}
	return a
}

// retell gives what is told of a photo the words of its sidecar, or those of its metadata where there are none; it reports whether they were
// others.
func (s *subject) retell() bool {
	if s.source.About == nil {
		return false
	}
	told := *s.source.About // another source may have the same
	told.Title, told.Alt = s.beside.Title, s.beside.Alt
	if m := s.info.About; m != nil {
		told.Title, told.Alt = cmp.Or(told.Title, m.Title), cmp.Or(told.Alt, m.Alt)
	}
	changed := told.Title != s.source.About.Title || told.Alt != s.source.About.Alt
	s.source.About = &told
	return changed
}

// pictured is a <picture> that shows a photo with such a sidecar.
func (c sidecar) pictured(p sink.Output) sink.Output {
	if c.Title+c.Alt != "" {
		p.Recipe = digest(p.Recipe, c.Title, c.Alt)
	}
	return p
}
