package resize

import (
	"context"
	"slices"

	"pixmill/resize/codec"
)

// animate makes each picture of an animation pass through the frames that move, one after the other; the first one passes through all, for
// the outputs that hold still.
func (p *plan) animate(ctx context.Context, src *codec.Source, take func(*piece, []byte)) error {
	moving := slices.DeleteFunc(slices.Clone(p.frames), func(f *frame) bool { return !f.moves })
	animations := map[*piece]codec.Animation{}
	for _, f := range moving {
		for _, c := range f.pieces {
			if c.moves {
				animations[c] = c.codec.Animate(c.size().X, c.size().Y, p.info.Plays, c.settings)
			}
		}
	}
	shown := 0
	var failed error // not the decoder
	err := codec.Find(p.info.Format).Frames(src, p.info, func(picture codec.Frame) error {
		frames := moving
		if shown == 0 {
			frames = p.frames
		}
		shown++
		made, err := p.gather(src, frames, func(in *intake) error { return codec.Give(picture.Image, p.info, src, in) })
		if err != nil {
			return err
		}
		failed = p.cascade(ctx, made, frames, func(f *frame, c *piece) error {
			switch {
			case c.moves:
				img := p.composed(c, f, made[f])
				return animations[c].Add(codec.Frame{Image: img, Delay: picture.Delay})
			case shown == 1:
				data, err := p.encode(c, f, made[f])
				take(c, data)
				return err
			}
			return nil
		})
		return failed
	})
	if failed != nil {
		return failed
	}
	if err = p.fault(src, err); err != nil {
		return err
	}
	if shown < p.info.Frames {
		return &FormatError{Format: p.info.Format, Reason: "it has fewer pictures than its header says"}
	}
	for c, a := range animations {
		data, err := a.End()
		if err != nil {
			return err
		}
		take(c, data)
	}
	return nil
}
