package jpeg

import (
	"errors"
	"fmt"
	"sync"
)

// Encoding goes the other way:
//
//	planes, or pixels (encode_color.go) ─ rows of blocks (encode_blocks.go), transformed and quantized in pairs
//	    (encode_fdct.go) ─ kept as symbols and extra bits, and counted (encode_symbols.go) ─ Huffman tables for these
//	    counts (encode_huffman.go) ─ bits (encode_bits.go) ─ behind the markers (encode_header.go)
//
// A progressive image keeps the quantized coefficients instead, and makes symbols of them once a scan
// (encode_progressive.go). All of it is libjpeg-turbo's arithmetic: `cjpeg -optimize -dct int -baseline` writes the same
// bytes from the same pixels. Of a sequential image about half a byte to a byte a pixel is kept, at quality 80.

// Sampling says how many samples of chroma there are.
type Sampling uint8

// The samplings. Of planes, those of chroma have their sizes rounded up.
const (
	S420  Sampling = iota // half the width, half the height
	S422                  // half the width
	S444                  // as many as of luma
	SGray                 // none
)

// factors are the sampling factors of luma; those of chroma are 1.
func (s Sampling) factors() (h, v int) {
	switch s {
	case S420:
		return 2, 2
	case S422:
		return 2, 1
	}
	return 1, 1
}

// EncodeOptions for encoding. The zero value is quality 80, 4:2:0, sequential, with Huffman tables made for the image.
type EncodeOptions struct {
	Quality     int // 1 … 100, as libjpeg scales it; 0 means 80
	Sampling    Sampling
	Effort      Effort
	Progressive bool      // Small is free to be progressive, if this is not set
	FastTables  bool      // the Huffman tables of T.81 annex K, in one pass: faster, and larger by some percent
	Segments    []Payload // to write after the JFIF header

	whole bool // all blocks are kept
}

// check fills in defaults.
func (o *EncodeOptions) check() error {
	if o.Quality == 0 {
		o.Quality = 80
	}
	switch {
	case o.Quality < 1 || o.Quality > 100:
		return fmt.Errorf("JPEG quality %d is not within 1 … 100", o.Quality)
	case o.Sampling > SGray:
		return fmt.Errorf("unknown JPEG sampling %d", o.Sampling)
	case o.Effort > Small:
		return fmt.Errorf("unknown JPEG effort %d", o.Effort)
	case o.Effort > Fast && o.FastTables:
		return errors.New("a JPEG of the standard's tables takes no effort")
	case o.Progressive && o.FastTables:
		return errors.New("a progressive JPEG needs tables made for it")
	}
	return checkPayloads(o.Segments)
}

// maxSize is the most samples that a JPEG image may be wide or high.
const maxSize = 65535

// Encode appends a JPEG image of whole planes to dst: Y, Cb and Cr, or Y alone with SGray. A lone plane is encoded as
// grey whatever the sampling. On an error it returns dst as it was.
func Encode(dst []byte, planes []Plane, o EncodeOptions) ([]byte, error) {
	if len(planes) == 1 {
		o.Sampling = SGray
	}
	if err := o.check(); err != nil {
		return dst, err
	}
	if err := checkPlanes(planes, o.Sampling); err != nil {
		return dst, err
	}
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	return e.planes(dst, planes, &o), nil
}

func (e *encoder) planes(dst []byte, planes []Plane, o *EncodeOptions) []byte {
	e.start(planes[0].Width, planes[0].Height, o)
	for row := range e.mcusHigh {
		e.encodeRow(row, planes)
	}
	return append(dst, e.finish()...)
}

// encodeRow takes a row of MCUs from planes.
func (e *encoder) encodeRow(row int, planes []Plane) {
	for i := range e.components {
		e.components[i].transformRow(row, &planes[i])
	}
	if e.effort > Fast {
		e.optimizeRow(row)
	}
	if !e.progressive {
		e.mcuRow(row)
	}
}

func checkPlanes(planes []Plane, s Sampling) error {
	want := 3
	if s == SGray {
		want = 1
	}
	if len(planes) != want {
		return fmt.Errorf("%d planes for a JPEG image of %d components", len(planes), want)
	}
	width, height := planes[0].Width, planes[0].Height
	if err := checkSize(width, height); err != nil {
		return err
	}
	h, v := s.factors()
	for i, p := range planes {
		if i > 0 && (p.Width != ceil(width, h) || p.Height != ceil(height, v)) {
			return fmt.Errorf("plane %d is %d × %d samples, not %d × %d", i, p.Width, p.Height, ceil(width, h), ceil(height, v))
		}
		if p.Top != 0 || p.Stride < p.Width || len(p.Pix) < (p.Height-1)*p.Stride+p.Width {
			return fmt.Errorf("plane %d is not whole", i)
		}
	}
	return nil
}

