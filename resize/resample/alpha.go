package resample

// Premultiply multiplies the colours of a row of RGBA by its alpha, in place, so that what is transparent has no
// colour that could bleed into its neighbours.
func Premultiply(row []byte) { premultiply(row) }

func premultiplyGeneric(row []byte) {
	for len(row) >= 4 {
		p := row[:4]
		if a := uint32(p[3]); a != 255 {
			p[0], p[1], p[2] = scale255(p[0], a), scale255(p[1], a), scale255(p[2], a)
		}
		row = row[4:]
	}
}

// scale255 is v*a/255, rounded.
func scale255(v byte, a uint32) byte {
	t := uint32(v)*a + 128
	return byte((t + t>>8) >> 8)
}

// Unpremultiply divides the colours of a row of RGBA by its alpha, in place. Where alpha is 0 the colour becomes black.
func Unpremultiply(row []byte) {
	for len(row) >= 4 {
		p := row[:4]
		switch a := uint32(p[3]); a {
		case 255:
		case 0:
			p[0], p[1], p[2] = 0, 0, 0
		default:
			p[0], p[1], p[2] = unscale255(p[0], a), unscale255(p[1], a), unscale255(p[2], a)
		}
		row = row[4:]
	}
}

// unscale255 is v*255/a, rounded; ringing may have left v above a.
func unscale255(v byte, a uint32) byte { return byte(min((uint32(v)*255+a/2)/a, 255)) }

// divideAlpha brings a row of premultiplied RGBA with midBits fractional bits to bytes. Where the kernel overshoots,
// colour and alpha do so together, so that their quotient is still the colour.
func divideAlpha(dst []byte, src []int16) {
	const half = 1 << (midBits - 1)
	for len(src) >= 4 && len(dst) >= 4 {
		p, d := src[:4], dst[:4]
		alpha := int32(p[3])
		d[3] = byte(min(max((alpha+half)>>midBits, 0), 255))
		switch {
		case d[3] == 0:
			d[0], d[1], d[2] = 0, 0, 0
		case alpha == 255<<midBits:
			for i := range 3 {
				d[i] = byte(min(max((int32(p[i])+half)>>midBits, 0), 255))
			}
		default:
			// one division for three: 255/alpha rounded up at 32 bits is close enough for every quotient to round right
			inverse := (255<<32 + uint64(alpha) - 1) / uint64(alpha)
			for i := range 3 {
				d[i] = byte(min((uint64(max(p[i], 0))*inverse+1<<31)>>32, 255))
			}
		}
		src, dst = src[4:], dst[4:]
	}
}
