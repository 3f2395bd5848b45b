package codec

// metadata notes where the items that describe the primary picture lie: EXIF, and XMP.
func (p *heif) metadata() error {
	iinf, there := p.found["iinf"]
	if !there {
		return nil
	}
	r := p.reader(iinf)
	version, _ := r.full()
	r.uint(wide(version > 0))
	if r.err != nil {
		return r.err
	}
	exif, xmp := uint64(0), uint64(0)
	err := p.each(r.off, r.to, func(x box) error {
		e := p.reader(x)
		version, _ := e.full()
		id := e.uint(wide(version > 2))
		e.uint(2)
		switch kind := e.uint(4); {
		case e.err != nil || version < 2:
		case kind == 't'<<24|'m'<<16|'a'<<8|'p': // ISO 21496-1's derivation of a picture with a gain map
			p.gain = true
		case kind == 'E'<<24|'x'<<16|'i'<<8|'f' && exif == 0:
			exif = id
		case kind == 'm'<<24|'i'<<16|'m'<<8|'e' && xmp == 0 && p.isXMP(e):
			xmp = id
		}
		return nil
	})
	if err != nil || exif+xmp == 0 {
		return err
	}
	return p.locations(func(id uint64, from, size int64) {
		switch {
		case id == exif && size > 4: // ISO/IEC 23008-12, annex A.2.1: an offset to the TIFF stream stands before it
			if b, err := p.boxes.h.at(from, 4); err == nil {
				skip := 4 + int64(b[0])<<24 + int64(b[1])<<16 + int64(b[2])<<8 + int64(b[3])
				p.boxes.h.places.EXIF(from+skip, size-skip)
			}
		case id == xmp:
			p.boxes.h.places.XMP(from, size)
		}
	})
}

// isXMP reads a mime item's name and content type.
func (p *heif) isXMP(e *reader) bool {
	n := int(min(e.to-e.off, 256))
	b, err := p.boxes.h.at(e.off, n)
	if err != nil {
		return false
	}
	_, kind, _ := cutZero(b)
	kind, _, _ = cutZero(kind)
	return string(kind) == "application/rdf+xml"
}

func cutZero(b []byte) (before, after []byte, found bool) {
	for i, c := range b {
		if c == 0 {
			return b[:i], b[i+1:], true
		}
	}
	return b, nil, false
}

// locations calls f for the items that lie in one piece in the file, or in its idat (section 8.11.3 of 14496-12).
func (p *heif) locations(f func(id uint64, from, size int64)) error {
	iloc, there := p.found["iloc"]
	if !there {
		return nil
	}
	r := p.reader(iloc)
	version, _ := r.full()
	sizes := r.uint(2)
	offset, length, base, index := int(sizes>>12&15), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	if max(offset, length, base, index) > 8 {
		return errBox
	}
	for range r.uint(wide(version > 1)) {
		if !r.next() {
			break
		}
		id, method := r.uint(wide(version > 1)), uint64(0)
		if version > 0 {
			method = r.uint(2) & 15
		}
		r.uint(2)
		start := int64(r.uint(base))
		extents := r.uint(2)
		for range extents {
			if !r.next() {
				break
			}
			r.uint(index)
			from, size := start+int64(r.uint(offset)), int64(r.uint(length))
			idat, inside := p.found["idat"]
			if method == 1 && inside {
				from += idat.from
			}
			if r.err == nil && extents == 1 && (method == 0 || method == 1 && inside) && from >= 0 && size > 0 {
				f(id, from, size)
			}
		}
	}
	return r.err
}
