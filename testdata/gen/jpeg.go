package main

import (
	"image"
	"image/color"
)

// A JPEG is written here with our own few lines rather than by a library: image/jpeg writes neither progressive, CMYK
// nor restart markers, and its bytes change with the Go version. The stages are those of ITU-T T.81: planes →
// coefficients (jpegdct.go) → scans of symbols (jpegscan.go) → Huffman tables and bits (jpegbits.go).

// A jpegFile is a picture as planes, and how to write it.
type jpegFile struct {
	w, h     int
	planes   []plane
	quality  int      // 1 to 100
	restart  int      // MCUs between restart markers; 0: none
	scans    []scan   // a progressive JPEG's; none: one baseline scan
	segments [][]byte // marker segments that follow SOI, whole
}

// A plane is one component at the full size of the picture; it is stored with 1/(hmax/h) of the columns and
// 1/(vmax/v) of the rows.
type plane struct {
	pix    []uint8
	id     byte
	h, v   int // sampling factors
	tables int // 0 (luminance) or 1 (chrominance): which quantization and Huffman tables
}

// Sampling factors of luminance, beside chrominance's 1×1.
var (
	yuv444 = image.Pt(1, 1)
	yuv422 = image.Pt(2, 1)
	yuv420 = image.Pt(2, 2)
)

// colourJPEG is m as YCbCr with a JFIF header; the segments follow it.
func colourJPEG(m *image.NRGBA, quality int, sampling image.Point, segments ...[]byte) jpegFile {
	f := jpegFile{w: m.Rect.Dx(), h: m.Rect.Dy(), quality: quality, segments: append([][]byte{jfif()}, segments...)}
	f.planes = split(m, 3, func(c color.NRGBA) [4]uint8 {
		y, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
		return [4]uint8{y, cb, cr}
	})
	f.planes[0].h, f.planes[0].v = sampling.X, sampling.Y
	f.planes[1].tables, f.planes[2].tables = 1, 1
	return f
}

// greyJPEG is the luminance of m alone.
func greyJPEG(m *image.NRGBA, quality int) jpegFile {
	f := colourJPEG(m, quality, yuv444)
	f.planes = f.planes[:1]
	return f
}

// rgbJPEG stores red, green and blue as they are, which Adobe's marker with transform 0 says.
func rgbJPEG(m *image.NRGBA, quality int) jpegFile {
	f := jpegFile{w: m.Rect.Dx(), h: m.Rect.Dy(), quality: quality, segments: [][]byte{adobe(0)}}
	f.planes = split(m, 3, func(c color.NRGBA) [4]uint8 { return [4]uint8{c.R, c.G, c.B} })
	f.planes[0].id, f.planes[1].id, f.planes[2].id = 'R', 'G', 'B'
	return f
}

// cmykJPEG stores ink as Photoshop does, inverted: 255 is none.
func cmykJPEG(m *image.NRGBA, quality int) jpegFile {
	f := jpegFile{w: m.Rect.Dx(), h: m.Rect.Dy(), quality: quality, segments: [][]byte{adobe(0)}}
	f.planes = split(m, 4, func(c color.NRGBA) [4]uint8 {
		cyan, mag, yel, key := color.RGBToCMYK(c.R, c.G, c.B)
		return [4]uint8{255 - cyan, 255 - mag, 255 - yel, 255 - key}
	})
	return f
}

// ycckJPEG stores YCbCr made of the complement of the inverted inks, which are the inks themselves, and inverted black.
func ycckJPEG(m *image.NRGBA, quality int) jpegFile {
	f := cmykJPEG(m, quality)
	f.segments = [][]byte{adobe(2)}
	for i := range f.planes[0].pix {
		y, cb, cr := color.RGBToYCbCr(255-f.planes[0].pix[i], 255-f.planes[1].pix[i], 255-f.planes[2].pix[i])
		f.planes[0].pix[i], f.planes[1].pix[i], f.planes[2].pix[i] = y, cb, cr
	}
	f.planes[1].tables, f.planes[2].tables = 1, 1
	return f
}

