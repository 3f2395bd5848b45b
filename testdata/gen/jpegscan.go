package main

import "math/bits"

// A scan codes a band of coefficients (ss to se, in zigzag order) of some components, down to bit al; ah is the al of
// the scan that it refines, 0 when it is the first (T.81 G.1.1.1). A baseline file's one scan is {0, 63, 0, 0}.
type scan struct {
	comps          []int
	ss, se, ah, al int
}

// A token is a Huffman symbol, or none, with the plain bits that follow it; or a restart marker.
type token struct {
	table int // where<<1 | tables of the component; plain and restart are none
	sym   byte
	value uint32
	n     int // plain bits, 0 to 16
}

const (
	dc      = 0
	ac      = 2
	plain   = -1
	restart = -2
)

// A scanner turns a scan's blocks into tokens.
type scanner struct {
	scan
	progressive bool
	tokens      []token
	last        [4]int32 // DC of each component's block before
	table       int      // of the component at hand
	eobRun      uint32   // blocks ended and not written yet
	corrections []uint32 // bits that go behind that run
}

func (s *scanner) emit(where int, sym byte, value uint32, n int) {
	s.tokens = append(s.tokens, token{where | s.table, sym, value & (1<<n - 1), n})
}

func (s *scanner) emitBits(list []uint32) {
	for _, b := range list {
		s.tokens = append(s.tokens, token{table: plain, value: b, n: 1})
	}
}

// tokenize walks the scan's MCUs: of one component, its blocks row by row; of several, interleaved (T.81 A.2).
func (s scan) tokenize(c coefficients, f jpegFile) []token {
	sc := scanner{scan: s, progressive: f.scans != nil}
	one, across, down := c.comps[s.comps[0]], c.mcux, c.mcuy
	if len(s.comps) == 1 {
		across, down = one.across, one.down
	}
	for mcu := range across * down {
		if f.restart > 0 && mcu > 0 && mcu%f.restart == 0 {
			sc.flush()
			sc.tokens = append(sc.tokens, token{table: restart, sym: byte(0xd0 + (mcu/f.restart-1)%8)})
			sc.last = [4]int32{}
		}
		mx, my := mcu%across, mcu/across
		if len(s.comps) == 1 {
			sc.block(s.comps[0], f.planes[s.comps[0]].tables, &one.blocks[my*one.stride+mx])
			continue
		}
		for _, i := range s.comps {
			p, k := f.planes[i], c.comps[i]
			for b := range p.h * p.v {
				sc.block(i, p.tables, &k.blocks[(my*p.v+b/p.h)*k.stride+mx*p.h+b%p.h])
			}
		}
	}
	sc.flush()
	return sc.tokens
}

func (s *scanner) block(comp, table int, b *block) {
	s.table = table
	switch {
	case s.ss == 0 && s.ah == 0:
		s.dcFirst(comp, b[0]>>s.al)
	case s.ss == 0:
		s.emitBits([]uint32{uint32(b[0]>>s.al) & 1})
	}
	switch {
	case s.se > 0 && s.ah == 0:
		s.acFirst(b)
	case s.se > 0:
		s.acRefine(b)
	}
}

// dcFirst codes the difference to the block before (T.81 F.1.2.1).
func (s *scanner) dcFirst(comp int, v int32) {
	diff := v - s.last[comp]
	s.last[comp] = v
	n := bits.Len32(uint32(max(diff, -diff)))
	s.emit(dc, byte(n), signed(diff, max(diff, -diff)), n)
}

// signed is the magnitude a of v as its plain bits: of a negative value, the complement.
func signed(v, a int32) uint32 {
	if v < 0 {
		return ^uint32(a)
	}
	return uint32(a)
}

// acFirst codes runs of zeros and values (T.81 F.1.2.2, G.1.2.2).
func (s *scanner) acFirst(b *block) {
	run := 0
	for k := max(s.ss, 1); k <= s.se; k++ {
		v := b[zigzag[k]]
		a := max(v, -v) >> s.al
		if a == 0 {
			run++
			continue
		}
		s.flush()
		for ; run > 15; run -= 16 {
			s.emit(ac, 0xf0, 0, 0)
		}
		n := bits.Len32(uint32(a))
		s.emit(ac, byte(run<<4|n), signed(v, a), n)
		run = 0
	}
	if run > 0 {
		s.endBlock(nil)
	}
}

// acRefine adds one bit to the values known and codes those that the bit makes non-zero (T.81 G.1.2.3).
func (s *scanner) acRefine(b *block) {
	lastNew := 0
	for k := s.ss; k <= s.se; k++ {
		if v := b[zigzag[k]]; max(v, -v)>>s.al == 1 {
			lastNew = k
		}
	}
	run, known := 0, []uint32(nil)
	for k := s.ss; k <= s.se; k++ {
		v := b[zigzag[k]]
		a := max(v, -v) >> s.al
		if a == 0 {
			run++
			continue
		}
		for ; run > 15 && k <= lastNew; run -= 16 {
			s.flush()
			s.emit(ac, 0xf0, 0, 0)
			s.emitBits(known)
			known = nil
		}
		if a > 1 {
			known = append(known, uint32(a&1))
			continue
		}
		s.flush()
		sign := uint32(1)
		if v < 0 {
			sign = 0
		}
		s.emit(ac, byte(run<<4|1), sign, 1)
		s.emitBits(known)
		run, known = 0, nil
	}
	if run > 0 || known != nil {
		s.endBlock(known)
	}
}

// endBlock notes that the rest of the block is zero; a baseline file says so block by block, without runs.
func (s *scanner) endBlock(corrections []uint32) {
	s.eobRun++
	s.corrections = append(s.corrections, corrections...)
	if !s.progressive || s.eobRun == 0x7fff {
		s.flush()
	}
}

// flush writes the run of ended blocks, if there is one: n = ⌊log2 run⌋ as symbol n<<4, then its lower n bits.
func (s *scanner) flush() {
	if s.eobRun > 0 {
		n := bits.Len32(s.eobRun) - 1
		s.emit(ac, byte(n<<4), s.eobRun, n)
		s.emitBits(s.corrections)
		s.eobRun, s.corrections = 0, nil
	}
}
