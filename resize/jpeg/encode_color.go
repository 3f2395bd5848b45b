package jpeg

import "image"

// RGB to YCbCr, JFIF 1.02, as the Independent JPEG Group rounds: 16-bit fixed point; one half, of which chroma takes
// a little less, so that pure colours stay within 255.
const (
	yR, yG, yB = 19595, 38470, 7471 // 0.299, 0.587, 0.114
	cbR, cbG   = -11059, -21709     // -0.16874, -0.33126; blue 0.5
	crG, crB   = -27439, -5329      // -0.41869, -0.08131; red 0.5
	chromaBias = 128<<16 + half16 - 1
)

// EncodeRGBA appends a JPEG image of opaque pixels: alpha is not looked at. An *image.RGBA may be converted to
// *image.NRGBA for this. With SGray it writes the luma only.
func EncodeRGBA(dst []byte, img *image.NRGBA, o EncodeOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return dst, err
	}
	if err := checkSize(img.Rect.Dx(), img.Rect.Dy()); err != nil {
		return dst, err
	}
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	return e.pixels(dst, img, &o), nil
}

func (e *encoder) pixels(dst []byte, img *image.NRGBA, o *EncodeOptions) []byte {
	e.start(img.Rect.Dx(), img.Rect.Dy(), o)
	s := &e.color
	s.layout(e)
	for row := range e.mcusHigh {
		s.convert(e, row, img)
		e.encodeRow(row, s.planes[:])
	}
	return append(dst, e.finish()...)
}

// EncodeGray appends a JPEG image of one component.
func EncodeGray(dst []byte, img *image.Gray, o EncodeOptions) ([]byte, error) {
	plane := [1]Plane{{Pix: img.Pix, Stride: img.Stride, Width: img.Rect.Dx(), Height: img.Rect.Dy()}}
	return Encode(dst, plane[:], o)
}

// colorStrip holds the samples of a row of MCUs. They are padded on the right before chroma is reduced, as libjpeg
// does it.
type colorStrip struct {
	pix    []byte
	planes [3]Plane
	full   [2][2][]byte // Cb and Cr of two rows, before they are reduced
	width  int          // of luma, padded
}

func (s *colorStrip) layout(e *encoder) {
	h, v := e.components[0].h, e.components[0].v
	s.width = (e.mcusWide*h*8 + 31) &^ 31
	s.pix = grow(s.pix, s.width*(8*v+2*8+4))
	rest := s.pix
	next := func(n int) []byte {
		b := rest[:n:n]
		rest = rest[n:]
		return b
	}
	s.planes[0] = Plane{Pix: next(8 * v * s.width), Stride: s.width, Width: s.width}
	for i := range s.full {
		s.planes[1+i] = Plane{Pix: next(8 * s.width), Stride: s.width, Width: s.width / h}
		s.full[i] = [2][]byte{next(s.width), next(s.width)}
	}
}

// convert fills the planes of a row of MCUs.
func (s *colorStrip) convert(e *encoder, row int, img *image.NRGBA) {
	h, v := e.components[0].h, e.components[0].v
	for i := range s.planes {
		p, lines := &s.planes[i], 8
		if i == 0 {
			lines = 8 * v
		}
		p.Top = row * lines
		p.Height = lines
	}
	rows := min(8*v, e.height-row*8*v)
	s.planes[0].Height = rows
	s.planes[1].Height = ceil(rows, v)
	s.planes[2].Height = ceil(rows, v)
	for y := range rows {
		at := (row*8*v + y) * img.Stride
		luma := s.planes[0].Pix[y*s.width:][:s.width]
		cb, cr := s.full[0][y%v], s.full[1][y%v]
		if h == 1 {
			cb, cr = s.planes[1].Pix[y*s.width:], s.planes[2].Pix[y*s.width:]
		}
		ycbcr(luma, cb, cr, img.Pix[at:at+4*e.width])
		for _, line := range [3][]byte{luma, cb, cr} {
			repeatLast(line[:s.width], e.width)
		}
		if h == 1 || y%v != v-1 && y != rows-1 {
			continue
		}
		for i := range s.full {
			dst := s.planes[1+i].Pix[y/v*s.width:][:s.width/2]
			if v == 1 {
				halve(dst, s.full[i][0])
			} else {
				quarter(dst, s.full[i][0], s.full[i][y%v]) // of an odd last row twice the same
			}
		}
	}
}

// FromRGBA converts a row of RGBA to len(y) samples of each; alpha is not looked at.
func FromRGBA(y, cb, cr, src []byte) { ycbcr(y, cb[:len(y)], cr[:len(y)], src[:4*len(y)]) }

// Quarter makes each sample of dst of 2×2, of two rows that have n samples, and room for 2·len(dst).
func Quarter(dst, upper, lower []byte, n int) {
	repeatLast(upper[:2*len(dst)], n)
	repeatLast(lower[:2*len(dst)], n)
	quarter(dst, upper, lower)
}

// repeatLast fills line from n on with the sample before.
func repeatLast(line []byte, n int) {
	for i := n; i < len(line); i++ {
		line[i] = line[n-1]
	}
}

// ycbcrGeneric converts the pixels of src.
func ycbcrGeneric(y, cb, cr, src []byte) {
	n := len(src) / 4
	y, cb, cr = y[:n], cb[:n], cr[:n]
	for i := range y {
		p := src[4*i : 4*i+4 : 4*i+4]
		r, g, b := int32(p[0]), int32(p[1]), int32(p[2])
		y[i] = byte((yR*r + yG*g + yB*b + half16) >> 16)
		cb[i] = byte((cbR*r + cbG*g + b<<15 + chromaBias) >> 16)
		cr[i] = byte((r<<15 + crG*g + crB*b + chromaBias) >> 16)
	}
}

// halveGeneric makes each sample of dst of two, rounding down and up in turn.
func halveGeneric(dst, src []byte) {
	src = src[:2*len(dst)]
	for i := range dst {
		dst[i] = byte((uint(src[2*i]) + uint(src[2*i+1]) + uint(i&1)) >> 1)
	}
}

// quarterGeneric makes each sample of dst of 2×2, in turn with a rounding of 1/4 and 2/4.
func quarterGeneric(dst, upper, lower []byte) {
	upper, lower = upper[:2*len(dst)], lower[:2*len(dst)]
	for i := range dst {
		sum := uint(upper[2*i]) + uint(upper[2*i+1]) + uint(lower[2*i]) + uint(lower[2*i+1])
		dst[i] = byte((sum + 1 + uint(i&1)) >> 2)
	}
}
