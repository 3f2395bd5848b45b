package png

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
)

// inflater reads the zlib stream that the IDAT chunks hold (RFC 1950).
type inflater struct {
	chunks *chunks
	in     *bufio.Reader
	out    io.ReadCloser
	piece  []byte // what was read last
	sum    uint32 // Adler-32 of what was read
}

// readAhead is how much of a chunk is read at once. It is that of Go's zlib: whether garbage behind the stream is
// tolerated depends on it, see end.
const readAhead = 4096

// inflaterBytes bounds what an inflater for pieces of up to most bytes allocates: its window, tables and buffers.
func inflaterBytes(most int) int { return 32<<10 + 32<<10 + readAhead + most }

// start begins with the data of an IDAT chunk. Pieces of up to most bytes are going to be read.
func (z *inflater) start(c *chunks, most int) error {
	z.chunks, z.sum = c, 1
	grow(&z.piece, most)
	if z.in == nil {
		z.in = bufio.NewReaderSize(c, readAhead)
		z.out = flate.NewReader(z.in)
	} else {
		z.in.Reset(c)
		if err := z.out.(flate.Resetter).Reset(z.in, nil); err != nil {
			return err
		}
	}
	return z.head()
}

// head reads the stream's header, section 2.2.
func (z *inflater) head() error {
	var b [6]byte
	if _, err := io.ReadFull(z.in, b[:2]); err != nil {
		return z.fault(err)
	}
	if b[0]&15 != 8 || b[0]>>4 > 7 || (uint(b[0])<<8|uint(b[1]))%31 != 0 {
		return damaged("its data is not compressed with deflate")
	}
	if b[1]&0x20 == 0 {
		return nil
	}
	if _, err := io.ReadFull(z.in, b[2:]); err != nil {
		return z.fault(err)
	}
	if [4]byte(b[2:]) != [4]byte{3: 1} { // that is the sum of an empty one
		return damaged("its data needs a dictionary")
	}
	return nil
}

// read returns the next n bytes, which are valid until the next call.
func (z *inflater) read(n int) ([]byte, error) {
	for at := 0; at < n; at += pace {
		p := z.piece[at:min(at+pace, n)]
		if _, err := io.ReadFull(z.out, p); err != nil {
			return nil, z.fault(err)
		}
		z.sum = adler32(z.sum, p)
		if err := z.chunks.tick(len(p)); err != nil {
			return nil, err
		}
	}
	return z.piece[:n], nil
}

// end checks that the stream has no more data and matches its checksum, and that nothing is left in the chunk that was not
// read along with the stream's last bytes.
func (z *inflater) end() error {
	var b [4]byte
	switch n, err := io.ReadFull(z.out, b[:1]); {
	case n > 0:
		return damaged("too much image data")
	case err != io.EOF:
		return z.fault(err)
	}
	if _, err := io.ReadFull(z.in, b[:]); err != nil {
		return z.fault(err)
	}
	if sum := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]); sum != z.sum {
		return damaged("its data does not match its checksum")
	}
	if c := z.chunks; c.left != 0 {
		if c.pos == len(c.src) {
			return truncated()
		}
		return damaged("too much image data")
	}
	return nil
}

// fault is the error that err of the readers amounts to.
func (z *inflater) fault(err error) error {
	switch {
	case err == nil:
		return nil
	case z.chunks.err != nil:
		return z.chunks.err
	}
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		return damaged("its compressed data is damaged")
	}
	return damaged("too little image data")
}
