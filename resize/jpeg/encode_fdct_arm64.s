//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// What the bits of a byte stand for.
DATA powers<>+0(SB)/8, $0x8040201008040201
DATA powers<>+8(SB)/8, $0x8040201008040201
GLOBL powers<>(SB), RODATA|NOPTR, $16

// TRANSPOSE turns eight rows of words into columns V8 … V15. It takes V24 … V31 as well, which may be the rows.
#define TRANSPOSE(r0, r1, r2, r3, r4, r5, r6, r7) \
	VTRN1 r1.H8, r0.H8, V8.H8    \
	VTRN2 r1.H8, r0.H8, V9.H8    \
	VTRN1 r3.H8, r2.H8, V10.H8   \
	VTRN2 r3.H8, r2.H8, V11.H8   \
	VTRN1 r5.H8, r4.H8, V12.H8   \
	VTRN2 r5.H8, r4.H8, V13.H8   \
	VTRN1 r7.H8, r6.H8, V14.H8   \
	VTRN2 r7.H8, r6.H8, V15.H8   \
	VTRN1 V10.S4, V8.S4, V24.S4  \
	VTRN2 V10.S4, V8.S4, V26.S4  \
	VTRN1 V11.S4, V9.S4, V25.S4  \
	VTRN2 V11.S4, V9.S4, V27.S4  \
	VTRN1 V14.S4, V12.S4, V28.S4 \
	VTRN2 V14.S4, V12.S4, V30.S4 \
	VTRN1 V15.S4, V13.S4, V29.S4 \
	VTRN2 V15.S4, V13.S4, V31.S4 \
	VTRN1 V28.D2, V24.D2, V8.D2  \
	VTRN1 V29.D2, V25.D2, V9.D2  \
	VTRN1 V30.D2, V26.D2, V10.D2 \
	VTRN1 V31.D2, V27.D2, V11.D2 \
	VTRN2 V28.D2, V24.D2, V12.D2 \
	VTRN2 V29.D2, V25.D2, V13.D2 \
	VTRN2 V30.D2, V26.D2, V14.D2 \
	VTRN2 V31.D2, V27.D2, V15.D2

// BUTTERFLY takes V8 … V15 apart into sums and differences: of even outputs V24 and V28 (0 and 4, complete), V4 and V5 (of 2 and
// 6), of odd ones V12 … V15.
#define BUTTERFLY \
	VADD V15.H8, V8.H8, V16.H8  \
	VADD V14.H8, V9.H8, V17.H8  \
	VADD V13.H8, V10.H8, V18.H8 \
	VADD V12.H8, V11.H8, V19.H8 \
	VSUB V15.H8, V8.H8, V8.H8   \
	VSUB V14.H8, V9.H8, V9.H8   \
	VSUB V13.H8, V10.H8, V10.H8 \
	VSUB V12.H8, V11.H8, V11.H8 \
	VADD V19.H8, V16.H8, V20.H8 \
	VSUB V19.H8, V16.H8, V4.H8  \
	VADD V18.H8, V17.H8, V21.H8 \
	VSUB V18.H8, V17.H8, V5.H8  \
	VADD V21.H8, V20.H8, V24.H8 \
	VSUB V21.H8, V20.H8, V28.H8

// PRODUCTS goes on after BUTTERFLY with one half: outputs 0 … 7 are then in V24 … V31.
#define PRODUCTS(MULL, MLAL, MLSL, NARROW, shift) \
	MULL(0, 0, 4, 16)  \
	MULL(0, 1, 4, 17)  \
	MULL(0, 3, 8, 18)  \
	MULL(0, 4, 8, 19)  \
	MULL(0, 5, 8, 20)  \
	MULL(0, 6, 8, 21)  \
	MLAL(0, 1, 5, 16)  \
	MLSL(0, 2, 5, 17)  \
	MLAL(0, 4, 9, 18)  \
	MLSL(0, 7, 9, 19)  \
	MLSL(1, 0, 9, 20)  \
	MLSL(1, 1, 9, 21)  \
	MLAL(0, 5, 10, 18) \
	MLSL(1, 0, 10, 19) \
	MLAL(1, 2, 10, 20) \
	MLAL(0, 4, 10, 21) \
	MLAL(0, 6, 11, 18) \
	MLSL(1, 1, 11, 19) \
	MLAL(0, 4, 11, 20) \
	MLSL(0, 3, 11, 21) \
	NARROW(shift, 16, 26) \
	NARROW(shift, 17, 30) \
	NARROW(shift, 18, 25) \
	NARROW(shift, 19, 27) \
	NARROW(shift, 20, 29) \
	NARROW(shift, 21, 31)

