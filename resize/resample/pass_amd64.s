//go:build !purego

#include "textflag.h"

// Where the eight samples of a group lie after the sums, see the end of each kernel.
DATA planarOrder<>+0(SB)/4, $0
DATA planarOrder<>+4(SB)/4, $4
DATA planarOrder<>+8(SB)/4, $2
DATA planarOrder<>+12(SB)/4, $6
DATA planarOrder<>+16(SB)/4, $1
DATA planarOrder<>+20(SB)/4, $5
DATA planarOrder<>+24(SB)/4, $3
DATA planarOrder<>+28(SB)/4, $7
GLOBL planarOrder<>(SB), RODATA|NOPTR, $32

DATA pixelOrder<>+0(SB)/4, $0
DATA pixelOrder<>+4(SB)/4, $4
DATA pixelOrder<>+8(SB)/4, $1
DATA pixelOrder<>+12(SB)/4, $5
DATA pixelOrder<>+16(SB)/4, $2
DATA pixelOrder<>+20(SB)/4, $6
DATA pixelOrder<>+24(SB)/4, $3
DATA pixelOrder<>+28(SB)/4, $7
GLOBL pixelOrder<>(SB), RODATA|NOPTR, $32

// r0 g0 b0 a0 r1 g1 b1 a1 to r0 r1 g0 g1 b0 b1 a0 a1
DATA pixelPairs<>+0(SB)/8, $0x0b0a030209080100
DATA pixelPairs<>+8(SB)/8, $0x0f0e07060d0c0504
DATA pixelPairs<>+16(SB)/8, $0x0b0a030209080100
DATA pixelPairs<>+24(SB)/8, $0x0f0e07060d0c0504
GLOBL pixelPairs<>(SB), RODATA|NOPTR, $32

// w0 w1 w2 w3 to w0 w1 four times, w2 w3 four times
DATA weightPairs<>+0(SB)/8, $0x0302010003020100
DATA weightPairs<>+8(SB)/8, $0x0302010003020100
DATA weightPairs<>+16(SB)/8, $0x0706050407060504
DATA weightPairs<>+24(SB)/8, $0x0706050407060504
GLOBL weightPairs<>(SB), RODATA|NOPTR, $32

// of four words each, the last to all but itself
DATA alphaSpread<>+0(SB)/8, $0x8080070607060706
DATA alphaSpread<>+8(SB)/8, $0x80800f0e0f0e0f0e
DATA alphaSpread<>+16(SB)/8, $0x8080070607060706
DATA alphaSpread<>+24(SB)/8, $0x80800f0e0f0e0f0e
GLOBL alphaSpread<>(SB), RODATA|NOPTR, $32

DATA alphaOne<>+0(SB)/8, $0x00ff000000000000
GLOBL alphaOne<>(SB), RODATA|NOPTR, $8

DATA alphaHalf<>+0(SB)/4, $0x00800080
GLOBL alphaHalf<>(SB), RODATA|NOPTR, $4

DATA midHalf<>+0(SB)/4, $0x80
GLOBL midHalf<>(SB), RODATA|NOPTR, $4

DATA lastHalf<>+0(SB)/4, $0x80000
GLOBL lastHalf<>(SB), RODATA|NOPTR, $4

DATA wideHalf<>+0(SB)/4, $0x2000
GLOBL wideHalf<>(SB), RODATA|NOPTR, $4

// TWOROWS adds 32 columns of two rows, a and b, times the weights in Y13, to four sums. The bytes are interleaved to
// a0 b0 a1 b1 …, widened, and multiplied and added in pairs. Y15 is zero.
#define TWOROWS(off, s0, s1, s2, s3) \
	VMOVDQU off(R10), Y8;        \
	VMOVDQU off(R10)(R8*1), Y9;  \
	VPUNPCKLBW Y9, Y8, Y10;      \
	VPUNPCKHBW Y9, Y8, Y11;      \
	VPUNPCKLBW Y15, Y10, Y8;     \
	VPUNPCKHBW Y15, Y10, Y9;     \
	VPUNPCKLBW Y15, Y11, Y10;    \
	VPUNPCKHBW Y15, Y11, Y11;    \
	VPMADDWD Y13, Y8, Y8;        \
	VPMADDWD Y13, Y9, Y9;        \
	VPMADDWD Y13, Y10, Y10;      \
	VPMADDWD Y13, Y11, Y11;      \
	VPADDD Y8, s0, s0;           \
	VPADDD Y9, s1, s1;           \
	VPADDD Y10, s2, s2;          \
	VPADDD Y11, s3, s3

// STORE32 rounds 32 sums to int16 and undoes the order of the interleaving.
#define STORE32(off, s0, s1, s2, s3) \
	VPSRAD $8, s0, s0;           \
	VPSRAD $8, s1, s1;           \
	VPSRAD $8, s2, s2;           \
	VPSRAD $8, s3, s3;           \
	VPACKSSDW s1, s0, s0;        \
	VPACKSSDW s3, s2, s2;        \
	VPERM2I128 $0x20, s2, s0, s1; \
	VPERM2I128 $0x31, s2, s0, s3; \
	VMOVDQU s1, off(DI);         \
	VMOVDQU s3, (off+32)(DI)

