// NEON instructions that Go's assembler does not know, as words: arguments are the numbers of vector registers (m in n order as
// in Go: the destination last), i the index of an element, s a shift. Behind each is what a disassembler calls it, which
// bench/neon holds it to. With elements of 16 bits, m is at most 15.
#define MUL(m, n, d)        WORD $(0x4E609C00 | (m)<<16 | (n)<<5 | (d)) // mul d.8h, n.8h, m.8h
#define MLA(m, n, d)        WORD $(0x4E609400 | (m)<<16 | (n)<<5 | (d)) // mla d.8h, n.8h, m.8h
#define SADDL(m, n, d)      WORD $(0x0E600000 | (m)<<16 | (n)<<5 | (d)) // saddl d.4s, n.4h, m.4h
#define SADDL2(m, n, d)     WORD $(0x4E600000 | (m)<<16 | (n)<<5 | (d)) // saddl2 d.4s, n.8h, m.8h
#define SSUBL(m, n, d)      WORD $(0x0E602000 | (m)<<16 | (n)<<5 | (d)) // ssubl d.4s, n.4h, m.4h
#define SSUBL2(m, n, d)     WORD $(0x4E602000 | (m)<<16 | (n)<<5 | (d)) // ssubl2 d.4s, n.8h, m.8h
#define SMULLI(m, i, n, d)  WORD $(0x0F40A000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smull d.4s, n.4h, m.h[i]
#define SMULL2I(m, i, n, d) WORD $(0x4F40A000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smull2 d.4s, n.8h, m.h[i]
#define SMLALI(m, i, n, d)  WORD $(0x0F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlal d.4s, n.4h, m.h[i]
#define SMLAL2I(m, i, n, d) WORD $(0x4F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlal2 d.4s, n.8h, m.h[i]
#define SMLSLI(m, i, n, d)  WORD $(0x0F406000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlsl d.4s, n.4h, m.h[i]
#define SMLSL2I(m, i, n, d) WORD $(0x4F406000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlsl2 d.4s, n.8h, m.h[i]
#define ADDHN(m, n, d)      WORD $(0x0E604000 | (m)<<16 | (n)<<5 | (d)) // addhn d.4h, n.4s, m.4s
#define ADDHN2(m, n, d)     WORD $(0x4E604000 | (m)<<16 | (n)<<5 | (d)) // addhn2 d.8h, n.4s, m.4s
#define SUBHN(m, n, d)      WORD $(0x0E606000 | (m)<<16 | (n)<<5 | (d)) // subhn d.4h, n.4s, m.4s
#define SUBHN2(m, n, d)     WORD $(0x4E606000 | (m)<<16 | (n)<<5 | (d)) // subhn2 d.8h, n.4s, m.4s
#define SSHLL(s, n, d)      WORD $(0x0F00A400 | (16+(s))<<16 | (n)<<5 | (d)) // sshll d.4s, n.4h, #s
#define SSHLL2(s, n, d)     WORD $(0x4F00A400 | (16+(s))<<16 | (n)<<5 | (d)) // sshll2 d.4s, n.8h, #s
#define SQSHRN(s, n, d)     WORD $(0x0F009400 | (32-(s))<<16 | (n)<<5 | (d)) // sqshrn d.4h, n.4s, #s
#define SQSHRN2(s, n, d)    WORD $(0x4F009400 | (32-(s))<<16 | (n)<<5 | (d)) // sqshrn2 d.8h, n.4s, #s
#define SQSHRNB(s, n, d)    WORD $(0x0F009400 | (16-(s))<<16 | (n)<<5 | (d)) // sqshrn d.8b, n.8h, #s
#define SQSHRNB2(s, n, d)   WORD $(0x4F009400 | (16-(s))<<16 | (n)<<5 | (d)) // sqshrn2 d.16b, n.8h, #s
#define SQRSHRN(s, n, d)    WORD $(0x0F009C00 | (32-(s))<<16 | (n)<<5 | (d)) // sqrshrn d.4h, n.4s, #s
#define SQRSHRN2(s, n, d)   WORD $(0x4F009C00 | (32-(s))<<16 | (n)<<5 | (d)) // sqrshrn2 d.8h, n.4s, #s
#define SQRSHRNB(s, n, d)   WORD $(0x0F009C00 | (16-(s))<<16 | (n)<<5 | (d)) // sqrshrn d.8b, n.8h, #s
#define SQRSHRNB2(s, n, d)  WORD $(0x4F009C00 | (16-(s))<<16 | (n)<<5 | (d)) // sqrshrn2 d.16b, n.8h, #s
#define UHADD(m, n, d)      WORD $(0x6E200400 | (m)<<16 | (n)<<5 | (d)) // uhadd d.16b, n.16b, m.16b
#define URHADD(m, n, d)     WORD $(0x6E201400 | (m)<<16 | (n)<<5 | (d)) // urhadd d.16b, n.16b, m.16b
#define UMLALB(m, n, d)     WORD $(0x2E208000 | (m)<<16 | (n)<<5 | (d)) // umlal d.8h, n.8b, m.8b
#define UMLALB2(m, n, d)    WORD $(0x6E208000 | (m)<<16 | (n)<<5 | (d)) // umlal2 d.8h, n.16b, m.16b
#define USUBL(m, n, d)      WORD $(0x2E202000 | (m)<<16 | (n)<<5 | (d)) // usubl d.8h, n.8b, m.8b
#define USUBL2(m, n, d)     WORD $(0x6E202000 | (m)<<16 | (n)<<5 | (d)) // usubl2 d.8h, n.16b, m.16b
#define SHRNB(s, n, d)      WORD $(0x0F008400 | (16-(s))<<16 | (n)<<5 | (d)) // shrn d.8b, n.8h, #s
#define SHRNB2(s, n, d)     WORD $(0x4F008400 | (16-(s))<<16 | (n)<<5 | (d)) // shrn2 d.16b, n.8h, #s
#define RSHRNB(s, n, d)     WORD $(0x0F008C00 | (16-(s))<<16 | (n)<<5 | (d)) // rshrn d.8b, n.8h, #s
#define RSHRNB2(s, n, d)    WORD $(0x4F008C00 | (16-(s))<<16 | (n)<<5 | (d)) // rshrn2 d.16b, n.8h, #s
#define RSHRN(s, n, d)      WORD $(0x0F008C00 | (32-(s))<<16 | (n)<<5 | (d)) // rshrn d.4h, n.4s, #s
#define RSHRN2(s, n, d)     WORD $(0x4F008C00 | (32-(s))<<16 | (n)<<5 | (d)) // rshrn2 d.8h, n.4s, #s
#define SRSRA(s, n, d)      WORD $(0x4F003400 | (32-(s))<<16 | (n)<<5 | (d)) // srsra d.8h, n.8h, #s
#define SQDMULHI(m, i, n, d) WORD $(0x4F40C000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // sqdmulh d.8h, n.8h, m.h[i]
#define SQXTUN(n, d)        WORD $(0x2E212800 | (n)<<5 | (d)) // sqxtun d.8b, n.8h
#define SQXTUN2(n, d)       WORD $(0x6E212800 | (n)<<5 | (d)) // sqxtun2 d.16b, n.8h
#define UMULLH(m, n, d)     WORD $(0x2E60C000 | (m)<<16 | (n)<<5 | (d)) // umull d.4s, n.4h, m.4h
#define UMULLH2(m, n, d)    WORD $(0x6E60C000 | (m)<<16 | (n)<<5 | (d)) // umull2 d.4s, n.8h, m.8h
#define UMULLI(m, i, n, d)  WORD $(0x2F40A000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // umull d.4s, n.4h, m.h[i]
#define UMULL2I(m, i, n, d) WORD $(0x6F40A000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // umull2 d.4s, n.8h, m.h[i]
#define UMLALI(m, i, n, d)  WORD $(0x2F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // umlal d.4s, n.4h, m.h[i]
#define UMLAL2I(m, i, n, d) WORD $(0x6F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // umlal2 d.4s, n.8h, m.h[i]
#define SMLAL(m, n, d)      WORD $(0x0E608000 | (m)<<16 | (n)<<5 | (d)) // smlal d.4s, n.4h, m.4h
#define SMLAL2(m, n, d)     WORD $(0x4E608000 | (m)<<16 | (n)<<5 | (d)) // smlal2 d.4s, n.8h, m.8h
#define SQDMULH(m, n, d)    WORD $(0x4E60B400 | (m)<<16 | (n)<<5 | (d)) // sqdmulh d.8h, n.8h, m.8h
#define ABS(n, d)           WORD $(0x4E60B800 | (n)<<5 | (d)) // abs d.8h, n.8h
#define CMGT(m, n, d)       WORD $(0x4E603400 | (m)<<16 | (n)<<5 | (d)) // cmgt d.8h, n.8h, m.8h
#define SSHR(s, n, d)       WORD $(0x4F000400 | (32-(s))<<16 | (n)<<5 | (d)) // sshr d.8h, n.8h, #s
#define SRSHR(s, n, d)      WORD $(0x4F002400 | (32-(s))<<16 | (n)<<5 | (d)) // srshr d.8h, n.8h, #s
#define SQXTN(n, d)         WORD $(0x0E214800 | (n)<<5 | (d)) // sqxtn d.8b, n.8h
#define SQXTN2(n, d)        WORD $(0x4E214800 | (n)<<5 | (d)) // sqxtn2 d.16b, n.8h
#define UADDLP(n, d)        WORD $(0x6E202800 | (n)<<5 | (d)) // uaddlp d.8h, n.16b
#define UADALP(n, d)        WORD $(0x6E206800 | (n)<<5 | (d)) // uadalp d.8h, n.16b
