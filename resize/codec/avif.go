package codec

import (
	"encoding/binary"
	"fmt"
	"image"

	"pixmill/resize/codec/wasm"
)

var avifCodec = &Codec{
	Name: "avif",
	Ext:  "avif",
	Sniff: func(head []byte) bool {
		return brands("avif", "avis")(head) || brands("mif1", "msf1")(head) && compatible(head, "avif")
	},
	Probe:   func(h *Header) (Info, error) { return probeHEIF(h, "avif") },
	Decode:  decodeAVIF,
	Encode:  encodeAVIF,
	Lossy:   true,
	Alpha:   true,
	MaxSide: 65535,
	// Noise at quality 100 takes 3.6 bytes a pixel.
	EncodedBytes: func(pixels float64) float64 { return 4.2*pixels + 8<<10 },
	WorkBytes:    avifWork,
}

// avifMemory bounds what libavif and aom were seen to take, and is all they get: reference frames with their borders, the same for
// alpha, the pixels as RGBA, twice, and the file.
func (p *heif) avifMemory(info *Info) {
	bytes := 1.0
	if p.depth > 8 {
		bytes = 2
	}
	w, h := float64(p.w), float64(p.h)
	bordered := (w + 320) * (h + 320)
	planes := 2 * p.samples * 2 // for high depths' kernels, 8-bit samples lie in 16 bits, too
	if p.alpha {
		planes += 2 * p.samples * 2
	}
	info.DecodePeak[0] = saturated(8<<20 + 2*float64(p.boxes.h.size) + bytes*(planes*bordered+14*w*h))
}

// avifWork is all the memory that the encoder gets. Photos, drawings and noise were seen to take 25 to 36 bytes a pixel, and 6 for those of
// a border of 144 pixels around; where aom tries harder, and finds text or flat areas to copy, 120 and 10, and its tables of what was seen before
// up to 17 MB more, most of that from 200 pixels square on.
func avifWork(size image.Point, s Settings) float64 {
	bordered := area(size.Add(image.Pt(288, 288)))
	if s.Effort == Small {
		return 24<<20 + 14*bordered + 136*area(size)
	}
	return 5<<20 + 8*bordered + 40*area(size)
}

// decodeAVIF lets libavif decode the primary picture to RGBA. It leaves turning and cutting to us.
func decodeAVIF(src *Source, info Info, want Want, to Rows) error {
	coded := newHEIF(NewHeader(src, int64(len(src.Data))))
	err := coded.top()
	if err == nil {
		_, err = coded.primary()
	}
	if err != nil {
		return heifError("avif", err)
	}
	p, err := avifDecoder.Start(info.DecodePeak[0], src.watch())
	if err != nil {
		return err
	}
	defer p.Close()
	in, err := p.Put(src.Data)
	if err != nil {
		return err
	}
	at, err := p.Alloc(24) // width, height, depth, count, and a delay of 8 bytes
	if err != nil {
		return err
	}
	call := func(only uint64, out uint32) error {
		a := uint64(at)
		ok, err := p.Call("decode", uint64(in), uint64(len(src.Data)), only, 0, a, a+4, a+8, a+12, a+16, uint64(out))
		if err == nil && ok == 0 {
			err = damaged("avif", "libavif cannot decode it")
		}
		return err
	}
	if err := call(1, 0); err != nil {
		return err
	}
	said, err := p.Bytes(at, 12)
	if err != nil {
		return err
	}
	w, h := int(binary.LittleEndian.Uint32(said)), int(binary.LittleEndian.Uint32(said[4:]))
	deep := binary.LittleEndian.Uint32(said[8:]) > 8
	if w != coded.w || h != coded.h {
		return damaged("avif", "its headers contradict each other: %d×%d and %d×%d", coded.w, coded.h, w, h)
	}
	stride := 4 * w
	if deep {
		stride = 8 * w
	}
	out, err := p.Alloc(stride * h)
	if err != nil {
		return err
	}
	if err := call(0, out); err != nil {
		return err
	}
	pix, err := p.Bytes(out, stride*h)
	if err != nil {
		return err
	}
	visible := image.Rect(0, 0, w, h)
	if c := coded.clean; c.w > 0 {
		visible = image.Rect(0, 0, c.w, c.h)
		pix = pix[c.y*stride+c.x*stride/w:]
	}
	if deep {
		for i := 0; i+1 < len(pix); i += 2 { // WebAssembly is little-endian, image.RGBA64 is not
			pix[i], pix[i+1] = pix[i+1], pix[i]
		}
		return give(&image.RGBA64{Pix: pix, Stride: stride, Rect: visible}, info, want, src, to)
	}
	return give(&image.RGBA{Pix: pix, Stride: stride, Rect: visible}, info, want, src, to)
}

// encodeAVIF encodes to 4:2:0, at one of aom's speeds: on photos of 1 to 4 MP 8 takes twice as long as 10, and 6 five times.
func encodeAVIF(dst []byte, img image.Image, s Settings) ([]byte, error) {
	speed := map[Effort]uint64{Fast: 10, Balanced: 8, Small: 6}[s.Effort]
	size := img.Bounds().Size()
	p, err := avifEncoder.Start(int64(avifWork(size, s)), wasm.Watch{})
	if err != nil {
		return dst, err
	}
	defer p.Close()
	in, err := p.Alloc(4 * size.X * size.Y)
	if err != nil {
		return dst, err
	}
	to, err := p.Bytes(in, 4*size.X*size.Y)
	if err != nil {
		return dst, err
	}
	if err := fillPremultiplied(to, img); err != nil {
		return dst, err
	}
	const yuv420 = 3
	q := uint64(s.Quality)
	return encoded(dst, p, "libavif", uint64(in), uint64(size.X), uint64(size.Y), q, q, speed, yuv420)
}

// fillPremultiplied writes a picture's pixels as RGBA, colours multiplied by alpha.
func fillPremultiplied(to []byte, img image.Image) error {
	switch m := img.(type) {
	case *image.Gray:
		grayRGBA(to, m)
	case *image.NRGBA:
		copy(to, m.Pix)
		for i := 0; i+3 < len(to); i += 4 {
			if a := uint32(to[i+3]); a < 255 {
				for k := range 3 {
					to[i+k] = byte((uint32(to[i+k])*a + 127) / 255)
				}
			}
		}
	default:
		return fmt.Errorf("pixels of an unexpected kind: %T", img)
	}
	return nil
}
