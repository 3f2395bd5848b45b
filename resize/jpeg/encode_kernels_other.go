//go:build (!amd64 && !arm64) || purego

package jpeg

func forward(p *pair, src []byte, stride int, q *quantizer) { forwardGeneric(p, src, stride, q) }
func survey(p *pair, most *[64]int16, energy *[2]int32)     { surveyGeneric(p, most, energy) }
func ycbcr(y, cb, cr, src []byte)                           { ycbcrGeneric(y, cb, cr, src) }
func halve(dst, src []byte)                                 { halveGeneric(dst, src) }
func quarter(dst, upper, lower []byte)                      { quarterGeneric(dst, upper, lower) }
