package resize

import (
	"image"
	"math"
	"math/bits"

	"pixmill/resize/codec"
	"pixmill/resize/icc"
	"pixmill/resize/resample"
)

// Cost bounds the bytes that Process holds at once beyond src: the decoder's memory, frames, encoded outputs, and what scaling
// and encoders need on the way. It counts what is reachable; garbage that the collector has not come to yet is on top of that, and is the
// business of GOGC and GOMEMLIMIT, and so is memory that is kept for the next image, as that of the programs of package wasm is: some MB each,
// and several times as much while the first image that needs one waits for it to be compiled.
func Cost(info Info, r Recipe) int64 {
	p := newPlan(info, r)
	bytes := p.cost()
	if len(p.kept) > 0 { // what turns out not to be the source is encoded
		bytes = max(bytes, p.withoutKept(r).cost())
	}
	return bytes
}

func (p *plan) cost() int64 {
	info := p.info
	m := meter{slack: 4 << 20}
	c := codec.Find(info.Format)
	if c == nil || len(p.targets) == 0 {
		return int64(m.slack)
	}
	if p.wantsOwn() {
		m.needs(float64(info.TurnPeak))
		// Turned, with fewer scans than before, it may be larger. Each output that is the source may say something else.
		m.held += 1.2 * float64(info.Bytes) * float64(2+len(p.kept))
		m.held += float64(info.Metadata) * float64(len(p.kept))
	}
	scale := 1
	if c.Scale != nil {
		scale = c.Scale(info, p.want())
	}
	m.held += float64(info.Metadata) + p.coloursCost() + p.gainCost()
	decoding := float64(info.DecodePeak[bits.Len(uint(scale))-1])
	passing := 0.0
	for _, f := range roots(p.frames) {
		passing += p.scalingCost(f, info.Width, info.Height, scale)
		m.held += f.bytes()
		if info.Orientation != 1 {
			passing += f.bytes()
		}
	}
	m.needs(decoding + passing)
	m.held += p.animationCost(decoding + passing)
	waiting := map[*frame]int{}
	for _, f := range p.frames {
		if f.parent != nil {
			m.needs(p.scalingCost(f, f.parent.w, f.parent.h, 1))
			m.held += f.bytes()
			if waiting[f.parent]--; waiting[f.parent] == 0 {
				m.held -= f.parent.bytes()
			}
		}
		for _, c := range f.pieces {
			m.needs(p.encodeCost(c, f))
			m.needs(p.searchCost(c, f))
			m.needs(p.encodeCost(c, f) + tuneCost(c))
			if !c.moves {
				m.held += c.codec.EncodedBytes(c.pixels()) + float64(info.Metadata)
			}
		}
		if waiting[f] = f.uses; f.uses == 0 {
			m.held -= f.bytes()
		}
	}
	return int64(min(m.peak+m.slack, math.MaxInt64/2))
}

// gainCost is what gain maps take: made, and as they are held, and in the outputs.
func (p *plan) gainCost() float64 {
	gain, pieces := p.gainPlan()
	if len(pieces) == 0 {
		return 0
	}
	bytes := float64(gain.cost())
	for _, t := range gain.targets {
		bytes += 3 * codec.Find("jpeg").EncodedBytes(float64(t.Width)*float64(t.Height))
	}
	return bytes
}

// coloursCost is what converting them takes: tables, of four inks as they are in the profile and finer, and two rows.
func (p *plan) coloursCost() float64 {
	switch p.info.Color.Kind {
	case icc.Inks:
		return 4 << 20
	case icc.Matrix, icc.Gray:
		return 64<<10 + 15*float64(p.info.Width)
	}
	return 0
}

// animationCost is what is held all the time that an animation takes: its decoder, what each output's viewer would have, and what is written
// of it, in a buffer that grows.
func (p *plan) animationCost(decoding float64) (bytes float64) {
	for _, f := range p.frames {
		for _, c := range f.pieces {
			if c.moves {
				bytes += 4*c.pixels() + 2.25*float64(p.info.Frames)*(c.codec.EncodedBytes(c.pixels())+1<<10)
			}
		}
	}
	if bytes > 0 {
		bytes += decoding
	}
	return bytes
}

// meter adds up bytes, as floats that do not overflow for an absurd header.
type meter struct{ held, peak, slack float64 }

// needs takes note of a step that uses so much besides what is held.
func (m *meter) needs(bytes float64) { m.peak = max(m.peak, m.held+bytes) }

// bytes is what a frame takes as RGBA, in slabs that may be a quarter larger; as planes it takes less.
func (f *frame) bytes() float64 { return 5 * f.seen() }

// scalingCost is what scaling a picture of w×h, upright, reduced by scale, to a frame takes besides the frame.
func (p *plan) scalingCost(f *frame, w, h, scale int) float64 {
	orientation := 1
	if f.parent == nil {
		orientation = p.info.Orientation
	}
	if orientation >= 5 {
		w, h = h, w
	}
	o := resample.Options{SrcW: samples(w, float64(scale)), SrcH: samples(h, float64(scale)), Channels: 4, Alpha: true, Kernel: f.resampler()}
	x, y := f.axes(orientation)
	o.DstW, o.SrcX, o.SrcWidth = x.samples(1, float64(o.SrcW))
	o.DstH, o.SrcY, o.SrcHeight = y.samples(1, float64(o.SrcH))
	return o.Bytes()
}

// encodeCost follows encode; the frame itself is held already.
func (p *plan) encodeCost(c *piece, f *frame) float64 {
	pixels := c.pixels()
	bytes := c.codec.WorkBytes(c.size(), c.settings) + 3*c.codec.EncodedBytes(pixels) // a buffer that doubles as it grows
	bytes += float64(p.info.Metadata)
	if c.mayBeOwn() {
		bytes += 2.4 * float64(p.info.Bytes) // the source's own bytes, and as an output
	}
	if c.moves {
		bytes += 16 * pixels // what has changed, without half transparency, as it was, and as indexes
	}
	if p.info.Gray || f.composes(c) {
		bytes += 4 * f.seen() // as RGBA
	}
	if f.composes(c) {
		bytes += 4*area(c.canvas) + seekBytes
	}
	if c.finish != nil {
		bytes += c.finish.Bytes(pixels)
		if c.moves { // the former picture's may still wait for the collector
			bytes += c.finish.Bytes(pixels)
		}
	}
	if f.pads(c) {
		bytes += 8 * pixels // imaging.Paste copies its background
	}
	if p.info.Alpha || p.info.Format == "webp" || c.finish != nil { // whose header only hints at transparency
		bytes += 4 * pixels
	}
	if p.info.Gray {
		bytes += pixels
	}
	return bytes
}

// seekBytes is what package crop takes: its map, and histograms or sums over it.
const seekBytes = 8 << 20

func (c *piece) pixels() float64 { return float64(c.size().X) * float64(c.size().Y) }

// searchCost is what a search for a quality takes: besides what is being encoded there is what fits, and WebP may begin without loss. The
// memory of one attempt may still wait for the collector when the next one is at work.
func (p *plan) searchCost(c *piece, f *frame) float64 {
	if !c.codec.Lossy || p.most(c) == 0 {
		return 0
	}
	lossy := *c
	lossy.settings.Quality = min(c.settings.Quality, 99)
	bytes := p.encodeCost(&lossy, f) + c.codec.EncodedBytes(c.pixels()) + c.codec.WorkBytes(c.size(), lossy.settings)
	if c.moves {
		bytes += p.animationCost(0)
	}
	return bytes
}

func area(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }
