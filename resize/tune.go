package resize

import (
	"context"
	"image"

	"pixmill/resize/codec"
	"pixmill/resize/perceptual"
)

// Auto compares, by SSIMULACRA 2, what an encoder makes of a sample of the picture with the sample, and narrows an interval of qualities of which
// the lower end looks too different and the upper end does not.
const (
	looksAlike = 80.0 // the score at which, side by side at 1:1, an average observer sees no difference
	nearEnough = 0.5  // above that it is not worth to look for a lower quality
	bestAuto   = 98   // the highest quality; above it bytes grow and nothing else. Those that lose nothing are not tried
	firstAuto  = 82   // where the search begins

	// Some pictures stay below looksAlike at any quality: chroma has fewer samples. They get the lowest quality within so many points of their best.
	belowBest = 2.0
)

// tune finds the lowest quality at which a picture looks like itself.
func tune(ctx context.Context, c *codec.Codec, s codec.Settings, img image.Image) (int, error) {
	part := sample(img)
	if size := part.Bounds().Size(); min(size.X, size.Y) < 8 {
		return defaultQuality, nil // too small to be judged, and to matter
	}
	pixels, err := codec.Pixels(part)
	if err != nil {
		return 0, err
	}
	reference := perceptual.NewReference(pixels)
	return search(ctx, func(quality int) (float64, error) {
		s.Quality = quality
		data, err := c.Encode(nil, part, s)
		if err != nil {
			return 0, err
		}
		seen, err := c.Seen(data)
		if err != nil {
			return 0, err
		}
		return reference.Score(seen), nil
	})
}

// search finds the lowest quality whose score is looksAlike or a little above, at most bestAuto. Scores are taken to grow with quality.
func search(ctx context.Context, score func(quality int) (float64, error)) (int, error) {
	i := interval{goal: looksAlike, high: bestAuto + 1}
	for next := firstAuto; ; next = i.next() {
		if err := stopped(ctx); err != nil {
			return 0, err
		}
		got, err := score(next)
		if err != nil {
			return 0, err
		}
		if i.learn(next, got); i.high-i.low <= 1 || i.high == next && got < i.goal+nearEnough {
			return i.high, nil
		}
	}
}

// interval is of qualities: at low the goal is missed, or low is 0, at high it is reached, or high is above bestAuto.
type interval struct {
	goal                float64
	low, high           int
	lowScore, highScore float64
	turns               int
}

func (i *interval) learn(quality int, score float64) {
	i.turns++
	switch {
	case score >= i.goal:
		i.high, i.highScore = quality, score
	case quality < bestAuto:
		i.low, i.lowScore = quality, score
	default: // better than this it does not get
		i.goal, i.high, i.highScore = score-belowBest, quality, score
		if i.low > 0 && i.lowScore >= i.goal {
			i.low, i.high, i.highScore = 0, i.low, i.lowScore
		}
	}
}

// next is the quality to try: by a straight line through what is known; half a point of score
// for one of quality is usual, and less where a picture is easy. After some turns the interval is halved.
func (i *interval) next() int {
	guess := (i.low + i.high) / 2
	switch {
	case i.high > bestAuto:
		return min(i.low+2+int(2*(i.goal-i.lowScore)), bestAuto)
	case i.turns > 5:
	case i.low == 0:
		guess = i.high - 1 - int(float64(1+i.turns)*(i.highScore-i.goal))
	default:
		guess = i.low + int((i.goal-i.lowScore)/(i.highScore-i.lowScore)*float64(i.high-i.low)+0.5)
	}
	return min(max(guess, i.low+1), i.high-1)
}

// The sample is nine tiles, spread over the picture: so many pixels wide and high, whole macroblocks.
const (
	tile    = 160
	sampled = 3 * tile
)

// sample is a picture of at most sampled × sampled pixels, of the same kind: parts of img, which stay where they were in their blocks.
func sample(img image.Image) image.Image {
	size := img.Bounds().Size()
	xs, ys := spans(size.X), spans(size.Y)
	if len(xs) == 1 && len(ys) == 1 {
		return img
	}
	bounds := image.Rect(0, 0, xs.width(), ys.width())
	switch m := img.(type) {
	case *image.YCbCr:
		out := image.NewYCbCr(bounds, m.SubsampleRatio)
		copySpans(out.Y, out.YStride, m.Y, m.YStride, xs, ys, 1)
		copySpans(out.Cb, out.CStride, m.Cb, m.CStride, xs.halved(), ys.halved(), 1)
		copySpans(out.Cr, out.CStride, m.Cr, m.CStride, xs.halved(), ys.halved(), 1)
		return out
	case *image.Gray:
		out := image.NewGray(bounds)
		copySpans(out.Pix, out.Stride, m.Pix, m.Stride, xs, ys, 1)
		return out
	case *image.NRGBA:
		out := image.NewNRGBA(bounds)
		copySpans(out.Pix, out.Stride, m.Pix, m.Stride, xs, ys, 4)
		return out
	}
	return img
}

// span is from start, so many.
type span struct{ start, n int }

type spanList []span

// spans are where n pixels are sampled: all of them, or the middles of three thirds.
func spans(n int) (all spanList) {
	if n <= sampled {
		return spanList{{0, n}}
	}
	for third := range 3 {
		middle := n * (2*third + 1) / 6
		all = append(all, span{(middle - tile/2) &^ 15, tile})
	}
	return all
}

func (l spanList) width() (n int) {
	for _, s := range l {
		n += s.n
	}
	return n
}

// halved are the same in planes of half the size, the last sample of which may be of one pixel.
func (l spanList) halved() (all spanList) {
	for _, s := range l {
		all = append(all, span{s.start / 2, (s.n + 1) / 2})
	}
	return all
}

func copySpans(to []byte, toStride int, from []byte, fromStride int, xs, ys spanList, channels int) {
	row := 0
	for _, y := range ys {
		for i := range y.n {
			out := to[row*toStride:]
			for _, x := range xs {
				n := copy(out[:x.n*channels], from[(y.start+i)*fromStride+x.start*channels:])
				out = out[n:]
			}
			row++
		}
	}
}

// tuneCost bounds what tune takes: the sample and its pixels twice, an encoder's memory and a decoder's, and what comparing takes.
func tuneCost(c *piece) float64 {
	if !c.auto {
		return 0
	}
	size := image.Pt(spans(c.size().X).width(), spans(c.size().Y).width())
	pixels := float64(size.X) * float64(size.Y)
	return 2*c.codec.WorkBytes(size, c.settings) + 3*c.codec.EncodedBytes(pixels) + 16<<20 + 50*pixels + perceptual.Bytes(size.X, size.Y)
}
