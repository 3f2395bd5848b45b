package codec

import (
	"io"
	"testing"
)

func TestSourceReads(t *testing.T) {
	s := &Source{Data: []byte("hello")}
	got, err := io.ReadAll(s)
	if string(got) != "hello" || err != nil || !s.Ended {
		t.Errorf("%q, %v, ended %t", got, err, s.Ended)
	}
	s = &Source{Data: []byte("hello")}
	b := make([]byte, 5)
	if n, err := s.ReadAt(b, 0); n != 5 || err != nil || s.Ended {
		t.Errorf("%d, %v, ended %t", n, err, s.Ended)
	}
	for _, off := range []int64{3, 5, 1 << 40, -1} {
		s.Ended = false
		if _, err := s.ReadAt(b, off); err != io.EOF || !s.Ended {
			t.Errorf("at %d: %v, ended %t", off, err, s.Ended)
		}
	}
}
