package jpeg

import (
	"encoding/binary"
	"fmt"
)

// Payload is an APPn or COM segment to write: its marker (0xE1 for APP1) and at most 65533 bytes.
type Payload struct {
	Marker byte
	Data   []byte
}

// ICCPayloads splits a colour profile into APP2 segments, ICC.1 annex B.4.
func ICCPayloads(profile []byte) ([]Payload, error) {
	const most = 65533 - 14
	n := ceil(len(profile), most)
	if n > 255 {
		return nil, fmt.Errorf("colour profile of %d bytes does not fit into a JPEG", len(profile))
	}
	var all []Payload
	for i := range n {
		data := append([]byte("ICC_PROFILE\x00"), byte(i+1), byte(n))
		all = append(all, Payload{markerAPP0 + 2, append(data, profile[i*most:min((i+1)*most, len(profile))]...)})
	}
	return all, nil
}

func checkPayloads(all []Payload) error {
	for _, p := range all {
		if p.Marker != markerCOM && (p.Marker < markerAPP0 || p.Marker > markerAPP15) {
			return fmt.Errorf("marker %#x is neither APPn nor COM", p.Marker)
		}
		if len(p.Data) > 65533 {
			return fmt.Errorf("segment of %d bytes does not fit into a JPEG", len(p.Data))
		}
	}
	return nil
}

func appendMarker(dst []byte, marker byte, size int) []byte {
	return binary.BigEndian.AppendUint16(append(dst, 0xFF, marker), uint16(size+2))
}

// header appends what comes before the first Huffman table.
func (e *encoder) header(dst []byte, o *EncodeOptions) []byte {
	dst = append(dst, 0xFF, markerSOI)
	dst = appendMarker(dst, markerAPP0, 14)
	dst = append(dst, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"...) // 1.01, square pixels, no thumbnail
	for _, p := range o.Segments {
		dst = append(appendMarker(dst, p.Marker, len(p.Data)), p.Data...)
	}
	for i := range min(len(e.components), 2) {
		dst = append(appendMarker(dst, markerDQT, 65), byte(i))
		for _, natural := range zigzag {
			dst = append(dst, e.quantizers[i].table[natural])
		}
	}
	sof := byte(markerSOF0)
	if e.progressive {
		sof = markerSOF2
	}
	dst = append(appendMarker(dst, sof, 6+3*len(e.components)), 8)
	dst = binary.BigEndian.AppendUint16(dst, uint16(e.height))
	dst = binary.BigEndian.AppendUint16(dst, uint16(e.width))
	dst = append(dst, byte(len(e.components)))
	for i, c := range e.components {
		dst = append(dst, byte(i+1), byte(c.h<<4|c.v), c.table)
	}
	return dst
}

// appendTable appends a DHT segment; class 0 is DC, 1 is AC.
func (s *huffmanSpec) appendTable(dst []byte, class, table int) []byte {
	dst = append(appendMarker(dst, markerDHT, 17+s.n), byte(class<<4|table))
	dst = append(dst, s.counts[:]...)
	return append(dst, s.values[:s.n]...)
}

// sequentialScan appends the tables and the scan header of an image that is one scan.
func (e *encoder) sequentialScan(dst []byte) []byte {
	for i := range e.tables() {
		dst = e.dc[i].appendTable(dst, 0, i)
		dst = e.ac[i].appendTable(dst, 1, i)
	}
	dst = append(appendMarker(dst, markerSOS, 4+2*len(e.components)), byte(len(e.components)))
	for i, c := range e.components {
		dst = append(dst, byte(i+1), c.table<<4|c.table)
	}
	return append(dst, 0, 63, 0)
}