// split makes the first n planes of what convert gives for each pixel.
func split(m *image.NRGBA, n int, convert func(color.NRGBA) [4]uint8) []plane {
	planes := make([]plane, n)
	for i := range planes {
		planes[i] = plane{id: byte(i + 1), h: 1, v: 1}
	}
	for y := range m.Rect.Max.Y {
		for x := range m.Rect.Max.X {
			values := convert(m.NRGBAAt(x, y))
			for i := range planes {
				planes[i].pix = append(planes[i].pix, values[i])
			}
		}
	}
	return planes
}

// progressive is a script of ten scans, with spectral selection and successive approximation, for three components.
func progressive() []scan {
	return []scan{
		{comps: []int{0, 1, 2}, al: 1},
		{comps: []int{0}, ss: 1, se: 5, al: 2},
		{comps: []int{2}, ss: 1, se: 63, al: 1},
		{comps: []int{1}, ss: 1, se: 63, al: 1},
		{comps: []int{0}, ss: 6, se: 63, al: 2},
		{comps: []int{0}, ss: 1, se: 63, ah: 2, al: 1},
		{comps: []int{0, 1, 2}, ah: 1},
		{comps: []int{2}, ss: 1, se: 63, ah: 1},
		{comps: []int{1}, ss: 1, se: 63, ah: 1},
		{comps: []int{0}, ss: 1, se: 63, ah: 1},
	}
}

// thousandScans is a lawful script of exactly 1000 scans for three components: the mean values, then every coefficient
// alone, bit by bit from the fifth (luminance's first 54 from the sixth) down to the last.
func thousandScans() []scan {
	scans := []scan{{comps: []int{0, 1, 2}}}
	for k := 1; k <= 54; k++ {
		scans = append(scans, scan{comps: []int{0}, ss: k, se: k, al: 5})
	}
	for al := 4; al >= 0; al-- {
		for k := 1; k <= 63; k++ {
			for c := range 3 {
				s := scan{comps: []int{c}, ss: k, se: k, al: al}
				if al < 4 || c == 0 && k <= 54 {
					s.ah = al + 1
				}
				scans = append(scans, s)
			}
		}
	}
	return scans
}

// bytes is the whole file, SOI to EOI.
func (f jpegFile) bytes() []byte {
	out := []byte{0xff, 0xd8}
	for _, s := range f.segments {
		out = append(out, s...)
	}
	c := f.coefficients()
	for id, q := range c.quant {
		table := []byte{byte(id)}
		for _, k := range zigzag {
			table = append(table, byte(q[k]))
		}
		out = append(out, segment(0xdb, table)...)
	}
	sof, scans := byte(0xc0), []scan{{comps: make([]int, len(f.planes)), se: 63}}
	for i := range f.planes {
		scans[0].comps[i] = i
	}
	if f.scans != nil {
		sof, scans = 0xc2, f.scans
	}
	out = append(out, frameHeader(sof, f.w, f.h, f.planes)...)
	if f.restart > 0 {
		out = append(out, segment(0xdd, []byte{byte(f.restart >> 8), byte(f.restart)})...)
	}
	for _, s := range scans {
		out = append(out, s.bytes(c, f)...)
	}
	return append(out, 0xff, 0xd9)
}

// frameHeader is the SOF segment (T.81 B.2.2).
func frameHeader(marker byte, w, h int, planes []plane) []byte {
	body := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(planes))}
	for _, p := range planes {
		body = append(body, p.id, byte(p.h<<4|p.v), byte(p.tables))
	}
	return segment(marker, body)
}

// segment is a marker segment: its length counts itself.
func segment(marker byte, body []byte) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

func jfif() []byte {
	return segment(0xe0, []byte{'J', 'F', 'I', 'F', 0, 1, 2, 1, 0, 72, 0, 72, 0, 0})
}

// adobe is the APP14 segment; transform is 0 for RGB and CMYK, 1 for YCbCr, 2 for YCCK.
func adobe(transform byte) []byte {
	return segment(0xee, []byte{'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform})
}
