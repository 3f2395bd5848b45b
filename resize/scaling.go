package resize

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"pixmill/resize/codec"
	"pixmill/resize/resample"
)

// scaling makes a frame from the rows of a larger picture, while they come. Y, Cb and Cr stay what they are: both colour
// conversions are saved, and chroma, which has a quarter of the samples, costs a quarter. Turning comes last, when there is less to turn.
type scaling struct {
	orientation int
	scalers     []*resample.Scaler
	made        raster
	rows        []int // that are made, of each layer
}

// newScaling begins a frame from a picture of w×h pixels in layers, which has to be turned to be upright. Chroma becomes that of 4:2:0.
func newScaling(f *frame, w, h, orientation int, from []codec.Layer) *scaling {
	k := f.resampler()
	x, y := f.axes(orientation)
	s := &scaling{orientation: orientation, rows: make([]int, len(from)), made: raster{w: x.length, h: y.length}}
	for i, l := range from {
		pitch := 1
		if i > 0 {
			pitch = 2
		}
		o := resample.Options{SrcW: l.Width, SrcH: l.Height, Channels: l.Channels, Alpha: l.Alpha, Kernel: k}
		o.DstW, o.SrcX, o.SrcWidth = x.samples(pitch, float64(w)/l.PitchX)
		o.DstH, o.SrcY, o.SrcHeight = y.samples(pitch, float64(h)/l.PitchY)
		s.scalers = append(s.scalers, resample.New(o))
		l.Width, l.Height, l.PitchX, l.PitchY = o.DstW, o.DstH, float64(pitch), float64(pitch)
		s.made.layers = append(s.made.layers, layer{l, slab(l.Width * l.Height * l.Channels)})
	}
	return s
}

// resampler is the kernel. Where the size stays it is for chroma alone: the triangle that JPEG decoders have for that.
func (f *frame) resampler() resample.Kernel {
	k, _ := resample.ByName(cmp.Or(f.kernel, "linear"))
	return k
}

// add takes the next rows of a layer.
func (s *scaling) add(i int, pix []byte, stride, rows int) {
	l, scaler := &s.made.layers[i], s.scalers[i]
	for y := range rows {
		scaler.Write(pix[y*stride:])
		for s.rows[i] < l.Height && scaler.Next(l.pix[s.rows[i]*l.stride():]) {
			s.rows[i]++
		}
	}
}

// finish returns the frame, upright, or false if rows are missing.
func (s *scaling) finish() (raster, bool) {
	for i, l := range s.made.layers {
		if s.rows[i] < l.Height {
			return raster{}, false
		}
		s.scalers[i].Close()
	}
	return s.made.upright(s.orientation), true
}

// from makes a frame of a larger one.
func (f *frame) from(parent raster) raster {
	layers := make([]codec.Layer, len(parent.layers))
	for i, l := range parent.layers {
		layers[i] = l.Layer
	}
	s := newScaling(f, parent.w, parent.h, 1, layers)
	for i, l := range parent.layers {
		s.add(i, l.pix, l.stride(), l.Height)
	}
	made, _ := s.finish()
	return made
}

// axis is where a frame's view lies in one direction, in pixels of the frame, along the rows or columns of the picture as it is stored.
type axis struct {
	whole         int // of the frame
	first, length int
	mirrored      bool
}

// axes are the frame's view as a picture of that orientation is stored (EXIF 2.32, tag 0x0112).
func (f *frame) axes(orientation int) (x, y axis) {
	x = axis{whole: f.w, first: f.view.Min.X, length: f.view.Dx()}
	y = axis{whole: f.h, first: f.view.Min.Y, length: f.view.Dy()}
	if orientation >= 5 {
		x, y = y, x
	}
	return x.mirror(slices.Contains([]int{2, 3, 7, 8}, orientation)), y.mirror(slices.Contains([]int{3, 4, 6, 7}, orientation))
}

func (a axis) mirror(yes bool) axis {
	if yes {
		a.first, a.mirrored = a.whole-a.first-a.length, true
	}
	return a
}

// samples places the samples of a layer, each of pitch pixels of the view, over a picture of size samples: where they begin, and over how many
// they go. With an odd length the last sample of two pixels covers one more than there is, or, where the side is mirrored afterwards, the
// first; samples are centred on their pixels (JFIF 1.02).
func (a axis) samples(pitch int, size float64) (n int, start, length float64) {
	n = (a.length + pitch - 1) / pitch
	first := a.first
	if a.mirrored {
		first -= n*pitch - a.length
	}
	pixel := size / float64(a.whole)
	return n, float64(first) * pixel, float64(n*pitch) * pixel
}

// intake takes the source's rows, while it is decoded, to all frames that are made from it.
type intake struct {
	p        *plan
	roots    []*frame
	scalings []*scaling
}

// Begin checks the layers against the header.
func (in *intake) Begin(layers []codec.Layer) error {
	w, h := in.p.info.Stored()
	if first := image.Pt(layers[0].Width, layers[0].Height); first != image.Pt(samples(w, layers[0].PitchX), samples(h, layers[0].PitchY)) {
		return &FormatError{Format: in.p.info.Format, Reason: fmt.Sprintf("its pixels are %d×%d, its header says %d×%d", first.X, first.Y, w, h)}
	}
	for _, f := range in.roots {
		in.scalings = append(in.scalings, newScaling(f, w, h, in.p.info.Orientation, layers))
	}
	return nil
}

// samples is how many of a pitch cover n pixels.
func samples(n int, pitch float64) int { return int((float64(n) + pitch - 1) / pitch) }

func (in *intake) Add(layer int, pix []byte, stride, rows int) {
	for _, s := range in.scalings {
		s.add(layer, pix, stride, rows)
	}
}
