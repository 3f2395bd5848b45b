package codec

import (
	"errors"
	"strings"

	"pixmill/resize/meta"
)

// heif is what the boxes of an AVIF or HEIC say (ISO/IEC 23008-12).
type heif struct {
	boxes
	found      map[string]box // in meta, and in iprp
	properties []box          // of ipco; ipma counts them from 1

	w, h    int // as displayed; of AVIF as it is coded
	turn    orient
	clean   clean
	alpha   bool
	mono    bool
	depth   int // bits
	samples float64
	video   videoColour
	coded   uint64 // the item whose stream is the picture's, or that of its first tile
	gain    bool   // there is a gain map beside it
	frames  int    // of a sequence
}

// clean is a clean aperture (section 6.5.9): a part of the picture that is to be seen.
type clean struct{ x, y, w, h int }

// videoColour is how samples stand for colours, by the code points of ITU-T H.273.
type videoColour struct {
	declared         bool // by a box, and not only in the stream
	primaries        int
	transfer, matrix int
	full             bool // range
}

const (
	matrixIdentity    = 0
	matrix709         = 1
	matrixUnspecified = 2
	matrix2020        = 9
	transferPQ        = 16
	transferHLG       = 18
)

func newHEIF(h *Header) *heif {
	return &heif{boxes: boxes{h: h, left: maxBoxes}, found: map[string]box{}, turn: upright, depth: 8, samples: 1.5,
		video: videoColour{primaries: matrixUnspecified, transfer: matrixUnspecified, matrix: matrixUnspecified}}
}

// probeHEIF reads either kind of file; name is what its brand promises, the picture in it decides.
func probeHEIF(h *Header, name string) (Info, error) {
	p := newHEIF(h)
	info := Info{Format: name, Orientation: meta.Upright, Frames: 1}
	err := p.top()
	if _, there := p.found["pitm"]; !there {
		if err == nil {
			err = damaged(name, "there is no picture in it")
		}
		return info, heifError(name, err)
	}
	info.Truncated = err == errEnd
	if err != nil && !info.Truncated {
		return info, heifError(name, err)
	}
	kind, err := p.primary()
	_ = p.metadata() // a picture is not rejected for it
	switch kind {
	case "av01":
		info.Format = "avif"
		p.streamColour()
	case "hvc1":
		info.Format = "heic"
	case "":
	default:
		return info, unsupported(name, "HEIF with pictures of type %q", kind)
	}
	if err != nil {
		return info, heifError(info.Format, err)
	}
	return p.info(info)
}

func heifError(format string, err error) error {
	if errors.Is(err, errBox) {
		return damaged(format, "%v", err)
	}
	return headerError(format, err)
}

func (p *heif) info(info Info) (Info, error) {
	info.Width, info.Height, info.Alpha, info.Gray = p.w, p.h, p.alpha, p.mono
	info.Frames = max(1, p.frames)
	if p.w < 1 || p.h < 1 || p.w > 1<<31-1 || p.h > 1<<31-1 {
		return info, damaged(info.Format, "a size of %d×%d", p.w, p.h)
	}
	if info.Format == "avif" {
		p.avifMemory(&info)
		if p.clean.w > 0 {
			info.Width, info.Height = p.clean.w, p.clean.h
		}
		info = oriented(info, p.turn.exif())
	} else {
		p.heicMemory(&info)
		if p.clean.w > 0 {
			info.Width, info.Height = p.clean.w, p.clean.h
		}
		if p.turn.swaps() { // libheif turns pictures itself
			info.Width, info.Height = info.Height, info.Width
		}
	}
	if p.gain {
		info.GainMap = &GainMap{}
	}
	p.boxes.h.colour.code(p.video.primaries, p.video.transfer, false)
	switch {
	case p.video.transfer == transferPQ:
		return info, hdr(info.Format, "PQ")
	case p.video.transfer == transferHLG:
		return info, hdr(info.Format, "HLG")
	case info.Format == "heic" && p.alpha:
		return info, unsupported("heic", "HEIC with transparency")
	case info.Format == "heic" && p.video.matrix == matrixIdentity:
		return info, unsupported("heic", "HEIC of red, green and blue")
	}
	return info, nil
}

func hdr(format, curve string) error {
	return &UnsupportedError{Format: format, Feature: strings.ToUpper(format) + " in HDR (" + curve + ")", Remedy: "export it in standard dynamic range"}
}