// QUANTIZE divides a row, and stores it. Products with the scale have 31 bits: neither factor exceeds 15, see quantizer.
#define QUANTIZE(row, x, f) \
	FMOVQ (quantizer_correction+16*row)(R3), F16 \
	FMOVQ (quantizer_reciprocal+16*row)(R3), F17 \
	FMOVQ (quantizer_scale+16*row)(R3), F18      \
	ABS(x, 19)                     \
	SSHR(15, x, 20)                \
	VADD V16.H8, V19.H8, V19.H8    \
	UMULLH(17, 19, 21)             \
	UMULLH2(17, 19, 22)            \
	VUZP2 V22.H8, V21.H8, V19.H8   \
	SQDMULH(18, 19, 19)            \
	VUSHR $1, V19.H8, V19.H8       \
	VEOR V20.B16, V19.B16, V19.B16 \
	VSUB V20.H8, V19.H8, f.H8

// MASK makes V16 a bit for each word of V24 … V31 that is not zero, in the order in V4 … V7; V3 has the powers.
#define MASK \
	SQXTN(24, 16)  \
	SQXTN2(25, 16) \
	SQXTN(26, 17)  \
	SQXTN2(27, 17) \
	SQXTN(28, 18)  \
	SQXTN2(29, 18) \
	SQXTN(30, 19)  \
	SQXTN2(31, 19) \
	VTBL V4.B16, [V16.B16, V17.B16, V18.B16, V19.B16], V20.B16 \
	VTBL V5.B16, [V16.B16, V17.B16, V18.B16, V19.B16], V21.B16 \
	VTBL V6.B16, [V16.B16, V17.B16, V18.B16, V19.B16], V22.B16 \
	VTBL V7.B16, [V16.B16, V17.B16, V18.B16, V19.B16], V23.B16 \
	VCMTST V20.B16, V20.B16, V20.B16 \
	VCMTST V21.B16, V21.B16, V21.B16 \
	VCMTST V22.B16, V22.B16, V22.B16 \
	VCMTST V23.B16, V23.B16, V23.B16 \
	VAND  V3.B16, V20.B16, V20.B16   \
	VAND  V3.B16, V21.B16, V21.B16   \
	VAND  V3.B16, V22.B16, V22.B16   \
	VAND  V3.B16, V23.B16, V23.B16   \
	VADDP V21.B16, V20.B16, V20.B16  \
	VADDP V23.B16, V22.B16, V22.B16  \
	VADDP V22.B16, V20.B16, V20.B16  \
	VADDP V20.B16, V20.B16, V16.B16

// func forwardNEON(p *pair, src *byte, stride int, q *quantizer)
TEXT ·forwardNEON(SB), NOSPLIT, $0-32
	MOVD  p+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  stride+16(FP), R2
	MOVD  q+24(FP), R3
	ADD   $pair_nonzero, R0, R4
	MOVD  $·zigzag(SB), R6
	MOVD  $·islow(SB), R5
	VLD1  (R5), [V0.H8, V1.H8]
	MOVD  $powers<>(SB), R5
	FMOVQ (R5), F3
	VMOVI $128, V2.B16
	MOVD  $2, R7

