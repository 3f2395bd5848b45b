//go:build !purego

#include "textflag.h"

// Pixels to pairs of words, and the factors of these pairs: that of luma's green is too large for a signed word, and
// divided between the two.
DATA pickRG<>+0(SB)/8, $0x8005800480018000
DATA pickRG<>+8(SB)/8, $0x800d800c80098008
DATA pickRG<>+16(SB)/8, $0x8005800480018000
DATA pickRG<>+24(SB)/8, $0x800d800c80098008
GLOBL pickRG<>(SB), RODATA|NOPTR, $32

DATA pickBG<>+0(SB)/8, $0x8005800680018002
DATA pickBG<>+8(SB)/8, $0x800d800e8009800a
DATA pickBG<>+16(SB)/8, $0x8005800680018002
DATA pickBG<>+24(SB)/8, $0x800d800e8009800a
GLOBL pickBG<>(SB), RODATA|NOPTR, $32

DATA lumaRG<>+0(SB)/8, $0x56464c8b56464c8b
DATA lumaRG<>+8(SB)/8, $0x56464c8b56464c8b
DATA lumaRG<>+16(SB)/8, $0x56464c8b56464c8b
DATA lumaRG<>+24(SB)/8, $0x56464c8b56464c8b
GLOBL lumaRG<>(SB), RODATA|NOPTR, $32

DATA lumaBG<>+0(SB)/8, $0x40001d2f40001d2f
DATA lumaBG<>+8(SB)/8, $0x40001d2f40001d2f
DATA lumaBG<>+16(SB)/8, $0x40001d2f40001d2f
DATA lumaBG<>+24(SB)/8, $0x40001d2f40001d2f
GLOBL lumaBG<>(SB), RODATA|NOPTR, $32

DATA cbRG<>+0(SB)/8, $0xab33d4cdab33d4cd
DATA cbRG<>+8(SB)/8, $0xab33d4cdab33d4cd
DATA cbRG<>+16(SB)/8, $0xab33d4cdab33d4cd
DATA cbRG<>+24(SB)/8, $0xab33d4cdab33d4cd
GLOBL cbRG<>(SB), RODATA|NOPTR, $32

DATA crBG<>+0(SB)/8, $0x94d1eb2f94d1eb2f
DATA crBG<>+8(SB)/8, $0x94d1eb2f94d1eb2f
DATA crBG<>+16(SB)/8, $0x94d1eb2f94d1eb2f
DATA crBG<>+24(SB)/8, $0x94d1eb2f94d1eb2f
GLOBL crBG<>(SB), RODATA|NOPTR, $32

DATA lumaRound<>+0(SB)/8, $0x0000800000008000
DATA lumaRound<>+8(SB)/8, $0x0000800000008000
DATA lumaRound<>+16(SB)/8, $0x0000800000008000
DATA lumaRound<>+24(SB)/8, $0x0000800000008000
GLOBL lumaRound<>(SB), RODATA|NOPTR, $32

DATA chromaRound<>+0(SB)/8, $0x00807fff00807fff
DATA chromaRound<>+8(SB)/8, $0x00807fff00807fff
DATA chromaRound<>+16(SB)/8, $0x00807fff00807fff
DATA chromaRound<>+24(SB)/8, $0x00807fff00807fff
GLOBL chromaRound<>(SB), RODATA|NOPTR, $32

DATA inOrder<>+0(SB)/8, $0x0000000400000000
DATA inOrder<>+8(SB)/8, $0x0000000500000001
DATA inOrder<>+16(SB)/8, $0x0000000600000002
DATA inOrder<>+24(SB)/8, $0x0000000700000003
GLOBL inOrder<>(SB), RODATA|NOPTR, $32

DATA ones<>+0(SB)/8, $0x0101010101010101
DATA ones<>+8(SB)/8, $0x0101010101010101
DATA ones<>+16(SB)/8, $0x0101010101010101
DATA ones<>+24(SB)/8, $0x0101010101010101
GLOBL ones<>(SB), RODATA|NOPTR, $32

DATA bias01<>+0(SB)/8, $0x0001000000010000
DATA bias01<>+8(SB)/8, $0x0001000000010000
DATA bias01<>+16(SB)/8, $0x0001000000010000
DATA bias01<>+24(SB)/8, $0x0001000000010000
GLOBL bias01<>(SB), RODATA|NOPTR, $32

DATA bias12<>+0(SB)/8, $0x0002000100020001
DATA bias12<>+8(SB)/8, $0x0002000100020001
DATA bias12<>+16(SB)/8, $0x0002000100020001
DATA bias12<>+24(SB)/8, $0x0002000100020001
GLOBL bias12<>(SB), RODATA|NOPTR, $32

