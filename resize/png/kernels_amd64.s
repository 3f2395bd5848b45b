//go:build !purego

#include "textflag.h"

// Weights of 32 bytes in a row, for adlerAVX2.
DATA weights<>+0(SB)/8, $0x191a1b1c1d1e1f20
DATA weights<>+8(SB)/8, $0x1112131415161718
DATA weights<>+16(SB)/8, $0x090a0b0c0d0e0f10
DATA weights<>+24(SB)/8, $0x0102030405060708
GLOBL weights<>(SB), RODATA|NOPTR, $32

DATA ones16<>+0(SB)/4, $0x00010001
GLOBL ones16<>(SB), RODATA|NOPTR, $4

DATA swap<>+0(SB)/8, $0x0607040502030001
DATA swap<>+8(SB)/8, $0x0e0f0c0d0a0b0809
GLOBL swap<>(SB), RODATA|NOPTR, $16

DATA to8Factor<>+0(SB)/4, $0x00ff00ff
GLOBL to8Factor<>(SB), RODATA|NOPTR, $4

DATA to8Round<>+0(SB)/4, $0x807e807e // 32894
GLOBL to8Round<>(SB), RODATA|NOPTR, $4

DATA spread3<>+0(SB)/8, $0x8005040380020100
DATA spread3<>+8(SB)/8, $0x800b0a0980080706
GLOBL spread3<>(SB), RODATA|NOPTR, $16

DATA spread2<>+0(SB)/8, $0x0504040401000000
DATA spread2<>+8(SB)/8, $0x0d0c0c0c09080808
GLOBL spread2<>(SB), RODATA|NOPTR, $16

DATA opaque<>+0(SB)/4, $0xff000000
GLOBL opaque<>(SB), RODATA|NOPTR, $4

// func subAVX2(dst, raw *byte, bpp, n int)
TEXT ·subAVX2(SB), NOSPLIT, $0-32
	MOVQ  dst+0(FP), DI
	MOVQ  raw+8(FP), SI
	MOVQ  bpp+16(FP), BX
	MOVQ  n+24(FP), CX
	VPXOR X0, X0, X0

subLoop:
	VMOVQ  (SI), X1
	VPADDB X1, X0, X0
	VMOVQ  X0, (DI)
	ADDQ   BX, SI
	ADDQ   BX, DI
	DECQ   CX
	JNZ    subLoop
	RET

// The row is kept complemented, n = ^a: rounding up the average of complements rounds down that of a and b, and
// with x added and complemented again it is that average less x. So there are two steps from pixel to pixel.
//
// func averageAVX2(dst, raw, prev *byte, bpp, n int)
TEXT ·averageAVX2(SB), NOSPLIT, $0-40
	MOVQ     dst+0(FP), DI
	MOVQ     raw+8(FP), SI
	MOVQ     prev+16(FP), DX
	MOVQ     bpp+24(FP), BX
	MOVQ     n+32(FP), CX
	VPCMPEQB X7, X7, X7
	VMOVDQA  X7, X0

averageLoop:
	VMOVQ  (DX), X1
	VMOVQ  (SI), X2
	VPXOR  X7, X1, X1
	VPAVGB X1, X0, X0
	VPSUBB X2, X0, X0
	VPXOR  X7, X0, X3
	VMOVQ  X3, (DI)
	ADDQ   BX, SI
	ADDQ   BX, DX
	ADDQ   BX, DI
	DECQ   CX
	JNZ    averageLoop
	RET

// What depends on a is kept short, as it leads from pixel to pixel: three steps. Given b and c, a is nearest unless it lies
// between b and 3c - 2b. There it is the larger of b and c where 2a > 3c - b, or where both are equal and b ≥ c; otherwise the smaller.
//
// func paethAVX2(dst, raw, prev *byte, bpp, n int)
TEXT ·paethAVX2(SB), NOSPLIT, $0-40
	MOVQ  dst+0(FP), DI
	MOVQ  raw+8(FP), SI
	MOVQ  prev+16(FP), DX
	MOVQ  bpp+24(FP), BX
	MOVQ  n+32(FP), CX
	VPXOR X0, X0, X0 // a, as words
	VPXOR X1, X1, X1 // c
	VPXOR X8, X8, X8 // 3c

paethLoop:
	VPMOVZXBW (DX), X2        // b
	VPMOVZXBW (SI), X3        // x
	VPSUBW    X2, X8, X4      // 3c - b
	VPSUBW    X2, X4, X5      // 3c - 2b
	VPMINSW   X5, X2, X6      // the ends of between
	VPMAXSW   X5, X2, X7
	VPMINSW   X1, X2, X9
	VPMAXSW   X1, X2, X10
	VPCMPEQW  X10, X2, X11    // -1 where b ≥ c
	VPADDW    X11, X4, X4
	VPSRAW    $1, X4, X4      // (3c - b) / 2
	VPADDB    X3, X9, X9      // x + the smaller
	VPADDB    X3, X10, X10    // x + the larger
	VPADDW    X2, X2, X8
	VPADDW    X2, X8, X8
	VMOVDQA   X2, X1
	VPCMPGTW  X6, X0, X6      // from here on with a
	VPCMPGTW  X0, X7, X7
	VPCMPGTW  X4, X0, X4
	VPADDB    X3, X0, X0
	VPAND     X6, X7, X6
	VPBLENDVB X4, X10, X9, X9
	VPBLENDVB X6, X9, X0, X0
	VPACKUSWB X0, X0, X4
	VMOVQ     X4, (DI)
	ADDQ      BX, SI
	ADDQ      BX, DX
	ADDQ      BX, DI
	DECQ      CX
	JNZ       paethLoop
	RET

