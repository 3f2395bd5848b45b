//go:build (!amd64 && !arm64) || purego

package jpeg

func idct8(dst []byte, stride int, b, quant *[64]int16) { idct8Generic(dst, stride, b, quant) }
func idct4(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	idct4Generic(dst, stride, b, quant, f)
}
func idct2(dst []byte, stride int, b, quant *[64]int16, f *factors) {
	idct2Generic(dst, stride, b, quant, f)
}

func stretch(dst, src []byte)            { stretchGeneric(dst, src) }
func stretchBlend(dst, near, far []byte) { stretchBlendGeneric(dst, near, far) }
func ycbcrRow(dst, y, cb, cr []byte)     { ycbcrRowGeneric(dst, y, cb, cr) }
