package icc

import (
	"encoding/binary"
	"math"
	"slices"
)

// known is a colour space that many pictures are in.
type known struct {
	name   string
	matrix matrix3
	curve  curve
}

// knownProfiles, sRGB first.
var knownProfiles = []known{
	{"sRGB", srgbPrimaries.xyz(), srgbCurve},
	{"Display P3", p3Primaries.xyz(), srgbCurve},
	{"Adobe RGB (1998)", adobePrimaries.xyz(), gamma(563.0 / 256)},
	{"ProPhoto RGB", prophotoXYZ, curve{kind: 3, parameters: [7]float64{1.8, 1, 0, 1.0 / 16, 16.0 / 512}}},
	{"ProPhoto RGB, gamma 1.8", prophotoXYZ, gamma(1.8)},
	{"Rec. 2020", rec2020Primaries.xyz(), curve{kind: 3, parameters: [7]float64{1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 0.08145}}},
}

func (k *known) profile() Profile {
	return Profile{Kind: Matrix, Name: k.name, matrix: k.matrix, curves: [3]curve{k.curve, k.curve, k.curve}, known: k}
}

// OfAdobeRGB is the profile of cameras' pictures that say so in EXIF only.
func OfAdobeRGB() Profile { return knownProfiles[2].profile() }

// ITU-T H.273's code points.
const (
	codeBT709, codeUnspecified, codeBT470M, codeBT470BG, codeBT2020, codeP3D65 = 1, 2, 4, 5, 9, 12

	transferGamma22, transferGamma28, transferLinear, transferPQ, transferHLG = 4, 5, 8, 16, 18
)

func transferHDR(code int) string {
	switch code {
	case transferPQ:
		return "PQ"
	case transferHLG:
		return "HLG"
	}
	return ""
}

// OfCode is the profile of code points: of primaries and a transfer function. Those of video, whose differences from sRGB's nobody means, count as sRGB's.
func OfCode(primary, transfer int) Profile {
	p := Profile{HDR: transferHDR(transfer)}
	k := knownProfiles[0]
	switch primary {
	case codeBT2020:
		k.name, k.matrix = knownProfiles[5].name, knownProfiles[5].matrix
	case codeP3D65:
		k = knownProfiles[1]
	case codeBT470M:
		k.name, k.matrix = "BT.470 M", primaries{{0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}, {0.310, 0.316}}.xyz()
	}
	switch transfer {
	case transferGamma22:
		k.curve = gamma(2.2)
	case transferGamma28:
		k.curve = gamma(2.8)
	case transferLinear:
		k.curve = gamma(1)
	}
	q := k.profile()
	p.Name, p.matrix, p.curves = q.Name, q.matrix, q.curves
	if p.settle(); p.Kind == SRGB { // needs no words
		return Profile{HDR: p.HDR}
	}
	return p
}

// OfPNG is the profile of PNG's gAMA and cHRM chunks, in their units: a hundred-thousandth, the white first. A gamma of 0 is none; so are
// chromaticities of 0.
func OfPNG(gamma100k uint32, chroma [8]uint32) Profile {
	if gamma100k == 0 {
		return Profile{}
	}
	k := knownProfiles[0]
	k.name = "a gamma of PNG's"
	k.curve = gamma(1e5 / float64(gamma100k))
	if chroma != [8]uint32{} {
		var p primaries
		for i := range p {
			p[(i+3)%4] = [2]float64{float64(chroma[2*i]) / 1e5, float64(chroma[2*i+1]) / 1e5}
		}
		if p[3][1] == 0 || p[0][1] == 0 || p[1][1] == 0 || p[2][1] == 0 {
			return Profile{}
		}
		k.matrix = p.xyz()
	}
	if math.IsNaN(k.matrix[0][0]) || 40000 < gamma100k && gamma100k < 50000 && k.matrix.near(srgbPrimaries.xyz()) {
		return Profile{} // 1/2.2 stands for sRGB's curve
	}
	p := k.profile()
	p.settle()
	return p
}

func (m matrix3) near(n matrix3) bool {
	for i := range m {
		for k := range m[i] {
			if math.Abs(m[i][k]-n[i][k]) > 0.005 {
				return false
			}
		}
	}
	return true
}

// Embedded is the profile that goes with samples that are not converted: source, or one of 400 to 500 bytes where there is none, or a known one.
// nil for samples that are sRGB because nobody said anything.
func (p Profile) Embedded(source []byte) []byte {
	switch {
	case p.known != nil && p.known.matrix != (matrix3{}):
		return p.known.bytes()
	case len(source) == 0 && p.Kind == Matrix:
		k := known{p.Name, p.matrix, p.curves[0]}
		return k.bytes()
	case p.Kind == "":
		return nil
	}
	return source
}

// bytes writes a profile of version 4 (ICC.1:2022): what a matrix and one curve need, and no more.
func (k *known) bytes() []byte {
	be := binary.BigEndian
	numbers := func(head string, values ...float64) []byte {
		out := []byte(head)
		for _, v := range values {
			out = be.AppendUint32(out, uint32(int32(math.Round(v*65536))))
		}
		return out
	}
	text := func(s string) []byte {
		out := append([]byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS"), 0, 0, 0, byte(2*len(s)), 0, 0, 0, 28)
		for _, c := range []byte(s) {
			out = append(out, 0, c)
		}
		return out
	}
	column := func(i int) []byte {
		return numbers("XYZ \x00\x00\x00\x00", k.matrix[0][i], k.matrix[1][i], k.matrix[2][i])
	}
	trc := numbers("para\x00\x00\x00\x00\x00"+string(rune(k.curve.kind))+"\x00\x00", k.curve.parameters[:parameterCounts[k.curve.kind]]...)
	white := numbers("XYZ \x00\x00\x00\x00", d50[:]...)
	all := []struct {
		name string
		data []byte
	}{
		{"desc", text(k.name)}, {"cprt", text("CC0")}, {"wtpt", white}, {"rXYZ", column(0)}, {"gXYZ", column(1)}, {"bXYZ", column(2)},
		{"rTRC", trc}, {"gTRC", trc}, {"bTRC", trc},
	}
	table, data := be.AppendUint32(nil, uint32(len(all))), []byte(nil)
	at := map[string]int{} // equal data are there once
	for _, t := range all {
		off, there := at[string(t.data)]
		if !there {
			off = headSize + 4 + 12*len(all) + len(data)
			at[string(t.data)] = off
			data = append(data, t.data...)
			data = append(data, make([]byte, -len(data)&3)...)
		}
		table = be.AppendUint32(be.AppendUint32(append(table, t.name...), uint32(off)), uint32(len(t.data)))
	}
	head := make([]byte, headSize)
	be.PutUint32(head, uint32(headSize+len(table)+len(data)))
	copy(head[8:], "\x04\x40\x00\x00mntrRGB XYZ ")
	copy(head[24:], []byte{0x07, 0xea, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0}) // 2026-01-01
	copy(head[36:], "acsp")
	copy(head[68:], white[8:])
	return slices.Concat(head, table, data)
}
