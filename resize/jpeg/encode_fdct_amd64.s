//go:build !purego

#include "textflag.h"

// Factors of forward8, two by two.
DATA fEven2<>+0(SB)/8, $0x115129cf115129cf
DATA fEven2<>+8(SB)/8, $0x115129cf115129cf
DATA fEven2<>+16(SB)/8, $0x115129cf115129cf
DATA fEven2<>+24(SB)/8, $0x115129cf115129cf
GLOBL fEven2<>(SB), RODATA|NOPTR, $32

DATA fEven6<>+0(SB)/8, $0xd6301151d6301151
DATA fEven6<>+8(SB)/8, $0xd6301151d6301151
DATA fEven6<>+16(SB)/8, $0xd6301151d6301151
DATA fEven6<>+24(SB)/8, $0xd6301151d6301151
GLOBL fEven6<>(SB), RODATA|NOPTR, $32

DATA fOdd1a<>+0(SB)/8, $0x25a12c6325a12c63
DATA fOdd1a<>+8(SB)/8, $0x25a12c6325a12c63
DATA fOdd1a<>+16(SB)/8, $0x25a12c6325a12c63
DATA fOdd1a<>+24(SB)/8, $0x25a12c6325a12c63
GLOBL fOdd1a<>(SB), RODATA|NOPTR, $32

DATA fOdd1b<>+0(SB)/8, $0x08d4192508d41925
DATA fOdd1b<>+8(SB)/8, $0x08d4192508d41925
DATA fOdd1b<>+16(SB)/8, $0x08d4192508d41925
DATA fOdd1b<>+24(SB)/8, $0x08d4192508d41925
GLOBL fOdd1b<>(SB), RODATA|NOPTR, $32

DATA fOdd3a<>+0(SB)/8, $0xf72d25a1f72d25a1
DATA fOdd3a<>+8(SB)/8, $0xf72d25a1f72d25a1
DATA fOdd3a<>+16(SB)/8, $0xf72d25a1f72d25a1
DATA fOdd3a<>+24(SB)/8, $0xf72d25a1f72d25a1
GLOBL fOdd3a<>(SB), RODATA|NOPTR, $32

DATA fOdd3b<>+0(SB)/8, $0xe6dcd39ee6dcd39e
DATA fOdd3b<>+8(SB)/8, $0xe6dcd39ee6dcd39e
DATA fOdd3b<>+16(SB)/8, $0xe6dcd39ee6dcd39e
DATA fOdd3b<>+24(SB)/8, $0xe6dcd39ee6dcd39e
GLOBL fOdd3b<>(SB), RODATA|NOPTR, $32

DATA fOdd5a<>+0(SB)/8, $0xd39e1925d39e1925
DATA fOdd5a<>+8(SB)/8, $0xd39e1925d39e1925
DATA fOdd5a<>+16(SB)/8, $0xd39e1925d39e1925
DATA fOdd5a<>+24(SB)/8, $0xd39e1925d39e1925
GLOBL fOdd5a<>(SB), RODATA|NOPTR, $32

DATA fOdd5b<>+0(SB)/8, $0x25a108d525a108d5
DATA fOdd5b<>+8(SB)/8, $0x25a108d525a108d5
DATA fOdd5b<>+16(SB)/8, $0x25a108d525a108d5
DATA fOdd5b<>+24(SB)/8, $0x25a108d525a108d5
GLOBL fOdd5b<>(SB), RODATA|NOPTR, $32

DATA fOdd7a<>+0(SB)/8, $0xe6dc08d4e6dc08d4
DATA fOdd7a<>+8(SB)/8, $0xe6dc08d4e6dc08d4
DATA fOdd7a<>+16(SB)/8, $0xe6dc08d4e6dc08d4
DATA fOdd7a<>+24(SB)/8, $0xe6dc08d4e6dc08d4
GLOBL fOdd7a<>(SB), RODATA|NOPTR, $32

