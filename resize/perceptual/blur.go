package perceptual

// taps is a Gaussian of σ = 1.5 pixels as the sum of three cosines (Charalampidis 2016, with N = 5), which is what the reference program's recursive
// filter comes to: at 0, 1, 2, 3 and 4 pixels. Together, both sides counted, they are 1, with a variance of 2.25. Beyond the picture there is 0.
var taps = [5]float32{0.2646211054881986, 0.21292859201042227, 0.10933537277746035, 0.03601111465836439, 0.009414367809653733}

// blur has the memory that blurring needs.
type blur struct{ products, rows plane }

func newBlur(w, h int) *blur { return &blur{make(plane, w*h), make(plane, w*h)} }

// mean blurs src to dst.
func (b *blur) mean(dst, src plane, w, h int) {
	for y := range h {
		blurRow(b.rows[y*w:][:w], src[y*w:][:w])
	}
	blurColumns(dst, b.rows, w, h)
}

// product blurs the product of two planes.
func (b *blur) product(dst, p, q plane, w, h int) {
	products, q := b.products[:w*h], q[:w*h]
	for i, v := range p[:w*h] {
		products[i] = v * q[i]
	}
	b.mean(dst, products, w, h)
}

func blurRow(dst, src plane) {
	const n = len(taps) - 1
	w := len(src)
	for x := 0; x < w; x++ {
		if x == n && w > 2*n { // away from both edges
			for ; x+n < w; x++ {
				s := src[x-n : x+n+1 : x+n+1]
				dst[x] = taps[0]*s[4] + taps[1]*(s[3]+s[5]) + taps[2]*(s[2]+s[6]) + taps[3]*(s[1]+s[7]) + taps[4]*(s[0]+s[8])
			}
		}
		sum := float32(0)
		for i := max(x-n, 0); i <= min(x+n, w-1); i++ {
			sum += taps[max(i-x, x-i)] * src[i]
		}
		dst[x] = sum
	}
}

func blurColumns(dst, src plane, w, h int) {
	const n = len(taps) - 1
	for y := range h {
		out := dst[y*w:][:w]
		middle := src[y*w:][:w]
		for x, v := range middle {
			out[x] = taps[0] * v
		}
		for d := 1; d <= n; d++ {
			tap := taps[d]
			switch above, below := y-d >= 0, y+d < h; {
			case above && below:
				a, b := src[(y-d)*w:][:w], src[(y+d)*w:][:w]
				for x := range out {
					out[x] += tap * (a[x] + b[x])
				}
			case above:
				addRow(out, src[(y-d)*w:][:w], tap)
			case below:
				addRow(out, src[(y+d)*w:][:w], tap)
			}
		}
	}
}

func addRow(out, row plane, tap float32) {
	for x, v := range row {
		out[x] += tap * v
	}
}
