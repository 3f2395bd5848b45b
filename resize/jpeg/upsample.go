package jpeg

// method is how the rows of a component are brought to the width and height of the image. The choice is
// libjpeg-turbo's: a triangle filter where one direction or both are doubled, repetition everywhere else.
type method uint8

const (
	same     method = iota
	nearest         // any ratio, by repetition
	smoothH         // twice as wide
	smoothV         // twice as high
	smoothHV        // both
)

// upsampler makes the rows of one component at the size of the image.
type upsampler struct {
	method   method
	h, fullH int // a row of h samples becomes one of fullH; likewise v
	v, fullV int
	width    int // of the component
	height   int
	row      []byte // the result
}

func (d *Decoder) newUpsampler(c *component, imageWidth int) upsampler {
	u := upsampler{
		h: c.H * c.size, fullH: d.maxH * d.smallest,
		v: c.V * c.size, fullV: d.maxV * d.smallest,
		width: c.width, height: c.height,
	}
	doubleH, doubleV := 2*u.h == u.fullH, 2*u.v == u.fullV
	switch smooth := d.smallest > 1 && !d.opts.Repeat; {
	case u.h == u.fullH && u.v == u.fullV:
		u.method = same
		return u
	case smooth && doubleH && u.v == u.fullV && c.width > 2:
		u.method = smoothH
	case smooth && u.h == u.fullH && doubleV:
		u.method = smoothV
	case smooth && doubleH && doubleV && c.width > 2:
		u.method = smoothHV
	default:
		u.method = nearest
	}
	u.row = make([]byte, max(imageWidth, 2*c.width))
	return u
}

// line returns row y of the image; at returns the rows of the component, of which the first and the last stand for
// their neighbours outside.
func (u *upsampler) line(y int, at func(y int) []byte) []byte {
	switch u.method {
	case same:
		return at(y)
	case smoothH:
		stretch(u.row, at(y)[:u.width])
		return u.row
	case smoothV:
		near, far, bias := u.neighbours(y)
		blend(u.row, at(near)[:u.width], at(far)[:u.width], bias)
		return u.row
	case smoothHV:
		near, far, _ := u.neighbours(y)
		stretchBlend(u.row, at(near)[:u.width], at(far)[:u.width])
		return u.row
	}
	src := at(y * u.v / u.fullV)
	switch u.fullH {
	case u.h:
		return src
	case 2 * u.h:
		repeat(u.row, src[:u.width])
		return u.row
	}
	for x := range u.row[:min(len(u.row), u.width*u.fullH/u.h)] {
		u.row[x] = src[x*u.h/u.fullH]
	}
	return u.row
}

// neighbours returns the row that is nearest to row y of the image, the one on y's other side, and the rounding
// between them, which alternates so that no bias adds up.
func (u *upsampler) neighbours(y int) (near, far, bias int) {
	near = y / 2
	if y&1 == 0 {
		return near, max(near-1, 0), 1
	}
	return near, min(near+1, u.height-1), 2
}

// repeat doubles each sample.
func repeat(dst, src []byte) {
	dst = dst[:2*len(src)]
	for i, v := range src {
		dst[2*i], dst[2*i+1] = v, v
	}
}

// stretchGeneric doubles the width with a triangle filter: ¾ of the nearest sample, ¼ of the next.
func stretchGeneric(dst, src []byte) {
	n := len(src)
	dst = dst[:2*n]
	dst[0], dst[2*n-1] = src[0], src[n-1]
	for i := 1; i < n; i++ {
		left, right := uint(src[i-1]), uint(src[i])
		dst[2*i-1] = byte((3*left + right + 2) >> 2)
		dst[2*i] = byte((3*right + left + 1) >> 2)
	}
}

// blend is the triangle filter between two rows.
func blend(dst, near, far []byte, bias int) {
	dst, far = dst[:len(near)], far[:len(near)]
	for i, v := range near {
		dst[i] = byte((3*uint(v) + uint(far[i]) + uint(bias)) >> 2)
	}
}

// stretchBlendGeneric is the triangle filter in both directions.
func stretchBlendGeneric(dst, near, far []byte) {
	n := len(near)
	dst, far = dst[:2*n], far[:n]
	left := 3*uint(near[0]) + uint(far[0])
	dst[0] = byte((4*left + 8) >> 4)
	for i := 1; i < n; i++ {
		right := 3*uint(near[i]) + uint(far[i])
		dst[2*i-1] = byte((3*left + right + 7) >> 4)
		dst[2*i] = byte((3*right + left + 8) >> 4)
		left = right
	}
	dst[2*n-1] = byte((4*left + 7) >> 4)
}