DATA fOdd7b<>+0(SB)/8, $0xd39d25a1d39d25a1
DATA fOdd7b<>+8(SB)/8, $0xd39d25a1d39d25a1
DATA fOdd7b<>+16(SB)/8, $0xd39d25a1d39d25a1
DATA fOdd7b<>+24(SB)/8, $0xd39d25a1d39d25a1
GLOBL fOdd7b<>(SB), RODATA|NOPTR, $32

DATA fRound2<>+0(SB)/8, $0x0002000200020002
DATA fRound2<>+8(SB)/8, $0x0002000200020002
DATA fRound2<>+16(SB)/8, $0x0002000200020002
DATA fRound2<>+24(SB)/8, $0x0002000200020002
GLOBL fRound2<>(SB), RODATA|NOPTR, $32

DATA fRound11<>+0(SB)/8, $0x0000040000000400
DATA fRound11<>+8(SB)/8, $0x0000040000000400
DATA fRound11<>+16(SB)/8, $0x0000040000000400
DATA fRound11<>+24(SB)/8, $0x0000040000000400
GLOBL fRound11<>(SB), RODATA|NOPTR, $32

DATA fRound15<>+0(SB)/8, $0x0000400000004000
DATA fRound15<>+8(SB)/8, $0x0000400000004000
DATA fRound15<>+16(SB)/8, $0x0000400000004000
DATA fRound15<>+24(SB)/8, $0x0000400000004000
GLOBL fRound15<>(SB), RODATA|NOPTR, $32

DATA fCenter<>+0(SB)/8, $0x0080008000800080
DATA fCenter<>+8(SB)/8, $0x0080008000800080
DATA fCenter<>+16(SB)/8, $0x0080008000800080
DATA fCenter<>+24(SB)/8, $0x0080008000800080
GLOBL fCenter<>(SB), RODATA|NOPTR, $32

// The places of the zig-zag sequence, 16 in each vector, from rows of bytes 0–1, 2–3, 4–5, 6–7; both halves alike.
DATA zigzag00<>+0(SB)/8, $0x0a03020980080100
DATA zigzag00<>+8(SB)/8, $0x05040b8080808080
DATA zigzag00<>+16(SB)/8, $0x0a03020980080100
DATA zigzag00<>+24(SB)/8, $0x05040b8080808080
GLOBL zigzag00<>(SB), RODATA|NOPTR, $32

DATA zigzag01<>+0(SB)/8, $0x8080808000808080
DATA zigzag01<>+8(SB)/8, $0x8080800209800801
DATA zigzag01<>+16(SB)/8, $0x8080808000808080
DATA zigzag01<>+24(SB)/8, $0x8080800209800801
GLOBL zigzag01<>(SB), RODATA|NOPTR, $32

DATA zigzag02<>+0(SB)/8, $0x8080808080808080
DATA zigzag02<>+8(SB)/8, $0x8080808080008080
DATA zigzag02<>+16(SB)/8, $0x8080808080808080
DATA zigzag02<>+24(SB)/8, $0x8080808080008080
GLOBL zigzag02<>(SB), RODATA|NOPTR, $32

DATA zigzag10<>+0(SB)/8, $0x808080808080800c
DATA zigzag10<>+8(SB)/8, $0x80800e07060d8080
DATA zigzag10<>+16(SB)/8, $0x808080808080800c
DATA zigzag10<>+24(SB)/8, $0x80800e07060d8080
GLOBL zigzag10<>(SB), RODATA|NOPTR, $32

DATA zigzag11<>+0(SB)/8, $0x80808080800a0380
DATA zigzag11<>+8(SB)/8, $0x0c0580808080040b
DATA zigzag11<>+16(SB)/8, $0x80808080800a0380
DATA zigzag11<>+24(SB)/8, $0x0c0580808080040b
GLOBL zigzag11<>(SB), RODATA|NOPTR, $32

DATA zigzag12<>+0(SB)/8, $0x0209800801808080
DATA zigzag12<>+8(SB)/8, $0x8080808080808080
DATA zigzag12<>+16(SB)/8, $0x0209800801808080
DATA zigzag12<>+24(SB)/8, $0x8080808080808080
GLOBL zigzag12<>(SB), RODATA|NOPTR, $32

