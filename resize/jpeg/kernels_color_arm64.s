//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// func stretchNEON(dst, src *byte, n int)
//
// (3a + b + 2) >> 2 is the mean of a and the mean of both, the latter rounded down and the former up; (3a + b + 1) >> 2 the other way round.
TEXT ·stretchNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2
	ADD  $1, R0

stretchLoop:
	FMOVQ 1(R1), F1
	FMOVQ.P 16(R1), F0
	UHADD(1, 0, 2)
	URHADD(1, 0, 3)
	URHADD(2, 0, 4)
	UHADD(3, 1, 5)
	VST2.P [V4.B16, V5.B16], 32(R0)
	SUBS $16, R2
	BNE  stretchLoop
	RET

// func stretchBlendNEON(dst, near, far *byte, n int)
TEXT ·stretchBlendNEON(SB), NOSPLIT, $0-32
	MOVD  dst+0(FP), R0
	MOVD  near+8(FP), R1
	MOVD  far+16(FP), R2
	MOVD  n+24(FP), R3
	ADD   $1, R0
	VMOVI $3, V31.B16
	MOVD  $3, R4
	VDUP  R4, V30.H8
	MOVD  $7, R4
	VDUP  R4, V29.H8

blendLoop:
	FMOVQ   1(R1), F2
	FMOVQ   1(R2), F3
	FMOVQ.P 16(R1), F0
	FMOVQ.P 16(R2), F1
	VUXTL   V1.B8, V4.H8
	VUXTL2  V1.B16, V5.H8
	VUXTL   V3.B8, V6.H8
	VUXTL2  V3.B16, V7.H8
	UMLALB(31, 0, 4)
	UMLALB2(31, 0, 5)
	UMLALB(31, 2, 6)
	UMLALB2(31, 2, 7)
	VADD    V29.H8, V6.H8, V16.H8
	VADD    V29.H8, V7.H8, V17.H8
	VMOV    V4.B16, V18.B16
	VMOV    V5.B16, V19.B16
	MLA(30, 4, 16)
	MLA(30, 5, 17)
	MLA(30, 6, 18)
	MLA(30, 7, 19)
	SHRNB(4, 16, 20)
	SHRNB2(4, 17, 20)
	RSHRNB(4, 18, 21)
	RSHRNB2(4, 19, 21)
	VST2.P  [V20.B16, V21.B16], 32(R0)
	SUBS    $16, R3
	BNE     blendLoop
	RET

// Factors of ycbcrRow, 16-bit fixed point. Those of a whole and more are taken apart: 1.402 v = v + 0.402 v,
// 1.772 u = 2 u − 0.228 u, −0.714 v = −v + 0.286 v.
DATA color<>+0(SB)/8, $0x492ea7e6c5a266e9 // 0.402 −0.228 −0.344 0.286
GLOBL color<>(SB), RODATA|NOPTR, $8

// GREEN makes the green of eight pixels without luma of u and v.
#define GREEN(u, v, out) \
	SMULLI(0, 2, u, 16)  \
	SMULL2I(0, 2, u, 17) \
	SMLALI(0, 3, v, 16)  \
	SMLAL2I(0, 3, v, 17) \
	RSHRN(16, 16, out)   \
	RSHRN2(16, 17, out)

// func ycbcrRowNEON(dst, y, cb, cr *byte, n int)
//
// A product of 16 bits that is rounded is twice the product, halved with rounding.
TEXT ·ycbcrRowNEON(SB), NOSPLIT, $0-40
	MOVD  dst+0(FP), R0
	MOVD  y+8(FP), R1
	MOVD  cb+16(FP), R2
	MOVD  cr+24(FP), R3
	MOVD  n+32(FP), R4
	MOVD  $color<>(SB), R5
	FMOVD (R5), F0
	VMOVI $128, V31.B16
	VMOVI $255, V27.B16

colorLoop:
	FMOVQ.P 16(R1), F1
	FMOVQ.P 16(R2), F2
	FMOVQ.P 16(R3), F3
	USUBL(31, 2, 4)
	USUBL2(31, 2, 5)
	USUBL(31, 3, 6)
	USUBL2(31, 3, 7)
	GREEN(4, 6, 18)
	GREEN(5, 7, 19)
	VSUB    V6.H8, V18.H8, V18.H8
	VSUB    V7.H8, V19.H8, V19.H8
	SQDMULHI(0, 0, 6, 20)
	SQDMULHI(0, 0, 7, 21)
	SQDMULHI(0, 1, 4, 22)
	SQDMULHI(0, 1, 5, 23)
	VADD    V4.H8, V4.H8, V4.H8
	VADD    V5.H8, V5.H8, V5.H8
	VUADDW  V1.B8, V18.H8, V18.H8
	VUADDW2 V1.B16, V19.H8, V19.H8
	VUADDW  V1.B8, V6.H8, V6.H8
	VUADDW2 V1.B16, V7.H8, V7.H8
	VUADDW  V1.B8, V4.H8, V4.H8
	VUADDW2 V1.B16, V5.H8, V5.H8
	SRSRA(1, 20, 6)
	SRSRA(1, 21, 7)
	SRSRA(1, 22, 4)
	SRSRA(1, 23, 5)
	SQXTUN(6, 24)
	SQXTUN2(7, 24)
	SQXTUN(18, 25)
	SQXTUN2(19, 25)
	SQXTUN(4, 26)
	SQXTUN2(5, 26)
	VST4.P  [V24.B16, V25.B16, V26.B16, V27.B16], 64(R0)
	SUBS    $16, R4
	BNE     colorLoop
	RET
