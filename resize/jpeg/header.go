package jpeg

import (
	"encoding/binary"
	"fmt"
)

// Markers, T.81 table B.1.
const (
	markerSOF0  = 0xC0 // baseline
	markerSOF1  = 0xC1 // extended sequential
	markerSOF2  = 0xC2 // progressive
	markerDHT   = 0xC4
	markerJPG   = 0xC8
	markerSOF9  = 0xC9
	markerDAC   = 0xCC
	markerSOF15 = 0xCF
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerDNL   = 0xDC
	markerDRI   = 0xDD
	markerDHP   = 0xDE
	markerEXP   = 0xDF
	markerAPP0  = 0xE0
	markerAPP14 = 0xEE
	markerAPP15 = 0xEF
	markerCOM   = 0xFE
	markerTEM   = 0x01
)

// Color is how the components of an image are meant.
type Color uint8

// The colour models. The CMYK of Adobe files is stored inverted: see Header.Inverted.
const (
	Gray Color = iota
	YCbCr
	RGB
	CMYK
	YCCK
	OtherColor // two components
)

// Component is one component as the frame header declares it.
type Component struct {
	ID   byte
	H, V int // sampling factors, 1 … 4
	tq   byte
}

// Segment is the payload of an APPn or COM marker: src[Offset : Offset+Length].
type Segment struct {
	Marker         byte
	Offset, Length int
}

// Header is what is known of an image before its first scan.
type Header struct {
	Width, Height   int
	Components      []Component
	Color           Color
	Inverted        bool // CMYK and YCCK hold 255 − ink (an Adobe marker is present)
	Progressive     bool
	RestartInterval int       // in MCUs, as of the first scan; 0: none
	Segments        []Segment // APPn and COM in file order, up to the first scan

	jfif, adobe    bool
	adobeTransform byte
}

// ReadHeader reads the markers of src up to its first scan.
func ReadHeader(src []byte) (Header, error) {
	var p parser
	p.in = new(input)
	p.in.hold(src)
	p.reset()
	marker, err := p.markers()
	if err != nil {
		return Header{}, err
	}
	if marker != markerSOS {
		return Header{}, p.fail("no image data")
	}
	return p.header, nil
}

// parser reads marker segments and keeps the tables that they define.
type parser struct {
	in      *input
	at      int // the next byte of in
	header  Header
	framed  bool // a frame header was seen
	quant   [4][64]uint16
	quantOK [4]bool
	huff    [2][4]huffman // [class][destination]: class 0 is DC, 1 is AC
	scans   int
	scan    scanHeader // of the last SOS
}

// scanHeader is an SOS segment.
type scanHeader struct {
	n              int
	component      [4]int // index into Header.Components
	dc, ac         [4]byte
	ss, se, ah, al int // spectral selection and successive approximation; sequential: 0, 63, 0, 0
}

// reset keeps only the memory of the tables.
func (p *parser) reset() {
	p.at, p.header, p.framed, p.scans = 0, Header{}, false, 0
	p.quantOK = [4]bool{}
	for class := range p.huff {
		for i := range p.huff[class] {
			p.huff[class][i].defined = false
		}
	}
}

func (p *parser) fail(format string, args ...any) *FormatError {
	return &FormatError{Reason: fmt.Sprintf(format, args...), Offset: p.at, Missing: 1}
}

// markers reads segments up to and including the next SOS, or up to EOI, and returns which of the two it met.
func (p *parser) markers() (byte, error) {
	if p.at == 0 {
		if start := p.in.at(0, 2); len(start) < 2 || start[0] != 0xFF || start[1] != markerSOI {
			return 0, p.fail("no start marker")
		}
		p.at = 2
	}
	for {
		marker := p.nextMarker()
		switch {
		case marker == 0:
			return 0, p.fail("ends without an end marker")
		case marker == markerEOI:
			return marker, nil
		case markerRST0 <= marker && marker <= markerRST7, marker == markerTEM, marker == markerSOI:
			continue
		}
		body, err := p.body()
		if err != nil {
			return 0, err
		}
		if err := p.segment(marker, body); err != nil {
			return 0, err
		}
		p.at += len(body)
		if marker == markerSOS {
			p.scans++
			return marker, nil
		}
	}
}

// nextMarker goes to just behind the next marker, over anything that is none; 0 means that there is no other.
func (p *parser) nextMarker() (marker byte) {
	marker, p.at = p.in.marker(p.at)
	return marker
}

