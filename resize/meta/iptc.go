package meta

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// IIM 4.2's records: number, dataset. Those of record 2 are about the picture.
const (
	iptcTitle     = 5
	iptcKeyword   = 25
	iptcByline    = 80
	iptcBylineJob = 85
	iptcHeadline  = 105
	iptcCredit    = 110
	iptcSource    = 115
	iptcCopyright = 116
	iptcContact   = 118
	iptcCaption   = 120

	iptcCharset = 90 // of record 1
)

var iptcRights = []byte{iptcByline, iptcBylineJob, iptcCredit, iptcSource, iptcCopyright, iptcContact}

// record is a dataset of the Information Interchange Model, section 1.6.
type record struct {
	number, dataset byte
	value           []byte
}

// records reads what there is, up to where it does not parse. Extended datasets, of more than 32767 bytes, end it.
func records(b []byte) []record {
	var all []record
	for len(b) >= 5 && b[0] == 0x1c {
		n := int(binary.BigEndian.Uint16(b[3:]))
		if n > 0x7fff || n > len(b)-5 {
			break
		}
		all = append(all, record{b[1], b[2], b[5 : 5+n]})
		b = b[5+n:]
	}
	return all
}

// filterIPTC is what may stay. Records that are no text, as previews are, are none of it.
func filterIPTC(b []byte, k Keep) []byte {
	var out []byte
	any := false
	for _, r := range records(b) {
		charset := r.number == 1 && r.dataset == iptcCharset
		text := r.number == 2 && r.dataset < 200
		if !charset && (!text || k.Level < All && !slices.Contains(iptcRights, r.dataset)) {
			continue
		}
		any = any || text && r.dataset > 0
		out = append(out, 0x1c, r.number, r.dataset)
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(r.value))), r.value...)
	}
	if !any {
		return nil
	}
	return out
}

// iptcTexts are the texts of a dataset of record 2: as UTF-8, which most write, or else taken for Latin-1.
func iptcTexts(all []record, dataset byte) []string {
	var texts []string
	for _, r := range all {
		if r.number != 2 || r.dataset != dataset {
			continue
		}
		if utf8.Valid(r.value) {
			texts = append(texts, string(r.value))
			continue
		}
		runes := make([]rune, len(r.value))
		for i, c := range r.value {
			runes[i] = rune(c)
		}
		texts = append(texts, string(runes))
	}
	return texts
}

const iptcResource = 0x0404 // Photoshop's number for it

// photoshopIPTC finds the records among Photoshop's image resources ("8BIM", a number, a name and data, both padded to even lengths).
func photoshopIPTC(b []byte) []byte {
	for len(b) >= 12 && string(b[:4]) == "8BIM" {
		id := binary.BigEndian.Uint16(b[4:])
		head := 6 + (int(b[6])+2)&^1
		if len(b) < head+4 {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(b[head:]))
		b = b[head+4:]
		if n > int64(len(b)) {
			return nil
		}
		if id == iptcResource {
			return b[:n]
		}
		b = b[min(n+n&1, int64(len(b))):]
	}
	return nil
}

// photoshopSegment is the payload of a JPEG's APP13 with records.
func photoshopSegment(iptc []byte) []byte {
	out := append([]byte(photoshopHead), "8BIM\x04\x04\x00\x00"...)
	out = append(binary.BigEndian.AppendUint32(out, uint32(len(iptc))), iptc...)
	return append(out, make([]byte, len(iptc)&1)...)
}
