package icc

import (
	"math"
	"sync"
)

// Transform brings samples of a profile to sRGB, relative to their white, what sRGB has not being cut off. Its rounding is that of 8 bits.
type Transform struct {
	// light is what a sample of red, green or blue adds to linear red, green and blue of sRGB: three fields of fieldBits, in parts of 1<<lightBits.
	light [3][256]uint64
	// code is sRGB's sample for light of codeBits.
	code *[1<<codeBits + 1]byte
	gray [256]byte
	inks *inkGrid
}

const (
	fieldBits = 21
	lightBits = 17
	codeBits  = 13 // where sRGB is steepest a sample is worth 2.5 of them
	shift     = lightBits - codeBits

	// bias is what all three fields that are added have too much, so that none is ever below zero; least and most are what one may have.
	bias        = 8 << lightBits
	least, most = -2.6, 2.6

	// Where red, green and blue are all from 0 to just below 1, these bits of the sum are those of the biases.
	whole      = 15 << lightBits * everyField
	inside     = bias * everyField
	everyField = 1 | 1<<fieldBits | 1<<(2*fieldBits)
)

// codes are sRGB's samples for light of codeBits.
var codes = sync.OnceValue(func() *[1<<codeBits + 1]byte {
	table := new([1<<codeBits + 1]byte)
	for i := range table {
		table[i] = byte(255*encoded(float64(i)/(1<<codeBits)) + 0.5)
	}
	return table
})

// pipe is a profile's way to linear sRGB, exactly.
type pipe struct {
	p      *Profile
	matrix matrix3
}

func (p *Profile) linear() pipe { return pipe{p, toSRGB.times(p.matrix)} }

// at gives sRGB, 0 to 1, of samples, 0 to 1.
func (l pipe) at(v [3]float64) [3]float64 {
	for i := range v {
		v[i] = l.p.curves[i].at(v[i])
	}
	v = l.matrix.apply(v)
	for i := range v {
		v[i] = encoded(v[i])
	}
	return v
}

// NewTransform makes tables for a profile that is Convertible.
func NewTransform(p Profile) *Transform {
	t := new(Transform)
	if p.Kind == Inks {
		t.inks = p.inks.fine()
		return t
	}
	if p.Kind == Gray {
		for v := range t.gray {
			t.gray[v] = byte(255*encoded(p.curves[0].at(float64(v)/255)) + 0.5)
		}
		return t
	}
	l := p.linear()
	for i := range t.light {
		for v := range t.light[i] {
			y := p.curves[i].at(float64(v) / 255)
			for k := range 3 {
				part := int64(math.Round(min(max(y*l.matrix[k][i], least), most) * (1 << lightBits)))
				if i == 0 {
					part += bias + 1<<(shift-1) // rounds the sum, too
				}
				t.light[i][v] += uint64(part << (fieldBits * k)) // what borrows from the next field is given back when they are added
			}
		}
	}
	t.code = codes()
	for v := range t.gray {
		pix := [4]byte{byte(v), byte(v), byte(v)}
		t.RGBA(pix[:])
		t.gray[v] = pix[1]
	}
	return t
}

const field = 1<<fieldBits - 1

// index is the place in code of a sum's field: cut off at both ends without a jump, which nothing could predict.
func index(v uint64) int64 {
	below := bias + 1<<lightBits - int64(v) // the most
	below &^= below >> 63
	d := 1<<lightBits - below
	return d &^ (d >> 63) >> shift
}

// Gray converts samples of grey.
func (t *Transform) Gray(pix []byte) {
	for i, v := range pix {
		pix[i] = t.gray[v]
	}
}

// GrayRGBA converts pixels of RGBA that are grey.
func (t *Transform) GrayRGBA(pix []byte) {
	for i := 0; i+3 < len(pix); i += 4 {
		v := t.gray[pix[i]]
		pix[i], pix[i+1], pix[i+2] = v, v, v
	}
}

// RGBA converts pixels whose colours are not multiplied by their alpha.
func (t *Transform) RGBA(pix []byte) {
	red, green, blue, code := &t.light[0], &t.light[1], &t.light[2], t.code
	for len(pix) >= 4 {
		p := (*[4]byte)(pix)
		sum := red[p[0]] + green[p[1]] + blue[p[2]]
		pix = pix[4:]
		if sum&whole == inside {
			const mask = 1<<codeBits - 1
			p[0], p[1], p[2] = code[sum>>shift&mask], code[sum>>(shift+fieldBits)&mask], code[sum>>(shift+2*fieldBits)&mask]
			continue
		}
		p[0], p[1], p[2] = code[index(sum&field)], code[index(sum>>fieldBits&field)], code[index(sum>>(2*fieldBits))]
	}
}
