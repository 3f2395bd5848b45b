//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// ROW adds 64 columns at R10, which goes to the next row, times element i of V15, to the sums in V16 … V31.
#define ROW(i) \
	VLD1.P (R10)(R8), [V0.B16, V1.B16, V2.B16, V3.B16] \
	VUXTL  V0.B8, V4.H8     \
	VUXTL2 V0.B16, V5.H8    \
	VUXTL  V1.B8, V6.H8     \
	VUXTL2 V1.B16, V7.H8    \
	VUXTL  V2.B8, V8.H8     \
	VUXTL2 V2.B16, V9.H8    \
	VUXTL  V3.B8, V10.H8    \
	VUXTL2 V3.B16, V11.H8   \
	SMLALI(15, i, 4, 16)    \
	SMLAL2I(15, i, 4, 17)   \
	SMLALI(15, i, 5, 18)    \
	SMLAL2I(15, i, 5, 19)   \
	SMLALI(15, i, 6, 20)    \
	SMLAL2I(15, i, 6, 21)   \
	SMLALI(15, i, 7, 22)    \
	SMLAL2I(15, i, 7, 23)   \
	SMLALI(15, i, 8, 24)    \
	SMLAL2I(15, i, 8, 25)   \
	SMLALI(15, i, 9, 26)    \
	SMLAL2I(15, i, 9, 27)   \
	SMLALI(15, i, 10, 28)   \
	SMLAL2I(15, i, 10, 29)  \
	SMLALI(15, i, 11, 30)   \
	SMLAL2I(15, i, 11, 31)

// func verticalNEON(dst *int16, ring *byte, stride, pairs, width int, weights *int16)
TEXT ·verticalNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD ring+8(FP), R1
	MOVD stride+16(FP), R8
	MOVD width+32(FP), R4
	MOVD $128, R6 // one half, see midShift
	VDUP R6, V14.S4

columns:
	MOVD R1, R10
	MOVD weights+40(FP), R11
	MOVD pairs+24(FP), R12
	VMOV V14.B16, V16.B16
	VMOV V14.B16, V17.B16
	VMOV V14.B16, V18.B16
	VMOV V14.B16, V19.B16
	VMOV V14.B16, V20.B16
	VMOV V14.B16, V21.B16
	VMOV V14.B16, V22.B16
	VMOV V14.B16, V23.B16
	VMOV V14.B16, V24.B16
	VMOV V14.B16, V25.B16
	VMOV V14.B16, V26.B16
	VMOV V14.B16, V27.B16
	VMOV V14.B16, V28.B16
	VMOV V14.B16, V29.B16
	VMOV V14.B16, V30.B16
	VMOV V14.B16, V31.B16

rows:
	MOVWU.P 4(R11), R13
	SUBS    $1, R12
	CBZW    R13, blank
	FMOVS   R13, F15
	ROW(0)
	ROW(1)
	BNE     rows
	B       store

blank: // neither of the two rows has a weight
	ADD R8<<1, R10
	BNE rows

store:
	SQSHRN(8, 16, 0)
	SQSHRN2(8, 17, 0)
	SQSHRN(8, 18, 1)
	SQSHRN2(8, 19, 1)
	SQSHRN(8, 20, 2)
	SQSHRN2(8, 21, 2)
	SQSHRN(8, 22, 3)
	SQSHRN2(8, 23, 3)
	SQSHRN(8, 24, 4)
	SQSHRN2(8, 25, 4)
	SQSHRN(8, 26, 5)
	SQSHRN2(8, 27, 5)
	SQSHRN(8, 28, 6)
	SQSHRN2(8, 29, 6)
	SQSHRN(8, 30, 7)
	SQSHRN2(8, 31, 7)
	VST1.P [V0.H8, V1.H8, V2.H8, V3.H8], 64(R0)
	VST1.P [V4.H8, V5.H8, V6.H8, V7.H8], 64(R0)
	ADD    $64, R1
	SUBS   $64, R4
	BNE    columns
	RET

