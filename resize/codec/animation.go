package codec

import (
	"image"
	"time"
)

// Frame is one picture of an animation.
type Frame struct {
	Image *image.NRGBA // all of it, as it is to be seen; its decoder's again afterwards
	Delay time.Duration
}

// Animation is one that is being encoded, picture after picture.
type Animation interface {
	Add(f Frame) error
	// End returns the file.
	End() ([]byte, error)
}

// changed is the smallest rectangle that holds all pixels which differ between two pictures of one size; empty if none does.
func changed(a, b *image.NRGBA) image.Rectangle {
	var r image.Rectangle
	w := a.Rect.Dx()
	for y := range a.Rect.Dy() {
		p, q := a.Pix[y*a.Stride:][:4*w], b.Pix[y*b.Stride:][:4*w]
		if string(p) == string(q) {
			continue
		}
		left, right := 0, w
		for [4]byte(p[4*left:]) == [4]byte(q[4*left:]) {
			left++
		}
		for [4]byte(p[4*right-4:]) == [4]byte(q[4*right-4:]) {
			right--
		}
		r = r.Union(image.Rect(left, y, right, y+1))
	}
	return r
}

// part copies a rectangle of a picture.
func part(m *image.NRGBA, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:][:out.Stride], m.Pix[(r.Min.Y+y)*m.Stride+4*r.Min.X:])
	}
	return out
}

// erase makes a rectangle transparent.
func erase(m *image.NRGBA, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		clear(m.Pix[y*m.Stride+4*r.Min.X : y*m.Stride+4*r.Max.X])
	}
}

// restore puts a part back.
func restore(m, saved *image.NRGBA, at image.Point) {
	for y := range saved.Rect.Dy() {
		copy(m.Pix[(at.Y+y)*m.Stride+4*at.X:], saved.Pix[y*saved.Stride:][:saved.Stride])
	}
}

// steps turns delays into whole steps of a clock without losing time over many frames.
type steps struct {
	step time.Duration
	most int64
	left time.Duration // what earlier delays had more than their steps
}

func (s *steps) take(d time.Duration) int {
	d += s.left
	n := min(int64((d+s.step/2)/s.step), s.most)
	n = max(n, 0)
	s.left = d - time.Duration(n)*s.step
	if n == s.most {
		s.left = 0
	}
	return int(n)
}
