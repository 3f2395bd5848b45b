//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Weights of 32 bytes in a row, for adlerNEON.
DATA weights<>+0(SB)/8, $0x191a1b1c1d1e1f20
DATA weights<>+8(SB)/8, $0x1112131415161718
DATA weights<>+16(SB)/8, $0x090a0b0c0d0e0f10
DATA weights<>+24(SB)/8, $0x0102030405060708
GLOBL weights<>(SB), RODATA|NOPTR, $32

// func subNEON(dst, raw *byte, bpp, n int)
TEXT ·subNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD raw+8(FP), R1
	MOVD bpp+16(FP), R3
	MOVD n+24(FP), R4
	VEOR V0.B16, V0.B16, V0.B16

subLoop:
	VLD1.P (R1)(R3), [V1.B8]
	VADD   V1.B8, V0.B8, V0.B8
	VST1.P [V0.B8], (R0)(R3)
	SUBS   $1, R4
	BNE    subLoop
	RET

// func averageNEON(dst, raw, prev *byte, bpp, n int)
TEXT ·averageNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD raw+8(FP), R1
	MOVD prev+16(FP), R2
	MOVD bpp+24(FP), R3
	MOVD n+32(FP), R4
	VEOR V0.B16, V0.B16, V0.B16

averageLoop:
	VLD1.P (R2)(R3), [V2.B8]
	VLD1.P (R1)(R3), [V1.B8]
	UHADD(2, 0, 0)
	VADD   V1.B8, V0.B8, V0.B8
	VST1.P [V0.B8], (R0)(R3)
	SUBS   $1, R4
	BNE    averageLoop
	RET

// See predict. From a to the next a there are five steps.
//
// func paethNEON(dst, raw, prev *byte, bpp, n int)
TEXT ·paethNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD raw+8(FP), R1
	MOVD prev+16(FP), R2
	MOVD bpp+24(FP), R3
	MOVD n+32(FP), R4
	VEOR V0.B16, V0.B16, V0.B16 // a, as words
	VEOR V1.B16, V1.B16, V1.B16 // c
	VEOR V4.B16, V4.B16, V4.B16 // 3c
	MOVD $3, R5
	VDUP R5, V31.H8

paethLoop:
	VLD1.P (R2)(R3), [V2.B8]
	VLD1.P (R1)(R3), [V3.B8]
	VUXTL  V2.B8, V2.H8       // b
	VUXTL  V3.B8, V3.H8       // x
	VSUB   V2.H8, V4.H8, V5.H8
	MUL(31, 2, 4)
	VSUB   V0.H8, V5.H8, V5.H8 // t
	VUMIN  V2.H8, V0.H8, V6.H8
	VUMAX  V2.H8, V0.H8, V7.H8
	CMGE(7, 5, 16)
	CMGE(5, 6, 17)
	VBIT   V16.B16, V6.B16, V1.B16
	VBIT   V17.B16, V7.B16, V1.B16
	VADD   V3.B16, V1.B16, V0.B16 // of bytes: the upper ones stay zero
	VMOV   V2.B16, V1.B16
	XTN(0, 18)
	VST1.P [V18.B8], (R0)(R3)
	SUBS   $1, R4
	BNE    paethLoop
	RET

// func upNEON(dst, raw, prev *byte, n int)
TEXT ·upNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD raw+8(FP), R1
	MOVD prev+16(FP), R2
	MOVD n+24(FP), R3

upLoop:
	VLD1.P 32(R1), [V0.B16, V1.B16]
	VLD1.P 32(R2), [V2.B16, V3.B16]
	VADD   V2.B16, V0.B16, V0.B16
	VADD   V3.B16, V1.B16, V1.B16
	VST1.P [V0.B16, V1.B16], 32(R0)
	SUBS   $32, R3
	BNE    upLoop
	RET

// func adlerNEON(p *byte, n int) (sum, weighted uint64)
//
// Of adlerPart bytes a quarter of the sums before each 32, 2040 × 2047 × 1024, is less than 2³².
TEXT ·adlerNEON(SB), NOSPLIT, $0-32
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD $weights<>(SB), R2
	VLD1 (R2), [V16.B16, V17.B16]
	VEOR V0.B16, V0.B16, V0.B16 // sums of all bytes so far
	VEOR V1.B16, V1.B16, V1.B16 // the sums before each 32 bytes, added up
	VEOR V2.B16, V2.B16, V2.B16 // bytes by their weights within their 32

adlerLoop:
	VLD1.P 32(R0), [V3.B16, V4.B16]
	VADD   V0.S4, V1.S4, V1.S4
	UADDLP(3, 5)
	UMULL(16, 3, 6)
	UADALP(4, 5)
	UMLAL2(16, 3, 6)
	UADALPH(5, 0)
	UMLAL(17, 4, 6)
	UMLAL2(17, 4, 6)
	UADALPH(6, 2)
	SUBS   $32, R1
	BNE    adlerLoop
	VUADDLV V0.S4, V0
	VUADDLV V1.S4, V1
	VUADDLV V2.S4, V2
	FMOVD  F0, R3
	FMOVD  F1, R4
	FMOVD  F2, R5
	ADD    R4<<5, R5
	MOVD   R3, sum+16(FP)
	MOVD   R5, weighted+24(FP)
	RET

// 256 high + low is 257 high + low - high: the nearest byte is one more where low - high is above 128, and one less where
// high - low is.
//
// func to8NEON(dst, src *byte, n int)
TEXT ·to8NEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	VMOVI $128, V31.B16

to8Loop:
	VLD2.P 32(R1), [V0.B16, V1.B16]
	UQSUB(0, 1, 2)
	UQSUB(1, 0, 3)
	CMHI(31, 2, 2)
	CMHI(31, 3, 3)
	VSUB   V2.B16, V0.B16, V0.B16
	VADD   V3.B16, V0.B16, V0.B16
	FMOVQ.P F0, 16(R0)
	SUBS   $16, R2
	BNE    to8Loop
	RET

// func rgbToRGBANEON(dst, src *byte, n int)
TEXT ·rgbToRGBANEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	VMOVI $255, V3.B16

rgbLoop:
	VLD3.P 48(R1), [V0.B16, V1.B16, V2.B16]
	VST4.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R0)
	SUBS   $16, R2
	BNE    rgbLoop
	RET

// func grayAlphaToRGBANEON(dst, src *byte, n int)
TEXT ·grayAlphaToRGBANEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

grayAlphaLoop:
	VLD2.P 32(R1), [V2.B16, V3.B16]
	VMOV   V2.B16, V0.B16
	VMOV   V2.B16, V1.B16
	VST4.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R0)
	SUBS   $16, R2
	BNE    grayAlphaLoop
	RET
