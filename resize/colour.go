package resize

import (
	"pixmill/resize/codec"
	"pixmill/resize/icc"
	"pixmill/resize/jpeg"
	"pixmill/resize/meta"
)

// What becomes of colours that are not sRGB's: they are converted, once and last, on the pixels of the frames that are made from the source, which
// are few; frames that are made of these are sRGB with them. Where a variant keeps its colours, its frames are others.

// converts says whether a variant's output in a format becomes sRGB.
func (p *plan) converts(v Variant, c *codec.Codec) bool {
	switch p.info.Color.Kind {
	case icc.Inks:
		return true // pixels of three colours have no use for a profile of four
	case icc.Matrix:
		return v.Color == "srgb" || !meta.Embeds(c.Name)
	case icc.Gray: // a profile of grey may go with pixels that are grey for sure
		return v.Color == "srgb" || c.Name != "jpeg" || v.Finish != nil || v.Fit == Contain || p.info.Alpha
	}
	return false
}

// profile is what goes with a piece that is not converted; source is the source's own.
func (p *plan) profile(c *piece, source []byte) []byte {
	switch kind := p.info.Color.Kind; {
	case c.converts, !meta.Embeds(c.codec.Name):
		return nil
	case kind == icc.Tables:
		return source
	case c.color == "keep" && (kind == icc.Matrix || kind == icc.Gray || kind == icc.SRGB && !p.info.Gray):
		return p.colours.Embedded(source)
	}
	return nil
}

// recolour converts a raster, in place.
func (p *plan) recolour(r raster) {
	t, first := p.transform, &r.layers[0]
	switch {
	case len(r.layers) == 3:
		recolourPlanes(t, r)
	case first.Channels == 1:
		t.Gray(first.pix)
	case p.info.Color.Kind == icc.Inks:
		t.Inks(first.pix)
	case p.info.Color.Kind == icc.Gray:
		t.GrayRGBA(first.pix)
	default:
		t.RGBA(first.pix)
	}
}

// recolourPlanes converts Y, Cb and Cr of 4:2:0, two rows at once. A sample of chroma goes for its four pixels, and comes back as their mean: what
// is not changed stays what it is.
func recolourPlanes(t *icc.Transform, r raster) {
	luma, blue, red := &r.layers[0], &r.layers[1], &r.layers[2]
	w, even := r.w, 2*blue.Width
	buffer := slab(8*w + 4*even)
	defer release(buffer)
	pixels := [2][]byte{buffer[:4*w], buffer[4*w : 8*w]}
	rest := buffer[8*w:]
	chroma := [2][2][]byte{{rest[:even], rest[even : 2*even]}, {rest[2*even : 3*even], rest[3*even : 4*even]}}
	for top := 0; top < r.h; top += 2 {
		rows := min(2, r.h-top)
		cb, cr := blue.pix[top/2*blue.Width:][:blue.Width], red.pix[top/2*red.Width:][:red.Width]
		double(chroma[0][0], cb)
		double(chroma[0][1], cr)
		for i := range rows {
			jpeg.RGBA(pixels[i], luma.pix[(top+i)*w:][:w], chroma[0][0][:w], chroma[0][1][:w])
		}
		for i := range rows {
			t.RGBA(pixels[i])
			jpeg.FromRGBA(luma.pix[(top+i)*w:][:w], chroma[i][0], chroma[i][1], pixels[i])
		}
		for k, to := range [2][]byte{cb, cr} {
			jpeg.Quarter(to, chroma[0][k], chroma[rows-1][k], w)
		}
	}
}

// double repeats each sample.
func double(dst, src []byte) {
	for i, v := range src {
		dst[2*i], dst[2*i+1] = v, v
	}
}