side:
	MOVD   R1, R5
	VLD1.P (R5)(R2), [V16.B8]
	VLD1.P (R5)(R2), [V17.B8]
	VLD1.P (R5)(R2), [V18.B8]
	VLD1.P (R5)(R2), [V19.B8]
	VLD1.P (R5)(R2), [V20.B8]
	VLD1.P (R5)(R2), [V21.B8]
	VLD1.P (R5)(R2), [V22.B8]
	VLD1   (R5), [V23.B8]
	USUBL(2, 16, 24)
	USUBL(2, 17, 25)
	USUBL(2, 18, 26)
	USUBL(2, 19, 27)
	USUBL(2, 20, 28)
	USUBL(2, 21, 29)
	USUBL(2, 22, 30)
	USUBL(2, 23, 31)
	TRANSPOSE(V24, V25, V26, V27, V28, V29, V30, V31)
	BUTTERFLY
	VSHL $2, V24.H8, V24.H8
	VSHL $2, V28.H8, V28.H8
	PRODUCTS(SMULLI, SMLALI, SMLSLI, RSHRN, 11)
	PRODUCTS(SMULL2I, SMLAL2I, SMLSL2I, RSHRN2, 11)
	TRANSPOSE(V24, V25, V26, V27, V28, V29, V30, V31)
	BUTTERFLY
	SRSHR(2, 24, 24)
	SRSHR(2, 28, 28)
	PRODUCTS(SMULLI, SMLALI, SMLSLI, RSHRN, 15)
	PRODUCTS(SMULL2I, SMLAL2I, SMLSL2I, RSHRN2, 15)
	QUANTIZE(0, 24, V24)
	QUANTIZE(1, 25, V25)
	QUANTIZE(2, 26, V26)
	QUANTIZE(3, 27, V27)
	QUANTIZE(4, 28, V28)
	QUANTIZE(5, 29, V29)
	QUANTIZE(6, 30, V30)
	QUANTIZE(7, 31, V31)
	VST1.P [V24.H8, V25.H8, V26.H8, V27.H8], 64(R0)
	VST1.P [V28.H8, V29.H8, V30.H8, V31.H8], 64(R0)
	VLD1   (R6), [V4.B16, V5.B16, V6.B16, V7.B16]
	MASK
	FMOVD.P F16, 8(R4)
	ADD  $8, R1
	SUBS $1, R7
	BNE  side
	RET

// SURVEY compares a row, and adds its squares to V0 and V1.
#define SURVEY(row, x) \
	FMOVQ (16*row)(R1), F16 \
	SMLAL(x, x, 0)          \
	SMLAL2(x, x, 1)         \
	ABS(x, x)               \
	CMGT(16, x, x)

// func surveyNEON(p *pair, most *[64]int16, energy *[2]int32)
TEXT ·surveyNEON(SB), NOSPLIT, $0-24
	MOVD  p+0(FP), R0
	MOVD  most+8(FP), R1
	MOVD  energy+16(FP), R2
	ADD   $pair_nonzero, R0, R4
	MOVD  $·zigzag(SB), R6
	VLD1  (R6), [V4.B16, V5.B16, V6.B16, V7.B16]
	MOVD  $powers<>(SB), R5
	FMOVQ (R5), F3
	MOVD  $2, R7

side:
	VLD1.P 64(R0), [V24.H8, V25.H8, V26.H8, V27.H8]
	VLD1.P 64(R0), [V28.H8, V29.H8, V30.H8, V31.H8]
	VEOR   V0.B16, V0.B16, V0.B16
	VEOR   V1.B16, V1.B16, V1.B16
	SURVEY(0, 24)
	SURVEY(1, 25)
	SURVEY(2, 26)
	SURVEY(3, 27)
	SURVEY(4, 28)
	SURVEY(5, 29)
	SURVEY(6, 30)
	SURVEY(7, 31)
	VADD  V1.S4, V0.S4, V0.S4
	VADDV V0.S4, V0
	FMOVS.P F0, 4(R2)
	MASK
	FMOVD.P F16, 8(R4)
	SUBS $1, R7
	BNE  side
	RET
