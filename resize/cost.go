package resize

import (
	"image"
	"math"
	"runtime"
)

// Cost bounds the bytes that Process holds at once beyond src: decoded pixels, frames, encoded outputs, and what decoders, resampling
// and encoders need on the way. It counts what is reachable, and what decoding leaves behind until the first frame is made; other
// garbage that the collector has not come to yet is on top of that, and is the business of GOGC and GOMEMLIMIT.
func Cost(info Info, r Recipe) int64 {
	p := newPlan(info, r)
	m := meter{slack: 4 << 20}
	source := float64(info.DecodeHeld)
	left := max(0, float64(info.DecodePeak)-source) // by the decoder; the collector may not have come by when the first frame is made
	m.held = source + left
	m.needs(0)
	waiting := map[*frame]int{}
	for i, f := range p.frames {
		w, h := info.Width, info.Height
		if f.parent != nil {
			w, h = f.parent.w, f.parent.h
		}
		m.needs(resampleCost(w, h, f.w, f.h, f.parent == nil && info.Orientation != 1))
		m.held, left = m.held+4*f.area()-left, 0
		if waiting[f.parent]--; f.parent != nil && waiting[f.parent] == 0 {
			m.held -= 4 * f.parent.area()
		}
		if p.sourceDone(i) {
			m.held, source = m.held-source, 0
		}
		for _, c := range f.pieces {
			m.needs(p.encodeCost(c, f))
			m.held += c.codec.EncodedBytes(area(c.view))
		}
		if waiting[f] = f.uses; f.uses == 0 {
			m.held -= 4 * f.area()
		}
	}
	return int64(min(m.peak+m.slack, math.MaxInt64/2))
}

// meter adds up bytes, as floats that do not overflow for an absurd header.
type meter struct{ held, peak, slack float64 }

// needs takes note of a step that uses so much besides what is held.
func (m *meter) needs(bytes float64) { m.peak = max(m.peak, m.held+bytes) }

// resampleCost follows resample, and imaging.Resize in it, result included. Sizes are upright.
func resampleCost(fromW, fromH, toW, toH int, turned bool) float64 {
	long := float64(max(fromW, fromH))
	// Which side is narrowed first depends on how the picture lies: the worse of the two.
	narrow := 4 * max(float64(toW)*float64(fromH), float64(toH)*float64(fromW))
	if !turned {
		narrow = 4 * float64(toW) * float64(fromH)
	}
	band := 4 * max(bandPixels, 16*long)
	band += band * max(1, float64(toW)/float64(fromW), float64(toH)/float64(fromH))
	out := 4 * float64(toW) * float64(toH)
	if turned {
		out *= 2
	}
	scanLines := float64(runtime.GOMAXPROCS(0)+2) * 4 * long
	return narrow + min(band, 2*narrow+8*float64(fromW)*float64(fromH)) + out + weights(fromW, toW) + weights(fromH, toH) + scanLines
}

// weights is what imaging computes for one direction: 16 bytes for each of twice the kernel's reach, and a slice of them, a pixel.
func weights(from, to int) float64 {
	reach := math.Ceil(3*max(1, float64(from)/float64(to))) + 2
	return float64(to) * (32*reach + 24)
}

// encodeCost follows encode; the frame itself is held already.
func (p *plan) encodeCost(c *piece, f *frame) float64 {
	pixels := area(c.view)
	bytes := c.codec.WorkBytes(pixels) + 3*c.codec.EncodedBytes(pixels) // a buffer that doubles as it grows
	if c.view != image.Rect(0, 0, f.w, f.h) {
		bytes += 8 * pixels // imaging.Paste copies its background
	}
	if p.info.Alpha || p.info.Format == "webp" { // whose header only hints at transparency
		bytes += 4 * pixels
	}
	if p.info.Gray {
		bytes += pixels
	}
	return bytes
}

func area(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }
