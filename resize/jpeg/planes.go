package jpeg

import (
	"cmp"
	"errors"
	"io"
	"sync"
)

// decoders are kept for their memory.
var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// release gives d back to decoders, without the source.
func (d *Decoder) release() {
	d.in = input{buffer: d.in.buffer}
	d.opts = Options{}
	decoders.Put(d)
}

// Using lends a Decoder of src, in memory that may have served others, to use, and returns its error.
func Using(src []byte, opts Options, use func(*Decoder) error) error {
	d := decoders.Get().(*Decoder)
	defer d.release()
	if err := d.Reset(src, opts); err != nil {
		return err
	}
	return use(d)
}

// UsingFile is Using for a file of that size, of which only a window is in memory at a time. An error in reading it comes before what
// became of the image.
func UsingFile(from io.ReaderAt, size int64, opts Options, use func(*Decoder) error) error {
	d := decoders.Get().(*Decoder)
	defer d.release()
	d.in.read(from, size)
	err := d.reset(opts)
	if err == nil {
		err = use(d)
	}
	return cmp.Or(d.in.err, err)
}

// DecodePlanes decodes a whole image into one plane a component. Of a damaged image it returns what it could decode,
// the rest being grey, and a *FormatError.
func DecodePlanes(src []byte, opts Options) ([]Plane, error) {
	var all []Plane
	err := Using(src, opts, func(d *Decoder) (err error) {
		all, err = d.planes()
		return err
	})
	return all, err
}

func (d *Decoder) planes() ([]Plane, error) {
	all := d.Layout()
	for i := range all {
		all[i].Stride = all[i].Width
		all[i].Pix = make([]byte, all[i].Width*all[i].Height)
	}
	rows := make([]int, len(all)) // decoded, of each plane
	for {
		band, err := d.Next()
		for i, b := range band {
			rows[i] = b.Top + b.Height
			for y := range b.Height {
				copy(all[i].Pix[(b.Top+y)*all[i].Stride:][:b.Width], b.Pix[y*b.Stride:])
			}
		}
		if err == nil {
			continue
		}
		for i := range all {
			fillGrey(all[i].Pix[rows[i]*all[i].Stride:])
		}
		if damage := (*FormatError)(nil); err != io.EOF && !errors.As(err, &damage) {
			return nil, err
		} else if err == io.EOF {
			err = nil
		}
		return all, err
	}
}
