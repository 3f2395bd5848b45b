package codec

// av1Colour reads from the beginning of an AV1 stream how its samples stand for colours (AV1 bitstream specification, sections 5.3, 5.5.1 and 5.5.2); false
// when it does not say.
func av1Colour(stream []byte) (videoColour, bool) {
	const sequenceHeader = 1
	for len(stream) >= 2 {
		head := stream[0]
		skip := 1 + int(head>>2&1)
		size := len(stream) - skip
		if head&2 != 0 { // leb128
			n, shift := 0, 0
			for skip < len(stream) && shift < 28 {
				c := stream[skip]
				n |= int(c&0x7f) << shift
				skip, shift = skip+1, shift+7
				if c < 0x80 {
					break
				}
			}
			size = n
		}
		if skip > len(stream) {
			return videoColour{}, false
		}
		stream = stream[skip:]
		if head>>3&15 == sequenceHeader {
			return sequenceColour(stream[:min(max(size, 0), len(stream))])
		}
		stream = stream[min(max(size, 0), len(stream)):]
	}
	return videoColour{}, false
}

// sequenceColour reads a sequence header.
func sequenceColour(header []byte) (videoColour, bool) {
	b := bitReader{data: header}
	profile := b.bits(3)
	b.skip(1)
	reduced := b.bits(1) == 1
	if reduced {
		b.skip(5)
	} else {
		b.operatingPoints()
	}
	w, h := int(b.bits(4)), int(b.bits(4))
	b.skip(w + 1 + h + 1)
	if !reduced && b.bits(1) == 1 { // frame ids
		b.skip(4 + 3)
	}
	b.skip(3)
	if !reduced {
		b.tools()
	}
	b.skip(3)
	if deep := b.bits(1) == 1; deep && profile == 2 {
		b.skip(1)
	}
	if profile != 1 {
		b.skip(1) // monochrome
	}
	c := videoColour{primaries: matrixUnspecified, transfer: matrixUnspecified, matrix: matrixUnspecified}
	if b.bits(1) == 0 {
		return c, false
	}
	c.primaries, c.transfer, c.matrix = int(b.bits(8)), int(b.bits(8)), int(b.bits(8))
	return c, !b.ended
}

// operatingPoints passes what is about times and levels.
func (b *bitReader) operatingPoints() {
	delay, model := 0, false
	if b.bits(1) == 1 { // timing
		b.skip(64)
		if b.bits(1) == 1 {
			b.exp()
		}
		if model = b.bits(1) == 1; model {
			delay = int(b.bits(5)) + 1
			b.skip(32 + 5 + 5)
		}
	}
	shown := b.bits(1) == 1
	for range b.bits(5) + 1 {
		b.skip(12)
		if b.bits(5) > 7 {
			b.skip(1)
		}
		if model && b.bits(1) == 1 {
			b.skip(2*delay + 1)
		}
		if shown && b.bits(1) == 1 {
			b.skip(4)
		}
	}
}

// tools passes the switches of what moving pictures need.
func (b *bitReader) tools() {
	b.skip(4)
	ordered := b.bits(1) == 1
	if ordered {
		b.skip(2)
	}
	screen := uint32(2)
	if b.bits(1) == 0 {
		screen = b.bits(1)
	}
	if screen > 0 && b.bits(1) == 0 {
		b.skip(1)
	}
	if ordered {
		b.skip(3)
	}
}

// streamColour asks the picture's own stream, where no box says what its colours are.
func (p *heif) streamColour() {
	if p.video.declared {
		return
	}
	_ = p.locations(func(id uint64, from, size int64) { // a picture is not rejected for it
		if id != p.coded {
			return
		}
		if b, err := p.boxes.h.at(from, int(min(size, 256))); err == nil {
			if c, ok := av1Colour(b); ok {
				p.video.primaries, p.video.transfer = c.primaries, c.transfer
			}
		}
	})
}
