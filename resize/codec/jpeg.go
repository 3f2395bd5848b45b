package codec

import (
	"errors"
	"fmt"
	"image"
	"io"

	"pixmill/resize/jpeg"
)

var jpegCodec = &Codec{
	Name:    "jpeg",
	Ext:     "jpg",
	Sniff:   prefixes("\xff\xd8\xff"),
	Probe:   probeJPEG,
	Scans:   countScans,
	Decode:  decodeJPEG,
	Scale:   jpegScale,
	Turn:    turnJPEG,
	Encode:  encodeJPEG,
	Planar:  true,
	Lossy:   true,
	MaxSide: 65535,
	// Noise at quality 100 takes 2.3 bytes a pixel; TestEncodedBytes holds it to this.
	EncodedBytes: func(pixels float64) float64 { return 3 * pixels },
	// Symbols are kept until their Huffman tables are known: at most 258 bytes a block, of which 4:2:0 has 1.5 for 64 pixels, in a
	// buffer that doubles.
	WorkBytes: func(size image.Point, _ Settings) float64 { return 10*area(size) + 256<<10 },
}

// jpegScale is the largest divisor of a picture's sides that leaves half as much again as least. With just least, the reduced
// inverse DCT would be all the filter there is: against a float64 Lanczos that costs 5 to 13 dB where the divisor fits exactly, with this
// margin less than 1 dB (TestAgainstReference has the measure). Outputs without loss, whose encoding takes far longer, get twice as much.
func jpegScale(info Info, want Want) int {
	w, h := info.Stored()
	margin := 4
	if want.Planes {
		margin = 3
	}
	for _, scale := range []int{8, 4, 2} {
		if 2*w >= margin*scale*want.Least.X && 2*h >= margin*scale*want.Least.Y {
			return scale
		}
	}
	return 1
}

// decodeJPEG gives planes of grey, and, if that is wanted, of Y, Cb and Cr, as they are; everything else as pixels.
func decodeJPEG(src *Source, info Info, want Want, to Rows) error {
	o := jpeg.Options{Scale: jpegScale(info, want), Lowpass: true, Inks: want.Inks, Check: src.Stop}
	use := func(d *jpeg.Decoder) error {
		if c := d.Header().Color; c == jpeg.Gray || c == jpeg.YCbCr && want.Planes {
			return givePlanesOf(d, to)
		}
		return givePixelsOf(d, o.Scale, to)
	}
	var err error
	if src.File != nil {
		err = jpeg.UsingFile(src.File, src.Size, o, use)
	} else {
		err = jpeg.Using(src.Data, o, use)
	}
	var (
		damage  *jpeg.FormatError
		lacking jpeg.UnsupportedError
	)
	switch {
	case errors.As(err, &damage):
		if damage.Missing == 0 && !info.Progressive { // what lacks is the end marker: all pixels are there
			return nil
		}
		if !src.ended() {
			return &FormatError{Format: "jpeg", Truncated: true}
		}
		return damaged("jpeg", "%s: %.0f %% of the picture cannot be read", damage.Reason, max(1, 100*damage.Missing))
	case errors.As(err, &lacking):
		return unsupported("jpeg", "JPEG with %s", string(lacking))
	case err != nil:
		return err
	}
	// Reduced, a progressive picture may not need the scans that a truncated file lacks; it is not whole for that.
	if info.Progressive && !src.ended() {
		return &FormatError{Format: "jpeg", Truncated: true}
	}
	return nil
}

func givePlanesOf(d *jpeg.Decoder, to Rows) error {
	planes := d.Layout()
	layers := make([]Layer, len(planes))
	for i, p := range planes {
		layers[i] = Layer{Width: p.Width, Height: p.Height, Channels: 1}
		layers[i].PitchX, layers[i].PitchY = d.Pitch(i)
	}
	if err := to.Begin(layers); err != nil {
		return err
	}
	for {
		band, err := d.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i, p := range band {
			to.Add(i, p.Pix, p.Stride, p.Height)
		}
	}
}

func givePixelsOf(d *jpeg.Decoder, scale int, to Rows) error {
	w, h := d.Size()
	pitch := float64(scale)
	if err := to.Begin([]Layer{{Width: w, Height: h, Channels: 4, PitchX: pitch, PitchY: pitch}}); err != nil {
		return err
	}
	stride := 4 * w
	band, n := make([]byte, stride*min(bandRows, h)), 0
	err := d.RGBA(func(int) []byte {
		if n == bandRows {
			to.Add(0, band, stride, n)
			n = 0
		}
		n++
		return band[(n-1)*stride:]
	})
	to.Add(0, band, stride, n)
	return err
}

func turnJPEG(src *Source, info Info, small bool) ([]byte, error) {
	return jpeg.Turn(nil, src.Data, info.Orientation, small, src.Stop)
}

func encodeJPEG(dst []byte, img image.Image, s Settings) ([]byte, error) {
	o := jpeg.EncodeOptions{Quality: s.Quality, Effort: jpeg.Effort(s.Effort)}
	switch m := img.(type) {
	case *image.Gray:
		return jpeg.EncodeGray(dst, m, o)
	case *image.YCbCr: // of 4:2:0
		size := m.Rect.Size()
		chroma := image.Pt((size.X+1)/2, (size.Y+1)/2)
		return jpeg.Encode(dst, []jpeg.Plane{
			{Pix: m.Y, Stride: m.YStride, Width: size.X, Height: size.Y},
			{Pix: m.Cb, Stride: m.CStride, Width: chroma.X, Height: chroma.Y},
			{Pix: m.Cr, Stride: m.CStride, Width: chroma.X, Height: chroma.Y},
		}, o)
	case *image.NRGBA:
		return jpeg.EncodeRGBA(dst, m, o)
	}
	return dst, fmt.Errorf("pixels of a kind that JPEG is not made of: %T", img)
}
