package jpeg

import "encoding/binary"

// quantTables reads a DQT segment, T.81 B.2.4.1.
func (p *parser) quantTables(body []byte) error {
	for len(body) > 0 {
		precision, tq := body[0]>>4, body[0]&15
		size := 64 * (1 + int(precision))
		if precision > 1 || tq > 3 || len(body) < 1+size {
			return p.fail("bad quantisation table")
		}
		table := body[1 : 1+size]
		for i := range p.quant[tq] {
			if precision == 0 {
				p.quant[tq][i] = uint16(table[i])
			} else {
				p.quant[tq][i] = binary.BigEndian.Uint16(table[2*i:])
			}
		}
		p.quantOK[tq] = true
		body = body[1+size:]
	}
	return nil
}

// huffmanTables reads a DHT segment, T.81 B.2.4.2.
func (p *parser) huffmanTables(body []byte) error {
	for len(body) > 0 {
		class, th := body[0]>>4, body[0]&15
		if class > 1 || th > 3 || len(body) < 17 {
			return p.fail("bad Huffman table")
		}
		total := 0
		for _, n := range body[1:17] {
			total += int(n)
		}
		if total > 256 || len(body) < 17+total {
			return p.fail("bad Huffman table of %d codes", total)
		}
		if !p.huff[class][th].define(body[1:17], body[17:17+total], class == 0) {
			return p.fail("impossible Huffman table")
		}
		body = body[17+total:]
	}
	return nil
}

// scanStart reads an SOS segment, T.81 B.2.3.
func (p *parser) scanStart(body []byte) error {
	if !p.framed {
		return p.fail("scan before the frame header")
	}
	n := 0
	if len(body) > 0 {
		n = int(body[0])
	}
	if n < 1 || n > len(p.header.Components) || len(body) != 4+2*n {
		return p.fail("scan header of %d components", n)
	}
	s := scanHeader{n: n}
	for i := range n {
		b := body[1+2*i:]
		s.component[i], s.dc[i], s.ac[i] = -1, b[1]>>4, b[1]&15
		for j, c := range p.header.Components {
			if c.ID == b[0] {
				s.component[i] = j
			}
		}
		for _, j := range s.component[:i] {
			if j == s.component[i] {
				return p.fail("scan names component %d twice", b[0])
			}
		}
		if s.component[i] < 0 || s.dc[i] > 3 || s.ac[i] > 3 {
			return p.fail("scan of unknown component %d or table", b[0])
		}
	}
	tail := body[1+2*n:]
	s.ss, s.se, s.ah, s.al = int(tail[0]), int(tail[1]), int(tail[2]>>4), int(tail[2]&15)
	if !p.header.Progressive { // whatever is written there, it is a scan of everything
		s.ss, s.se, s.ah, s.al = 0, 63, 0, 0
	} else if s.ss > s.se || s.se > 63 || (s.ss == 0 && s.se != 0) || (s.ss > 0 && n > 1) || s.al > 13 ||
		(s.ah != 0 && s.ah != s.al+1) {
		return p.fail("scan of coefficients %d … %d, bits %d … %d", s.ss, s.se, s.ah, s.al)
	}
	p.scan = s
	if p.scans == 0 {
		p.header.setColor()
	}
	return nil
}
