package jpeg

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// picture is a JPEG image made of random coefficients, and what the textbook makes of them: its planes are the samples
// of every block, before they are cropped to the image.
type picture struct {
	width, height int
	sampling      [][2]int // h, v of each component
	separate      bool     // a scan for each component
	restart       int
	wide          bool // 16-bit quantisation tables
	longCodes     bool // of 16 bits
	adobe         int  // the transform flag; −1: no marker
	flat          bool // one grey for all, of any size: there are no samples to compare with
}

type planeOracle struct {
	blocksWide, blocksHigh int
	blocks                 [][64]float64 // samples
}

func segment(marker byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2)), body...)
}

// testCode is a Huffman code: of equal lengths, or of 1 … 7 and then 16 bits.
func testCode(symbols []byte, long bool) (table []byte, codes map[byte][2]uint32) {
	counts := make([]byte, 16)
	codes = map[byte][2]uint32{}
	code, length := uint32(0), 1
	for i, s := range symbols {
		want := 8
		if long {
			want = i + 1
			if i >= 7 {
				want = 16
			}
		}
		code <<= want - length
		length = want
		counts[length-1]++
		codes[s] = [2]uint32{code, uint32(length)}
		code++
	}
	return append(counts, symbols...), codes
}

type bitWriter struct {
	out []byte
	acc uint64
	n   uint
}

func (w *bitWriter) write(v uint32, n uint) {
	w.acc, w.n = w.acc<<n|uint64(v), w.n+n
	for ; w.n >= 8; w.n -= 8 {
		b := byte(w.acc >> (w.n - 8))
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
	}
}

func (w *bitWriter) flush() {
	fill := (8 - w.n&7) & 7
	w.write(1<<fill-1, fill)
}

func (w *bitWriter) value(v int) {
	size := bitLen(v)
	if v < 0 {
		v += 1<<size - 1
	}
	w.write(uint32(v), uint(size))
}

func bitLen(v int) int {
	n := 0
	for v = max(v, -v); v > 0; v >>= 1 {
		n++
	}
	return n
}

