package resize

import (
	"context"
	"image"
	"slices"

	"pixmill/resize/codec"
)

// animate makes each picture of an animation pass through the frames that move, one after the other; the first one passes through all, for
// the outputs that hold still. Where an animation has to fit into a number of bytes, it is made as often as that takes.
func (p *plan) animate(ctx context.Context, src *codec.Source, take func(*piece, written)) error {
	moving := map[*piece]codec.Settings{}
	made, err := p.pass(ctx, src, p.frames, moving, take)
	if err != nil {
		return err
	}
	for _, f := range p.frames {
		for _, c := range f.pieces {
			s, moves := moving[c]
			if !moves {
				continue
			}
			first := made[c]
			e, err := p.finish(ctx, c, s, func(s codec.Settings) ([]byte, error) {
				if data := first; data != nil {
					first = nil
					return data, nil
				}
				again, err := p.pass(ctx, src, f.alone(c), map[*piece]codec.Settings{c: s}, nil)
				return again[c], err
			})
			if err != nil {
				return err
			}
			take(c, e)
		}
	}
	return nil
}

// alone are a frame with one of its pieces, and those that it is made of.
func (f *frame) alone(c *piece) []*frame {
	own := *f
	own.pieces, own.uses = []*piece{c}, 0
	frames := []*frame{&own}
	for at := &own; at.parent != nil; at = at.parent {
		parent := *at.parent
		parent.pieces = nil
		at.parent = &parent
		frames = append([]*frame{&parent}, frames...)
	}
	return frames
}

// pass goes through an animation once, for some frames. Animations are encoded with the settings given; those that are not there yet are decided
// by the first picture, and noted. still gets the pieces that do not move; where it is nil, there are none.
func (p *plan) pass(ctx context.Context, src *codec.Source, frames []*frame, settings map[*piece]codec.Settings, still func(*piece, written)) (map[*piece][]byte, error) {
	moving := slices.DeleteFunc(slices.Clone(frames), func(f *frame) bool { return !f.moves })
	animations := map[*piece]codec.Animation{}
	again := &codec.Source{Data: src.Data, Stop: src.Stop}
	shown := 0
	var failed error // not the decoder
	err := codec.Find(p.info.Format).Frames(again, p.info, func(picture codec.Frame) error {
		through := moving
		if shown == 0 {
			through = frames
		}
		shown++
		made, err := p.gather(again, through, func(in *intake) error { return codec.Give(picture.Image, p.info, again, in) })
		if err != nil {
			return err
		}
		failed = p.cascade(ctx, made, through, func(f *frame, c *piece) error {
			switch {
			case c.moves:
				img := p.composed(c, f, made[f])
				if animations[c] == nil {
					if err := p.begin(ctx, c, img, settings, animations); err != nil {
						return err
					}
				}
				return animations[c].Add(codec.Frame{Image: img, Delay: picture.Delay})
			case shown == 1:
				e, err := p.encode(ctx, c, p.picture(c, f, made[f]))
				still(c, e)
				return err
			}
			return nil
		})
		return failed
	})
	if failed != nil {
		return nil, failed
	}
	if err = p.fault(again, err); err != nil {
		return nil, err
	}
	if shown < p.info.Frames {
		return nil, &FormatError{Format: p.info.Format, Reason: "it has fewer pictures than its header says"}
	}
	all := map[*piece][]byte{}
	for c, a := range animations {
		if all[c], err = a.End(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// begin begins an animation.
func (p *plan) begin(ctx context.Context, c *piece, first *image.NRGBA, settings map[*piece]codec.Settings, animations map[*piece]codec.Animation) error {
	s, known := settings[c]
	if !known {
		var err error
		if s, err = p.settings(ctx, c, first); err != nil {
			return err
		}
		settings[c] = s
	}
	animations[c] = c.codec.Animate(c.size().X, c.size().Y, p.info.Plays, s)
	return nil
}