// PIXELS converts eight.
#define PIXELS(at, y, cb, cr) \
	VMOVDQU  at(SI), Y12               \
	VPSHUFB  pickRG<>(SB), Y12, Y13    \
	VPSHUFB  pickBG<>(SB), Y12, Y14    \
	VPMADDWD lumaRG<>(SB), Y13, y      \
	VPMADDWD lumaBG<>(SB), Y14, Y15    \
	VPADDD   lumaRound<>(SB), y, y     \
	VPADDD   Y15, y, y                 \
	VPSRLD   $16, y, y                 \
	VPMADDWD cbRG<>(SB), Y13, cb       \
	VPMADDWD crBG<>(SB), Y14, cr       \
	VPSLLD   $16, Y14, Y14             \
	VPSLLD   $16, Y13, Y13             \
	VPSRLD   $1, Y14, Y14              \
	VPSRLD   $1, Y13, Y13              \
	VPADDD   chromaRound<>(SB), cb, cb \
	VPADDD   chromaRound<>(SB), cr, cr \
	VPADDD   Y14, cb, cb               \
	VPADDD   Y13, cr, cr               \
	VPSRLD   $16, cb, cb               \
	VPSRLD   $16, cr, cr

// JOIN narrows four vectors to bytes, in order.
#define JOIN(a, b, c, d) \
	VPACKUSDW b, a, a \
	VPACKUSDW d, c, c \
	VPACKUSWB c, a, a \
	VPERMD    a, Y12, a

// func ycbcrAVX2(y, cb, cr, src *byte, n int)
TEXT ·ycbcrAVX2(SB), NOSPLIT, $0-40
	MOVQ y+0(FP), DI
	MOVQ cb+8(FP), DX
	MOVQ cr+16(FP), BX
	MOVQ src+24(FP), SI
	MOVQ n+32(FP), CX

pixels:
	PIXELS(0, Y0, Y4, Y8)
	PIXELS(32, Y1, Y5, Y9)
	PIXELS(64, Y2, Y6, Y10)
	PIXELS(96, Y3, Y7, Y11)
	VMOVDQU inOrder<>(SB), Y12
	JOIN(Y0, Y1, Y2, Y3)
	JOIN(Y4, Y5, Y6, Y7)
	JOIN(Y8, Y9, Y10, Y11)
	VMOVDQU Y0, (DI)
	VMOVDQU Y4, (DX)
	VMOVDQU Y8, (BX)
	ADDQ    $128, SI
	ADDQ    $32, DI
	ADDQ    $32, DX
	ADDQ    $32, BX
	SUBQ    $32, CX
	JNZ     pixels
	VZEROUPPER
	RET

// func halveAVX2(dst, src *byte, n int)
TEXT ·halveAVX2(SB), NOSPLIT, $0-24
	MOVQ    dst+0(FP), DI
	MOVQ    src+8(FP), SI
	MOVQ    n+16(FP), CX
	VMOVDQU ones<>(SB), Y15
	VMOVDQU bias01<>(SB), Y14

halves:
	VMOVDQU    (SI), Y0
	VPMADDUBSW Y15, Y0, Y0
	VPADDW     Y14, Y0, Y0
	VPSRLW     $1, Y0, Y0
	VPACKUSWB  Y0, Y0, Y0
	VPERMQ     $8, Y0, Y0
	VMOVDQU    X0, (DI)
	ADDQ       $32, SI
	ADDQ       $16, DI
	SUBQ       $16, CX
	JNZ        halves
	VZEROUPPER
	RET

// func quarterAVX2(dst, upper, lower *byte, n int)
TEXT ·quarterAVX2(SB), NOSPLIT, $0-32
	MOVQ    dst+0(FP), DI
	MOVQ    upper+8(FP), SI
	MOVQ    lower+16(FP), DX
	MOVQ    n+24(FP), CX
	VMOVDQU ones<>(SB), Y15
	VMOVDQU bias12<>(SB), Y14

quarters:
	VMOVDQU    (SI), Y0
	VMOVDQU    (DX), Y1
	VPMADDUBSW Y15, Y0, Y0
	VPMADDUBSW Y15, Y1, Y1
	VPADDW     Y14, Y0, Y0
	VPADDW     Y1, Y0, Y0
	VPSRLW     $2, Y0, Y0
	VPACKUSWB  Y0, Y0, Y0
	VPERMQ     $8, Y0, Y0
	VMOVDQU    X0, (DI)
	ADDQ       $32, SI
	ADDQ       $32, DX
	ADDQ       $16, DI
	SUBQ       $16, CX
	JNZ        quarters
	VZEROUPPER
	RET
