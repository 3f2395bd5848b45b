package jpeg

import (
	"bytes"
	"errors"
	"io"
)

// windowSize is what is read of a file at once. A segment fits.
const windowSize = 128 << 10

// input is a file's bytes: all of them, or a window that goes along with who reads, so that a large file need not be in memory.
type input struct {
	size   int
	window []byte // the bytes from base on
	base   int
	from   io.ReaderAt // nil: the window is all there is
	buffer []byte      // of windows
	err    error       // of from: what is behind the window counts as missing
}

// hold makes src the input; read makes it a file of that size.
func (in *input) hold(src []byte) {
	*in = input{size: len(src), window: src, buffer: in.buffer}
}

func (in *input) read(from io.ReaderAt, size int64) {
	if in.buffer == nil {
		in.buffer = make([]byte, windowSize)
	}
	*in = input{size: int(size), from: from, buffer: in.buffer}
}

// at returns the bytes from off on, at least n of them unless the file ends before. They are valid until the next call.
func (in *input) at(off, n int) []byte {
	if i := off - in.base; i >= 0 && i+n <= len(in.window) {
		return in.window[i:]
	}
	return in.slide(off)
}

// slide is at where the window does not have them.
func (in *input) slide(off int) []byte {
	if in.from != nil && in.err == nil && off < in.size {
		in.base, in.window = off, in.buffer[:min(len(in.buffer), in.size-off)]
		n, err := in.from.ReadAt(in.window, int64(off))
		if n < len(in.window) {
			in.window = in.window[:n]
			in.size = off + n
			if !errors.Is(err, io.EOF) {
				in.err = err
			}
		}
	}
	return in.window[min(max(off-in.base, 0), len(in.window)):]
}

// marker finds the next marker from off on, and where it ends; 0: there is no other.
func (in *input) marker(off int) (marker byte, end int) {
	for {
		rest := in.at(off, 2)
		i := bytes.IndexByte(rest, 0xFF)
		switch {
		case len(rest) < 2:
			return 0, in.size
		case i < 0:
			off += len(rest)
		case i+1 == len(rest): // the end of a window: its second byte is in the next
			off += i
		default:
			off += i + 1
			if marker := rest[i+1]; marker != 0 && marker != 0xFF {
				return marker, off + 1
			}
		}
	}
}

// Scans counts the scans of a JPEG by jumping from marker to marker, entropy-coded data is searched for 0xFF only, and tells whether the end
// marker is there.
func Scans(src []byte) (n int, ended bool) {
	var in input
	in.hold(src)
	return in.scans()
}

// ScansOf is Scans for a file of that size.
func ScansOf(from io.ReaderAt, size int64) (n int, ended bool) {
	var in input
	in.read(from, size)
	return in.scans()
}

func (in *input) scans() (n int, ended bool) {
	for at := 2; ; {
		var marker byte
		switch marker, at = in.marker(at); {
		case marker == 0:
			return n, false
		case markerRST0 <= marker && marker <= markerRST7:
			continue
		case marker == markerEOI:
			return n, true
		case marker == markerSOS:
			n++
		}
		length := in.at(at, 2)
		if len(length) < 2 {
			return n, false
		}
		at += max(2, int(length[0])<<8|int(length[1]))
	}
}
