package resize

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/dustin/go-humanize"

	"pixmill/resize/codec"
)

// written is a piece as it is written.
type written struct {
	data    []byte
	kept    bool // it is the source's
	quality int  // that was searched for; 0: the recipe's own
}

// encode encodes a piece at the quality that is asked for or has to be found, and gives the source's own bytes where these are better.
func (p *plan) encode(ctx context.Context, c *piece, img image.Image) (written, error) {
	settings, err := p.settings(ctx, c, img)
	if err != nil {
		return written{}, err
	}
	return p.finish(ctx, c, settings, func(s codec.Settings) ([]byte, error) { return c.codec.Encode(nil, img, s) })
}

// settings are a piece's own, with the quality that its picture needs.
func (p *plan) settings(ctx context.Context, c *piece, img image.Image) (s codec.Settings, err error) {
	s = c.settings
	if c.auto {
		if s.Quality, err = tune(ctx, c.codec, s, img); err != nil {
			return s, err
		}
	}
	if !c.same || c.mayBeOwn() && p.own != nil {
		return s, nil
	}
	if p.info.Quality > 0 { // a JPEG that cannot be turned without loss
		s.Quality = min(s.Quality, p.info.Quality)
	}
	return s, nil
}

// finish encodes by the function given, as often as it takes.
func (p *plan) finish(ctx context.Context, c *piece, s codec.Settings, encode func(codec.Settings) ([]byte, error)) (written, error) {
	most := p.most(c)
	worn := 0 // bytes that are not of pixels
	data, quality, err := fit(ctx, s, most, func(s codec.Settings) ([]byte, error) {
		bare, err := encode(s)
		if err != nil {
			return nil, err
		}
		data, err := p.dress(c, bare)
		worn = len(data) - len(bare)
		return data, err
	})
	if err != nil {
		return written{}, err
	}
	if own := len(p.own) + worn; c.mayBeOwn() && p.own != nil && c.prefers(own, len(data)) {
		p.remarks.add(c.notBetter(own, len(data)), p.names(c))
		p.complain(c, int64(own), most)
		data, err := p.dressOwn(c)
		return written{data: data, kept: true}, err
	}
	p.complain(c, int64(len(data)), most)
	e := written{data: data}
	if c.codec.Lossy && (c.auto || quality != c.settings.Quality) {
		e.quality = quality
	}
	return e, nil
}

// most is how many bytes a piece may have, 0 for any number: as many as the source, where it shows the same and cannot be the source itself.
func (p *plan) most(c *piece) int64 {
	most := c.maxBytes
	if c.same && (p.own == nil || !c.mayBeOwn()) && p.info.Bytes > 0 && (most == 0 || p.info.Bytes < most) {
		most = p.info.Bytes
	}
	return most
}

// complain notes that a piece has more bytes than it may.
func (p *plan) complain(c *piece, bytes, most int64) {
	if most == 0 || bytes <= most {
		return
	}
	what, why := fmt.Sprintf("max_bytes (%s)", humanize.Bytes(uint64(most))), "at the lowest quality"
	if most != c.maxBytes {
		what = "the photo has"
	}
	if !c.codec.Lossy {
		why = "and a " + c.codec.Name + " has no quality to lower"
	}
	p.lacks.add(fmt.Sprintf("%s are more than %s, %s", humanize.Bytes(uint64(bytes)), what, why), p.names(c))
}

// fit encodes at the highest quality, up to that of s, whose bytes are no more than most (0: any number will do). Sizes are taken to grow with
// quality: there is an interval whose lower end fits and whose upper end does not, and it is halved in turns with asking where a straight line
// between the logarithms of both sizes would fit. Where nothing fits the result is that of quality 1.
func fit(ctx context.Context, s codec.Settings, most int64, encode func(codec.Settings) ([]byte, error)) (data []byte, quality int, err error) {
	data, err = encode(s)
	if err != nil || most == 0 || int64(len(data)) <= most || s.Quality <= 1 {
		return data, s.Quality, err
	}
	low, high := 0, s.Quality
	lowSize, highSize := 0, len(data)
	data = nil
	for turn := 0; high-low > 1; turn++ {
		if err := stopped(ctx); err != nil {
			return nil, 0, err
		}
		s.Quality = between(low, high, lowSize, highSize, most, turn)
		tried, err := encode(s)
		if err != nil {
			return nil, 0, err
		}
		if int64(len(tried)) <= most || s.Quality == 1 {
			low, lowSize, data = s.Quality, len(tried), tried
		} else {
			high, highSize = s.Quality, len(tried)
		}
	}
	return data, low, nil
}

// between is the quality to try next, between two of known sizes.
func between(low, high, lowSize, highSize int, most int64, turn int) int {
	guess := (low + high) / 2
	over := math.Log(float64(highSize) / float64(most))
	switch {
	case low == 0: // photos take half the bytes at about 30 less
		if steps := max(1, int(math.Ceil(over*45))); turn < 3 {
			guess = high - steps
		}
	case turn%2 == 0 && lowSize < highSize:
		share := 1 - over/math.Log(float64(highSize)/float64(lowSize))
		guess = low + int(share*float64(high-low))
	}
	return min(max(guess, low+1), high-1)
}
