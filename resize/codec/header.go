package codec

import (
	"errors"
	"fmt"
	"io"

	"pixmill/resize/meta"
)

var (
	errEnd     = errors.New("end of file") // before the bytes that were asked for
	errTooMany = errors.New("its headers are in too many pieces")
)

// Header reads a file's headers by pages, and not too many of them: however a hostile file is made, walking it costs one page of
// memory and a bounded number of reads.
type Header struct {
	r     io.ReaderAt
	size  int64
	page  []byte
	start int64 // of the page in the file
	n     int   // bytes of the page that are there
	loads int   // pages that may still be read
	looks int   // calls of at that may still be made

	places meta.Places // of metadata that were passed
	colour declared
}

const (
	smallPage = 4 << 10  // for formats whose headers are jumped along
	largePage = 64 << 10 // for GIF, whose blocks of 255 bytes have to be walked one by one
	maxLoads  = 1 << 14  // 64 MB of small pages, 1 GB of large ones
	maxLooks  = 1 << 24  // 4 GB of GIF blocks of the usual length; a quarter of a second
)

// NewHeader reads from a file of that many bytes.
func NewHeader(r io.ReaderAt, size int64) *Header {
	return &Header{r: r, size: size, page: make([]byte, smallPage), loads: maxLoads, looks: maxLooks}
}

// largePages makes the following reads take more at once.
func (h *Header) largePages() {
	h.page = make([]byte, largePage)
	h.n = 0
}

// at returns n ≤ smallPage bytes from offset off on, valid until the next call; errEnd when the file has fewer.
func (h *Header) at(off int64, n int) ([]byte, error) {
	if off < 0 || off > h.size-int64(n) {
		return nil, errEnd
	}
	if h.looks--; h.looks < 0 {
		return nil, errTooMany
	}
	if off < h.start || off+int64(n) > h.start+int64(h.n) {
		if err := h.load(off, n); err != nil {
			return nil, err
		}
	}
	i := int(off - h.start)
	return h.page[i : i+n : i+n], nil
}

func (h *Header) load(off int64, need int) error {
	if h.loads--; h.loads < 0 {
		return errTooMany
	}
	h.start = off
	var err error
	if h.n, err = h.r.ReadAt(h.page, off); h.n < need {
		if err == nil || errors.Is(err, io.EOF) {
			return errEnd
		}
		return fmt.Errorf("cannot be read: %w", err)
	}
	return nil
}

// section is a part of the file for a parser that is not ours.
func (h *Header) section(off, n int64) *io.SectionReader {
	return io.NewSectionReader(h.r, off, max(0, min(n, h.size-off)))
}

// budgeted is the file for a library's DecodeConfig, which may read so much of it and no more.
func (h *Header) budgeted() *budget {
	return &budget{SectionReader: h.section(0, h.size), left: 4 << 20}
}

type budget struct {
	*io.SectionReader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooMany
	}
	return b.SectionReader.Read(p)
}

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooMany
	}
	return b.SectionReader.ReadAt(p, off)
}

// headerError is what a failed walk of the headers means.
func headerError(format string, err error) error {
	switch {
	case errors.Is(err, errEnd):
		return &FormatError{Format: format, Truncated: true}
	case errors.Is(err, errTooMany):
		return damaged(format, "%v", err)
	}
	return err
}