DATA zigzag13<>+0(SB)/8, $0x8080008080808080
DATA zigzag13<>+8(SB)/8, $0x8080808080808080
DATA zigzag13<>+16(SB)/8, $0x8080008080808080
DATA zigzag13<>+24(SB)/8, $0x8080808080808080
GLOBL zigzag13<>(SB), RODATA|NOPTR, $32

DATA zigzag20<>+0(SB)/8, $0x8080808080808080
DATA zigzag20<>+8(SB)/8, $0x80808080800f8080
DATA zigzag20<>+16(SB)/8, $0x8080808080808080
DATA zigzag20<>+24(SB)/8, $0x80808080800f8080
GLOBL zigzag20<>(SB), RODATA|NOPTR, $32

DATA zigzag21<>+0(SB)/8, $0x8080808080808080
DATA zigzag21<>+8(SB)/8, $0x8080800e0780060d
DATA zigzag21<>+16(SB)/8, $0x8080808080808080
DATA zigzag21<>+24(SB)/8, $0x8080800e0780060d
GLOBL zigzag21<>(SB), RODATA|NOPTR, $32

DATA zigzag22<>+0(SB)/8, $0x040b808080800a03
DATA zigzag22<>+8(SB)/8, $0x800c058080808080
DATA zigzag22<>+16(SB)/8, $0x040b808080800a03
DATA zigzag22<>+24(SB)/8, $0x800c058080808080
GLOBL zigzag22<>(SB), RODATA|NOPTR, $32

DATA zigzag23<>+0(SB)/8, $0x8080020908018080
DATA zigzag23<>+8(SB)/8, $0x0380808080808080
DATA zigzag23<>+16(SB)/8, $0x8080020908018080
DATA zigzag23<>+24(SB)/8, $0x0380808080808080
GLOBL zigzag23<>(SB), RODATA|NOPTR, $32

DATA zigzag31<>+0(SB)/8, $0x80800f8080808080
DATA zigzag31<>+8(SB)/8, $0x8080808080808080
DATA zigzag31<>+16(SB)/8, $0x80800f8080808080
DATA zigzag31<>+24(SB)/8, $0x8080808080808080
GLOBL zigzag31<>(SB), RODATA|NOPTR, $32

DATA zigzag32<>+0(SB)/8, $0x0e0780060d808080
DATA zigzag32<>+8(SB)/8, $0x8080800f80808080
DATA zigzag32<>+16(SB)/8, $0x0e0780060d808080
DATA zigzag32<>+24(SB)/8, $0x8080800f80808080
GLOBL zigzag32<>(SB), RODATA|NOPTR, $32

DATA zigzag33<>+0(SB)/8, $0x8080808080040b0a
DATA zigzag33<>+8(SB)/8, $0x0f0e0780060d0c05
DATA zigzag33<>+16(SB)/8, $0x8080808080040b0a
DATA zigzag33<>+24(SB)/8, $0x0f0e0780060d0c05
GLOBL zigzag33<>(SB), RODATA|NOPTR, $32

