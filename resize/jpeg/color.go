package jpeg

import "image/color"

// YCbCr to RGB, JFIF 1.02: 16-bit fixed point, each of red and blue rounded by itself, the two parts of green together.
const (
	redCr   = 91881  // 1.40200
	greenCb = -22554 // -0.34414
	greenCr = -46802 // -0.71414
	blueCb  = 116130 // 1.77200
	half16  = 1 << 15
)

func clamp(v int32) byte {
	if uint32(v) > 255 {
		v = ^(v >> 31) & 255
	}
	return byte(v)
}

func rgb(y, cb, cr byte) (r, g, b byte) {
	l, u, v := int32(y), int32(cb)-128, int32(cr)-128
	return clamp(l + (redCr*v+half16)>>16), clamp(l + (greenCb*u+greenCr*v+half16)>>16), clamp(l + (blueCb*u+half16)>>16)
}

// RGBA converts a row of len(y) samples each of Y, Cb and Cr to opaque RGBA.
func RGBA(dst, y, cb, cr []byte) { ycbcrRow(dst[:4*len(y)], y, cb[:len(y)], cr[:len(y)]) }

// ycbcrRowGeneric writes len(y) pixels of RGBA.
func ycbcrRowGeneric(dst, y, cb, cr []byte) {
	dst, cb, cr = dst[:4*len(y)], cb[:len(y)], cr[:len(y)]
	for i := range y {
		p := dst[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2] = rgb(y[i], cb[i], cr[i])
		p[3] = 255
	}
}

func grayRow(dst, y []byte) {
	dst = dst[:4*len(y)]
	for i, v := range y {
		p := dst[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = v, v, v, 255
	}
}

func rgbRow(dst, r, g, b []byte) {
	dst, g, b = dst[:4*len(r)], g[:len(r)], b[:len(r)]
	for i, v := range r {
		p := dst[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = v, g[i], b[i], 255
	}
}

// cmykRow writes pixels of four inks, 255 the most. When inverted, the samples are what the inks let pass.
func cmykRow(dst []byte, lines [4][]byte, width int, c Color, inverted bool) {
	flip := byte(0)
	if inverted {
		flip = 255
	}
	for i := range width {
		cyan, magenta, yellow := lines[0][i], lines[1][i], lines[2][i]
		if c == YCCK { // the inverse of the inverse: RGB stands for the inks themselves
			cyan, magenta, yellow = rgb(cyan, magenta, yellow)
		} else {
			cyan, magenta, yellow = cyan^flip, magenta^flip, yellow^flip
		}
		p := dst[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = cyan, magenta, yellow, lines[3][i]^flip
	}
}

// inksToRGBA converts by the simple formula: what one ink lets pass, the next may take from.
func inksToRGBA(pix []byte) {
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		p[0], p[1], p[2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
		p[3] = 255
	}
}
