package icc

import (
	"encoding/binary"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

// lab is the CIE L*a*b* of sRGB samples, 0 to 255, under D50.
func lab(rgb [3]float64) [3]float64 {
	var v [3]float64
	for i, s := range rgb {
		v[i] = srgbCurve.at(s / 255)
	}
	v = srgbPrimaries.xyz().apply(v)
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x, y, z := f(v[0]/d50[0]), f(v[1]/d50[1]), f(v[2]/d50[2])
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// deltaE is CIEDE2000 (CIE 142; Sharma, Wu and Dalal 2005), weights 1.
func deltaE(p, q [3]float64) float64 {
	const degrees = math.Pi / 180
	pow7 := func(v float64) float64 { return math.Sqrt(math.Pow(v, 7) / (math.Pow(v, 7) + math.Pow(25, 7))) }
	g := 0.5 * (1 - pow7((math.Hypot(p[1], p[2])+math.Hypot(q[1], q[2]))/2))
	a1, a2 := (1+g)*p[1], (1+g)*q[1]
	c1, c2 := math.Hypot(a1, p[2]), math.Hypot(a2, q[2])
	hue := func(a, b float64) float64 {
		if a == 0 && b == 0 {
			return 0
		}
		return math.Mod(math.Atan2(b, a)/degrees+360, 360)
	}
	h1, h2 := hue(a1, p[2]), hue(a2, q[2])
	dl, dc, dh, h := q[0]-p[0], c2-c1, h2-h1, h1+h2
	switch {
	case c1*c2 == 0:
		dh = 0
	case math.Abs(h1-h2) <= 180:
		h /= 2
	default:
		dh -= math.Copysign(360, dh)
		if h < 360 {
			h += 360
		} else {
			h -= 360
		}
		h /= 2
	}
	dH := 2 * math.Sqrt(c1*c2) * math.Sin(dh/2*degrees)
	l, c := (p[0]+q[0])/2, (c1+c2)/2
	t := 1 - 0.17*math.Cos((h-30)*degrees) + 0.24*math.Cos(2*h*degrees) + 0.32*math.Cos((3*h+6)*degrees) - 0.20*math.Cos((4*h-63)*degrees)
	sl := 1 + 0.015*(l-50)*(l-50)/math.Sqrt(20+(l-50)*(l-50))
	sc, sh := 1+0.045*c, 1+0.015*c*t
	rt := -math.Sin(60*math.Exp(-math.Pow((h-275)/25, 2))*degrees) * 2 * pow7(c)
	return math.Sqrt(dl*dl/sl/sl + dc*dc/sc/sc + dH*dH/sh/sh + rt*dc/sc*dH/sh)
}

// TestDeltaE holds the measure to pairs of its authors' table of test data.
func TestDeltaE(t *testing.T) {
	for _, c := range []struct {
		p, q [3]float64
		want float64
	}{
		{[3]float64{50, 2.6772, -79.7751}, [3]float64{50, 0, -82.7485}, 2.0425},
		{[3]float64{50, -1.3802, -84.2814}, [3]float64{50, 0, -82.7485}, 1.0000},
		{[3]float64{50, 2.4900, -0.0010}, [3]float64{50, -2.4900, 0.0011}, 7.2195},
		{[3]float64{50, 2.5, 0}, [3]float64{73, 25, -18}, 27.1492},
		{[3]float64{60.2574, -34.0099, 36.2677}, [3]float64{60.4626, -34.1751, 39.4387}, 1.2644},
		{[3]float64{6.7747, -0.2908, -2.4247}, [3]float64{5.8714, -0.0985, -2.2286}, 0.6377},
		{[3]float64{2.0776, 0.0795, -1.1350}, [3]float64{0.9033, -0.0636, -0.5514}, 0.9082},
	} {
		if got := deltaE(c.p, c.q); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%v and %v: %.4f, want %.4f", c.p, c.q, got, c.want)
		}
	}
}

// figures are transicc's: samples of a profile, and the sRGB that they are.
func figures(t *testing.T, each func(profile string, samples []byte, srgb [3]float64)) {
	text, err := os.ReadFile(filepath.Join("testdata", "transicc.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		numbers := make([]float64, len(fields)-1)
		for i := range numbers {
			if numbers[i], err = strconv.ParseFloat(fields[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		n := len(numbers) - 3
		samples := make([]byte, n)
		for i := range samples {
			samples[i] = byte(numbers[i])
		}
		each(fields[0], samples, [3]float64(numbers[n:]))
	}
}

// TestFigures: whatever way samples take, they become what Little CMS makes of them, to less than what anybody can see.
func TestFigures(t *testing.T) {
	transforms := map[string]*Transform{
		"p3":       NewTransform(Parse(knownProfiles[1].bytes())),
		"adobe":    NewTransform(OfAdobeRGB()),
		"prophoto": NewTransform(Parse(knownProfiles[4].bytes())),
		"gray22":   NewTransform(Profile{Kind: Gray, curves: [3]curve{gamma(2.2)}}),
		"inks":     NewTransform(Parse(inksProfile())),
		"inks-v4":  NewTransform(Parse(inksV4Profile())),
	}
	worst, sum, count := map[string]float64{}, map[string]float64{}, map[string]float64{}
	figures(t, func(profile string, samples []byte, want [3]float64) {
		tr := transforms[profile]
		pix := make([]byte, 4)
		copy(pix, samples)
		switch {
		case len(samples) == 4:
			tr.Inks(pix)
		case len(samples) == 1:
			tr.Gray(pix[:1])
			pix[1], pix[2] = pix[0], pix[0]
		default:
			tr.RGBA(pix)
		}
		d := deltaE(lab([3]float64{float64(pix[0]), float64(pix[1]), float64(pix[2])}), lab(want))
		sum[profile] += d
		count[profile]++
		if d > worst[profile] {
			worst[profile] = d
		}
		if d >= 1 {
			t.Errorf("%s %v: %v, want %.2f: ΔE2000 %.2f", profile, samples, pix[:3], want, d)
		}
	})
	for name := range transforms {
		if count[name] == 0 {
			t.Errorf("%s: there are no figures", name)
		}
		t.Logf("%s: ΔE2000 of %.0f colours: mean %.3f, worst %.3f", name, count[name], sum[name]/count[name], worst[name])
	}
}

// inksProfile is one of four inks whose tables bend as a printer's do: dots grow, and inks filter each other's light.
func inksProfile() []byte {
	be := binary.BigEndian
	const side = 5
	tag := append([]byte("mft2\x00\x00\x00\x00\x04\x03"), side, 0)
	for _, v := range []uint32{1, 0, 0, 0, 1, 0, 0, 0, 1} {
		tag = be.AppendUint32(tag, v<<16)
	}
	tag = be.AppendUint16(be.AppendUint16(tag, 17), 2)
	for range 4 {
		for i := range 17 {
			tag = be.AppendUint16(tag, uint16(65535*math.Pow(float64(i)/16, 0.8)))
		}
	}
	for n := range side * side * side * side {
		c := inked([4]float64{float64(n / (side * side * side)), float64(n / (side * side) % side), float64(n / side % side), float64(n % side)}, side-1)
		tag = be.AppendUint16(tag, uint16(c[0]/100*65280))
		tag = be.AppendUint16(tag, uint16((c[1]+128)*256))
		tag = be.AppendUint16(tag, uint16((c[2]+128)*256))
	}
	for range 3 {
		tag = append(tag, 0, 0, 0xff, 0xff)
	}
	return inksFile("\x02\x40", tag)
}

// inked is the Lab of amounts of ink, most of each being full tone.
func inked(amounts [4]float64, most ...float64) [3]float64 {
	lights := [4][3]float64{{0.10, 0.45, 0.70}, {0.60, 0.12, 0.30}, {0.90, 0.80, 0.12}, {0.03, 0.03, 0.03}} // what is left of linear red, green and blue
	rgb := [3]float64{0.95, 0.94, 0.92}
	for i, a := range amounts {
		for k := range rgb {
			rgb[k] *= 1 - a/most[i%len(most)]*(1-lights[i][k])
		}
	}
	for k := range rgb {
		rgb[k] = 255 * encoded(rgb[k])
	}
	return lab(rgb)
}

// inksFile is a profile of four inks with one tag.
func inksFile(version string, tag []byte) []byte {
	be := binary.BigEndian
	head := make([]byte, headSize)
	copy(head[8:], version+"\x00\x00prtrCMYKLab ")
	copy(head[36:], "acsp")
	for i, v := range d50 {
		be.PutUint32(head[68+4*i:], uint32(v*65536))
	}
	out := append(head, 0, 0, 0, 1)
	out = append(out, "A2B0"...)
	out = be.AppendUint32(be.AppendUint32(out, headSize+16), uint32(len(tag)))
	out = append(out, tag...)
	be.PutUint32(out, uint32(len(out)))
	return out
}

// inksV4Profile has every element that a lutAToBType may have, none of them idle, and a grid of different sides.
func inksV4Profile() []byte {
	be := binary.BigEndian
	numbers := func(b []byte, values ...float64) []byte {
		for _, v := range values {
			b = be.AppendUint32(b, uint32(int32(math.Round(v*65536))))
		}
		return b
	}
	power := func(g float64) []byte { return numbers([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), g) }
	tag := append([]byte("mAB \x00\x00\x00\x00\x04\x03\x00\x00"), make([]byte, 20)...)
	place := func(at int) { be.PutUint32(tag[at:], uint32(len(tag))) }

	place(28)
	for i := range 4 {
		if i%2 == 0 {
			tag = append(tag, power(0.8)...)
			continue
		}
		tag = append(tag, "curv\x00\x00\x00\x00\x00\x00\x00\x11"...)
		for n := range 17 {
			tag = be.AppendUint16(tag, uint16(65535*math.Pow(float64(n)/16, 0.8)))
		}
		tag = append(tag, 0, 0)
	}
	// A grid's numbers go through a power of 0.9, the matrix, and a power of 1.2.
	matrix := matrix3{{1, 0, 0}, {0.1, 0.8, 0}, {0, 0.1, 0.8}}
	offset := [3]float64{0, 0.05, 0.02}
	sides := [4]int{5, 6, 4, 3}
	place(24)
	tag = append(tag, 5, 6, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0)
	for n := range sides[0] * sides[1] * sides[2] * sides[3] {
		c := inked([4]float64{float64(n / (6 * 4 * 3)), float64(n / (4 * 3) % 6), float64(n / 3 % 4), float64(n % 3)}, 4, 5, 3, 2)
		v := [3]float64{c[0] / 100, (c[1] + 128) / 255, (c[2] + 128) / 255}
		for i := range v {
			v[i] = math.Pow(min(max(v[i], 0), 1), 1/1.2) - offset[i]
		}
		for _, x := range matrix.inverse().apply(v) {
			tag = be.AppendUint16(tag, uint16(65535*math.Pow(min(max(x, 0), 1), 1/0.9)))
		}
	}
	place(20)
	for range 3 {
		tag = append(tag, power(0.9)...)
	}
	place(16)
	for _, row := range matrix {
		tag = numbers(tag, row[:]...)
	}
	tag = numbers(tag, offset[:]...)
	place(12)
	for range 3 {
		tag = append(tag, power(1.2)...)
	}
	return inksFile("\x04\x40", tag)
}

// TestInksProfile: the profiles that transicc was given are those that are made here.
func TestInksProfile(t *testing.T) {
	for name, want := range map[string][]byte{"inks.icc": inksProfile(), "inks-v4.icc": inksV4Profile()} {
		name = filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is another one, %v: go test -run TestInksProfile -update, and then figures.sh", name, err)
		}
	}
}

// TestDamagedInks: a table that is cut, or says what cannot be, is no profile.
func TestDamagedInks(t *testing.T) {
	whole := inksV4Profile()
	if Parse(whole).Kind != Inks {
		t.Fatal("the whole one is none")
	}
	const tag = headSize + 16
	for name, at := range map[string]int{"no B curves": 12, "no grid": 24, "no A curves": 28} {
		b := append([]byte(nil), whole...)
		binary.BigEndian.PutUint32(b[tag+at:], 0)
		if k := Parse(b).Kind; k != "" {
			t.Errorf("%s: %q", name, k)
		}
	}
	grid := tag + int(binary.BigEndian.Uint32(whole[tag+24:]))
	for name, change := range map[string]func([]byte){
		"a side of one point":   func(b []byte) { b[grid] = 1 },
		"sides that are longer": func(b []byte) { b[grid] = 255 },
		"numbers of 3 bytes":    func(b []byte) { b[grid+16] = 3 },
		"a matrix behind all":   func(b []byte) { binary.BigEndian.PutUint32(b[tag+16:], uint32(len(b)-tag-4)) },
		"curves behind all":     func(b []byte) { binary.BigEndian.PutUint32(b[tag+20:], 1<<31) },
	} {
		b := append([]byte(nil), whole...)
		change(b)
		if k := Parse(b).Kind; (k == "") != (name != "curves behind all") {
			t.Errorf("%s: %q", name, k)
		}
	}
}
