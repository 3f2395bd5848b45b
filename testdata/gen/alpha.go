package main

import (
	"image"
	"image/color"
)

// seeThrough is a scene with alpha: a disc with a soft edge on the left, one with a hard edge on the right, text cut
// hard. What is wholly transparent is magenta underneath, so that filtering without premultiplying shows as a fringe.
func seeThrough(w, h int) *image.NRGBA {
	m := scene(w, h)
	r := min(w/2, h) * 4 / 10
	for y := range h {
		for x := range w {
			dy := y - h/2
			alpha := 0
			if x < w/2 {
				dx := x - w/4
				alpha = min(255, max(0, 512-512*(dx*dx+dy*dy)/(r*r)))
			} else if disc(x-w*3/4, dy, r) >= 128 {
				alpha = 255
			}
			c := m.NRGBAAt(x, y)
			if alpha == 0 {
				c = magenta
			}
			c.A = uint8(alpha)
			m.SetNRGBA(x, y, c)
		}
	}
	text(m, 4, 4, 1, "alpha", black)
	return m
}

// ramp16 is a 16-bit picture whose gradients are finer than 8 bits: red rises to the right, green falls to the bottom,
// over a quarter of the range, and blue is a checkerboard. With alpha, it rises from 0 to 0xffff along the diagonal.
func ramp16(w, h int, alpha bool) *image.NRGBA64 {
	m := image.NewNRGBA64(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA64{
				R: uint16(0x6000 + 0x3fff*x/w),
				G: uint16(0xa000 - 0x3fff*y/h),
				B: 0x3021,
				A: 0xffff,
			}
			if (x/32+y/32)%2 == 0 {
				c.B = 0x90fe
			}
			if alpha {
				c.A = uint16(0xffff * (x + y) / (w + h - 2))
			}
			if c.A == 0 {
				c = color.NRGBA64{R: 0xffff, B: 0xffff}
			}
			m.SetNRGBA64(x, y, c)
		}
	}
	return m
}

// cube is a palette of 6×7×6 evenly spaced colours; the green of 7 steps is where the eye sees most.
func cube() color.Palette {
	var p color.Palette
	for i := range 6 * 7 * 6 {
		p = append(p, color.NRGBA{uint8(i / 42 * 51), uint8(i / 6 % 7 * 255 / 6), uint8(i % 6 * 51), 255})
	}
	return p
}

// dithered is m in the colours of cube, by ordered dithering with a 4×4 matrix. Pixels with alpha under half become
// the colour index that transparent gives, if it is not negative.
func dithered(m *image.NRGBA, palette color.Palette, transparent int) *image.Paletted {
	bayer := [16]int{0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5}
	out := image.NewPaletted(m.Rect, palette)
	for y := range m.Rect.Max.Y {
		for x := range m.Rect.Max.X {
			c := m.NRGBAAt(x, y)
			if c.A < 128 && transparent >= 0 {
				out.SetColorIndex(x, y, uint8(transparent))
				continue
			}
			step := func(v uint8, last int) int { return (int(v)*last*16 + bayer[y%4*4+x%4]*255 + 7*16) / (255 * 16) }
			out.SetColorIndex(x, y, uint8(step(c.R, 5)*42+step(c.G, 6)*6+step(c.B, 5)))
		}
	}
	return out
}

// A patch is one frame of an animation: a part of the canvas and where it lies.
type patch struct {
	*image.NRGBA
	at image.Point
}

// bouncing is five frames on a 96×64 canvas: the background, then four balls of 26×26 pixels with transparent corners,
// at even offsets (as WebP wants them).
func bouncing() []patch {
	frames := []patch{{scene(96, 64), image.Point{}}}
	for i, at := range []image.Point{{2, 4}, {24, 30}, {46, 36}, {68, 10}} {
		ball := image.NewNRGBA(image.Rect(0, 0, 26, 26))
		for y := range 26 {
			for x := range 26 {
				c := mix(yellow, red, x*10)
				if disc(x-13, y-13, 12) < 128 {
					c = color.NRGBA{}
				}
				ball.SetNRGBA(x, y, c)
			}
		}
		text(ball, 10, 6, 1, string(rune('1'+i)), black)
		frames = append(frames, patch{ball, at})
	}
	return frames
}
