// NEON instructions that Go's assembler does not know, as words: arguments are the numbers of vector registers (m in n order as
// in Go: the destination last), i the index of an element, s a shift. Behind each is what a disassembler calls it, which
// bench/neon holds it to. With elements of 16 bits, m is at most 15.
#define SMULL(m, n, d)      WORD $(0x0E60C000 | (m)<<16 | (n)<<5 | (d)) // smull d.4s, n.4h, m.4h
#define SMLAL(m, n, d)      WORD $(0x0E608000 | (m)<<16 | (n)<<5 | (d)) // smlal d.4s, n.4h, m.4h
#define SMLAL2(m, n, d)     WORD $(0x4E608000 | (m)<<16 | (n)<<5 | (d)) // smlal2 d.4s, n.8h, m.8h
#define SMLALI(m, i, n, d)  WORD $(0x0F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlal d.4s, n.4h, m.h[i]
#define SMLAL2I(m, i, n, d) WORD $(0x4F402000 | ((i)>>2)<<11 | ((i)&3)<<20 | (m)<<16 | (n)<<5 | (d)) // smlal2 d.4s, n.8h, m.h[i]
#define UMULL(m, n, d)      WORD $(0x2E20C000 | (m)<<16 | (n)<<5 | (d)) // umull d.8h, n.8b, m.8b
#define UMULL2(m, n, d)     WORD $(0x6E20C000 | (m)<<16 | (n)<<5 | (d)) // umull2 d.8h, n.16b, m.16b
#define RADDHN(m, n, d)     WORD $(0x2E204000 | (m)<<16 | (n)<<5 | (d)) // raddhn d.8b, n.8h, m.8h
#define RADDHN2(m, n, d)    WORD $(0x6E204000 | (m)<<16 | (n)<<5 | (d)) // raddhn2 d.16b, n.8h, m.8h
#define SQSHRN(s, n, d)     WORD $(0x0F009400 | (32-(s))<<16 | (n)<<5 | (d)) // sqshrn d.4h, n.4s, #s
#define SQSHRN2(s, n, d)    WORD $(0x4F009400 | (32-(s))<<16 | (n)<<5 | (d)) // sqshrn2 d.8h, n.4s, #s
#define SSHR(s, n, d)       WORD $(0x4F000400 | (64-(s))<<16 | (n)<<5 | (d)) // sshr d.4s, n.4s, #s
#define URSHR(s, n, d)      WORD $(0x6F002400 | (32-(s))<<16 | (n)<<5 | (d)) // urshr d.8h, n.8h, #s
#define SQXTN(n, d)         WORD $(0x0E614800 | (n)<<5 | (d)) // sqxtn d.4h, n.4s
#define SQXTN2(n, d)        WORD $(0x4E614800 | (n)<<5 | (d)) // sqxtn2 d.8h, n.4s
#define SQXTUN(n, d)        WORD $(0x2E212800 | (n)<<5 | (d)) // sqxtun d.8b, n.8h
#define SQXTUN2(n, d)       WORD $(0x6E212800 | (n)<<5 | (d)) // sqxtun2 d.16b, n.8h
