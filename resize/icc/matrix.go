package icc

type matrix3 [3][3]float64

func (m matrix3) times(n matrix3) (out matrix3) {
	for i := range 3 {
		for k := range 3 {
			for j := range 3 {
				out[i][k] += m[i][j] * n[j][k]
			}
		}
	}
	return out
}

func (m matrix3) apply(v [3]float64) (out [3]float64) {
	for i := range out {
		out[i] = m[i][0]*v[0] + m[i][1]*v[1] + m[i][2]*v[2]
	}
	return out
}

// inverse of a matrix that has one; of others all zeros.
func (m matrix3) inverse() (out matrix3) {
	minor := func(i, k int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (k+1)%3, (k+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	if det == 0 {
		return out
	}
	for i := range 3 {
		for k := range 3 {
			out[k][i] = minor(i, k) / det
		}
	}
	return out
}

// d50 is the white of profiles (ICC.1:2022, section 7.2.16).
var d50 = [3]float64{0.9642, 1, 0.8249}

// bradford's cone responses, for the eye's adaptation from one white to another.
var bradford = matrix3{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}

// primaries are the chromaticities of red, green, blue and white.
type primaries [4][2]float64

// xyz is the matrix of linear red, green and blue to XYZ, adapted to D50.
func (p primaries) xyz() matrix3 {
	var m matrix3
	column := func(xy [2]float64) [3]float64 { return [3]float64{xy[0] / xy[1], 1, (1 - xy[0] - xy[1]) / xy[1]} }
	for i := range 3 {
		for k, v := range column(p[i]) {
			m[k][i] = v
		}
	}
	white := column(p[3])
	scale := m.inverse().apply(white)
	for i := range 3 {
		for k := range 3 {
			m[k][i] *= scale[i]
		}
	}
	from, to := bradford.apply(white), bradford.apply(d50)
	var adapt matrix3
	for i := range 3 {
		adapt[i][i] = to[i] / from[i]
	}
	return bradford.inverse().times(adapt).times(bradford).times(m)
}

var (
	whiteD65 = [2]float64{0.3127, 0.3290}

	srgbPrimaries    = primaries{{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, whiteD65}
	p3Primaries      = primaries{{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, whiteD65}
	adobePrimaries   = primaries{{0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}, whiteD65}
	rec2020Primaries = primaries{{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, whiteD65}
	prophotoXYZ      = matrix3{{0.7976749, 0.1351917, 0.0313534}, {0.2880402, 0.7118741, 0.0000857}, {0, 0, 0.8252100}} // RIMM/ROMM, ISO 22028-2, of D50
)

// toSRGB is from XYZ of D50 to linear sRGB.
var toSRGB = srgbPrimaries.xyz().inverse()
