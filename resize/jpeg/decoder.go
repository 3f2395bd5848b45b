package jpeg

import (
	"fmt"
	"io"
)

// Plane is a part of the samples of one component: Height rows of Width samples, the first of which is row Top of
// the component. Row y is Pix[(y-Top)*Stride:][:Width]; what lies between Width and Stride means nothing.
type Plane struct {
	Pix           []byte
	Stride        int
	Width, Height int
	Top           int
}

// Decoder decodes one image, band by band. Reset makes it decode another one in the same memory.
type Decoder struct {
	opts       Options
	in         input
	parser     parser
	bits       bitstream
	blocks     []coefficients // of one MCU, all zero between two of them
	components []component
	mcusWide   int // of an interleaved scan
	mcusHigh   int
	smallest   int // size of the inverse DCT of the component with the most samples: 8 / Scale
	maxH, maxV int

	state  state
	row    int // of MCUs: the next that Next returns
	scan   scan
	units  []unit // of the MCUs of the scan
	damage *FormatError
	bands  []Plane
}

// state is how Next gets its next band.
type state uint8

const (
	atStart    state = iota
	streaming        // from the only scan
	planes           // from whole planes: sequential, in several scans
	transforms       // from stored coefficients: progressive
	finished
)

// component is one component of the frame, and where its samples go.
type component struct {
	Component
	size          int // of its inverse DCT: 8, 4, 2 or 1
	by            *reduction
	width, height int // in samples, at the scale
	blocksWide    int // that hold image
	blocksHigh    int
	paddedWide    int // of whole MCUs
	paddedHigh    int
	pix           []byte // a band, or all of them
	stride        int
	quant         [64]int16   // in the order of idct.go
	latched       bool        // quant is set, by the component's first scan
	pred          int32       // of the next DC coefficient
	stored                    // progressive images only
	known         [64]float64 // share of the blocks whose k-th coefficient was decoded to its last bit
}

// NewDecoder reads the header of src. The Decoder reads from src until its end.
func NewDecoder(src []byte, opts Options) (*Decoder, error) {
	d := new(Decoder)
	return d, d.Reset(src, opts)
}

// Reset begins a new image.
func (d *Decoder) Reset(src []byte, opts Options) error {
	d.in.hold(src)
	return d.reset(opts)
}

func (d *Decoder) reset(opts Options) error {
	if opts.Scale == 0 {
		opts.Scale = 1
	}
	d.opts, d.state, d.row, d.damage = opts, finished, 0, nil
	if opts.Scale != 1 && opts.Scale != 2 && opts.Scale != 4 && opts.Scale != 8 {
		return fmt.Errorf("JPEG can't be decoded at 1/%d: only at 1/1, 1/2, 1/4 and 1/8", opts.Scale)
	}
	d.parser.in = &d.in
	d.parser.reset()
	marker, err := d.parser.markers()
	if err != nil {
		return err
	}
	if marker != markerSOS {
		return d.parser.fail("no image data")
	}
	d.layout()
	d.state = atStart
	return nil
}

// Header describes the image. It is valid until the next Reset.
func (d *Decoder) Header() *Header { return &d.parser.header }

// Size is the size of the decoded image.
func (d *Decoder) Size() (width, height int) {
	h := &d.parser.header
	return ceil(h.Width*d.smallest, 8), ceil(h.Height*d.smallest, 8)
}

// Layout returns the whole planes of the image, one a component, without their samples and stride.
func (d *Decoder) Layout() []Plane {
	all := make([]Plane, len(d.components))
	for i := range d.components {
		all[i].Width, all[i].Height = d.components[i].width, d.components[i].height
	}
	return all
}

// Pitch is how far apart the samples of a component lie, in pixels of the image at full size.
func (d *Decoder) Pitch(component int) (x, y float64) {
	c := &d.components[component]
	return 8 * float64(d.maxH) / float64(c.H*c.size), 8 * float64(d.maxV) / float64(c.V*c.size)
}

// Memory is an upper bound of the bytes that Next allocates for samples, coefficients and tables, whatever src holds.
// It is known before anything of it is allocated.
func (d *Decoder) Memory() int64 {
	h := &d.parser.header
	bands, blocks := int64(1), int64(0)
	if !h.Progressive && d.parser.scan.n < len(d.components) {
		bands = int64(d.mcusHigh)
	}
	total := int64(0)
	for i := range d.components {
		c := &d.components[i]
		blocks += int64(c.H * c.V)
		total += bands * int64(c.V*c.size*c.stride)
		if h.Progressive {
			each := 2 // dc
			if c.size > 1 {
				each += 2*c.by.perBlock + 8 // coefs, nonzero
			}
			total += int64(each) * int64(c.paddedWide) * int64(c.paddedHigh)
		}
	}
	if d.in.from != nil {
		total += windowSize
	}
	return total + bufferSize + blocks*(blockBytes+1024) + 64<<10 // allocations come in pages
}