// TRANSPOSE turns rows of 8 words, in both halves by themselves, into columns Y8 … Y15. It takes all registers.
#define TRANSPOSE(r0, r1, r2, r3, r4, r5, r6, r7) \
	VPUNPCKLWD  r1, r0, Y8   \
	VPUNPCKHWD  r1, r0, Y9   \
	VPUNPCKLWD  r3, r2, Y10  \
	VPUNPCKHWD  r3, r2, Y11  \
	VPUNPCKLWD  r5, r4, Y12  \
	VPUNPCKHWD  r5, r4, Y13  \
	VPUNPCKLWD  r7, r6, Y14  \
	VPUNPCKHWD  r7, r6, Y15  \
	VPUNPCKLDQ  Y10, Y8, Y0  \
	VPUNPCKHDQ  Y10, Y8, Y1  \
	VPUNPCKLDQ  Y11, Y9, Y2  \
	VPUNPCKHDQ  Y11, Y9, Y3  \
	VPUNPCKLDQ  Y14, Y12, Y4 \
	VPUNPCKHDQ  Y14, Y12, Y5 \
	VPUNPCKLDQ  Y15, Y13, Y6 \
	VPUNPCKHDQ  Y15, Y13, Y7 \
	VPUNPCKLQDQ Y4, Y0, Y8   \
	VPUNPCKHQDQ Y4, Y0, Y9   \
	VPUNPCKLQDQ Y5, Y1, Y10  \
	VPUNPCKHQDQ Y5, Y1, Y11  \
	VPUNPCKLQDQ Y6, Y2, Y12  \
	VPUNPCKHQDQ Y6, Y2, Y13  \
	VPUNPCKLQDQ Y7, Y3, Y14  \
	VPUNPCKHQDQ Y7, Y3, Y15

// BUTTERFLY takes Y8 … Y15 apart into sums and differences: those of even outputs, Y0 and Y1 (0 and 4, complete) and
// Y9 and Y11 (of 2 and 6), and those of odd ones, Y4 … Y7.
#define BUTTERFLY \
	VPADDW Y15, Y8, Y0  \
	VPADDW Y14, Y9, Y1  \
	VPADDW Y13, Y10, Y2 \
	VPADDW Y12, Y11, Y3 \
	VPSUBW Y15, Y8, Y4  \
	VPSUBW Y14, Y9, Y5  \
	VPSUBW Y13, Y10, Y6 \
	VPSUBW Y12, Y11, Y7 \
	VPADDW Y3, Y0, Y8   \
	VPSUBW Y3, Y0, Y9   \
	VPADDW Y2, Y1, Y10  \
	VPSUBW Y2, Y1, Y11  \
	VPADDW Y10, Y8, Y0  \
	VPSUBW Y10, Y8, Y1

// NARROW rounds the sums in Y12 and Y13 to words.
#define NARROW(round, shift, out) \
	VPADDD    round<>(SB), Y12, Y12 \
	VPADDD    round<>(SB), Y13, Y13 \
	VPSRAD    shift, Y12, Y12       \
	VPSRAD    shift, Y13, Y13       \
	VPACKSSDW Y13, Y12, out

#define ODD(a, b, round, shift, out) \
	VPMADDWD a<>(SB), Y8, Y12  \
	VPMADDWD a<>(SB), Y9, Y13  \
	VPMADDWD b<>(SB), Y10, Y14 \
	VPMADDWD b<>(SB), Y11, Y15 \
	VPADDD   Y14, Y12, Y12     \
	VPADDD   Y15, Y13, Y13     \
	NARROW(round, shift, out)

// PRODUCTS goes on after BUTTERFLY. Outputs 0 … 7 are then in Y0 Y4 Y2 Y5 Y1 Y6 Y3 Y7.
#define PRODUCTS(round, shift) \
	VPUNPCKLWD Y11, Y9, Y14               \
	VPUNPCKHWD Y11, Y9, Y15               \
	VPMADDWD   fEven2<>(SB), Y14, Y12     \
	VPMADDWD   fEven2<>(SB), Y15, Y13     \
	NARROW(round, shift, Y2)              \
	VPMADDWD   fEven6<>(SB), Y14, Y12     \
	VPMADDWD   fEven6<>(SB), Y15, Y13     \
	NARROW(round, shift, Y3)              \
	VPUNPCKLWD Y5, Y4, Y8                 \
	VPUNPCKHWD Y5, Y4, Y9                 \
	VPUNPCKLWD Y7, Y6, Y10                \
	VPUNPCKHWD Y7, Y6, Y11                \
	ODD(fOdd1a, fOdd1b, round, shift, Y4) \
	ODD(fOdd3a, fOdd3b, round, shift, Y5) \
	ODD(fOdd5a, fOdd5b, round, shift, Y6) \
	ODD(fOdd7a, fOdd7b, round, shift, Y7)

