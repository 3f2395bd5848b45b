package png

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// samples returns small images of all kinds.
func samples() map[string][]byte {
	all := map[string][]byte{}
	for i, p := range kindsOfPixels() {
		for _, p.interlaced = range []bool{false, true} {
			p.width, p.height, p.filter, p.idat = 9, 5, anyFilter, 50
			all[p.String()] = p.encode(rand.New(rand.NewPCG(11, uint64(i))))
		}
	}
	return all
}

// A file cut anywhere is truncated, for image/png an error too, and less is missing the more there is.
func TestTruncated(t *testing.T) {
	for name, src := range samples() {
		t.Run(name, func(t *testing.T) {
			before := 1.0
			for n := range src {
				h, pix, err := rowsOf(src[:n])
				var damage *FormatError
				if !errors.As(err, &damage) || !damage.Truncated {
					t.Fatalf("%d of %d bytes: error %v", n, len(src), err)
				}
				if damage.Missing < 0 || damage.Missing > before {
					t.Fatalf("%d of %d bytes: %v is missing, and of fewer bytes %v", n, len(src), damage.Missing, before)
				}
				before = damage.Missing
				if whole := float64(len(pix)); whole > 0 {
					have := whole / (9 * 5)
					if !h.Gray || h.Alpha {
						have /= 4
					}
					if d := have + damage.Missing - 1; d < -1e-9 || d > 1e-9 {
						t.Fatalf("%d of %d bytes: %v of the image came, %v is missing", n, len(src), have, damage.Missing)
					}
				}
				if _, _, err := reference(src[:n]); err == nil {
					t.Fatalf("%d of %d bytes: image/png decodes it", n, len(src))
				}
			}
			if before != 0 {
				t.Fatalf("of all bytes but one %v is missing", before)
			}
		})
	}
}

// Any byte may be wrong, under a checksum that does not match and one that does: what image/png makes of it, this package does,
// and nothing panics.
func TestDamaged(t *testing.T) {
	for name, src := range samples() {
		t.Run(name, func(t *testing.T) {
			for i := range src {
				for _, flip := range []byte{1, 0x10, 0x80, 0xff} {
					b := slices.Clone(src)
					b[i] ^= flip
					if huge(b) {
						continue
					}
					if err := agree(b); err != nil {
						t.Fatalf("byte %d ^ %#x: %v", i, flip, err)
					}
					if rehash(b); huge(b) {
						continue
					}
					if err := agree(b); err != nil {
						t.Fatalf("byte %d ^ %#x, checksums right: %v", i, flip, err)
					}
				}
			}
		})
	}
}

// huge says that image/png would claim much memory for src's header.
func huge(src []byte) bool {
	return len(src) >= 24 && uint64(binary.BigEndian.Uint32(src[16:]))*uint64(binary.BigEndian.Uint32(src[20:])) > 1<<20
}

// rehash makes the checksums of all chunks match, as far as their lengths make sense.
func rehash(src []byte) {
	for at := 8; at+12 <= len(src); {
		n := int64(binary.BigEndian.Uint32(src[at:]))
		if int64(at)+12+n > int64(len(src)) {
			return
		}
		binary.BigEndian.PutUint32(src[at+8+int(n):], crc32.ChecksumIEEE(src[at+4:at+8+int(n)]))
		at += 12 + int(n)
	}
}

