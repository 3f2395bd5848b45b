package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
)

// animatedPNG shows the frames for 120 ms each, for ever; a reader without APNG sees the first. What a frame leaves is
// kept, cleared and taken back in turn.
func animatedPNG(frames []patch) []byte {
	be := binary.BigEndian
	first := rgbaPNG(frames[0].NRGBA)
	out := append([]byte(pngSignature), first.header()...)
	out = append(out, chunk("acTL", be.AppendUint32(be.AppendUint32(nil, uint32(len(frames))), 0))...)
	sequence := uint32(0)
	number := func() []byte {
		sequence++
		return be.AppendUint32(nil, sequence-1)
	}
	for i, f := range frames {
		control := number()
		for _, v := range []int{f.Rect.Dx(), f.Rect.Dy(), f.at.X, f.at.Y} {
			control = be.AppendUint32(control, uint32(v))
		}
		control = be.AppendUint16(control, 120)
		control = be.AppendUint16(control, 1000)
		dispose, blend := byte(i%3), byte(1) // over
		if i == 0 {
			blend = 0 // source
		}
		out = append(out, chunk("fcTL", append(control, dispose, blend))...)
		if i == 0 {
			out = append(out, chunk("IDAT", first.data())...)
			continue
		}
		out = append(out, chunk("fdAT", append(number(), rgbaPNG(f.NRGBA).data()...))...)
	}
	return append(out, chunk("IEND", nil)...)
}

// clearCube is cube with a transparent colour behind it, whose index is clearIndex.
func clearCube() color.Palette { return append(cube(), color.NRGBA{}) }

const clearIndex = 6 * 7 * 6

// stillGIF is m with 256 colours, and those pixels transparent that are more so than not.
func stillGIF(m *image.NRGBA) ([]byte, error) {
	return encodeGIF(&gif.GIF{Image: []*image.Paletted{dithered(m, clearCube(), clearIndex)}, Delay: []int{0}})
}

// opaqueGIF is m with 252 colours and no transparent one.
func opaqueGIF(m *image.NRGBA) ([]byte, error) {
	return encodeGIF(&gif.GIF{Image: []*image.Paletted{dithered(m, cube(), -1)}, Delay: []int{0}})
}

// animatedGIF shows the frames for 120 ms each, for ever.
func animatedGIF(frames []patch) ([]byte, error) {
	disposal := []byte{gif.DisposalNone, gif.DisposalBackground, gif.DisposalPrevious}
	g := &gif.GIF{}
	for i, f := range frames {
		p := dithered(f.NRGBA, clearCube(), clearIndex)
		p.Rect = p.Rect.Add(f.at)
		g.Image = append(g.Image, p)
		g.Delay = append(g.Delay, 12)
		g.Disposal = append(g.Disposal, disposal[i%3])
	}
	return encodeGIF(g)
}

func encodeGIF(g *gif.GIF) ([]byte, error) {
	var out bytes.Buffer
	err := gif.EncodeAll(&out, g)
	return out.Bytes(), err
}