func checkSize(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return errors.New("empty image")
	case width > maxSize || height > maxSize:
		return fmt.Errorf("image of %d × %d pixels is too large for JPEG", width, height)
	}
	return nil
}

// encoders are kept for their memory.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encoder encodes one image.
type encoder struct {
	width, height      int
	mcusWide, mcusHigh int
	fast               bool // tables are known, and nothing is kept
	progressive        bool // coefficients are kept, not entries
	effort             Effort

	quantizers [2]quantizer
	components []encoderComponent
	store      [3]encoderComponent // of components

	entries     []uint16 // all there are, or those of a row of MCUs
	used        int
	frequencies [2]frequencies
	dc, ac      [2]huffmanSpec
	dcCodes     [2]codes
	acCodes     [2]codes
	sink        bitSink
	color       colorStrip
	scan        scanItems // progressive only

	steps   [2]stepTable // effort above Fast only, down to here
	costs   [2]symbolCosts
	trellis trellis
	script  []pass
	tried   []trial
}

// tables is how many Huffman tables of each class there are.
func (e *encoder) tables() int { return min(len(e.components), 2) }

// shape is an image's size, and how many samples of luma there are for one of chroma.
type shape struct{ width, height, h, v int }

// start makes everything ready for an image, and writes its header.
func (e *encoder) start(width, height int, o *EncodeOptions) {
	h, v := o.Sampling.factors()
	e.startShape(shape{width, height, h, v}, o, func() { e.setTables(o.Quality) })
}

// startShape lets setTables make the quantization tables.
func (e *encoder) startShape(s shape, o *EncodeOptions, setTables func()) {
	e.width, e.height, e.fast, e.effort = s.width, s.height, o.FastTables, o.Effort
	e.progressive = o.Progressive || o.Effort == Small
	e.mcusWide, e.mcusHigh = ceil(s.width, 8*s.h), ceil(s.height, 8*s.v)
	e.components = e.store[:3]
	if o.Sampling == SGray {
		e.components = e.store[:1]
	}
	setTables()
	for i := range e.components {
		c := &e.components[i]
		if i == 0 {
			c.h, c.v, c.table = s.h, s.v, 0
			c.blocksWide, c.blocksHigh = ceil(s.width, 8), ceil(s.height, 8)
		} else {
			c.h, c.v, c.table = 1, 1, 1
			c.blocksWide, c.blocksHigh = ceil(s.width, 8*s.h), ceil(s.height, 8*s.v)
		}
		if c.quantizer = &e.quantizers[c.table]; e.effort > Fast {
			c.quantizer = &identity
		}
		c.paddedWide = (e.mcusWide*c.h + 1) &^ 1
		c.pred, c.rowStep = 0, 0
		rows := c.v // of pairs
		if e.progressive || o.whole {
			c.rowStep = c.v
			rows *= e.mcusHigh
		}
		c.pairs = grow(c.pairs, c.paddedWide/2*rows)
	}
	e.used = 0
	for i := range e.frequencies {
		e.frequencies[i] = frequencies{}
	}
	e.sink.out = e.header(e.sink.out[:0], o)
	if e.fast {
		for i := range e.tables() {
			e.dc[i], e.ac[i] = standardTables[i].dc, standardTables[i].ac
			e.dc[i].codes(&e.dcCodes[i])
			e.ac[i].codes(&e.acCodes[i])
		}
		e.sink.out = e.sequentialScan(e.sink.out)
	}
}

// finish writes what was kept, and the end. It returns the file, in e's memory.
func (e *encoder) finish() []byte {
	switch {
	case e.progressive:
		e.writeScans()
	case !e.fast:
		for i := range e.tables() {
			e.dc[i].optimise(&e.frequencies[i].dc)
			e.ac[i].optimise(&e.frequencies[i].ac)
			e.dc[i].codes(&e.dcCodes[i])
			e.ac[i].codes(&e.acCodes[i])
		}
		e.sink.out = e.sequentialScan(e.sink.out)
		e.write(e.mcusHigh)
	}
	e.sink.finish()
	e.sink.out = append(e.sink.out, 0xFF, markerEOI)
	return e.sink.out
}