// top walks the file.
func (p *heif) top() error {
	return p.each(0, p.boxes.h.size, func(x box) error {
		switch x.kind {
		case "meta":
			return p.each(x.from+4, x.to, func(x box) error {
				p.found[x.kind] = x
				if x.kind != "iprp" {
					return nil
				}
				return p.each(x.from, x.to, func(x box) error {
					if x.kind == "ipco" {
						return p.each(x.from, x.to, func(x box) error {
							p.properties = append(p.properties, x)
							return nil
						})
					}
					p.found[x.kind] = x
					return nil
				})
			})
		case "moov":
			return p.sequence(x)
		}
		return nil
	})
}

// sequence counts the pictures of an image sequence: as many as its longest track has samples.
func (p *heif) sequence(x box) error {
	return p.each(x.from, x.to, func(x box) error {
		switch x.kind {
		case "trak", "mdia", "minf", "stbl":
			return p.sequence(x)
		case "stsz":
			r := p.reader(x)
			r.full()
			r.uint(4)
			p.frames = max(p.frames, int(r.uint(4)))
			return r.err
		}
		return nil
	})
}

// primary reads about the item that is the picture, and returns the kind of its pixels.
func (p *heif) primary() (string, error) {
	r := p.reader(p.found["pitm"])
	version, _ := r.full()
	id := r.uint(wide(version > 0))
	if r.err != nil {
		return "", r.err
	}
	kind, err := p.kind(id)
	if err != nil {
		return kind, err
	}
	if err := p.describe(id, true); err != nil {
		return kind, err
	}
	p.coded = id
	switch kind {
	case "grid", "iovl", "iden": // made of other items, the first of which tells how all are coded
		first := uint64(0)
		err := p.references("dimg", func(from, to uint64) {
			if from == id && first == 0 {
				first = to
			}
		})
		if err != nil {
			return "", err
		}
		p.coded = first
		if kind, err = p.kind(first); err != nil {
			return kind, err
		}
		if err := p.describe(first, false); err != nil {
			return kind, err
		}
	}
	var of []uint64
	err = p.references("auxl", func(from, to uint64) {
		if to == id && len(of) < 16 {
			of = append(of, from)
		}
	})
	for _, aux := range of {
		if err == nil {
			err = p.eachProperty(aux, func(x box) error {
				if x.kind == "auxC" {
					p.auxiliary(x)
				}
				return nil
			})
		}
	}
	return kind, err
}

// auxiliary takes what an auxC says that a picture beside this one is: transparency, or a gain map; others are depths.
func (p *heif) auxiliary(x box) {
	n := int(min(x.to-x.from-4, 64))
	if n < 1 {
		return
	}
	b, err := p.boxes.h.at(x.from+4, n)
	if err != nil {
		return
	}
	switch s, _, _ := strings.Cut(string(b), "\x00"); s {
	case "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1":
		p.alpha = true
	case "urn:com:apple:photo:2020:aux:hdrgainmap":
		p.gain = true
	}
}

// kind is an item's type (section 8.11.6 of 14496-12).
func (p *heif) kind(id uint64) (kind string, err error) {
	r := p.reader(p.found["iinf"])
	version, _ := r.full()
	r.uint(wide(version > 0))
	if r.err != nil {
		return "", r.err
	}
	err = p.each(r.off, r.to, func(x box) error {
		e := p.reader(x)
		version, _ := e.full()
		if n := e.uint(wide(version > 2)); n == id && version >= 2 {
			e.uint(2)
			t := e.uint(4)
			kind = string([]byte{byte(t >> 24), byte(t >> 16), byte(t >> 8), byte(t)})
		}
		return e.err
	})
	return kind, err
}

// references calls f for each pair of items of a relation (section 8.11.12 of 14496-12).
func (p *heif) references(kind string, f func(from, to uint64)) error {
	iref, there := p.found["iref"]
	if !there {
		return nil
	}
	r := p.reader(iref)
	version, _ := r.full()
	n := wide(version > 0)
	return p.each(r.off, r.to, func(x box) error {
		if x.kind != kind {
			return nil
		}
		r := p.reader(x)
		from := r.uint(n)
		for range r.uint(2) {
			if !r.next() {
				break
			}
			f(from, r.uint(n))
		}
		return r.err
	})
}

