//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Factors, 16-bit fixed point: of luma, one half, of Cb, of Cr; see yR and the others.
DATA factors<>+0(SB)/8, $0x80001d2f96464c8b // 19595 38470 7471 −32768
DATA factors<>+8(SB)/8, $0xeb2f94d1ab33d4cd // −11059 −21709 −27439 −5329
GLOBL factors<>(SB), RODATA|NOPTR, $16

// LUMA makes eight samples of words, CHROMA of two factors i and j and a half.
#define LUMA(r, g, b, out) \
	UMULLI(0, 0, r, 16)  \
	UMULL2I(0, 0, r, 17) \
	UMLALI(0, 1, g, 16)  \
	UMLAL2I(0, 1, g, 17) \
	UMLALI(0, 2, b, 16)  \
	UMLAL2I(0, 2, b, 17) \
	RSHRN(16, 16, out)   \
	RSHRN2(16, 17, out)

#define CHROMA(i, x, j, y, half, out) \
	VMOV V31.B16, V16.B16   \
	VMOV V31.B16, V17.B16   \
	SMLALI(0, i, x, 16)     \
	SMLAL2I(0, i, x, 17)    \
	SMLALI(0, j, y, 16)     \
	SMLAL2I(0, j, y, 17)    \
	SMLSLI(0, 3, half, 16)  \
	SMLSL2I(0, 3, half, 17) \
	VUZP2 V17.H8, V16.H8, out.H8

// func ycbcrNEON(y, cb, cr, src *byte, n int)
TEXT ·ycbcrNEON(SB), NOSPLIT, $0-40
	MOVD  y+0(FP), R0
	MOVD  cb+8(FP), R1
	MOVD  cr+16(FP), R2
	MOVD  src+24(FP), R3
	MOVD  n+32(FP), R4
	MOVD  $factors<>(SB), R5
	FMOVQ (R5), F0
	MOVD  $0x807FFF, R5 // chromaBias
	VDUP  R5, V31.S4

pixels:
	VLD4.P 64(R3), [V1.B16, V2.B16, V3.B16, V4.B16]
	VUXTL  V1.B8, V5.H8
	VUXTL2 V1.B16, V6.H8
	VUXTL  V2.B8, V7.H8
	VUXTL2 V2.B16, V8.H8
	VUXTL  V3.B8, V9.H8
	VUXTL2 V3.B16, V10.H8
	LUMA(5, 7, 9, 18)
	LUMA(6, 8, 10, 19)
	CHROMA(4, 5, 5, 7, 9, V20)
	CHROMA(4, 6, 5, 8, 10, V21)
	CHROMA(6, 7, 7, 9, 5, V22)
	CHROMA(6, 8, 7, 10, 6, V23)
	VUZP1  V19.B16, V18.B16, V18.B16
	VUZP1  V21.B16, V20.B16, V20.B16
	VUZP1  V23.B16, V22.B16, V22.B16
	FMOVQ.P F18, 16(R0)
	FMOVQ.P F20, 16(R1)
	FMOVQ.P F22, 16(R2)
	SUBS   $16, R4
	BNE    pixels
	RET

// func halveNEON(dst, src *byte, n int)
TEXT ·halveNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2
	MOVD $0x0001000000010000, R3
	VDUP R3, V31.D2

two:
	VLD1.P 32(R1), [V0.B16, V1.B16]
	UADDLP(0, 2)
	UADDLP(1, 3)
	VADD V31.H8, V2.H8, V2.H8
	VADD V31.H8, V3.H8, V3.H8
	SHRNB(1, 2, 4)
	SHRNB2(1, 3, 4)
	FMOVQ.P F4, 16(R0)
	SUBS $16, R2
	BNE  two
	RET

// func quarterNEON(dst, upper, lower *byte, n int)
TEXT ·quarterNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD upper+8(FP), R1
	MOVD lower+16(FP), R2
	MOVD n+24(FP), R3
	MOVD $0x0002000100020001, R4
	VDUP R4, V31.D2

four:
	VLD1.P 32(R1), [V0.B16, V1.B16]
	VLD1.P 32(R2), [V2.B16, V3.B16]
	UADDLP(0, 4)
	UADDLP(1, 5)
	UADALP(2, 4)
	UADALP(3, 5)
	VADD V31.H8, V4.H8, V4.H8
	VADD V31.H8, V5.H8, V5.H8
	SHRNB(2, 4, 6)
	SHRNB2(2, 5, 6)
	FMOVQ.P F6, 16(R0)
	SUBS $16, R3
	BNE  four
	RET
