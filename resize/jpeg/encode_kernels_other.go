//go:build !amd64 || purego

package jpeg

func forward(p *pair, src []byte, stride int, q *quantizer) { forwardGeneric(p, src, stride, q) }
func ycbcr(y, cb, cr, src []byte)                           { ycbcrGeneric(y, cb, cr, src) }
func halve(dst, src []byte)                                 { halveGeneric(dst, src) }
func quarter(dst, upper, lower []byte)                      { quarterGeneric(dst, upper, lower) }
