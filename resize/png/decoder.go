package png

import (
	"errors"
	"io"
	"math"
	"sync"
)

// Decoder decodes one image, row by row.
type Decoder struct {
	chunks chunks
	header Header
	table  [256][4]byte // colours of a palette, or of grey of up to 8 bits with a transparent one
	key    []byte       // the transparent colour, as pixels of the file have it

	inflater  inflater
	cur, prev []byte // rows of samples as they are in the file
	narrow    []byte // a row of samples, a byte each
	out       []byte // a row of output pixels
	picture   []byte // all output pixels of an interlaced image

	row     int // the next that Next returns
	decoded int // pixels
	err     error
}

// decoders are kept for their memory.
var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// NewDecoder reads src up to its first pixel. The Decoder reads from src until its end.
func NewDecoder(src []byte, o Options) (*Decoder, error) {
	d := decoders.Get().(*Decoder)
	if err := d.reset(src, o); err != nil {
		d.Release()
		return nil, err
	}
	return d, nil
}

// reset begins a new image.
func (d *Decoder) reset(src []byte, o Options) error {
	d.chunks, d.header, d.key = chunks{src: src, check: o.Check}, Header{}, d.key[:0]
	d.row, d.decoded, d.err = -1, 0, nil
	return d.readHeader()
}

// Release gives the Decoder's memory to Decoders to come, but for a whole interlaced picture. Neither d nor its last row may be
// used any more.
func (d *Decoder) Release() {
	d.chunks, d.picture = chunks{}, nil
	decoders.Put(d)
}

// Header describes the image.
func (d *Decoder) Header() Header { return d.header }

// Channels is how many bytes a pixel has in the rows of Next: 1, grey, or 4, red, green, blue and alpha, not premultiplied.
func (d *Decoder) Channels() int {
	if d.header.Gray && !d.header.Alpha {
		return 1
	}
	return 4
}

// Memory is an upper bound of the bytes that Next allocates, whatever src holds. It is known before anything of it is allocated.
func (d *Decoder) Memory() int64 {
	h := &d.header
	row := float64(2*d.rowBytes(h.Width)+inflaterBytes(1+d.rowBytes(h.Width))) + float64(h.Width)*float64(d.Channels()+h.Color.samples())
	if h.Interlaced {
		row += float64(h.Width) * float64(h.Height) * float64(d.Channels())
	}
	return int64(min(row+64<<10, math.MaxInt64/2)) // allocations come in pages
}

// rowBytes is the size of a row of so many pixels, in the file, without its filter's number.
func (d *Decoder) rowBytes(width int) int {
	return (width*d.header.Depth*d.header.Color.samples() + 7) / 8
}

// Next returns the next row, 8 bits a sample, Channels a pixel. It is valid, and not to be written to, until the next call. After the
// last row the error is io.EOF, if what follows it in the file is as it should be. Of a damaged image those rows come that
// precede the damage, of an interlaced one none, and then a *FormatError.
func (d *Decoder) Next() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	row, err := d.next()
	if damage, is := errors.AsType[*FormatError](err); is {
		damage.Missing = 1 - float64(d.decoded)/(float64(d.header.Width)*float64(d.header.Height))
	}
	d.err = err
	return row, err
}

func (d *Decoder) next() ([]byte, error) {
	h := &d.header
	if d.row < 0 {
		if err := d.begin(); err != nil {
			return nil, err
		}
	}
	switch {
	case d.row == h.Height:
		if h.Interlaced {
			return nil, io.EOF
		}
		return nil, d.end()
	case h.Interlaced:
		stride := h.Width * d.Channels()
		d.row++
		return d.picture[(d.row-1)*stride:][:stride], nil
	}
	if err := d.readRow(h.Width); err != nil {
		return nil, err
	}
	d.row++
	return d.convert(d.out, d.cur, h.Width), nil
}

// begin makes room and starts with the pixels.
func (d *Decoder) begin() error {
	d.row = 0
	size := d.rowBytes(d.header.Width)
	if size/maxRatio > len(d.chunks.src) {
		return d.lacking()
	}
	if err := d.inflater.start(&d.chunks, 1+size); err != nil {
		return err
	}
	grow(&d.cur, size)
	grow(&d.prev, size)
	grow(&d.narrow, d.header.Color.samples()*d.header.Width)
	grow(&d.out, d.Channels()*d.header.Width)
	if d.header.Interlaced {
		return d.interlaced()
	}
	clear(d.cur)
	return nil
}

// lacking reads an image of which not even the first row can be there, without room for that, to say why.
func (d *Decoder) lacking() error {
	err := d.inflater.start(&d.chunks, 1)
	for err == nil {
		_, err = d.inflater.read(1)
	}
	return err
}

// maxRatio is the most that deflate can compress: 258 bytes in 2 bits.
const maxRatio = 1032

func grow(p *[]byte, n int) {
	if cap(*p) < n {
		*p = make([]byte, n)
	}
	*p = (*p)[:n]
}

// readRow reads a row of so many pixels into cur. Its predecessor is in cur before, and zeros are before the first.
func (d *Decoder) readRow(width int) error {
	size := d.rowBytes(width)
	raw, err := d.inflater.read(1 + size)
	if err != nil {
		return err
	}
	d.cur, d.prev = d.prev, d.cur
	if !unfilter(raw[0], d.cur[:size], raw[1:], d.prev, (d.header.Depth*d.header.Color.samples()+7)/8) {
		return damaged("a row's filter is of type %d", raw[0])
	}
	d.decoded += width
	return nil
}

// end reads what follows the pixels, up to the end marker.
func (d *Decoder) end() error {
	c := &d.chunks
	if err := d.inflater.end(); err != nil {
		return err
	}
	if err := c.verify(); err != nil {
		return err
	}
	for {
		if err := c.next(); err != nil {
			return err
		}
		switch {
		case c.kind == "IEND" && c.left != 0:
			return damaged("an end marker of %d bytes", c.left)
		case c.kind == "IHDR", c.kind == "PLTE", c.kind == "tRNS":
			return disordered(c.kind)
		case c.left > math.MaxInt32:
			return damaged("a chunk of %d bytes", c.left)
		}
		if _, err := c.data(); err != nil {
			return err
		}
		if c.kind == "IEND" {
			return io.EOF
		}
	}
}