// Whatever is wrong with a file's structure is refused where image/png refuses it, and for its own reason.
func TestStructure(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	of := func(p picture) []chunk {
		p.width, p.height = 3, 3
		return chunksOf(p.encode(rng))
	}
	rgb, gray := of(picture{color: RGB, depth: 8}), of(picture{color: Gray, depth: 8})
	rgba, palette := of(picture{color: RGBA, depth: 8}), of(picture{color: Palette, depth: 4, transparent: true})
	head, data, end := rgb[0], rgb[1], rgb[2]
	plte := chunk{"PLTE", make([]byte, 9)}
	text := chunk{"tEXt", []byte("comment")}
	header := func(at int, values ...byte) chunk {
		b := slices.Clone(head.data)
		copy(b[at:], values)
		return chunk{"IHDR", b}
	}
	tests := []struct {
		name   string
		chunks []chunk
		reason string // part of the error; "": none
	}{
		{"whole", rgb, ""},
		{"text everywhere", []chunk{text, head, text, data, text, end, text}, ""},
		{"palette for RGB", []chunk{head, plte, data, end}, ""},
		{"palette and transparency for RGB", []chunk{head, plte, {"tRNS", make([]byte, 6)}, data, end}, ""},
		{"IDAT behind the image", []chunk{head, data, {"IDAT", []byte("garbage")}, text, {kind: "IDAT"}, end}, ""},
		{"bytes behind the end", []chunk{head, data, end, head}, ""},
		{"no chunks", nil, "ends before"},
		{"no end", []chunk{head, data}, "ends before"},
		{"no header", []chunk{data, end}, "IDAT chunk is at a wrong place"},
		{"two headers", []chunk{head, head, data, end}, "IHDR chunk is at a wrong place"},
		{"header behind the image", []chunk{head, data, head, end}, "IHDR chunk is at a wrong place"},
		{"palette before the header", []chunk{plte, head, data, end}, "PLTE chunk is at a wrong place"},
		{"two palettes", []chunk{head, plte, plte, data, end}, "PLTE chunk is at a wrong place"},
		{"palette behind the image", []chunk{head, data, plte, end}, "PLTE chunk is at a wrong place"},
		{"palette behind transparency", []chunk{head, {"tRNS", make([]byte, 6)}, plte, data, end}, "PLTE chunk is at a wrong place"},
		{"palette for grey", []chunk{gray[0], plte, gray[1], end}, "palette, where pixels are grey"},
		{"palette of 8 bytes", []chunk{head, {"PLTE", make([]byte, 8)}, data, end}, "palette of 8 bytes"},
		{"palette of none", []chunk{head, {"PLTE", nil}, data, end}, "palette of 0 bytes"},
		{"palette of 257 colours", []chunk{head, {"PLTE", make([]byte, 3*257)}, data, end}, "palette of 771 bytes"},
		{"palette of 17 colours for 4 bits", []chunk{palette[0], {"PLTE", make([]byte, 3*17)}, palette[3], end}, "palette of 51 bytes"},
		{"no palette", []chunk{palette[0], palette[3], end}, "IDAT chunk is at a wrong place"},
		{"transparency before its palette", []chunk{palette[0], palette[2], palette[1], palette[3], end}, "tRNS chunk is at a wrong place"},
		{"transparency before the header", []chunk{{"tRNS", make([]byte, 6)}, head, data, end}, "tRNS chunk is at a wrong place"},
		{"transparency twice", []chunk{palette[0], palette[1], palette[2], palette[2], palette[3], end}, "tRNS chunk is at a wrong place"},
		{"transparency behind the image", []chunk{head, data, {"tRNS", make([]byte, 6)}, end}, "tRNS chunk is at a wrong place"},
		{"transparency beyond a palette", []chunk{palette[0], plte, {"tRNS", make([]byte, 11)}, palette[3], end}, ""},
		{"transparency of 257 colours", []chunk{palette[0], plte, {"tRNS", make([]byte, 257)}, palette[3], end}, "tRNS chunk of 257 bytes"},
		{"transparency of two samples for RGB", []chunk{head, {"tRNS", make([]byte, 4)}, data, end}, "tRNS chunk of 4 bytes"},
		{"transparency of RGB for grey", []chunk{gray[0], {"tRNS", make([]byte, 6)}, gray[1], end}, "tRNS chunk of 6 bytes"},
		{"transparency beside alpha", []chunk{rgba[0], {"tRNS", make([]byte, 6)}, rgba[1], end}, "tRNS chunk of 6 bytes"},
		{"header of 12 bytes", []chunk{{"IHDR", head.data[:12]}, data, end}, "header of 12 bytes"},
		{"header of 14 bytes", []chunk{{"IHDR", append(slices.Clone(head.data), 0)}, data, end}, "header of 14 bytes"},
		{"width 0", []chunk{header(0, 0, 0, 0, 0), data, end}, "size of 0 × 3"},
		{"height 0", []chunk{header(4, 0, 0, 0, 0), data, end}, "size of 3 × 0"},
		{"negative width", []chunk{header(0, 0x80), data, end}, "size of 2147483651 × 3"},
		{"more pixels than there are numbers", []chunk{header(0, 0x7f, 255, 255, 255, 0x7f, 255, 255, 255), data, end}, "a size of"},
		{"depth 3", []chunk{header(8, 3), data, end}, "colour type 2 of 3 bits"},
		{"colour type 1", []chunk{header(9, 1), data, end}, "colour type 1 of 8 bits"},
		{"another compression", []chunk{header(10, 1), data, end}, "compression method 1"},
		{"another filter method", []chunk{header(11, 64), data, end}, "filter method 64"},
		{"another interlacing", []chunk{header(12, 2), data, end}, "interlace method 2"},
		{"end with data", []chunk{head, data, {"IEND", []byte{0}}}, "end marker of 1 bytes"},
		{"end before the image", []chunk{head, end}, "IEND chunk is at a wrong place"},
		{"text amid the image", []chunk{head, {"IDAT", data.data[:9]}, text, {"IDAT", data.data[9:]}, end}, "too little image data"},
		{"image cut short", []chunk{head, {"IDAT", data.data[:9]}, end}, "too little image data"},
		{"a row too few", []chunk{header(7, 4), data, end}, "too little image data"},
		{"a row too many", []chunk{header(7, 2), data, end}, "too much image data"},
		{"a filter that is none", []chunk{head, {"IDAT", deflated(bytes.Repeat([]byte{5}, 30), 0)}, end}, "filter is of type 5"},
		{"not compressed", []chunk{head, {"IDAT", make([]byte, 40)}, end}, "not compressed with deflate"},
		{"a dictionary", []chunk{head, {"IDAT", []byte{0x78, 0xbb, 1, 2, 3, 4}}, end}, "needs a dictionary"},
		{"an empty dictionary", []chunk{head, {"IDAT", slices.Concat([]byte{0x78, 0xbb, 0, 0, 0, 1}, data.data[2:])}, end}, ""},
		{"a block that is none", []chunk{head, {"IDAT", []byte{0x78, 0x9c, 7, 0, 0}}, end}, "compressed data is damaged"},
		{"a wrong Adler-32", []chunk{head, {"IDAT", append(slices.Clone(data.data[:len(data.data)-1]), data.data[len(data.data)-1]^1)}, end}, "does not match its checksum"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := file(test.chunks...)
			if !huge(src) {
				if err := agree(src); err != nil {
					t.Error(err)
				}
			}
			_, _, err := rowsOf(src)
			if (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
				t.Errorf("error %v", err)
			}
			var damage *FormatError
			if errors.As(err, &damage) && damage.Truncated != strings.Contains(test.reason, "ends before") {
				t.Errorf("truncated is %t", damage.Truncated)
			}
		})
	}
}

