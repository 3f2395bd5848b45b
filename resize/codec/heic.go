package codec

import (
	"encoding/binary"
	"image"
)

var heicCodec = &Codec{
	Name: "heic",
	Ext:  "heic",
	Sniff: func(head []byte) bool {
		return brands("heic", "heix", "heim", "heis", "hevc", "hevx")(head) || brands("mif1", "msf1")(head) && !compatible(head, "avif")
	},
	Probe:  func(h *Header) (Info, error) { return probeHEIF(h, "heic") },
	Decode: decodeHEIC,
}

// heicMemory bounds what libheif and libde265 were seen to take, and is all they get: the planes of what is decoded, of its tiles, put together, turned
// and given away; the file; and tables.
func (p *heif) heicMemory(info *Info) {
	w, h := float64(max(p.w, 64)), float64(max(p.h, 64))
	bytes := 1.0
	if p.depth > 8 {
		bytes = 2
	}
	info.DecodePeak[0] = saturated(heicTables + 2*float64(p.boxes.h.size) + 6*bytes*p.samples*w*h)
}

const heicTables = 12 << 20

// libheif's words.
const (
	heifYCbCr = 0
	heifMono  = 2
)

// decodeHEIC lets libheif decode the primary picture, already turned and cut, to planes, and makes JFIF's of them.
func decodeHEIC(src *Source, info Info, want Want, to Rows) error {
	p, err := heicDecoder.Start(info.DecodePeak[0], src.watch())
	if err != nil {
		return err
	}
	defer p.Close()
	in, err := p.Put(src.Data)
	if err != nil {
		return err
	}
	at, err := p.Alloc(20) // width, height, colour space, chroma, whether alpha is multiplied in
	if err != nil {
		return err
	}
	call := func(only uint64, out uint32) error {
		a := uint64(at)
		ok, err := p.Call("decode", uint64(in), uint64(len(src.Data)), only, a, a+4, a+8, a+12, a+16, uint64(out))
		if err == nil && ok == 0 {
			err = damaged("heic", "libheif cannot decode it")
		}
		return err
	}
	if err := call(1, 0); err != nil {
		return err
	}
	said, err := p.Bytes(at, 20)
	if err != nil {
		return err
	}
	w, h := int(binary.LittleEndian.Uint32(said)), int(binary.LittleEndian.Uint32(said[4:]))
	space, chroma := binary.LittleEndian.Uint32(said[8:]), binary.LittleEndian.Uint32(said[12:])
	if w != info.Width || h != info.Height {
		return damaged("heic", "its headers contradict each other: %d×%d and %d×%d", info.Width, info.Height, w, h)
	}
	img, planes := heicPlanes(w, h, space, chroma)
	if img == nil {
		return unsupported("heic", "HEIC with these colours")
	}
	size := 0
	for _, n := range planes {
		size += n
	}
	out, err := p.Alloc(size)
	if err != nil {
		return err
	}
	if err := call(0, out); err != nil {
		return err
	}
	pix, err := p.Bytes(out, size)
	if err != nil {
		return err
	}
	video, err := colourOf(src)
	if err != nil {
		return err
	}
	switch m := img.(type) {
	case *image.Gray:
		m.Pix = pix
		if !video.full {
			stretch(pix, 16, 219, 0)
		}
	case *image.YCbCr:
		m.Y, m.Cb, m.Cr = pix[:planes[0]], pix[planes[0]:planes[0]+planes[1]], pix[planes[0]+planes[1]:]
		if !video.full {
			fullRange(m)
		}
		rematrix(m, video.matrix)
	}
	return give(img, info, want, src, to)
}

// heicPlanes lays out what libheif gives: planes whose rows have the length of an even number of samples, 64 at least, rounded up to 16.
func heicPlanes(w, h int, space, chroma uint32) (image.Image, []int) {
	bounds := image.Rect(0, 0, w, h)
	stride := func(n int) int { return (max((n+1)&^1, 64) + 15) &^ 15 }
	if space == heifMono {
		return &image.Gray{Stride: stride(w), Rect: bounds}, []int{stride(w) * h}
	}
	ratios := map[uint32]image.YCbCrSubsampleRatio{1: image.YCbCrSubsampleRatio420, 2: image.YCbCrSubsampleRatio422, 3: image.YCbCrSubsampleRatio444}
	ratio, known := ratios[chroma]
	if space != heifYCbCr || !known {
		return nil, nil
	}
	sh, sv := halvings(ratio)
	m := &image.YCbCr{YStride: stride(w), CStride: stride((w + 1<<sh - 1) >> sh), SubsampleRatio: ratio, Rect: bounds}
	c := m.CStride * ((h + 1<<sv - 1) >> sv)
	return m, []int{m.YStride * h, c, c}
}

// colourOf reads once more how a file's samples stand for colours.
func colourOf(src *Source) (videoColour, error) {
	p := newHEIF(NewHeader(src, int64(len(src.Data))))
	if err := p.top(); err != nil {
		return p.video, err
	}
	_, err := p.primary()
	return p.video, err
}

// rematrix brings planes of another matrix (ITU-T H.273, table 4) to that of ITU-R BT.601, which JFIF has; ranges are full. Luma takes
// the chroma of the sample that it lies in: what is added of it is small.
func rematrix(m *image.YCbCr, matrix int) {
	var kr, kb float64
	switch matrix {
	case matrix709:
		kr, kb = 0.2126, 0.0722
	case matrix2020:
		kr, kb = 0.2627, 0.0593
	default:
		return
	}
	const r, g, b = 0.299, 0.587, 0.114
	kg := 1 - kr - kb
	// Red, green and blue above luma, for one of Cb and one of Cr.
	red, blue := [2]float64{0, 2 * (1 - kr)}, [2]float64{2 * (1 - kb), 0}
	green := [2]float64{-2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg}
	var luma, cb, cr [2]float64
	for i := range luma {
		luma[i] = r*red[i] + g*green[i] + b*blue[i]
		cb[i] = (blue[i] - luma[i]) / (2 * (1 - b))
		cr[i] = (red[i] - luma[i]) / (2 * (1 - r))
	}
	mix := func(c [2]float64, x, y float64) int { return int(c[0]*x+c[1]*y+1000.5) - 1000 }
	sh, sv := halvings(m.SubsampleRatio)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := 0; y < h; y += 1 << sv {
		at := y >> sv * m.CStride
		for x := 0; x < w; x += 1 << sh {
			u, v := &m.Cb[at+x>>sh], &m.Cr[at+x>>sh]
			x0, y0 := float64(*u)-128, float64(*v)-128
			more := mix(luma, x0, y0)
			*u, *v = byteOf(mix(cb, x0, y0)+128), byteOf(mix(cr, x0, y0)+128)
			for dy := y; dy < min(y+1<<sv, h); dy++ {
				row := m.Y[dy*m.YStride:]
				for dx := x; dx < min(x+1<<sh, w); dx++ {
					row[dx] = byteOf(int(row[dx]) + more)
				}
			}
		}
	}
}

func byteOf(v int) byte { return byte(min(max(v, 0), 255)) }
