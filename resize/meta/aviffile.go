package meta

import (
	"encoding/binary"
	"errors"
	"slices"
)

// An AVIF keeps metadata as items beside its picture (ISO/IEC 23008-12, annex A), and a profile as a property of it (section 6.5.5). What is written here
// goes into files as libavif writes them: its boxes' versions are 0, offsets of 4 bytes; of others nothing is known, and they stay as they are.

var errAVIF = errors.New("an AVIF of an unexpected form")

// isoBox is a box of ISO/IEC 14496-12: a type and what is in it.
type isoBox struct {
	kind string
	data []byte
}

func isoBoxes(b []byte) ([]isoBox, error) {
	var all []isoBox
	for len(b) > 0 {
		if len(b) < 8 {
			return nil, errAVIF
		}
		n := int64(binary.BigEndian.Uint32(b))
		if n < 8 || n > int64(len(b)) {
			return nil, errAVIF
		}
		all = append(all, isoBox{string(b[4:8]), b[8:n:n]})
		b = b[n:]
	}
	return all, nil
}

func (x isoBox) append(out []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(out, uint32(8+len(x.data))), x.kind...), x.data...)
}

// avifItem is one that is added.
type avifItem struct {
	info    []byte // its type, name and content type, as infe has them
	payload []byte
}

// insertAVIF adds blocks to a file; there is no place for IPTC in it, and none for a resolution.
func insertAVIF(data []byte, b Blocks) ([]byte, error) {
	var items []avifItem
	if len(b.EXIF) > 0 {
		items = append(items, avifItem{[]byte("Exif\x00"), append([]byte{0, 0, 0, 0}, b.EXIF...)})
	}
	if len(b.XMP) > 0 {
		items = append(items, avifItem{[]byte("mime\x00application/rdf+xml\x00"), b.XMP})
	}
	if len(items) == 0 && len(b.ICC) == 0 {
		return data, nil
	}
	top, err := isoBoxes(data)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(top, func(x isoBox) bool { return x.kind == "meta" })
	if at < 0 || len(top[at].data) < 4 {
		return nil, errAVIF
	}
	inside, err := isoBoxes(top[at].data[4:])
	if err != nil {
		return nil, err
	}
	m := avifMeta{boxes: inside}
	m.add(items, b.ICC)
	if m.failed {
		return nil, errAVIF
	}
	size := 4
	for _, x := range m.boxes {
		size += 8 + len(x.data)
	}
	m.locate(size-len(top[at].data), len(data), items)
	body := slices.Clone(top[at].data[:4])
	for _, x := range m.boxes {
		body = x.append(body)
	}
	top[at].data = body
	out := make([]byte, 0, len(data)+len(body)+b.Size()+64)
	for _, x := range top {
		out = x.append(out)
	}
	var payloads []byte
	for _, i := range items {
		payloads = append(payloads, i.payload...)
	}
	if len(payloads) > 0 {
		out = isoBox{"mdat", payloads}.append(out)
	}
	return out, nil
}

// avifMeta is what is in a meta box.
type avifMeta struct {
	boxes   []isoBox
	primary uint16
	first   uint16 // of the items that are added
	old     int    // items that were there
	failed  bool
}

// find returns a box of version 0 without flags, which has least bytes.
func (m *avifMeta) find(kind string, least int) *isoBox {
	for i := range m.boxes {
		if x := &m.boxes[i]; x.kind == kind && len(x.data) >= least && binary.BigEndian.Uint32(x.data) == 0 {
			return x
		}
	}
	m.failed = true
	return &isoBox{data: make([]byte, least)}
}

// add makes room for items, and adds a profile to the picture.
func (m *avifMeta) add(items []avifItem, profile []byte) {
	be := binary.BigEndian
	m.primary = be.Uint16(m.find("pitm", 6).data[4:])
	iinf, iloc := m.find("iinf", 6), m.find("iloc", 8)
	infos, err := isoBoxes(iinf.data[6:])
	m.old = int(be.Uint16(iloc.data[6:]))
	m.failed = m.failed || err != nil || int(be.Uint16(iinf.data[4:])) != len(infos) || be.Uint16(iloc.data[4:]) != 0x4400 || len(iloc.data) != 8+14*m.old
	for _, x := range infos {
		if len(x.data) < 6 || x.data[0] != 2 {
			m.failed = true
			return
		}
		m.first = max(m.first, be.Uint16(x.data[4:])+1)
	}
	if m.failed {
		return
	}
	var refs []byte
	for i, item := range items {
		id := m.first + uint16(i)
		info := append(be.AppendUint16([]byte{2, 0, 0, 0}, id), 0, 0)
		iinf.data = isoBox{"infe", append(append(info, item.info[:4]...), item.info[4:]...)}.append(iinf.data)
		iloc.data = append(be.AppendUint16(iloc.data, id), 0, 0, 0, 1)
		iloc.data = append(iloc.data, make([]byte, 8)...)
		refs = isoBox{"cdsc", be.AppendUint16(append(be.AppendUint16(nil, id), 0, 1), m.primary)}.append(refs)
	}
	be.PutUint16(iinf.data[4:], uint16(len(infos)+len(items)))
	be.PutUint16(iloc.data[6:], uint16(m.old+len(items)))
	if i := slices.IndexFunc(m.boxes, func(x isoBox) bool { return x.kind == "iref" }); len(refs) > 0 && i >= 0 {
		x := m.find("iref", 4)
		x.data = append(x.data, refs...)
	} else if len(refs) > 0 {
		m.boxes = append(m.boxes, isoBox{"iref", append(make([]byte, 4), refs...)})
	}
	if len(profile) > 0 {
		m.profile(profile)
	}
}

// profile adds a colr to the picture's properties.
func (m *avifMeta) profile(profile []byte) {
	be := binary.BigEndian
	at := slices.IndexFunc(m.boxes, func(x isoBox) bool { return x.kind == "iprp" })
	if at < 0 {
		m.failed = true
		return
	}
	parts, err := isoBoxes(m.boxes[at].data)
	if err != nil || len(parts) != 2 || parts[0].kind != "ipco" || parts[1].kind != "ipma" || len(parts[1].data) < 8 || be.Uint32(parts[1].data) != 0 {
		m.failed = true
		return
	}
	properties, err := isoBoxes(parts[0].data)
	if err != nil || len(properties) > 126 {
		m.failed = true
		return
	}
	parts[0].data = isoBox{"colr", append([]byte("prof"), profile...)}.append(parts[0].data)
	list := parts[1].data
	for off := 8; off+3 <= len(list); off += 3 + int(list[off+2]) {
		if end := off + 3 + int(list[off+2]); be.Uint16(list[off:]) == m.primary && end <= len(list) {
			list[off+2]++
			parts[1].data = slices.Insert(slices.Clone(list), end, byte(len(properties)+1))
			m.boxes[at].data = parts[1].append(parts[0].append(nil))
			return
		}
	}
	m.failed = true
}

// locate corrects where items lie, as the box before them has grown by so many bytes, and says where those lie that come behind a file of that size.
func (m *avifMeta) locate(grown, size int, items []avifItem) {
	be := binary.BigEndian
	entries := m.find("iloc", 8).data[8:]
	for range m.old {
		be.PutUint32(entries[6:], be.Uint32(entries[6:])+uint32(grown))
		entries = entries[14:]
	}
	at := size + grown + 8
	for _, item := range items {
		be.PutUint32(entries[6:], uint32(at))
		be.PutUint32(entries[10:], uint32(len(item.payload)))
		at += len(item.payload)
		entries = entries[14:]
	}
}
