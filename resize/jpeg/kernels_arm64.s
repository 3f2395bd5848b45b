//go:build !purego

#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// Factors of the 8×8 forms, see butterfly8 and forward8: elements of V0 and V1.
DATA ·islow+0(SB)/8, $0x2c6329d0115129cf // 10703 4433 10704 11363
DATA ·islow+8(SB)/8, $0x08d308d4192525a1 // 9633 6437 2260 2259
DATA ·islow+16(SB)/8, $0x000008d519242c62 // 11362 6436 2261
DATA ·islow+24(SB)/8, $0
GLOBL ·islow(SB), RODATA|NOPTR, $32

// transposes 4×4 bytes
DATA transpose<>+0(SB)/8, $0x0d0905010c080400
DATA transpose<>+8(SB)/8, $0x0f0b07030e0a0602
GLOBL transpose<>(SB), RODATA|NOPTR, $16

// LOAD dequantizes the block at R2 into V2 … V9, rows 0 4 2 6 1 5 3 7 of which the columns are 0 4 1 5 2 6 3 7, and leaves zeros.
#define LOAD \
	VLD2.P 32(R2), [V16.H8, V17.H8] \
	VLD2.P 32(R2), [V18.H8, V19.H8] \
	VLD2.P 32(R2), [V20.H8, V21.H8] \
	VLD2   (R2), [V22.H8, V23.H8]   \
	VLD2.P 32(R3), [V24.H8, V25.H8] \
	VLD2.P 32(R3), [V26.H8, V27.H8] \
	VLD2.P 32(R3), [V28.H8, V29.H8] \
	VLD2   (R3), [V30.H8, V31.H8]   \
	VEOR   V15.B16, V15.B16, V15.B16 \
	FSTPQ  (F15, F15), (R2)   \
	FSTPQ  (F15, F15), -32(R2) \
	FSTPQ  (F15, F15), -64(R2) \
	FSTPQ  (F15, F15), -96(R2) \
	MUL(24, 16, 2) \
	MUL(25, 17, 3) \
	MUL(26, 18, 4) \
	MUL(27, 19, 5) \
	MUL(28, 20, 6) \
	MUL(29, 21, 7) \
	MUL(30, 22, 8) \
	MUL(31, 23, 9)

// SUMS is butterfly8 on one half of V2 … V9: the even sums are V16 … V19, the odd ones V20 … V23.
#define SUMS(ADDL, SUBL, MULL, MLAL, MLSL) \
	ADDL(3, 2, 10)    \
	SUBL(3, 2, 11)    \
	MULL(0, 0, 4, 12) \
	MULL(0, 1, 4, 13) \
	MULL(0, 3, 6, 20) \
	MULL(0, 4, 6, 21) \
	MULL(0, 5, 6, 22) \
	MULL(0, 6, 6, 23) \
	MLAL(0, 1, 5, 12) \
	MLSL(0, 2, 5, 13) \
	VSHL $13, V10.S4, V10.S4 \
	VSHL $13, V11.S4, V11.S4 \
	MLAL(0, 4, 8, 20) \
	MLSL(0, 7, 8, 21) \
	MLSL(1, 0, 8, 22) \
	MLSL(1, 1, 8, 23) \
	VADD V12.S4, V10.S4, V16.S4 \
	VADD V13.S4, V11.S4, V17.S4 \
	VSUB V13.S4, V11.S4, V18.S4 \
	VSUB V12.S4, V10.S4, V19.S4 \
	MLAL(0, 5, 7, 20) \
	MLSL(1, 0, 7, 21) \
	MLAL(1, 2, 7, 22) \
	MLAL(0, 4, 7, 23) \
	MLAL(0, 6, 9, 20) \
	MLSL(1, 1, 9, 21) \
	MLAL(0, 4, 9, 22) \
	MLSL(0, 3, 9, 23)

