//go:build (!amd64 && !arm64) || purego

package png

func sub(dst, raw []byte, bpp int)           { subGeneric(dst, raw, bpp, 0) }
func up(dst, raw, prev []byte)               { upGeneric(dst, raw, prev, 0) }
func average(dst, raw, prev []byte, bpp int) { averageGeneric(dst, raw, prev, bpp, 0) }
func paeth(dst, raw, prev []byte, bpp int)   { paethGeneric(dst, raw, prev, bpp, 0) }

func adler32(sum uint32, p []byte) uint32 { return adler32Generic(sum, p) }
func to8(dst, src []byte)                 { to8Generic(dst, src) }
func rgbToRGBA(dst, src []byte)           { rgbToRGBAGeneric(dst, src) }
func grayAlphaToRGBA(dst, src []byte)     { grayAlphaToRGBAGeneric(dst, src) }
