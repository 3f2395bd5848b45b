package codec

import "testing"

// TestAV1Colour: the stream of a still says what its box says, and of HDR that it is.
func TestAV1Colour(t *testing.T) {
	w := bitWriter{}
	w.put(0, 3)
	w.put(1, 1) // a still
	w.put(1, 1) // of a reduced header
	w.put(4, 5)
	w.put(8, 4)
	w.put(8, 4)
	w.put(300, 9)
	w.put(200, 9)
	w.put(0, 3+3)
	w.put(1, 1) // of 10 bits
	w.put(0, 1)
	w.put(1, 1)
	w.put(9<<16|16<<8|9, 24)
	w.put(0, 8)
	stream := append([]byte{0x12, 0, 0x0a, byte(len(w.out))}, w.out...)
	got, ok := av1Colour(stream)
	if want := (videoColour{primaries: 9, transfer: transferPQ, matrix: 9}); !ok || got != want {
		t.Errorf("got %+v, %t, want %+v", got, ok, want)
	}
	for n := range stream[:len(stream)-1] {
		if got, ok := av1Colour(stream[:n]); ok && got.transfer != transferPQ {
			t.Errorf("cut to %d bytes it says %+v", n, got)
		}
	}
	if _, ok := av1Colour([]byte{0x12, 0, 0x0a, 7, 0x18, 0x1d, 0xf1, 0xe5, 0x58, 0x10, 0x80}); ok { // libavif's, of a picture that says nothing
		t.Error("colours are found where none are said")
	}
}
