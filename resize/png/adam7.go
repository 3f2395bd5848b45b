package png

import "io"

// pass is a part of an interlaced image: every dx-th pixel from x on of every dy-th row from y on, section 8.2.
type pass struct{ x, y, dx, dy int }

var adam7 = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

// interlaced reads all passes, and what follows them.
func (d *Decoder) interlaced() error {
	h := &d.header
	if d.possible() {
		d.picture = make([]byte, d.Channels()*h.Width*h.Height)
	}
	for _, p := range adam7 {
		width, height := (h.Width-p.x+p.dx-1)/p.dx, (h.Height-p.y+p.dy-1)/p.dy
		if width == 0 {
			continue
		}
		clear(d.cur)
		for y := range height {
			if err := d.readRow(width); err != nil {
				return err
			}
			d.scatter(d.convert(d.out, d.cur, width), p, p.y+y*p.dy)
		}
	}
	if err := d.end(); err != io.EOF {
		return err
	}
	return nil
}

// possible tells whether so few bytes as the file has can hold all of its pixels: it keeps a lying header from claiming
// memory.
func (d *Decoder) possible() bool {
	h := &d.header
	return float64(d.rowBytes(h.Width))*float64(h.Height)/maxRatio <= float64(len(d.chunks.src))
}

// scatter puts a row of a pass to its places in the picture.
func (d *Decoder) scatter(row []byte, p pass, y int) {
	if d.picture == nil {
		return
	}
	n := d.Channels()
	dst := d.picture[(y*d.header.Width+p.x)*n:]
	switch {
	case p.dx == 1:
		copy(dst, row)
	case n == 1:
		for i, v := range row {
			dst[i*p.dx] = v
		}
	default:
		for i := 0; i < len(row); i += 4 {
			*(*[4]byte)(dst[i*p.dx:]) = [4]byte(row[i:])
		}
	}
}
