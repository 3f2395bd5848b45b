package resize

import (
	"context"
	"errors"
	"io"
)

// source is the encoded image as decoders read it: once the context is done every read fails, which ends the decoding. It notes
// when more was asked for than there is.
type source struct {
	ctx   context.Context // of the one Process call that made it
	data  []byte
	off   int
	ended bool
}

func (s *source) Read(p []byte) (int, error) {
	if err := stopped(s.ctx); err != nil {
		return 0, err
	}
	n := copy(p, s.data[s.off:])
	s.off += n
	if n == 0 && len(p) > 0 {
		s.ended = true
		return 0, io.EOF
	}
	return n, nil
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if err := stopped(s.ctx); err != nil {
		return 0, err
	}
	n := 0
	if 0 <= off && off < int64(len(s.data)) {
		n = copy(p, s.data[off:])
	}
	if n < len(p) {
		s.ended = true
		return n, io.EOF
	}
	return n, nil
}

// stopped is ctx's error, or the *TooLargeError when it was Limits.Time that ended it.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if tooLarge := new(*TooLargeError); errors.As(context.Cause(ctx), tooLarge) {
		return *tooLarge
	}
	return ctx.Err()
}