// func verticalAVX2(dst *int16, ring *byte, stride, pairs, width int, weights *int16)
TEXT ·verticalAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ ring+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ pairs+24(FP), R9
	MOVQ width+32(FP), CX
	MOVQ weights+40(FP), DX
	VPXOR Y15, Y15, Y15
	VPBROADCASTD midHalf<>(SB), Y14

columns:
	MOVQ SI, R10
	MOVQ DX, R11
	MOVQ R9, R12
	VMOVDQA Y14, Y0
	VMOVDQA Y14, Y1
	VMOVDQA Y14, Y2
	VMOVDQA Y14, Y3
	VMOVDQA Y14, Y4
	VMOVDQA Y14, Y5
	VMOVDQA Y14, Y6
	VMOVDQA Y14, Y7

rows:
	VPBROADCASTD (R11), Y13
	TWOROWS(0, Y0, Y1, Y2, Y3)
	TWOROWS(32, Y4, Y5, Y6, Y7)
	LEAQ (R10)(R8*2), R10
	ADDQ $4, R11
	DECQ R12
	JNZ rows

	STORE32(0, Y0, Y1, Y2, Y3)
	STORE32(64, Y4, Y5, Y6, Y7)
	ADDQ $128, DI
	ADDQ $64, SI
	SUBQ $64, CX
	JNZ columns
	VZEROUPPER
	RET

// POINTERS sets R8 … R13, AX, BX to the first source samples of the next eight destination samples.
#define POINTERS(size) \
	MOVLQSX (CX), R8;        \
	MOVLQSX 4(CX), R9;       \
	MOVLQSX 8(CX), R10;      \
	MOVLQSX 12(CX), R11;     \
	MOVLQSX 16(CX), R12;     \
	MOVLQSX 20(CX), R13;     \
	MOVLQSX 24(CX), AX;      \
	MOVLQSX 28(CX), BX;      \
	ADDQ $32, CX;            \
	LEAQ (SI)(R8*size), R8;  \
	LEAQ (SI)(R9*size), R9;  \
	LEAQ (SI)(R10*size), R10; \
	LEAQ (SI)(R11*size), R11; \
	LEAQ (SI)(R12*size), R12; \
	LEAQ (SI)(R13*size), R13; \
	LEAQ (SI)(AX*size), AX;  \
	LEAQ (SI)(BX*size), BX

// TWO adds a chunk of eight taps of two destination samples: the first in the low lane, the second in the high.
#define TWO(p, q, off, x, y, s) \
	VMOVDQU (p), x;              \
	VINSERTI128 $1, (q), y, y;   \
	VPMADDWD off(DX), y, y;      \
	ADDQ $16, p;                 \
	ADDQ $16, q;                 \
	VPADDD y, s, s

// func horizontalAVX2(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ begin+16(FP), CX
	MOVQ weights+24(FP), DX
	VMOVDQU planarOrder<>(SB), Y15
	VPBROADCASTD lastHalf<>(SB), Y14

group:
	POINTERS(2)
	MOVQ chunks+32(FP), R15
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3

chunk:
	TWO(R8, R9, 0, X4, Y4, Y0)
	TWO(R10, R11, 32, X5, Y5, Y1)
	TWO(R12, R13, 64, X6, Y6, Y2)
	TWO(AX, BX, 96, X7, Y7, Y3)
	ADDQ $128, DX
	DECQ R15
	JNZ chunk

	// four partial sums a sample to one: samples 0 4 2 6 in the low lane, 1 5 3 7 in the high
	VPHADDD Y2, Y0, Y0
	VPHADDD Y3, Y1, Y1
	VPHADDD Y1, Y0, Y0
	VPADDD Y14, Y0, Y0
	VPSRAD $20, Y0, Y0
	VPERMD Y0, Y15, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKSSDW X1, X0, X0
	VPACKUSWB X0, X0, X0
	VMOVQ X0, (DI)
	ADDQ $8, DI
	DECQ groups+40(FP)
	JNZ group
	VZEROUPPER
	RET

// PIXEL adds a chunk of four taps of one destination pixel. Y15 and Y14 are the shuffles.
#define PIXEL(p, off, a, w, s) \
	VMOVDQU (p), a;            \
	VPBROADCASTQ off(DX), w;   \
	VPSHUFB Y15, a, a;         \
	VPSHUFB Y14, w, w;         \
	VPMADDWD w, a, a;          \
	ADDQ $32, p;               \
	VPADDD a, s, s

// BOTH adds the lanes of the sums s and t, rounds, and leaves pixel s in the low lane and t in the high lane of s.
#define BOTH(s, t, half, shift) \
	VPERM2I128 $0x20, t, s, Y8; \
	VPERM2I128 $0x31, t, s, s;  \
	VPADDD Y8, s, s;            \
	VPADDD half, s, s;          \
	VPSRAD shift, s, s