// POINTERS sets R8 … R15 to the first source samples of the next eight destination samples, shift wide.
#define POINTERS(shift) \
	LDPSW 0(R2), (R8, R9)    \
	LDPSW 8(R2), (R10, R11)  \
	LDPSW 16(R2), (R12, R13) \
	LDPSW 24(R2), (R14, R15) \
	ADD   $32, R2            \
	ADD   R8<<shift, R1, R8   \
	ADD   R9<<shift, R1, R9   \
	ADD   R10<<shift, R1, R10 \
	ADD   R11<<shift, R1, R11 \
	ADD   R12<<shift, R1, R12 \
	ADD   R13<<shift, R1, R13 \
	ADD   R14<<shift, R1, R14 \
	ADD   R15<<shift, R1, R15

// ZERO clears the sums of eight destination samples.
#define ZERO \
	VEOR V16.B16, V16.B16, V16.B16 \
	VEOR V17.B16, V17.B16, V17.B16 \
	VEOR V18.B16, V18.B16, V18.B16 \
	VEOR V19.B16, V19.B16, V19.B16 \
	VEOR V20.B16, V20.B16, V20.B16 \
	VEOR V21.B16, V21.B16, V21.B16 \
	VEOR V22.B16, V22.B16, V22.B16 \
	VEOR V23.B16, V23.B16, V23.B16

// func horizontalNEON(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD begin+16(FP), R2
	MOVD weights+24(FP), R3
	MOVD groups+40(FP), R5
	MOVD $(1<<19), R6 // one half, see lastShift
	VDUP R6, V31.S4

group:
	POINTERS(1)
	MOVD chunks+32(FP), R4
	ZERO

chunk:
	VLD1.P 64(R3), [V8.H8, V9.H8, V10.H8, V11.H8]
	FMOVQ.P 16(R8), F0
	FMOVQ.P 16(R9), F1
	FMOVQ.P 16(R10), F2
	FMOVQ.P 16(R11), F3
	SMLAL(8, 0, 16)
	SMLAL(9, 1, 17)
	SMLAL(10, 2, 18)
	SMLAL(11, 3, 19)
	SMLAL2(8, 0, 16)
	SMLAL2(9, 1, 17)
	SMLAL2(10, 2, 18)
	SMLAL2(11, 3, 19)
	VLD1.P 64(R3), [V12.H8, V13.H8, V14.H8, V15.H8]
	FMOVQ.P 16(R12), F4
	FMOVQ.P 16(R13), F5
	FMOVQ.P 16(R14), F6
	FMOVQ.P 16(R15), F7
	SMLAL(12, 4, 20)
	SMLAL(13, 5, 21)
	SMLAL(14, 6, 22)
	SMLAL(15, 7, 23)
	SMLAL2(12, 4, 20)
	SMLAL2(13, 5, 21)
	SMLAL2(14, 6, 22)
	SMLAL2(15, 7, 23)
	SUBS $1, R4
	BNE  chunk

	// four partial sums a sample to one
	VADDP V17.S4, V16.S4, V16.S4
	VADDP V19.S4, V18.S4, V18.S4
	VADDP V21.S4, V20.S4, V20.S4
	VADDP V23.S4, V22.S4, V22.S4
	VADDP V18.S4, V16.S4, V16.S4
	VADDP V22.S4, V20.S4, V20.S4
	VADD  V31.S4, V16.S4, V16.S4
	VADD  V31.S4, V20.S4, V20.S4
	SSHR(20, 16, 16)
	SSHR(20, 20, 20)
	SQXTN(16, 16)
	SQXTN2(20, 16)
	SQXTUN(16, 16)
	FMOVD.P F16, 8(R0)
	SUBS  $1, R5
	BNE   group
	RET

// PIXEL adds four taps of one destination pixel, whose weights begin at element i of w.
#define PIXEL(p, w, i, s) \
	VLD1.P 32(p), [V0.H8, V1.H8] \
	SMLALI(w, i, 0, s)           \
	SMLAL2I(w, i+1, 0, s)        \
	SMLALI(w, i+2, 1, s)         \
	SMLAL2I(w, i+3, 1, s)

