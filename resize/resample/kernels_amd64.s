//go:build !purego

#include "textflag.h"

// Half a unit of what the shifts below throw away.
DATA half<>+0(SB)/4, $0x00000080 // 1 << (one - extra - 1)
DATA half<>+4(SB)/4, $0x00080000 // 1 << (one + extra - 1)
GLOBL half<>(SB), RODATA|NOPTR, $8

// PIXEL multiplies 16 samples by 16 weights: eight partial sums in acc.
#define PIXEL(k, acc) \
	MOVLQSX (4*k)(R8), AX; \
	VPMOVZXBW (SI)(AX*1), acc; \
	VPMADDWD (32*k)(R9), acc, acc

// func horizontalAVX2(dst *int16, src *byte, first *int32, taps *int16, n int)
// Four samples of dst at a time, each of 16 weights at most; n is a multiple of 4.
TEXT ·horizontalAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ first+16(FP), R8
	MOVQ taps+24(FP), R9
	MOVQ n+32(FP), CX
	VPBROADCASTD half<>+0(SB), X15

four:
	PIXEL(0, Y0)
	PIXEL(1, Y1)
	PIXEL(2, Y2)
	PIXEL(3, Y3)
	VPHADDD Y1, Y0, Y0
	VPHADDD Y3, Y2, Y2
	VPHADDD Y2, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD X1, X0, X0
	VPADDD X15, X0, X0
	VPSRAD $8, X0, X0
	VPACKSSDW X0, X0, X0
	VMOVQ X0, (DI)
	ADDQ $16, R8
	ADDQ $128, R9
	ADDQ $8, DI
	SUBQ $4, CX
	JNZ four
	VZEROUPPER
	RET

// func wideAVX2(dst *int16, src *byte, first *int32, taps *int16, chunks, n int)
// One sample of dst at a time, of any number of chunks of 16 weights.
TEXT ·wideAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ first+16(FP), R8
	MOVQ taps+24(FP), R9
	MOVQ chunks+32(FP), R10
	MOVQ n+40(FP), CX
	VPBROADCASTD half<>+0(SB), X15

sample:
	MOVLQSX (R8), AX
	ADDQ SI, AX
	MOVQ R10, DX
	VPXOR Y0, Y0, Y0

chunk:
	VPMOVZXBW (AX), Y1
	VPMADDWD (R9), Y1, Y1
	VPADDD Y1, Y0, Y0
	ADDQ $16, AX
	ADDQ $32, R9
	DECQ DX
	JNZ chunk
	VEXTRACTI128 $1, Y0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0x4e, X0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0xb1, X0, X1
	VPADDD X1, X0, X0
	VPADDD X15, X0, X0
	VPSRAD $8, X0, X0
	VMOVD X0, AX
	MOVW AX, (DI)
	ADDQ $4, R8
	ADDQ $2, DI
	DECQ CX
	JNZ sample
	VZEROUPPER
	RET

// func verticalAVX2(dst *byte, rows *int16, offsets *int, taps *int16, pairs, n int)
// Sixteen columns at a time, two rows a step; offsets are in bytes from rows, two a pair; n is a multiple of 16.
TEXT ·verticalAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ offsets+16(FP), R8
	MOVQ taps+24(FP), R9
	MOVQ pairs+32(FP), R10
	MOVQ n+40(FP), R11
	VPBROADCASTD half<>+4(SB), Y15

columns:
	VMOVDQA Y15, Y3
	VMOVDQA Y15, Y4
	MOVQ R8, AX
	MOVQ R9, BX
	MOVQ R10, CX

pair:
	MOVQ (AX), R12
	MOVQ 8(AX), R13
	VMOVDQU (SI)(R12*1), Y1
	VMOVDQU (SI)(R13*1), Y2
	VPBROADCASTD (BX), Y0
	VPUNPCKLWD Y2, Y1, Y5
	VPUNPCKHWD Y2, Y1, Y6
	VPMADDWD Y0, Y5, Y5
	VPMADDWD Y0, Y6, Y6
	VPADDD Y5, Y3, Y3
	VPADDD Y6, Y4, Y4
	ADDQ $16, AX
	ADDQ $4, BX
	DECQ CX
	JNZ pair
	VPSRAD $20, Y3, Y3
	VPSRAD $20, Y4, Y4
	VPACKSSDW Y4, Y3, Y3
	VPACKUSWB Y3, Y3, Y3
	VPERMQ $0x08, Y3, Y3
	VMOVDQU X3, (DI)
	ADDQ $32, SI
	ADDQ $16, DI
	SUBQ $16, R11
	JNZ columns
	VZEROUPPER
	RET