// QUANTIZE divides a row of both blocks, and stores it.
#define QUANTIZE(row, x, y) \
	VPABSW         y, Y8                 \
	VBROADCASTI128 (128+16*row)(CX), Y9  \
	VBROADCASTI128 (16*row)(CX), Y10     \
	VBROADCASTI128 (256+16*row)(CX), Y11 \
	VPADDW         Y9, Y8, Y8            \
	VPMULHUW       Y10, Y8, Y8           \
	VPMULHUW       Y11, Y8, Y8           \
	VPSIGNW        y, Y8, y              \
	VMOVDQU        x, (16*row)(DI)       \
	VEXTRACTI128   $1, y, (128+16*row)(DI)

// PLACES writes a bit for each byte of Y8 … Y11 that is not zero, two rows of both blocks each, in zig-zag order, to pair DI.
#define PLACES \
	VPXOR     Y5, Y5, Y5             \
	VPSHUFB zigzag00<>(SB), Y8, Y12  \
	VPSHUFB zigzag01<>(SB), Y9, Y13  \
	VPSHUFB zigzag02<>(SB), Y10, Y14 \
	VPOR Y13, Y12, Y12               \
	VPOR Y14, Y12, Y12               \
	VPCMPEQB Y5, Y12, Y12            \
	VPMOVMSKB Y12, R8                \
	VPSHUFB zigzag10<>(SB), Y8, Y12  \
	VPSHUFB zigzag11<>(SB), Y9, Y13  \
	VPSHUFB zigzag12<>(SB), Y10, Y14 \
	VPSHUFB zigzag13<>(SB), Y11, Y15 \
	VPOR Y13, Y12, Y12               \
	VPOR Y14, Y12, Y12               \
	VPOR Y15, Y12, Y12               \
	VPCMPEQB Y5, Y12, Y12            \
	VPMOVMSKB Y12, R9                \
	VPSHUFB zigzag20<>(SB), Y8, Y12  \
	VPSHUFB zigzag21<>(SB), Y9, Y13  \
	VPSHUFB zigzag22<>(SB), Y10, Y14 \
	VPSHUFB zigzag23<>(SB), Y11, Y15 \
	VPOR Y13, Y12, Y12               \
	VPOR Y14, Y12, Y12               \
	VPOR Y15, Y12, Y12               \
	VPCMPEQB Y5, Y12, Y12            \
	VPMOVMSKB Y12, R10               \
	VPSHUFB zigzag31<>(SB), Y9, Y12  \
	VPSHUFB zigzag32<>(SB), Y10, Y13 \
	VPSHUFB zigzag33<>(SB), Y11, Y14 \
	VPOR Y13, Y12, Y12               \
	VPOR Y14, Y12, Y12               \
	VPCMPEQB Y5, Y12, Y12            \
	VPMOVMSKB Y12, R11               \
	MOVWLZX R8, AX                   \
	MOVWLZX R9, BX                   \
	MOVWLZX R10, DX                  \
	MOVWLZX R11, SI                  \
	SHLQ    $16, BX                  \
	SHLQ    $32, DX                  \
	SHLQ    $48, SI                  \
	ORQ     BX, AX                   \
	ORQ     SI, DX                   \
	ORQ     DX, AX                   \
	NOTQ    AX                       \
	MOVQ    AX, 256(DI)              \
	SHRL    $16, R8                  \
	SHRL    $16, R9                  \
	SHRL    $16, R10                 \
	SHRL    $16, R11                 \
	SHLQ    $16, R9                  \
	SHLQ    $32, R10                 \
	SHLQ    $48, R11                 \
	ORQ     R9, R8                   \
	ORQ     R11, R10                 \
	ORQ     R10, R8                  \
	NOTQ    R8                       \
	MOVQ    R8, 264(DI)