// PIXELS sums the next eight destination pixels to V16 … V23, from one half, which V30 has, on.
#define PIXELS \
	POINTERS(3)                  \
	MOVD chunks+32(FP), R4       \
	VMOV V30.B16, V16.B16        \
	VMOV V30.B16, V17.B16        \
	VMOV V30.B16, V18.B16        \
	VMOV V30.B16, V19.B16        \
	VMOV V30.B16, V20.B16        \
	VMOV V30.B16, V21.B16        \
	VMOV V30.B16, V22.B16        \
	VMOV V30.B16, V23.B16        \
chunk: \
	VLD1.P 64(R3), [V8.H8, V9.H8, V10.H8, V11.H8] \
	PIXEL(R8, 8, 0, 16)          \
	PIXEL(R9, 8, 4, 17)          \
	PIXEL(R10, 9, 0, 18)         \
	PIXEL(R11, 9, 4, 19)         \
	PIXEL(R12, 10, 0, 20)        \
	PIXEL(R13, 10, 4, 21)        \
	PIXEL(R14, 11, 0, 22)        \
	PIXEL(R15, 11, 4, 23)        \
	SUBS $1, R4                  \
	BNE  chunk

// func horizontalRGBANEON(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalRGBANEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD begin+16(FP), R2
	MOVD weights+24(FP), R3
	MOVD groups+40(FP), R5
	MOVD $(1<<19), R6
	VDUP R6, V30.S4

group:
	PIXELS
	SSHR(20, 16, 16)
	SSHR(20, 17, 17)
	SSHR(20, 18, 18)
	SSHR(20, 19, 19)
	SSHR(20, 20, 20)
	SSHR(20, 21, 21)
	SSHR(20, 22, 22)
	SSHR(20, 23, 23)
	SQXTN(16, 0)
	SQXTN2(17, 0)
	SQXTN(18, 1)
	SQXTN2(19, 1)
	SQXTN(20, 2)
	SQXTN2(21, 2)
	SQXTN(22, 3)
	SQXTN2(23, 3)
	SQXTUN(0, 0)
	SQXTUN2(1, 0)
	SQXTUN(2, 1)
	SQXTUN2(3, 1)
	VST1.P [V0.B16, V1.B16], 32(R0)
	SUBS $1, R5
	BNE  group
	RET

// func horizontalWideNEON(dst, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalWideNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD begin+16(FP), R2
	MOVD weights+24(FP), R3
	MOVD groups+40(FP), R5
	MOVD $(1<<13), R6 // one half, see weightBits
	VDUP R6, V30.S4

group:
	PIXELS
	SQSHRN(14, 16, 0)
	SQSHRN2(14, 17, 0)
	SQSHRN(14, 18, 1)
	SQSHRN2(14, 19, 1)
	SQSHRN(14, 20, 2)
	SQSHRN2(14, 21, 2)
	SQSHRN(14, 22, 3)
	SQSHRN2(14, 23, 3)
	VST1.P [V0.H8, V1.H8, V2.H8, V3.H8], 64(R0)
	SUBS $1, R5
	BNE  group
	RET

// func premultiplyNEON(row *byte, n int)
//
// (t + t>>8) >> 8 of t = v*a + 128 is v*a plus its own upper byte, rounded, and rounded again.
TEXT ·premultiplyNEON(SB), NOSPLIT, $0-16
	MOVD row+0(FP), R0
	MOVD n+8(FP), R1

pixels:
	VLD4 (R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	UMULL(3, 0, 16)
	UMULL2(3, 0, 17)
	UMULL(3, 1, 18)
	UMULL2(3, 1, 19)
	UMULL(3, 2, 20)
	UMULL2(3, 2, 21)
	URSHR(8, 16, 24)
	URSHR(8, 17, 25)
	URSHR(8, 18, 26)
	URSHR(8, 19, 27)
	URSHR(8, 20, 28)
	URSHR(8, 21, 29)
	RADDHN(24, 16, 0)
	RADDHN2(25, 17, 0)
	RADDHN(26, 18, 1)
	RADDHN2(27, 19, 1)
	RADDHN(28, 20, 2)
	RADDHN2(29, 21, 2)
	VST4.P [V0.B16, V1.B16, V2.B16, V3.B16], 64(R0)
	SUBS $16, R1
	BNE  pixels
	RET