// PIXELS sums the next eight destination pixels to Y0 … Y7.
#define PIXELS \
	POINTERS(8);              \
	MOVQ chunks+32(FP), R15;  \
	VPXOR Y0, Y0, Y0;         \
	VPXOR Y1, Y1, Y1;         \
	VPXOR Y2, Y2, Y2;         \
	VPXOR Y3, Y3, Y3;         \
	VPXOR Y4, Y4, Y4;         \
	VPXOR Y5, Y5, Y5;         \
	VPXOR Y6, Y6, Y6;         \
	VPXOR Y7, Y7, Y7;         \
chunk: \
	PIXEL(R8, 0, Y8, Y9, Y0);    \
	PIXEL(R9, 8, Y10, Y11, Y1);  \
	PIXEL(R10, 16, Y8, Y9, Y2);  \
	PIXEL(R11, 24, Y10, Y11, Y3); \
	PIXEL(R12, 32, Y8, Y9, Y4);  \
	PIXEL(R13, 40, Y10, Y11, Y5); \
	PIXEL(AX, 48, Y8, Y9, Y6);   \
	PIXEL(BX, 56, Y10, Y11, Y7); \
	ADDQ $64, DX;             \
	DECQ R15;                 \
	JNZ chunk

// func horizontalRGBAAVX2(dst *byte, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalRGBAAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ begin+16(FP), CX
	MOVQ weights+24(FP), DX
	VMOVDQU pixelPairs<>(SB), Y15
	VMOVDQU weightPairs<>(SB), Y14
	VPBROADCASTD lastHalf<>(SB), Y13
	VMOVDQU pixelOrder<>(SB), Y12

group:
	PIXELS
	BOTH(Y0, Y1, Y13, $20)
	BOTH(Y2, Y3, Y13, $20)
	BOTH(Y4, Y5, Y13, $20)
	BOTH(Y6, Y7, Y13, $20)
	VPACKSSDW Y2, Y0, Y0
	VPACKSSDW Y6, Y4, Y4
	VPACKUSWB Y4, Y0, Y0 // pixels 0 2 4 6 in the low lane, 1 3 5 7 in the high
	VPERMD Y0, Y12, Y0
	VMOVDQU Y0, (DI)
	ADDQ $32, DI
	DECQ groups+40(FP)
	JNZ group
	VZEROUPPER
	RET

// func horizontalWideAVX2(dst, src *int16, begin *int32, weights *int16, chunks, groups int)
TEXT ·horizontalWideAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ begin+16(FP), CX
	MOVQ weights+24(FP), DX
	VMOVDQU pixelPairs<>(SB), Y15
	VMOVDQU weightPairs<>(SB), Y14
	VPBROADCASTD wideHalf<>(SB), Y13

group:
	PIXELS
	BOTH(Y0, Y1, Y13, $14)
	BOTH(Y2, Y3, Y13, $14)
	BOTH(Y4, Y5, Y13, $14)
	BOTH(Y6, Y7, Y13, $14)
	VPACKSSDW Y2, Y0, Y0 // pixels 0 2 in the low lane, 1 3 in the high
	VPACKSSDW Y6, Y4, Y4
	VPERMQ $0xd8, Y0, Y0
	VPERMQ $0xd8, Y4, Y4
	VMOVDQU Y0, (DI)
	VMOVDQU Y4, 32(DI)
	ADDQ $64, DI
	DECQ groups+40(FP)
	JNZ group
	VZEROUPPER
	RET

// FOURPIXELS multiplies four pixels of words by their alpha, and alpha by 255, and divides by 255: t = v*a + 128,
// (t + t>>8) >> 8. The constants are in Y12 … Y14.
#define FOURPIXELS(v, a, t) \
	VPSHUFB Y14, v, a;    \
	VPOR Y13, a, a;       \
	VPMULLW v, a, v;      \
	VPADDW Y12, v, v;     \
	VPSRLW $8, v, t;      \
	VPADDW t, v, v;       \
	VPSRLW $8, v, v

// func premultiplyAVX2(row *byte, n int)
TEXT ·premultiplyAVX2(SB), NOSPLIT, $0-16
	MOVQ row+0(FP), DI
	MOVQ n+8(FP), CX
	VPXOR Y15, Y15, Y15
	VMOVDQU alphaSpread<>(SB), Y14
	VPBROADCASTQ alphaOne<>(SB), Y13
	VPBROADCASTD alphaHalf<>(SB), Y12

pixels:
	VMOVDQU (DI), Y0
	VPUNPCKHBW Y15, Y0, Y1
	VPUNPCKLBW Y15, Y0, Y0
	FOURPIXELS(Y0, Y2, Y3)
	FOURPIXELS(Y1, Y4, Y5)
	VPACKUSWB Y1, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $32, DI
	SUBQ $8, CX
	JNZ pixels
	VZEROUPPER
	RET