// eachProperty calls f for the properties of an item, in their order (section 9.3 of 23008-12).
func (p *heif) eachProperty(id uint64, f func(box) error) error {
	r := p.reader(p.found["ipma"])
	version, flags := r.full()
	for range r.uint(4) {
		if !r.next() {
			break
		}
		item := r.uint(wide(version > 0))
		for range r.uint(1) {
			index := r.uint(1 + int(flags&1))
			index &= 0x7f<<(8*(flags&1)) | 0xff*(flags&1) // without the bit that says it is essential
			if r.err == nil && item == id && index > 0 && int(index) <= len(p.properties) {
				if err := f(p.properties[index-1]); err != nil {
					return err
				}
			}
		}
	}
	return r.err
}

// describe takes what an item's properties say: of the picture everything, of the first of its tiles how it is coded.
func (p *heif) describe(id uint64, whole bool) error {
	return p.eachProperty(id, func(x box) error {
		r := p.reader(x)
		switch x.kind {
		case "ispe":
			if whole {
				r.full()
				p.w, p.h = int(r.uint(4)), int(r.uint(4))
			}
		case "irot":
			if whole {
				p.turn = p.turn.then(leftTurns[r.uint(1)&3])
			}
		case "imir":
			if whole {
				p.turn = p.turn.then(mirrors[r.uint(1)&1])
			}
		case "clap":
			if whole {
				p.aperture(r)
			}
		case "pixi":
			r.full()
			n := int(r.uint(1))
			for range n {
				p.depth = max(p.depth, int(r.uint(1)))
			}
			p.mono = n == 1
		case "av1C":
			p.av1(r)
		case "hvcC":
			p.hevc(r)
		case "colr":
			p.colour(r)
		}
		return r.err
	})
}

// aperture reads a clap; one that is not of whole pixels, or that leaves the picture, decoders leave alone.
func (p *heif) aperture(r *reader) {
	var n [8]int64
	for i := range n {
		n[i] = int64(int32(r.uint(4)))
	}
	part := func(size int, num, den, offNum, offDen int64) (at, length int) {
		if num <= 0 || den <= 0 || offDen <= 0 || num%den != 0 {
			return 0, 0
		}
		length = int(num / den)
		from := (int64(size)-int64(length))*offDen + 2*offNum // times 2·offDen
		if length > size || from < 0 || from%(2*offDen) != 0 || int(from/(2*offDen))+length > size {
			return 0, 0
		}
		return int(from / (2 * offDen)), length
	}
	x, w := part(p.w, n[0], n[1], n[4], n[5])
	y, h := part(p.h, n[2], n[3], n[6], n[7])
	if w > 0 && h > 0 {
		p.clean = clean{x, y, w, h}
	}
}

// av1 reads an av1C (AV1-ISOBMFF, section 2.3.3).
func (p *heif) av1(r *reader) {
	r.uint(2)
	b := r.uint(1)
	if b&0x40 != 0 {
		p.depth = max(p.depth, 10+int(b>>4&2)) // twelve_bit
	}
	p.mono = b&0x10 != 0
	p.samples = 3 - float64(b>>3&1) - float64(b>>2&1)/2
}

// hevc reads an hvcC (ISO/IEC 14496-15, section 8.3.3).
func (p *heif) hevc(r *reader) {
	r.off += 16
	chroma := r.uint(1) & 3
	p.depth = max(p.depth, 8+int(r.uint(1)&7))
	p.mono = chroma == 0
	p.samples = []float64{1, 1.5, 2, 3}[chroma]
	r.off += 4
	for range r.uint(1) {
		kind := r.uint(1) & 0x3f
		for range r.uint(2) {
			size := int(r.uint(2))
			if !r.next() {
				return
			}
			if n := min(size, smallPage); kind == 33 && r.err == nil && !p.video.declared && r.off+int64(n) <= r.to {
				if unit, err := p.boxes.h.at(r.off, n); err == nil {
					if c, ok := spsColour(unit); ok {
						p.video = c
					}
				}
			}
			r.off += int64(size)
		}
	}
}

// colour reads a colr: code points, or where a profile is.
func (p *heif) colour(r *reader) {
	switch r.uint(4) {
	case 'n'<<24 | 'c'<<16 | 'l'<<8 | 'x':
	case 'p'<<24 | 'r'<<16 | 'o'<<8 | 'f', 'r'<<24 | 'I'<<16 | 'C'<<8 | 'C':
		p.boxes.h.places.ICC(r.off, r.to-r.off)
		return
	default:
		r.err = nil
		return
	}
	primaries := int(r.uint(2))
	p.video = videoColour{declared: true, primaries: primaries, transfer: int(r.uint(2)), matrix: int(r.uint(2))}
	p.video.full = r.uint(1)&0x80 != 0
}
