package codec

import (
	"encoding/binary"
	"image"
	"time"
)

// webpMovie puts frames of libwebp's together: each is the part that has changed, and replaces what was there.
type webpMovie struct {
	size     image.Point
	plays    int
	settings Settings
	out      []byte
	seen     *image.NRGBA // what a viewer has, before losses
	alpha    bool
	clock    steps
}

func animateWebP(w, h, plays int, s Settings) Animation {
	a := &webpMovie{size: image.Pt(w, h), plays: min(plays, 1<<16-1), settings: s}
	a.clock = steps{step: time.Millisecond, most: 1<<24 - 1}
	a.out = append(a.out, make([]byte, 12)...) // RIFF's head, for which End knows the length
	a.out = append(le32(append(a.out, "VP8X"...), 10), webpExtended(a.size, webpAnimation)...)
	a.out = le32(le32(append(a.out, "ANIM"...), 6), 0) // a background that nobody shows
	a.out = le16(a.out, a.plays)
	return a
}

func le32(b []byte, v int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) }

// Add implements Animation.
func (a *webpMovie) Add(f Frame) error {
	place := f.Image.Rect
	if a.seen == nil {
		a.seen = image.NewNRGBA(place)
	} else if place = changed(a.seen, f.Image); place.Empty() {
		place = image.Rect(0, 0, 1, 1)
	}
	place.Min.X, place.Min.Y = place.Min.X&^1, place.Min.Y&^1 // they are written down by halves
	still, err := encodeWebP(nil, part(f.Image, place), a.settings)
	if err != nil {
		return err
	}
	start := len(a.out)
	a.out = le32(append(a.out, "ANMF"...), 0)
	for _, v := range []int{place.Min.X / 2, place.Min.Y / 2, place.Dx() - 1, place.Dy() - 1, a.clock.take(f.Delay)} {
		a.out = append24(a.out, v)
	}
	a.out = append(a.out, webpReplace)
	err = riffChunks(still[12:], func(id string, data []byte) error {
		switch id {
		case "ALPH", "VP8 ", "VP8L":
			a.out = append(le32(append(a.out, id...), len(data)), data...)
			a.out = append(a.out, make([]byte, len(data)&1)...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(a.out[start+4:], uint32(len(a.out)-start-8))
	a.alpha = a.alpha || !f.Image.Opaque()
	copy(a.seen.Pix, f.Image.Pix)
	return nil
}

// End implements Animation.
func (a *webpMovie) End() ([]byte, error) {
	copy(a.out, "RIFF")
	binary.LittleEndian.PutUint32(a.out[4:], uint32(len(a.out)-8))
	copy(a.out[8:], "WEBP")
	if a.alpha {
		a.out[20] |= webpAlpha
	}
	return a.out, nil
}
