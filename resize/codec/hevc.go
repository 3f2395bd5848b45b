package codec

// spsColour reads from an HEVC sequence parameter set how its samples stand for colours (ITU-T H.265, sections 7.3.2.2 and E.2.1); false
// when it does not say, or says it behind what stills do not have.
func spsColour(unit []byte) (videoColour, bool) {
	c := videoColour{primaries: matrixUnspecified, transfer: matrixUnspecified, matrix: matrixUnspecified}
	b := bitReader{data: unescaped(unit)}
	b.skip(16 + 4)
	layers := int(b.bits(3))
	b.skip(1)
	b.tiers(layers)
	b.exp() // identifier
	if b.exp() == 3 {
		b.skip(1)
	}
	b.exp() // size
	b.exp()
	if b.bits(1) == 1 {
		b.exps(4) // conformance window
	}
	b.exps(2) // depths
	counter := int(b.exp()) + 4
	first := layers
	if b.bits(1) == 1 {
		first = 0
	}
	b.exps(3 * (layers - first + 1))
	b.exps(6)
	if enabled := b.bits(1) == 1; enabled && b.bits(1) == 1 { // and there are some
		b.scalingLists()
	}
	b.skip(2)
	if b.bits(1) == 1 { // PCM
		b.skip(8)
		b.exps(2)
		b.skip(1)
	}
	if !b.pictureSets() {
		return c, false
	}
	if b.bits(1) == 1 { // long-term pictures
		for range min(b.exp(), 33) {
			b.skip(counter + 1)
		}
	}
	b.skip(2)
	if b.bits(1) == 0 {
		return c, !b.ended
	}
	if b.bits(1) == 1 && b.bits(8) == 255 { // VUI: aspect ratio
		b.skip(32)
	}
	if b.bits(1) == 1 {
		b.skip(1)
	}
	if b.bits(1) == 1 {
		b.skip(3)
		c.full = b.bits(1) == 1
		if b.bits(1) == 1 {
			c.primaries = int(b.bits(8))
			c.transfer, c.matrix = int(b.bits(8)), int(b.bits(8))
		}
	}
	return c, !b.ended
}

// unescaped takes out the bytes that keep start codes from occurring (section 7.4.2).
func unescaped(unit []byte) []byte {
	out, zeros := make([]byte, 0, len(unit)), 0
	for _, c := range unit {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		zeros++
		if c != 0 {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

// bitReader reads bits from the top; beyond the end they are 0.
type bitReader struct {
	data  []byte
	at    int
	ended bool
}

func (b *bitReader) skip(n int) { b.at += n }

func (b *bitReader) bits(n int) (v uint32) {
	for range n {
		v <<= 1
		if b.at>>3 < len(b.data) {
			v |= uint32(b.data[b.at>>3]>>(7-b.at&7)) & 1
		} else {
			b.ended = true
		}
		b.at++
	}
	return v
}

// exp reads an Exp-Golomb code (section 9.2).
func (b *bitReader) exp() uint32 {
	n := 0
	for n < 32 && !b.ended && b.bits(1) == 0 {
		n++
	}
	return 1<<n - 1 + b.bits(n)
}

func (b *bitReader) exps(n int) {
	for range n {
		b.exp()
	}
}

// tiers passes profile_tier_level (section 7.3.3).
func (b *bitReader) tiers(layers int) {
	const profile, level = 88, 8
	b.skip(profile + level)
	skip := 0
	for range layers {
		skip += int(b.bits(1))*profile + int(b.bits(1))*level
	}
	if layers > 0 {
		b.skip(2 * (8 - layers))
	}
	b.skip(skip)
}

// scalingLists passes scaling_list_data (section 7.3.4).
func (b *bitReader) scalingLists() {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for matrix := 0; matrix < 6; matrix += step {
			if b.bits(1) == 0 {
				b.exp()
				continue
			}
			if size > 1 {
				b.exp()
			}
			b.exps(min(64, 16<<(2*size)))
		}
	}
}

// pictureSets passes st_ref_pic_set (section 7.3.7), unless one is predicted from another.
func (b *bitReader) pictureSets() bool {
	for i := range min(b.exp(), 65) {
		if i > 0 && b.bits(1) == 1 {
			return false
		}
		before, after := b.exp(), b.exp()
		for range min(before, 17) + min(after, 17) {
			b.exp()
			b.skip(1)
		}
	}
	return !b.ended
}