// body returns the payload of the segment whose length field comes next, and goes to its first byte.
func (p *parser) body() ([]byte, error) {
	rest := p.in.at(p.at, 2)
	if len(rest) < 2 {
		return nil, p.fail("ends in a segment")
	}
	n := int(binary.BigEndian.Uint16(rest))
	if n < 2 {
		return nil, p.fail("segment of length %d", n)
	}
	if rest = p.in.at(p.at, n); n > len(rest) {
		return nil, p.fail("ends in a segment")
	}
	p.at += 2
	return rest[2:n], nil
}

func (p *parser) segment(marker byte, body []byte) error {
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2:
		return p.frame(marker, body)
	case markerDHT:
		return p.huffmanTables(body)
	case markerDQT:
		return p.quantTables(body)
	case markerDRI:
		if len(body) != 2 {
			return p.fail("restart interval segment of %d bytes", len(body))
		}
		p.header.RestartInterval = int(binary.BigEndian.Uint16(body))
		return nil
	case markerSOS:
		return p.scanStart(body)
	case markerDNL:
		return UnsupportedError("number of lines defined after the first scan (DNL)")
	case markerDAC:
		return UnsupportedError("arithmetic coding")
	case markerDHP, markerEXP:
		return UnsupportedError("hierarchical mode")
	}
	switch {
	case markerSOF9 <= marker && marker <= markerSOF15:
		return UnsupportedError("arithmetic coding")
	case markerSOF0 <= marker && marker < markerSOF9:
		return UnsupportedError("lossless or hierarchical mode")
	case markerAPP0 <= marker && marker <= markerAPP15, marker == markerCOM:
		p.application(marker, body)
	}
	return nil
}

// application records an APPn or COM segment, and what JFIF and Adobe say about colour.
func (p *parser) application(marker byte, body []byte) {
	if p.scans > 0 {
		return
	}
	p.header.Segments = append(p.header.Segments, Segment{marker, p.at, len(body)})
	switch {
	case marker == markerAPP0 && len(body) >= 14 && string(body[:5]) == "JFIF\x00":
		p.header.jfif = true
	case marker == markerAPP14 && len(body) >= 12 && string(body[:5]) == "Adobe":
		p.header.adobe, p.header.adobeTransform = true, body[11]
	}
}

// frame reads a frame header, T.81 B.2.2.
func (p *parser) frame(marker byte, body []byte) error {
	if p.framed {
		return p.fail("second frame header")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return p.fail("frame header of %d bytes", len(body))
	}
	if body[0] != 8 {
		return UnsupportedError(fmt.Sprintf("%d bits per sample", body[0]))
	}
	h := &p.header
	h.Height, h.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	n := int(body[5])
	switch {
	case h.Height == 0:
		return UnsupportedError("number of lines defined after the first scan (DNL)")
	case h.Width == 0 || n == 0:
		return p.fail("image of %d × %d pixels and %d components", h.Width, h.Height, n)
	case n > 4:
		return UnsupportedError(fmt.Sprintf("%d components", n))
	}
	h.Progressive = marker == markerSOF2
	h.Components = make([]Component, n)
	for i := range n {
		b := body[6+3*i:]
		c := Component{ID: b[0], H: int(b[1] >> 4), V: int(b[1] & 15), tq: b[2]}
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 || c.tq > 3 {
			return p.fail("component %d has sampling %d×%d and quantisation table %d", c.ID, c.H, c.V, c.tq)
		}
		for _, other := range h.Components[:i] {
			if other.ID == c.ID {
				return p.fail("two components are named %d", c.ID)
			}
		}
		h.Components[i] = c
	}
	if n == 1 { // the sampling factors of a lone component mean nothing
		h.Components[0].H, h.Components[0].V = 1, 1
	}
	p.framed = true
	return nil
}

// setColor decides on the colour model, once all markers before the first scan are known.
func (h *Header) setColor() {
	id := func(i int) byte { return h.Components[i].ID }
	switch len(h.Components) {
	case 1:
		h.Color = Gray
	case 2:
		h.Color = OtherColor
	case 3:
		h.Color = YCbCr
		if !h.jfif && (h.adobe && h.adobeTransform == 0 || !h.adobe && id(0) == 'R' && id(1) == 'G' && id(2) == 'B') {
			h.Color = RGB
		}
	case 4:
		h.Color = CMYK
		if h.adobe && h.adobeTransform != 0 {
			h.Color = YCCK
		}
		h.Inverted = h.adobe
	}
}
