package icc

import (
	"encoding/binary"
	"math"
)

// curve maps a sample, 0 to 1, to linear light, 0 to 1.
type curve struct {
	points     []float64  // evenly spaced; nil: parametric
	kind       int        // of parametricCurveType (ICC.1:2022, section 10.18)
	parameters [7]float64 // g, a, b, c, d, e, f
}

// parameterCounts is how many parameters a kind of curve has.
var parameterCounts = [...]int{1, 3, 4, 5, 7}

func gamma(g float64) curve { return curve{parameters: [7]float64{g}} }

var srgbCurve = curve{kind: 3, parameters: [7]float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}}

// parseCurve reads a curveType or a parametricCurveType (sections 10.6 and 10.18).
func parseCurve(b []byte) (c curve, ok bool) {
	if len(b) < 12 {
		return c, false
	}
	switch string(b[:4]) {
	case "curv":
		n := int64(binary.BigEndian.Uint32(b[8:]))
		switch {
		case n == 0:
			return gamma(1), true
		case n == 1 && len(b) >= 14:
			return gamma(float64(binary.BigEndian.Uint16(b[12:])) / 256), true
		case n < 2 || n > int64(len(b)-12)/2:
			return c, false
		}
		c.points = make([]float64, n)
		for i := range c.points {
			c.points[i] = float64(binary.BigEndian.Uint16(b[12+2*i:])) / 65535
		}
		return c, true
	case "para":
		c.kind = int(binary.BigEndian.Uint16(b[8:]))
		if c.kind >= len(parameterCounts) || len(b) < 12+4*parameterCounts[c.kind] {
			return c, false
		}
		for i := range parameterCounts[c.kind] {
			c.parameters[i] = fixed(b[12+4*i:])
		}
		return c, c.parameters[0] > 0
	}
	return c, false
}

// parseCurves reads some that stand one behind the other, each from a multiple of four bytes on (ICC.1:2022, section 10.12).
func parseCurves(b []byte, n int) ([]curve, bool) {
	all := make([]curve, n)
	for i := range all {
		var ok bool
		if all[i], ok = parseCurve(b); !ok {
			return nil, false
		}
		size := 12 + 4*parameterCounts[all[i].kind]
		if string(b[:4]) == "curv" {
			size = 12 + 2*int(binary.BigEndian.Uint32(b[8:]))
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return all, true
}

// at is the light of a sample.
func (c *curve) at(x float64) float64 {
	if c.points != nil {
		return interpolated(c.points, x)
	}
	g, a, b, cc, d, e, f := c.parameters[0], c.parameters[1], c.parameters[2], c.parameters[3], c.parameters[4], c.parameters[5], c.parameters[6]
	power := func(v float64) float64 { return math.Pow(max(v, 0), g) }
	y := 0.0
	switch c.kind {
	case 0:
		y = power(x)
	case 1:
		if a != 0 && x >= -b/a {
			y = power(a*x + b)
		}
	case 2:
		if y = cc; a != 0 && x >= -b/a {
			y = power(a*x+b) + cc
		}
	case 3:
		if y = cc * x; x >= d {
			y = power(a*x + b)
		}
	case 4:
		if y = cc*x + f; x >= d {
			y = power(a*x+b) + e
		}
	}
	if math.IsNaN(y) {
		return 0
	}
	return min(max(y, 0), 1)
}

// interpolated reads a table of evenly spaced points at x, 0 to 1.
func interpolated(points []float64, x float64) float64 {
	at := min(max(x, 0), 1) * float64(len(points)-1)
	i := min(int(at), len(points)-2)
	if i < 0 {
		return points[0]
	}
	rest := at - float64(i)
	return points[i]*(1-rest) + points[i+1]*rest
}

// encoded is sRGB's sample for linear light, 0 to 1 each (IEC 61966-2-1).
func encoded(v float64) float64 {
	switch {
	case v <= 0:
		return 0
	case v >= 1:
		return 1
	case v <= 0.0031308:
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
