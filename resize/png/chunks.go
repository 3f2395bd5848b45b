package png

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// chunks walks over the chunks of a file, sections 5.2 and 5.3. Within IDAT chunks it is an io.Reader of their joined data.
type chunks struct {
	src  []byte
	pos  int    // of the next byte
	kind string // of the chunk that pos is in
	left uint32 // bytes of its data that were not read yet
	crc  uint32 // of its kind and of the data that was read
	err  error  // the first one of Read

	check func() error // Options.Check
	work  int          // bytes read and inflated since it was called
}

// kinds are the chunks that have a meaning here.
var kinds = map[string]string{"IHDR": "IHDR", "PLTE": "PLTE", "tRNS": "tRNS", "IDAT": "IDAT", "IEND": "IEND"}

func damaged(format string, args ...any) *FormatError {
	return &FormatError{Reason: fmt.Sprintf(format, args...), Missing: 1}
}

func truncated() *FormatError {
	return &FormatError{Reason: "the file ends before the image does", Truncated: true, Missing: 1}
}

// take returns the next n bytes.
func (c *chunks) take(n int) ([]byte, error) {
	if n > len(c.src)-c.pos {
		c.pos = len(c.src)
		return nil, truncated()
	}
	c.pos += n
	return c.src[c.pos-n : c.pos], nil
}

// signature reads what every PNG file begins with.
func (c *chunks) signature() error {
	const want = "\x89PNG\r\n\x1a\n"
	if got := string(c.src[:min(len(c.src), len(want))]); got != want[:len(got)] {
		return damaged("it has no PNG signature")
	}
	_, err := c.take(len(want))
	return err
}

// next goes to the next chunk. All data of the one before was read, and its checksum.
func (c *chunks) next() error {
	head, err := c.take(8)
	if err != nil {
		return err
	}
	c.left = binary.BigEndian.Uint32(head)
	c.kind = kinds[string(head[4:])]
	c.crc = crc32.ChecksumIEEE(head[4:])
	return nil
}

// data reads the rest of the chunk, and its checksum.
func (c *chunks) data() ([]byte, error) {
	if uint64(c.left) > uint64(len(c.src)-c.pos) {
		c.pos = len(c.src)
		return nil, truncated()
	}
	data, err := c.take(int(c.left))
	if err != nil {
		return nil, err
	}
	c.left, c.crc = 0, crc32.Update(c.crc, crc32.IEEETable, data)
	return data, c.verify()
}

// verify reads the checksum behind a chunk's data.
func (c *chunks) verify() error {
	sum, err := c.take(4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(sum) != c.crc {
		return damaged("a chunk's checksum does not match")
	}
	return nil
}

// Read reads from this IDAT chunk, or from the next one, and never from two at once.
func (c *chunks) Read(p []byte) (n int, err error) {
	if c.err == nil {
		n, c.err = c.read(p)
	}
	return n, c.err
}

func (c *chunks) read(p []byte) (int, error) {
	for c.left == 0 {
		if err := c.verify(); err != nil {
			return 0, err
		}
		if err := c.next(); err != nil {
			return 0, err
		}
		if c.kind != "IDAT" {
			return 0, damaged("too little image data")
		}
	}
	rest := c.src[c.pos:]
	if len(rest) == 0 {
		return 0, truncated()
	}
	n := copy(p, rest[:min(uint64(len(rest)), uint64(c.left))])
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	c.pos += n
	c.left -= uint32(n)
	return n, c.tick(n)
}

// pace is the work between two calls of Options.Check, in bytes.
const pace = 64 << 10

// tick counts n bytes of work.
func (c *chunks) tick(n int) error {
	c.work += n
	if c.work < pace || c.check == nil {
		return nil
	}
	c.work = 0
	return c.check()
}
