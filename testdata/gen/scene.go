package main

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Everything here is painted with integers only: a float product may be fused with the following sum on one processor
// and not on another, and the files have to come out the same everywhere.

var (
	black   = color.NRGBA{0, 0, 0, 255}
	white   = color.NRGBA{255, 255, 255, 255}
	red     = color.NRGBA{220, 30, 30, 255}
	green   = color.NRGBA{30, 170, 50, 255}
	blue    = color.NRGBA{30, 60, 220, 255}
	yellow  = color.NRGBA{240, 210, 20, 255}
	magenta = color.NRGBA{255, 0, 255, 255}
)

// scene paints a w×h landscape that holds something of everything a resizer or an encoder gets wrong: smooth
// gradients (sky, glow), hard edges (sun, hills, checkers, bars), noise (ground), fine lines and text.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, landscape(x, y, w, h))
		}
	}
	unit := min(w, h) / 100 // the panels are laid out in hundredths of the shorter side
	if unit == 0 {
		return m
	}
	checkers(m, image.Rect(w-30*unit, h-20*unit, w-4*unit, h-12*unit))
	bars(m, image.Rect(w-30*unit, h-11*unit, w-4*unit, h-4*unit))
	scale := max(1, 6*unit/13)
	sign := image.Rect(4*unit, h-6*unit-28*scale, 6*unit+14*7*scale, h-4*unit)
	draw.Draw(m, sign, image.NewUniform(white), image.Point{}, draw.Src)
	text(m, sign.Min.X+unit, sign.Min.Y+unit, scale, "pixmill & son", black)
	text(m, sign.Min.X+unit, sign.Min.Y+unit+14*scale, scale, "Ag0Q 3.14%", blue)
	return m
}

// landscape is the colour of one pixel of sky, sun, hills or ground.
func landscape(x, y, w, h int) color.NRGBA {
	side := min(w, h)
	horizon := h*6/10 - arch(x*6144/w)*h/10/2048
	ground := h*7/10 - arch(x*2900/w+900)*h/16/2048
	switch {
	case y >= ground:
		n := (noise(x, y, 16, 1) + noise(x, y, 5, 2) + int(hash(x, y, 3)&255)) / 3
		return color.NRGBA{uint8(40 + n/3), uint8(60 + n/2), uint8(20 + n/4), 255}
	case y >= horizon:
		n := noise(x, y, 40, 4) / 4
		return color.NRGBA{uint8(70 + n), uint8(90 + n), uint8(110 + 60*x/w), 255}
	}
	sky := mix(color.NRGBA{30, 80, 170, 255}, color.NRGBA{245, 205, 160, 255}, y*256/h*10/6)
	dx, dy, r := x-w*7/10, y-h/4, side/9
	if d := dx*dx + dy*dy; d < 9*r*r { // the glow falls off with the square of the distance
		sky = mix(sky, color.NRGBA{255, 240, 200, 255}, 200-200*d/(9*r*r))
	}
	return mix(sky, color.NRGBA{255, 250, 220, 255}, disc(dx, dy, r))
}

// arch is a row of parabolic arches of period 2048 and height 0 to 2048, with a sharp cusp between them.
func arch(t int) int {
	t %= 2048
	return 4 * t * (2048 - t) / 2048
}

// disc says how much of the pixel at (dx, dy) a disc of radius r round the origin covers, 0 to 256, by 4×4 samples.
func disc(dx, dy, r int) int {
	covered := 0
	for i := range 16 {
		sx, sy := 8*dx+2*(i%4)-3, 8*dy+2*(i/4)-3
		if sx*sx+sy*sy < 64*r*r {
			covered += 16
		}
	}
	return covered
}

// mix goes from a (t = 0) to b (t = 256).
func mix(a, b color.NRGBA, t int) color.NRGBA {
	t = min(max(t, 0), 256)
	one := func(a, b uint8) uint8 { return uint8((int(a)*(256-t) + int(b)*t + 128) >> 8) }
	return color.NRGBA{one(a.R, b.R), one(a.G, b.G), one(a.B, b.B), one(a.A, b.A)}
}

