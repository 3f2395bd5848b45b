package png

// convert makes output pixels of a row's samples as they are in the file: one byte a pixel where they are grey and opaque,
// otherwise four. The result is dst, or src itself where nothing is to do.
func (d *Decoder) convert(dst, src []byte, width int) []byte {
	h := &d.header
	samples := h.Color.samples() * width
	dst = dst[:d.Channels()*width]
	switch {
	case h.Depth < 8 && !h.Alpha && h.Gray:
		unpack(dst, src, h.Depth, grayScale(h.Depth))
		return dst
	case h.Depth < 8:
		unpack(d.narrow[:samples], src, h.Depth, 1)
		lookUp(dst, d.narrow[:samples], &d.table)
		return dst
	case h.Color == Palette, h.Color == Gray && h.Depth == 8 && h.Alpha:
		lookUp(dst, src[:samples], &d.table)
		return dst
	}
	narrow := src[:samples]
	if h.Depth == 16 {
		narrow = dst
		if samples != len(dst) {
			narrow = d.narrow[:samples]
		}
		to8(narrow, src[:2*samples])
	}
	switch {
	case samples == len(dst):
		return narrow
	case h.Color == Gray:
		grayToRGBA(dst, narrow)
	case h.Color == GrayAlpha:
		grayAlphaToRGBA(dst, narrow)
	case h.Color == RGB:
		rgbToRGBA(dst, narrow)
	}
	if h.Alpha && h.Color != GrayAlpha {
		keyOut(dst, src, d.key)
	}
	return dst
}

// unpack spreads samples of 1, 2 or 4 bits, the first in the highest, multiplied with scale.
func unpack(dst, src []byte, depth int, scale byte) {
	each, mask := 8/depth, byte(1)<<depth-1
	for _, packed := range src {
		if len(dst) < each {
			each = len(dst)
		}
		shift := 8
		for i := range dst[:each] {
			shift -= depth
			dst[i] = packed >> (shift & 7) & mask * scale
		}
		dst = dst[each:]
	}
}

func lookUp(dst, src []byte, table *[256][4]byte) {
	for _, v := range src {
		*(*[4]byte)(dst) = table[v]
		dst = dst[4:]
	}
}

func grayToRGBA(dst, src []byte) {
	for _, v := range src {
		*(*[4]byte)(dst) = [4]byte{v, v, v, 255}
		dst = dst[4:]
	}
}

func grayAlphaToRGBAGeneric(dst, src []byte) {
	for ; len(src) >= 2; src = src[2:] {
		*(*[4]byte)(dst) = [4]byte{src[0], src[0], src[0], src[1]}
		dst = dst[4:]
	}
}

func rgbToRGBAGeneric(dst, src []byte) {
	for ; len(src) >= 3; src = src[3:] {
		*(*[4]byte)(dst) = [4]byte{src[0], src[1], src[2], 255}
		dst = dst[4:]
	}
}

// to8Generic rounds big-endian 16 bits to 8: v/257, to the nearest.
func to8Generic(dst, src []byte) {
	for i := range dst {
		dst[i] = byte(((uint32(src[2*i])<<8|uint32(src[2*i+1]))*255 + 32895) >> 16)
	}
}

// keyOut makes those pixels transparent whose samples in the file are key.
func keyOut(dst, src, key []byte) {
	for ; len(dst) > 0; dst = dst[4:] {
		if string(src[:len(key)]) == string(key) {
			dst[3] = 0
		}
		src = src[len(key):]
	}
}