// WORDS rounds the rows or columns that SUMS has to one half of V24 … V31.
#define WORDS(NARROW) \
	VADD V20.S4, V16.S4, V10.S4 \
	VADD V21.S4, V17.S4, V11.S4 \
	VADD V22.S4, V18.S4, V12.S4 \
	VADD V23.S4, V19.S4, V13.S4 \
	VSUB V23.S4, V19.S4, V19.S4 \
	VSUB V22.S4, V18.S4, V18.S4 \
	VSUB V21.S4, V17.S4, V17.S4 \
	VSUB V20.S4, V16.S4, V16.S4 \
	NARROW(11, 10, 24) \
	NARROW(11, 11, 25) \
	NARROW(11, 12, 26) \
	NARROW(11, 13, 27) \
	NARROW(11, 19, 28) \
	NARROW(11, 18, 29) \
	NARROW(11, 17, 30) \
	NARROW(11, 16, 31)

// UPPER takes the upper 16 bits.
#define UPPER(ADD, SUB) \
	ADD(20, 16, 24) \
	ADD(21, 17, 25) \
	ADD(22, 18, 26) \
	ADD(23, 19, 27) \
	SUB(23, 19, 28) \
	SUB(22, 18, 29) \
	SUB(21, 17, 30) \
	SUB(20, 16, 31)

// func idct8NEON(dst *byte, stride int, b, quant *[64]int16)
//
// No sum of products exceeds 32 bits, rounding included: 32768 (16384 + 15136 + 29693) is less than 2³¹.
TEXT ·idct8NEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD b+16(FP), R2
	MOVD quant+24(FP), R3
	MOVD $·islow(SB), R4
	VLD1 (R4), [V0.H8, V1.H8]
	LOAD
	SUMS(SADDL, SSUBL, SMULLI, SMLALI, SMLSLI)
	WORDS(SQRSHRN)
	SUMS(SADDL2, SSUBL2, SMULL2I, SMLAL2I, SMLSL2I)
	WORDS(SQRSHRN2)

	// Rows to columns, in the order in which LOAD has rows.
	VTRN1 V25.H8, V24.H8, V10.H8
	VTRN2 V25.H8, V24.H8, V11.H8
	VTRN1 V27.H8, V26.H8, V12.H8
	VTRN2 V27.H8, V26.H8, V13.H8
	VTRN1 V29.H8, V28.H8, V14.H8
	VTRN2 V29.H8, V28.H8, V15.H8
	VTRN1 V31.H8, V30.H8, V16.H8
	VTRN2 V31.H8, V30.H8, V17.H8
	VTRN1 V12.S4, V10.S4, V18.S4
	VTRN2 V12.S4, V10.S4, V20.S4
	VTRN1 V13.S4, V11.S4, V19.S4
	VTRN2 V13.S4, V11.S4, V21.S4
	VTRN1 V16.S4, V14.S4, V22.S4
	VTRN2 V16.S4, V14.S4, V24.S4
	VTRN1 V17.S4, V15.S4, V23.S4
	VTRN2 V17.S4, V15.S4, V25.S4
	VTRN1 V22.D2, V18.D2, V2.D2
	VTRN1 V23.D2, V19.D2, V3.D2
	VTRN2 V22.D2, V18.D2, V4.D2
	VTRN2 V23.D2, V19.D2, V5.D2
	VTRN1 V24.D2, V20.D2, V6.D2
	VTRN1 V25.D2, V21.D2, V7.D2
	VTRN2 V24.D2, V20.D2, V8.D2
	VTRN2 V25.D2, V21.D2, V9.D2
	SUMS(SADDL, SSUBL, SMULLI, SMLALI, SMLSLI)
	UPPER(ADDHN, SUBHN)
	SUMS(SADDL2, SSUBL2, SMULL2I, SMLAL2I, SMLSL2I)
	UPPER(ADDHN2, SUBHN2)

	// Two more bits, and columns 0,4 1,5 2,6 3,7 to rows of bytes.
	VMOVI $128, V20.B16
	SQRSHRNB(2, 24, 16)
	SQRSHRNB(2, 25, 17)
	SQRSHRNB(2, 26, 18)
	SQRSHRNB(2, 27, 19)
	SQRSHRNB2(2, 28, 16)
	SQRSHRNB2(2, 29, 17)
	SQRSHRNB2(2, 30, 18)
	SQRSHRNB2(2, 31, 19)
	VEOR  V20.B16, V16.B16, V16.B16
	VEOR  V20.B16, V17.B16, V17.B16
	VEOR  V20.B16, V18.B16, V18.B16
	VEOR  V20.B16, V19.B16, V19.B16
	VZIP1 V17.B16, V16.B16, V24.B16
	VZIP2 V17.B16, V16.B16, V25.B16
	VZIP1 V19.B16, V18.B16, V26.B16
	VZIP2 V19.B16, V18.B16, V27.B16
	VZIP1 V26.H8, V24.H8, V16.H8
	VZIP2 V26.H8, V24.H8, V17.H8
	VZIP1 V27.H8, V25.H8, V18.H8
	VZIP2 V27.H8, V25.H8, V19.H8
	VZIP1 V18.S4, V16.S4, V24.S4
	VZIP2 V18.S4, V16.S4, V25.S4
	VZIP1 V19.S4, V17.S4, V26.S4
	VZIP2 V19.S4, V17.S4, V27.S4
	VST1.P V24.D[0], (R0)(R1)
	VST1.P V24.D[1], (R0)(R1)
	VST1.P V25.D[0], (R0)(R1)
	VST1.P V25.D[1], (R0)(R1)
	VST1.P V26.D[0], (R0)(R1)
	VST1.P V26.D[1], (R0)(R1)
	VST1.P V27.D[0], (R0)(R1)
	VST1   V27.D[1], (R0)
	RET