// The checksum of every chunk counts, also of those that mean nothing here.
func TestChecksums(t *testing.T) {
	p := picture{width: 9, height: 9, color: Palette, depth: 8, transparent: true, idat: 60}
	all := chunksOf(p.encode(rand.New(rand.NewPCG(13, 13))))
	all = slices.Insert(all, 1, chunk{"tEXt", []byte("comment")})
	all = slices.Insert(all, len(all)-1, chunk{"tEXt", []byte("comment")}, chunk{"IDAT", []byte("garbage")})
	src := file(all...)
	at := 8
	for i, c := range all {
		at += len(c.bytes())
		b := slices.Clone(src)
		b[at-1] ^= 1
		if err := agree(b); err != nil {
			t.Errorf("chunk %d, %s: %v", i, c.kind, err)
		}
		var damage *FormatError
		if _, _, err := rowsOf(b); !errors.As(err, &damage) || !strings.Contains(damage.Reason, "checksum") || damage.Truncated {
			t.Errorf("chunk %d, %s: error %v", i, c.kind, err)
		}
	}
}

// A chunk that claims to be longer than 2³¹ is not skipped.
func TestChunkLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 14))
	all := chunksOf(picture{width: 3, height: 3, color: RGB, depth: 8}.encode(rng))
	long := chunk{"tEXt", []byte("comment")}.bytes()
	long[0] = 0x80
	for _, src := range [][]byte{
		slices.Concat(file(all[0]), long, file(all[1:]...)[8:]),
		slices.Concat(file(all[:2]...), long, file(all[2])[8:]),
	} {
		if err := agree(src); err != nil {
			t.Error(err)
		}
		if _, _, err := rowsOf(src); err == nil || !strings.Contains(err.Error(), "a chunk of 2147483655 bytes") {
			t.Errorf("error %v", err)
		}
	}
}

// Bytes behind the compressed data, in its chunk, are refused exactly where image/png refuses them: it depends on how far
// its buffers read ahead.
func TestGarbage(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 15))
	accepted := 0
	for _, level := range []int{1, stored} {
		for _, width := range []int{1, 30, 200} {
			for _, size := range []int{0, 50, 5000} {
				p := picture{width: width, height: 100, color: RGB, depth: 8, filter: anyFilter, level: level, idat: size}
				all := chunksOf(p.encode(rng))
				last := &all[len(all)-2]
				clean := last.data
				for _, extra := range []int{1, 2, 7, 500, 4096 - len(clean)%4096 - 1, 4096 - len(clean)%4096, 4096 - len(clean)%4096 + 1, 5000} {
					last.data = slices.Concat(clean, make([]byte, extra))
					src := file(all...)
					if err := agree(src); err != nil {
						t.Errorf("%d pixels wide, level %d, chunks of %d bytes, %d bytes more: %v", width, level, size, extra, err)
					}
					if _, _, err := rowsOf(src); err == nil {
						accepted++
					}
				}
			}
		}
	}
	if accepted == 0 {
		t.Error("nothing was accepted")
	}
}

// Indices beyond a palette's end are opaque black.
func TestShortPalette(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 16))
	for _, depth := range []int{1, 2, 4, 8} {
		for _, colors := range []int{1, 2, 3} {
			for _, interlaced := range []bool{false, true} {
				p := picture{width: 20, height: 20, color: Palette, depth: depth, colors: min(colors, 1<<depth), transparent: true, interlaced: interlaced}
				if err := agree(p.encode(rng)); err != nil {
					t.Errorf("%d colours of %d bits: %v", colors, depth, err)
				}
			}
		}
	}
}

// Messages name the format and what is missing.
func TestMessages(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&FormatError{Reason: "too little image data", Missing: 0.25}, "invalid PNG: too little image data, 25.0 % of the image missing"},
		{truncated(), "incomplete PNG: the file ends before the image does, 100.0 % of the image missing"},
		{UnsupportedError("filter method 1"), "unsupported PNG feature: filter method 1"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