// hash is white noise: a full-range value for each pixel and seed.
func hash(x, y, seed int) uint32 {
	v := uint32(x)*0x9E3779B1 ^ uint32(y)*0x85EBCA77 ^ uint32(seed)*0xC2B2AE3D
	v ^= v >> 15
	v *= 0x2C1B3C6D
	v ^= v >> 12
	v *= 0x297A2D39
	return v ^ v>>15
}

// noise is smooth noise, 0 to 255: hash at the corners of cells, bilinear between them.
func noise(x, y, cell, seed int) int {
	cx, cy, fx, fy := x/cell, y/cell, x%cell, y%cell
	at := func(x, y int) int { return int(hash(x, y, seed) & 255) }
	top := at(cx, cy)*(cell-fx) + at(cx+1, cy)*fx
	bottom := at(cx, cy+1)*(cell-fx) + at(cx+1, cy+1)*fx
	return (top*(cell-fy) + bottom*fy) / (cell * cell)
}

// checkers fills r with four panels of checkers whose cells are 1, 2, 4 and 8 pixels wide.
func checkers(m *image.NRGBA, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cell := 1 << (4 * (x - r.Min.X) / r.Dx())
			c := black
			if (x/cell+y/cell)%2 == 0 {
				c = white
			}
			m.SetNRGBA(x, y, c)
		}
	}
}

// bars fills r with the eight saturated colours.
func bars(m *image.NRGBA, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			i := 8 * (x - r.Min.X) / r.Dx()
			m.SetNRGBA(x, y, color.NRGBA{uint8(i & 1 * 255), uint8(i >> 1 & 1 * 255), uint8(i >> 2 * 255), 255})
		}
	}
}

// text writes s with its top left corner at (x, y), each dot of the 7×13 font scale pixels wide.
func text(m *image.NRGBA, x, y, scale int, s string, c color.NRGBA) {
	face := basicfont.Face7x13
	mask := image.NewAlpha(image.Rect(0, 0, face.Advance*len(s), face.Height))
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(0, face.Ascent)}
	d.DrawString(s)
	for my := range mask.Rect.Max.Y {
		for mx := range mask.Rect.Max.X {
			if mask.AlphaAt(mx, my).A != 0 {
				dot := image.Rect(x+mx*scale, y+my*scale, x+(mx+1)*scale, y+(my+1)*scale)
				draw.Draw(m, dot, image.NewUniform(c), image.Point{}, draw.Src)
			}
		}
	}
}

// upright is the picture behind every orientation file: red, green, blue and yellow in the corners (top left, top
// right, bottom left, bottom right), an F in the middle, which no turn or mirroring maps to itself, and a label.
func upright(w, h int, label string) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, mix(color.NRGBA{250, 250, 250, 255}, color.NRGBA{170, 190, 210, 255}, y*256/h))
		}
	}
	fill := func(x0, y0, x1, y1 int, c color.NRGBA) { // in sixteenths of the picture
		draw.Draw(m, image.Rect(x0*w/16, y0*h/16, x1*w/16, y1*h/16), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, 4, 4, red)
	fill(12, 0, 16, 4, green)
	fill(0, 12, 4, 16, blue)
	fill(12, 12, 16, 16, yellow)
	fill(6, 2, 7, 12, black)
	fill(6, 2, 11, 4, black)
	fill(6, 6, 10, 8, black)
	text(m, 5*w/16, 13*h/16, 2, label, black)
	return m
}

// stored is m as a camera held in that EXIF orientation (1 to 8) would have stored it: applying the tag gives m.
func stored(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for sy := range size.Max.Y {
		for sx := range size.Max.X {
			// EXIF 2.3, 4.6.4 A: what the stored row 0 and column 0 are in the picture.
			at := [9]image.Point{
				1: {sx, sy},                 // top, left
				2: {w - 1 - sx, sy},         // top, right
				3: {w - 1 - sx, h - 1 - sy}, // bottom, right
				4: {sx, h - 1 - sy},         // bottom, left
				5: {sy, sx},                 // left, top
				6: {w - 1 - sy, sx},         // right, top
				7: {w - 1 - sy, h - 1 - sx}, // right, bottom
				8: {sy, h - 1 - sx},         // left, bottom
			}[orientation]
			out.SetNRGBA(sx, sy, m.NRGBAAt(at.X, at.Y))
		}
	}
	return out
}