// FACTORS makes even2 even6 0 0 and the outer factors the elements of V0, and the middle ones those of V1, of the factors at R4.
#define FACTORS \
	FMOVD factors_even2(R4), F0       \
	ADD   $factors_outer, R4          \
	VLD1  (R4), [V1.S4, V2.S4]        \
	VUZP1 V1.H8, V0.H8, V0.H8         \
	VUZP1 V2.H8, V2.H8, V1.H8

// FOUR is butterfly4 on one half of V2 … V9, with the even part from V15 on: rows 0 … 3 are V20 … V23.
#define FOUR(SHLL, MULL, MLAL) \
	SHLL(14, 2, 10)   \
	MULL(0, 0, 4, 11) \
	MULL(0, 4, 6, 12) \
	MULL(1, 0, 6, 13) \
	VADD V15.S4, V10.S4, V10.S4 \
	MLAL(0, 1, 5, 11) \
	MLAL(0, 5, 8, 12) \
	MLAL(1, 1, 8, 13) \
	MLAL(0, 6, 7, 12) \
	MLAL(1, 2, 7, 13) \
	MLAL(0, 7, 9, 12) \
	MLAL(1, 3, 9, 13) \
	VADD V11.S4, V10.S4, V16.S4 \
	VSUB V11.S4, V10.S4, V17.S4 \
	VADD V12.S4, V16.S4, V20.S4 \
	VADD V13.S4, V17.S4, V21.S4 \
	VSUB V13.S4, V17.S4, V22.S4 \
	VSUB V12.S4, V16.S4, V23.S4