// func upAVX2(dst, raw, prev *byte, n int)
TEXT ·upAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ raw+8(FP), SI
	MOVQ prev+16(FP), DX
	MOVQ n+24(FP), CX

upLoop:
	VMOVDQU (SI), Y0
	VPADDB  (DX), Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	SUBQ    $32, CX
	JNZ     upLoop
	VZEROUPPER
	RET

// func adlerAVX2(p *byte, n int) (sum, weighted uint64)
TEXT ·adlerAVX2(SB), NOSPLIT, $0-32
	MOVQ         p+0(FP), SI
	MOVQ         n+8(FP), CX
	VMOVDQU      weights<>(SB), Y7
	VPBROADCASTD ones16<>(SB), Y6
	VPXOR        Y0, Y0, Y0       // sums of all bytes so far
	VPXOR        Y1, Y1, Y1       // the sums before each 32 bytes, added up
	VPXOR        Y2, Y2, Y2       // bytes by their weights within their 32
	VPXOR        Y5, Y5, Y5

adlerLoop:
	VMOVDQU    (SI), Y3
	VPADDQ     Y0, Y1, Y1
	VPSADBW    Y5, Y3, Y4
	VPADDQ     Y4, Y0, Y0
	VPMADDUBSW Y7, Y3, Y3
	VPMADDWD   Y6, Y3, Y3
	VPADDD     Y3, Y2, Y2
	ADDQ       $32, SI
	SUBQ       $32, CX
	JNZ        adlerLoop

	VPSRLQ       $32, Y2, Y3    // dwords to qwords
	VPSLLQ       $32, Y2, Y2
	VPSRLQ       $32, Y2, Y2
	VPADDQ       Y3, Y2, Y2
	VPSLLQ       $5, Y1, Y1
	VPADDQ       Y1, Y2, Y2
	VEXTRACTI128 $1, Y2, X3
	VPADDQ       X3, X2, X2
	VPSRLDQ      $8, X2, X3
	VPADDQ       X3, X2, X2
	VMOVQ        X2, AX
	MOVQ         AX, weighted+24(FP)
	VEXTRACTI128 $1, Y0, X3
	VPADDQ       X3, X0, X0
	VPSRLDQ      $8, X0, X3
	VPADDQ       X3, X0, X0
	VMOVQ        X0, AX
	MOVQ         AX, sum+16(FP)
	VZEROUPPER
	RET

// (255v + 32895) >> 16: the upper half of the product, and what the lower half carries.
//
// func to8AVX2(dst, src *byte, n int)
TEXT ·to8AVX2(SB), NOSPLIT, $0-24
	MOVQ           dst+0(FP), DI
	MOVQ           src+8(FP), SI
	MOVQ           n+16(FP), CX
	VBROADCASTI128 swap<>(SB), Y7
	VPBROADCASTD   to8Factor<>(SB), Y6
	VPBROADCASTD   to8Round<>(SB), Y5

to8Loop:
	VMOVDQU      (SI), Y0
	VPSHUFB      Y7, Y0, Y0
	VPMULHUW     Y6, Y0, Y1
	VPMULLW      Y6, Y0, Y0
	VPAVGW       Y5, Y0, Y0   // (low + 32895) >> 1
	VPSRLW       $15, Y0, Y0
	VPADDW       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKUSWB    X1, X0, X0
	VMOVDQU      X0, (DI)
	ADDQ         $32, SI
	ADDQ         $16, DI
	SUBQ         $16, CX
	JNZ          to8Loop
	VZEROUPPER
	RET

// func rgbToRGBAAVX2(dst, src *byte, n int)
TEXT ·rgbToRGBAAVX2(SB), NOSPLIT, $0-24
	MOVQ           dst+0(FP), DI
	MOVQ           src+8(FP), SI
	MOVQ           n+16(FP), CX
	VBROADCASTI128 spread3<>(SB), Y7
	VPBROADCASTD   opaque<>(SB), Y6

rgbLoop:
	VMOVDQU     (SI), X0
	VINSERTI128 $1, 12(SI), Y0, Y0
	VPSHUFB     Y7, Y0, Y0
	VPOR        Y6, Y0, Y0
	VMOVDQU     Y0, (DI)
	ADDQ        $24, SI
	ADDQ        $32, DI
	SUBQ        $8, CX
	JNZ         rgbLoop
	VZEROUPPER
	RET

// func grayAlphaToRGBAAVX2(dst, src *byte, n int)
TEXT ·grayAlphaToRGBAAVX2(SB), NOSPLIT, $0-24
	MOVQ           dst+0(FP), DI
	MOVQ           src+8(FP), SI
	MOVQ           n+16(FP), CX
	VBROADCASTI128 spread2<>(SB), Y7

grayAlphaLoop:
	VPMOVZXWD (SI), Y0
	VPSHUFB   Y7, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $16, SI
	ADDQ      $32, DI
	SUBQ      $8, CX
	JNZ       grayAlphaLoop
	VZEROUPPER
	RET
