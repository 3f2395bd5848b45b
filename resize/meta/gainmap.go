package meta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// An Ultra HDR photo (Android's Ultra HDR image format 1.1, ISO 21496-1) is a JPEG with another one behind it: a gain map, which says how much brighter
// than the first one a bright screen may show each place. An MPF segment (CIPA DC-007) says where it is, and XMP, or a segment of ISO's, what its
// values mean.

// GainMap is one as a file holds it.
type GainMap struct {
	From, Size int64  // of its JPEG, in the file
	XMP        []byte // what its values mean, as Adobe writes it
	ISO        []byte // and as ISO does, without its name
}

const (
	mpfHead = "MPF\x00"
	isoHead = "urn:iso:std:iso:ts:21496:-1\x00"

	maxPictures = 8
)

// Pictures finds the JPEGs behind the first one.
func (p *Places) Pictures(r io.ReaderAt) []GainMap {
	b := take(r, p.mpf, 4<<10)
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte("II*\x00")) {
		order = binary.LittleEndian
	}
	if len(b) < 10 {
		return nil
	}
	off := int64(order.Uint32(b[4:]))
	if off+2 > int64(len(b)) {
		return nil
	}
	var all []GainMap
	entries := b[off+2:]
	for range order.Uint16(b[off:]) {
		if len(entries) < 12 {
			break
		}
		if at, n := int64(order.Uint32(entries[8:])), int64(order.Uint32(entries[4:])); order.Uint16(entries) == 0xb002 && at+n <= int64(len(b)) {
			for list := b[at : at+n]; len(list) >= 16 && len(all) < maxPictures; list = list[16:] {
				if from := int64(order.Uint32(list[8:])); from > 0 { // from the segment's own TIFF header; 0 is the first picture
					all = append(all, GainMap{From: p.mpf.from + from, Size: int64(order.Uint32(list[4:]))})
				}
			}
		}
		entries = entries[12:]
	}
	return all
}

// Meaning reads, of a JPEG behind another one, what its values mean as a gain map; false when it is none.
func (p *Places) Meaning(r io.ReaderAt, g *GainMap) bool {
	if rdf := parseXMP(p.readXMP(r), maxNodesRead); rdf != nil {
		for _, d := range rdf.children {
			d.children = slices.DeleteFunc(d.children, func(c *node) bool { return c.space != nsHDR })
			d.attrs = slices.DeleteFunc(d.attrs, func(a attr) bool { return a.space != nsHDR && a.space != nsRDF })
		}
		if rdf.property(nsHDR, "GainMapMax") != nil || rdf.property(nsHDR, "Version") != nil {
			rdf.prune(map[string]bool{})
			g.XMP = packet(rdf)
		}
	}
	if iso := take(r, p.iso, 4<<10); len(iso) > 4 { // of 4 bytes it is a first picture's, which only says that there is one
		g.ISO = iso
	}
	return g.XMP != nil || g.ISO != nil
}

// Apples says whether a JPEG behind another one is a gain map as iPhones write it, whose meaning stands in the first one's maker notes, in no form that
// Apple has published.
func (p *Places) Apples(r io.ReaderAt) bool {
	rdf := parseXMP(p.readXMP(r), maxNodesRead)
	return rdf != nil && (rdf.property(nsAppleGain, "HDRGainMapVersion") != nil || rdf.property(nsAppleData, "AuxiliaryImageType") != nil)
}

// Worn returns a JPEG of a gain map with what its values mean.
func (g GainMap) Worn(data []byte) ([]byte, error) {
	return insertJPEG(data, Blocks{XMP: g.XMP, ISO: g.ISO})
}

// withGainMap adds to a packet, which may be nil, that there is a gain map of so many bytes.
func withGainMap(xmp []byte, size int) []byte {
	says := parseXMP([]byte(fmt.Sprintf(`<rdf:RDF xmlns:rdf="%s"><rdf:Description xmlns:rdf="%s" xmlns:Container="%s" xmlns:Item="%s" xmlns:hdrgm="%s" hdrgm:Version="1.0">`+
		`<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li>`+
		`<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="%d"/></rdf:li></rdf:Seq></Container:Directory>`+
		`</rdf:Description></rdf:RDF>`, nsRDF, nsRDF, nsContainer, nsItem, nsHDR, size)), maxNodes)
	rdf := parseXMP(xmp, maxNodes)
	if rdf == nil {
		return packet(says)
	}
	rdf.children = append(rdf.children, says.children...)
	return packet(rdf)
}

// mpfSize is what the MPF segment of two pictures takes, behind its marker and length.
const mpfSize = len(mpfHead) + 8 + 2 + 3*12 + 4 + 2*16

// appendMPF appends it: a JPEG of first bytes, in which its TIFF header lies at an offset, and one of second bytes behind it.
func appendMPF(out []byte, header, first, second int) []byte {
	be := binary.BigEndian
	out = append(out, mpfHead+"MM\x00*\x00\x00\x00\x08\x00\x03"...)
	out = append(out, "\xb0\x00\x00\x07\x00\x00\x00\x040100\xb0\x01\x00\x04\x00\x00\x00\x01\x00\x00\x00\x02\xb0\x02\x00\x07\x00\x00\x00\x20\x00\x00\x00\x32\x00\x00\x00\x00"...)
	out = be.AppendUint32(out, 0x00030000) // the first, of the baseline kind
	out = be.AppendUint32(out, uint32(first))
	out = append(out, make([]byte, 8+4)...)
	out = be.AppendUint32(out, uint32(second))
	out = be.AppendUint32(out, uint32(first-header))
	return append(out, make([]byte, 4)...)
}