// func idct4NEON(dst *byte, stride int, b, quant *[64]int16, f *factors)
//
// Sums may exceed 32 bits here: so one half is added first, and what is narrowed is not rounded.
TEXT ·idct4NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD b+16(FP), R2
	MOVD quant+24(FP), R3
	MOVD f+32(FP), R4
	FACTORS
	LOAD
	MOVD $(1<<11), R5
	VDUP R5, V15.S4
	FOUR(SSHLL, SMULLI, SMLALI)
	SQSHRN(12, 20, 24)
	SQSHRN(12, 21, 25)
	SQSHRN(12, 22, 26)
	SQSHRN(12, 23, 27)
	FOUR(SSHLL2, SMULL2I, SMLAL2I)
	SQSHRN2(12, 20, 24)
	SQSHRN2(12, 21, 25)
	SQSHRN2(12, 22, 26)
	SQSHRN2(12, 23, 27)

	// Rows to columns, two in each vector: 0,2 4,6 1,3 5,7.
	MOVD  $(1<<18), R5
	VDUP  R5, V15.S4
	VTRN1 V25.H8, V24.H8, V10.H8
	VTRN2 V25.H8, V24.H8, V11.H8
	VTRN1 V27.H8, V26.H8, V12.H8
	VTRN2 V27.H8, V26.H8, V13.H8
	VTRN1 V12.S4, V10.S4, V2.S4
	VTRN1 V13.S4, V11.S4, V3.S4
	VTRN2 V12.S4, V10.S4, V4.S4
	VTRN2 V13.S4, V11.S4, V5.S4
	SSHLL(14, 2, 10)
	SMULL2I(0, 0, 2, 11)
	SMULLI(0, 4, 4, 12)
	SMULLI(1, 0, 4, 13)
	VADD V15.S4, V10.S4, V10.S4
	SMLAL2I(0, 1, 3, 11)
	SMLAL2I(0, 5, 4, 12)
	SMLAL2I(1, 1, 4, 13)
	SMLALI(0, 6, 5, 12)
	SMLALI(1, 2, 5, 13)
	SMLAL2I(0, 7, 5, 12)
	SMLAL2I(1, 3, 5, 13)
	VADD V11.S4, V10.S4, V16.S4
	VSUB V11.S4, V10.S4, V17.S4
	ADDHN(12, 16, 20)
	SUBHN(13, 17, 21)
	ADDHN2(13, 17, 20)
	SUBHN2(12, 16, 21)

	// Three more bits, and columns to rows of bytes.
	MOVD  $transpose<>(SB), R5
	VLD1  (R5), [V22.B16]
	VMOVI $128, V23.B16
	SQSHRNB(3, 20, 24)
	SQSHRNB2(3, 21, 24)
	VEOR  V23.B16, V24.B16, V24.B16
	VTBL  V22.B16, [V24.B16], V24.B16
	VST1.P V24.S[0], (R0)(R1)
	VST1.P V24.S[1], (R0)(R1)
	VST1.P V24.S[2], (R0)(R1)
	VST1   V24.S[3], (R0)
	RET

// func idct2NEON(dst *byte, stride int, b, quant *[64]int16, f *factors)
TEXT ·idct2NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD b+16(FP), R2
	MOVD quant+24(FP), R3
	MOVD f+32(FP), R4
	FACTORS
	LOAD
	MOVD $(1<<12), R5
	VDUP R5, V15.S4
	MOVD $(1<<19), R5
	VDUP R5, V14.S4
	SSHLL(15, 2, 10)
	SSHLL2(15, 2, 11)
	SMULLI(0, 4, 6, 12)
	SMULL2I(0, 4, 6, 13)
	VADD V15.S4, V10.S4, V10.S4
	VADD V15.S4, V11.S4, V11.S4
	SMLALI(0, 5, 8, 12)
	SMLAL2I(0, 5, 8, 13)
	SMLALI(0, 6, 7, 12)
	SMLAL2I(0, 6, 7, 13)
	SMLALI(0, 7, 9, 12)
	SMLAL2I(0, 7, 9, 13)
	VADD V12.S4, V10.S4, V16.S4
	VADD V13.S4, V11.S4, V17.S4
	VSUB V12.S4, V10.S4, V18.S4
	VSUB V13.S4, V11.S4, V19.S4
	SQSHRN(13, 16, 24)
	SQSHRN(13, 18, 25)
	SQSHRN2(13, 17, 24)
	SQSHRN2(13, 19, 25)

	// Both rows of columns 0 1 2 3, and of 4 5 6 7: the odd sum is in the upper half.
	VTRN1 V25.H8, V24.H8, V2.H8
	VTRN2 V25.H8, V24.H8, V3.H8
	SSHLL(15, 2, 10)
	SMULLI(0, 4, 2, 12)
	SMLAL2I(0, 5, 2, 12)
	SMLALI(0, 6, 3, 12)
	SMLAL2I(0, 7, 3, 12)
	VADD V14.S4, V10.S4, V10.S4
	VEXT $8, V12.B16, V12.B16, V12.B16
	ADDHN(12, 10, 16)
	SUBHN(12, 10, 17)
	VMOVI $128, V18.B16
	VZIP1 V17.H8, V16.H8, V16.H8
	SQSHRNB(4, 16, 16)
	VEOR  V18.B16, V16.B16, V16.B16
	VST1.P V16.H[0], (R0)(R1)
	VST1   V16.H[1], (R0)
	RET
