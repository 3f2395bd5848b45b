package codec

import (
	"bytes"
	"io"

	"pixmill/resize/codec/wasm"
)

// Source is an encoded image, as decoders read it: once Stop gives an error every read fails with it, which ends the decoding.
type Source struct {
	Data  []byte                // all of it; nil: it is in File
	File  io.ReaderAt           // of Size bytes, for images that are Streams; nil: it is in Data
	Size  int64                 // of File
	Stop  func() error          // nil: never
	Join  func() (leave func()) // what other goroutines call that work for this image; nil: nobody counts
	Ended bool                  // a decoder asked for more than there is

	off int
}

// Length is how many bytes it has.
func (s *Source) Length() int64 {
	if s.File != nil {
		return s.Size
	}
	return int64(len(s.Data))
}

// Reader is for those that read headers: what they find to be missing is not what a decoder does.
func (s *Source) Reader() io.ReaderAt {
	if s.File != nil {
		return s.File
	}
	return bytes.NewReader(s.Data)
}

// watch is for programs that run beside it.
func (s *Source) watch() wasm.Watch { return wasm.Watch{Stop: s.Stop, Join: s.Join} }

func (s *Source) stopped() error {
	if s.Stop == nil {
		return nil
	}
	return s.Stop()
}

func (s *Source) Read(p []byte) (int, error) {
	if err := s.stopped(); err != nil {
		return 0, err
	}
	n := copy(p, s.Data[s.off:])
	s.off += n
	if n == 0 && len(p) > 0 {
		s.Ended = true
		return 0, io.EOF
	}
	return n, nil
}

// ReadAt is for decoders that jump.
func (s *Source) ReadAt(p []byte, off int64) (int, error) {
	if err := s.stopped(); err != nil {
		return 0, err
	}
	n := 0
	if 0 <= off && off < int64(len(s.Data)) {
		n = copy(p, s.Data[off:])
	}
	if n < len(p) {
		s.Ended = true
		return n, io.EOF
	}
	return n, nil
}
