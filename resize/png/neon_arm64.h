// NEON instructions that Go's assembler does not know, as words: arguments are the numbers of vector registers (m in n order as
// in Go: the destination last). Behind each is what a disassembler calls it, which bench/neon holds it to.
#define UHADD(m, n, d)    WORD $(0x2E200400 | (m)<<16 | (n)<<5 | (d)) // uhadd d.8b, n.8b, m.8b
#define UQSUB(m, n, d)    WORD $(0x6E202C00 | (m)<<16 | (n)<<5 | (d)) // uqsub d.16b, n.16b, m.16b
#define CMHI(m, n, d)     WORD $(0x6E203400 | (m)<<16 | (n)<<5 | (d)) // cmhi d.16b, n.16b, m.16b
#define CMGE(m, n, d)     WORD $(0x4E603C00 | (m)<<16 | (n)<<5 | (d)) // cmge d.8h, n.8h, m.8h
#define MUL(m, n, d)      WORD $(0x4E609C00 | (m)<<16 | (n)<<5 | (d)) // mul d.8h, n.8h, m.8h
#define XTN(n, d)         WORD $(0x0E212800 | (n)<<5 | (d)) // xtn d.8b, n.8h
#define UMULL(m, n, d)    WORD $(0x2E20C000 | (m)<<16 | (n)<<5 | (d)) // umull d.8h, n.8b, m.8b
#define UMLAL(m, n, d)    WORD $(0x2E208000 | (m)<<16 | (n)<<5 | (d)) // umlal d.8h, n.8b, m.8b
#define UMLAL2(m, n, d)   WORD $(0x6E208000 | (m)<<16 | (n)<<5 | (d)) // umlal2 d.8h, n.16b, m.16b
#define UADDLP(n, d)      WORD $(0x6E202800 | (n)<<5 | (d)) // uaddlp d.8h, n.16b
#define UADALP(n, d)      WORD $(0x6E206800 | (n)<<5 | (d)) // uadalp d.8h, n.16b
#define UADALPH(n, d)     WORD $(0x6E606800 | (n)<<5 | (d)) // uadalp d.4s, n.8h