// encode returns the file, and the samples of its components.
func (p picture) encode(rng *rand.Rand) ([]byte, []planeOracle) {
	maxH, maxV := 1, 1
	for _, s := range p.sampling {
		maxH, maxV = max(maxH, s[0]), max(maxV, s[1])
	}
	mcusWide, mcusHigh := ceil(p.width, 8*maxH), ceil(p.height, 8*maxV)

	quant := [64]int{}
	dqt := []byte{0}
	if p.wide {
		dqt[0] = 0x10
	}
	for k := range quant {
		quant[k] = 1 + rng.IntN(20)
		if p.wide {
			if k > 40 {
				quant[k] = 256 + rng.IntN(300)
			}
			dqt = append(dqt, byte(quant[k]>>8))
		}
		dqt = append(dqt, byte(quant[k]))
	}
	var dcSymbols, acSymbols []byte
	for s := range 12 {
		dcSymbols = append(dcSymbols, byte(s))
	}
	acSymbols = append(acSymbols, 0, 1, 0x11, 2, 0xF0)
	for run := range 16 {
		for size := 1; size < 11; size++ {
			if rs := byte(run<<4 | size); rs != 1 && rs != 0x11 && rs != 2 {
				acSymbols = append(acSymbols, rs)
			}
		}
	}
	dcTable, dcCodes := testCode(dcSymbols, p.longCodes)
	acTable, acCodes := testCode(acSymbols, p.longCodes)

	out := []byte{0xFF, 0xD8}
	if p.adobe >= 0 {
		out = append(out, segment(0xEE, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, byte(p.adobe))...)
	}
	out = append(out, segment(0xDB, dqt...)...)
	sof := []byte{8, byte(p.height >> 8), byte(p.height), byte(p.width >> 8), byte(p.width), byte(len(p.sampling))}
	for i, s := range p.sampling {
		sof = append(sof, byte(i+1), byte(s[0]<<4|s[1]), 0)
	}
	out = append(out, segment(0xC1, sof...)...)
	out = append(out, segment(0xC4, append([]byte{0}, dcTable...)...)...)
	out = append(out, segment(0xC4, append([]byte{0x10}, acTable...)...)...)
	if p.restart > 0 {
		out = append(out, segment(0xDD, byte(p.restart>>8), byte(p.restart))...)
	}

	oracles := make([]planeOracle, len(p.sampling))
	for i, s := range p.sampling {
		oracles[i] = planeOracle{mcusWide * s[0], mcusHigh * s[1], nil}
		if !p.flat {
			oracles[i].blocks = make([][64]float64, mcusWide*s[0]*mcusHigh*s[1])
		}
	}
	var w bitWriter
	dc := make([]int, len(p.sampling))
	block := func(i, bx, by int) {
		var natural [64]float64
		target := (rng.IntN(1600) - 800) / quant[0]
		if p.flat {
			target = 0
		}
		natural[0] = float64(target * quant[0])
		difference := target - dc[i]
		dc[i] = target
		c := dcCodes[byte(bitLen(difference))]
		w.write(c[0], uint(c[1]))
		w.value(difference)
		last := rng.IntN(64)
		if rng.IntN(3) == 0 {
			last = 63
		}
		run := 0
		for k := 1; k <= last && !p.flat; k++ {
			v := 0
			if rng.IntN(4) == 0 || k == last {
				v = rng.IntN(15) - 7
				if rng.IntN(20) == 0 {
					v *= 9
				}
				if quant[k] > 255 {
					v = v % 2
				}
			}
			if v == 0 {
				run++
				if k == last {
					last--
				}
				continue
			}
			for ; run > 15; run -= 16 {
				c := acCodes[0xF0]
				w.write(c[0], uint(c[1]))
			}
			c := acCodes[byte(run<<4|bitLen(v))]
			w.write(c[0], uint(c[1]))
			w.value(v)
			natural[zigzag[k]] = float64(v * quant[k])
			run = 0
			if k == 63 {
				oracles[i].blocks[by*oracles[i].blocksWide+bx] = textbookIDCT(&natural)
				return
			}
		}
		c = acCodes[0]
		w.write(c[0], uint(c[1]))
		if !p.flat {
			oracles[i].blocks[by*oracles[i].blocksWide+bx] = textbookIDCT(&natural)
		}
	}
	scan := func(components []int, wide, high int, mcu func(x, y int)) {
		sos := []byte{byte(len(components))}
		for _, i := range components {
			sos = append(sos, byte(i+1), 0)
			dc[i] = 0
		}
		out = append(out, segment(0xDA, append(sos, 0, 63, 0)...)...)
		for m := range wide * high {
			if p.restart > 0 && m > 0 && m%p.restart == 0 {
				w.flush()
				w.out = append(w.out, 0xFF, byte(0xD0+(m/p.restart-1)&7))
				clear(dc)
			}
			mcu(m%wide, m/wide)
		}
		w.flush()
		out = append(out, w.out...)
		w = bitWriter{}
	}
	if p.separate || len(p.sampling) == 1 {
		for i, s := range p.sampling {
			wide, high := ceil(p.width*s[0], 8*maxH), ceil(p.height*s[1], 8*maxV)
			scan([]int{i}, wide, high, func(x, y int) { block(i, x, y) })
		}
	} else {
		all := []int{0, 1, 2, 3}[:len(p.sampling)]
		scan(all, mcusWide, mcusHigh, func(x, y int) {
			for i, s := range p.sampling {
				for by := range s[1] {
					for bx := range s[0] {
						block(i, x*s[0]+bx, y*s[1]+by)
					}
				}
			}
		})
	}
	return append(out, 0xFF, 0xD9), oracles
}

func (p picture) String() string {
	return fmt.Sprintf("%d×%d,%v,separate=%t,restart=%d,wide=%t,long=%t,adobe=%d", p.width, p.height, p.sampling, p.separate, p.restart,
		p.wide, p.longCodes, p.adobe)
}