// func forwardAVX2(p *pair, src *byte, stride int, q *quantizer)
TEXT ·forwardAVX2(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ stride+16(FP), DX
	MOVQ q+24(FP), CX
	LEAQ (DX)(DX*2), R8
	LEAQ (SI)(DX*4), R9
	VMOVDQU   fCenter<>(SB), Y15
	VPMOVZXBW (SI), Y0
	VPMOVZXBW (SI)(DX*1), Y1
	VPMOVZXBW (SI)(DX*2), Y2
	VPMOVZXBW (SI)(R8*1), Y3
	VPMOVZXBW (R9), Y4
	VPMOVZXBW (R9)(DX*1), Y5
	VPMOVZXBW (R9)(DX*2), Y6
	VPMOVZXBW (R9)(R8*1), Y7
	VPSUBW    Y15, Y0, Y0
	VPSUBW    Y15, Y1, Y1
	VPSUBW    Y15, Y2, Y2
	VPSUBW    Y15, Y3, Y3
	VPSUBW    Y15, Y4, Y4
	VPSUBW    Y15, Y5, Y5
	VPSUBW    Y15, Y6, Y6
	VPSUBW    Y15, Y7, Y7
	TRANSPOSE(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	BUTTERFLY
	VPSLLW $2, Y0, Y0
	VPSLLW $2, Y1, Y1
	PRODUCTS(fRound11, $11)
	TRANSPOSE(Y0, Y4, Y2, Y5, Y1, Y6, Y3, Y7)
	BUTTERFLY
	VPADDW fRound2<>(SB), Y0, Y0
	VPADDW fRound2<>(SB), Y1, Y1
	VPSRAW $2, Y0, Y0
	VPSRAW $2, Y1, Y1
	PRODUCTS(fRound15, $15)
	QUANTIZE(0, X0, Y0)
	QUANTIZE(1, X4, Y4)
	QUANTIZE(2, X2, Y2)
	QUANTIZE(3, X5, Y5)
	QUANTIZE(4, X1, Y1)
	QUANTIZE(5, X6, Y6)
	QUANTIZE(6, X3, Y3)
	QUANTIZE(7, X7, Y7)

	VPACKSSWB Y4, Y0, Y8
	VPACKSSWB Y5, Y2, Y9
	VPACKSSWB Y6, Y1, Y10
	VPACKSSWB Y7, Y3, Y11
	PLACES
	VZEROUPPER
	RET

// SURVEY compares a row of both blocks, and adds their squares to Y14.
#define SURVEY(row, x, y) \
	VMOVDQU        (16*row)(DI), x            \
	VINSERTI128    $1, (128+16*row)(DI), y, y \
	VPMADDWD       y, y, Y8                   \
	VPADDD         Y8, Y14, Y14               \
	VPABSW         y, y                       \
	VBROADCASTI128 (16*row)(SI), Y8           \
	VPCMPGTW       Y8, y, y

// func surveyAVX2(p *pair, most *[64]int16, energy *[2]int32)
TEXT ·surveyAVX2(SB), NOSPLIT, $0-24
	MOVQ  p+0(FP), DI
	MOVQ  most+8(FP), SI
	MOVQ  energy+16(FP), CX
	VPXOR Y14, Y14, Y14
	SURVEY(0, X0, Y0)
	SURVEY(1, X1, Y1)
	SURVEY(2, X2, Y2)
	SURVEY(3, X3, Y3)
	SURVEY(4, X4, Y4)
	SURVEY(5, X5, Y5)
	SURVEY(6, X6, Y6)
	SURVEY(7, X7, Y7)
	VPHADDD      Y14, Y14, Y14
	VPHADDD      Y14, Y14, Y14
	VEXTRACTI128 $1, Y14, X15
	VMOVD        X14, (CX)
	VMOVD        X15, 4(CX)
	VPACKSSWB    Y1, Y0, Y8
	VPACKSSWB    Y3, Y2, Y9
	VPACKSSWB    Y5, Y4, Y10
	VPACKSSWB    Y7, Y6, Y11
	PLACES
	VZEROUPPER
	RET