// layout computes the geometry of the components, T.81 A.1 and A.2, at the scale.
func (d *Decoder) layout() {
	h := &d.parser.header
	d.smallest, d.maxH, d.maxV = 8/d.opts.Scale, 1, 1
	for _, c := range h.Components {
		d.maxH, d.maxV = max(d.maxH, c.H), max(d.maxV, c.V)
	}
	d.mcusWide, d.mcusHigh = ceil(h.Width, 8*d.maxH), ceil(h.Height, 8*d.maxV)
	if cap(d.components) < len(h.Components) {
		d.components = make([]component, 4)
	}
	d.components = d.components[:len(h.Components)]
	for i := range d.components {
		c := &d.components[i]
		c.Component, c.latched, c.pred = h.Components[i], false, 0
		c.known = [64]float64{}
		c.size = d.smallest
		for c.size < 8 && d.maxH*d.smallest%(c.H*c.size*2) == 0 && d.maxV*d.smallest%(c.V*c.size*2) == 0 {
			c.size *= 2
		}
		c.by = reductions[c.size]
		if d.opts.Lowpass {
			c.by = lowpass[c.size]
		}
		c.width, c.height = ceil(h.Width*c.H*c.size, d.maxH*8), ceil(h.Height*c.V*c.size, d.maxV*8)
		c.blocksWide, c.blocksHigh = ceil(h.Width*c.H, d.maxH*8), ceil(h.Height*c.V, d.maxV*8)
		c.paddedWide, c.paddedHigh = d.mcusWide*c.H, d.mcusHigh*c.V
		c.stride = ceil(c.paddedWide*c.size, 32) * 32
	}
}

func ceil(a, b int) int { return (a + b - 1) / b }

// Next returns the next band of the image: all the rows of samples of one row of MCUs, one plane a component. It is
// valid until the next call. After the last band the error is io.EOF. Of a damaged image all bands come that hold
// anything (what is missing in them is grey), and then a *FormatError that says how much is missing.
func (d *Decoder) Next() ([]Plane, error) {
	if d.state == atStart {
		if err := d.begin(); err != nil {
			d.state = finished
			return nil, err
		}
	}
	if d.state == finished || d.row == d.mcusHigh {
		return nil, d.end()
	}
	top := d.row // of the band in the components' memory, in MCU rows
	switch d.state {
	case streaming:
		top = 0
		if more, err := d.sequentialRow(d.row, true); err != nil {
			d.state = finished
			return nil, err
		} else if !more {
			return nil, d.end()
		}
	case transforms:
		top = 0
		if err := d.check(); err != nil {
			d.state = finished
			return nil, err
		}
		d.transformRow()
	}
	d.bands = d.bands[:0]
	for i := range d.components {
		c := &d.components[i]
		rows := c.V * c.size
		d.bands = append(d.bands, Plane{
			Pix: c.pix[top*rows*c.stride:][:rows*c.stride], Stride: c.stride,
			Width: c.width, Height: min(rows, c.height-d.row*rows), Top: d.row * rows,
		})
	}
	d.row++
	return d.bands, nil
}

// begin decides how the image is to be decoded, and reads all of it unless it streams.
func (d *Decoder) begin() error {
	h := &d.parser.header
	switch {
	case h.Progressive:
		d.allocate(1)
		d.allocateStored()
		d.state = transforms
		return d.progressiveScans()
	case d.parser.scan.n == len(d.components):
		d.allocate(1)
		d.state = streaming
		return d.startScan()
	}
	d.allocate(d.mcusHigh)
	for i := range d.components {
		fillGrey(d.components[i].pix)
	}
	d.state = planes
	return d.sequentialScans()
}

// allocate makes room for a number of bands.
func (d *Decoder) allocate(bands int) {
	for i := range d.components {
		c := &d.components[i]
		size := bands * c.V * c.size * c.stride
		if cap(c.pix) < size {
			c.pix = make([]byte, size)
		}
		c.pix = c.pix[:size]
	}
}

func fillGrey(pix []byte) {
	for i := range pix {
		pix[i] = 128
	}
}

// end is the error of Next when there are no more bands.
func (d *Decoder) end() error {
	if d.state == streaming {
		d.scan.lost += d.scan.wide * (d.scan.high - d.row)
		d.endScan()
		d.trailer()
	}
	d.state = finished
	if d.damage == nil {
		return io.EOF
	}
	d.damage.Missing = d.missing()
	return d.damage
}

// trailer looks for the end marker behind the only scan.
func (d *Decoder) trailer() {
	for d.damage == nil {
		switch d.parser.nextMarker() {
		case markerEOI:
			return
		case 0:
			d.damaged("ends without an end marker")
			return
		}
	}
}

// damaged notes the first damage.
func (d *Decoder) damaged(format string, args ...any) {
	if d.damage == nil {
		d.damage = d.parser.fail(format, args...)
	}
}

func (d *Decoder) check() error {
	if d.opts.Check == nil {
		return nil
	}
	return d.opts.Check()
}
