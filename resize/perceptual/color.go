package perceptual

import (
	"image"
	"math"
)

// lightOf is the light of an sRGB value (IEC 61966-2-1); both are 0 to 1.
func lightOf(v float64) float32 {
	if v <= 0.04045 {
		return float32(v / 12.92)
	}
	return float32(math.Pow((v+0.055)/1.055, 2.4))
}

var lights = func() (table [256]float32) {
	for i := range table {
		table[i] = lightOf(float64(i) / 255)
	}
	return table
}()

// linear is the light of a picture's pixels: red, green and blue.
func linear(m *image.NRGBA) (light [3]plane) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for c := range light {
		light[c] = make(plane, w*h)
	}
	for y := range h {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := range w {
			p := row[4*x : 4*x+4 : 4*x+4]
			for c := range light {
				if p[3] == 255 {
					light[c][y*w+x] = lights[p[c]]
					continue
				}
				a := float64(p[3]) / 255
				light[c][y*w+x] = lightOf(a*float64(p[c])/255 + (1-a)/2)
			}
		}
	}
	return light
}

// halve makes each 2×2 pixels their mean, in place; where a side is odd the last one is repeated.
func halve(light *[3]plane, w, h int) (halfWide, halfHigh int) {
	halfWide, halfHigh = (w+1)/2, (h+1)/2
	for c := range light {
		p := light[c]
		for y := range halfHigh {
			above, below := p[2*y*w:][:w], p[min(2*y+1, h-1)*w:][:w]
			for x := range halfWide {
				left, right := 2*x, min(2*x+1, w-1)
				p[y*halfWide+x] = (above[left] + above[right] + below[left] + below[right]) / 4
			}
		}
		light[c] = p[:halfWide*halfHigh]
	}
	return halfWide, halfHigh
}

// What the three kinds of cones take of linear sRGB, as JPEG XL has it (ISO/IEC 18181-1, opsin absorbance); each row sums up to 1.
var cones = [3][3]float32{
	{0.30, 0.622, 0.078},
	{0.23, 0.692, 0.078},
	{0.24342268924547819, 0.20476744424496821, 0.5518098665095536},
}

const darkness = 0.0037930732552754493 // that they take besides

// xyb is opponent colours, brought to about 0 to 1: red against green, brightness, and blue against yellow.
func xyb(light [3]plane, n int) (out [3]plane) {
	for c := range out {
		out[c] = make(plane, n)
	}
	dark := float32(math.Cbrt(darkness))
	red, green, blue := light[0][:n], light[1][:n], light[2][:n]
	for i, r := range red {
		g, b := green[i], blue[i]
		var cone [3]float32
		for k := range cone {
			m := &cones[k]
			cone[k] = cubeRoot(max(m[0]*r+m[1]*g+m[2]*b+darkness, 0)) - dark
		}
		bright := (cone[0] + cone[1]) / 2
		out[0][i] = (cone[0]-cone[1])/2*14 + 0.42
		out[1][i] = bright + 0.01
		out[2][i] = cone[2] - bright + 0.55
	}
	return out
}

// cubeRoot is x's to the last bit or two, for x of 0 or more: a third of the exponent as the first guess, and two steps of Halley's, each
// of which triples the digits.
func cubeRoot(x float32) float32 {
	if x == 0 {
		return 0
	}
	y := math.Float32frombits(math.Float32bits(x)/3 + 0x2a5137a0)
	for range 2 {
		c := y * y * y
		y *= (c + 2*x) / (2*c + x)
	}
	return y
}
