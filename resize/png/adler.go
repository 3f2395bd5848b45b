package png

// adler32Generic continues the sum of RFC 1950 section 8.2.
func adler32Generic(sum uint32, p []byte) uint32 {
	const (
		base = 65521
		most = 5552 // bytes before the sums need reducing
	)
	a, b := sum&0xffff, sum>>16
	for len(p) > 0 {
		part := p[:min(len(p), most)]
		p = p[len(part):]
		for len(part) >= 4 {
			b += 4*a + 4*uint32(part[0]) + 3*uint32(part[1]) + 2*uint32(part[2]) + uint32(part[3])
			a += uint32(part[0]) + uint32(part[1]) + uint32(part[2]) + uint32(part[3])
			part = part[4:]
		}
		for _, v := range part {
			a += uint32(v)
			b += a
		}
		a, b = a%base, b%base
	}
	return b<<16 | a
}
