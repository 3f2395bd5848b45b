package main

import (
	"encoding/binary"
	"math"
	"slices"
)

// exifAPP1 is a JPEG's segment for an EXIF block.
func exifAPP1(tiff []byte) []byte {
	return segment(0xe1, append([]byte("Exif\x00\x00"), tiff...))
}

// orientationExif is the least EXIF: a maker and an orientation.
func (t tiff) orientationExif(orientation int) []byte {
	return t.file([]field{
		t.ascii(0x10f, "pixmill"),
		t.short(0x112, uint16(orientation)),
	})
}

// cameraExif is what a phone writes: the camera, the time, the exposure and the place, which is privacy to strip.
func (t tiff) cameraExif() []byte {
	return t.file([]field{
		t.ascii(0x10f, "pixmill"),
		t.ascii(0x110, "Test Camera 1"),
		t.short(0x112, 1),
		t.ascii(0x132, "2024:05:06 07:08:09"),
		t.ascii(0x13b, "Ann Example"),
		t.ascii(0x8298, "(c) Ann Example"),
		{tag: 0x8769, kind: 4, count: 1, sub: []field{
			t.rational(0x829a, 1, 250),
			t.rational(0x829d, 28, 10),
			t.short(0x8827, 200),
			t.ascii(0x9003, "2024:05:06 07:08:09"),
			t.short(0xa001, 0xffff), // not sRGB: see the profile
		}},
		{tag: 0x8825, kind: 4, count: 1, sub: []field{
			t.bytes(0, 2, 3, 0, 0),
			t.ascii(1, "N"),
			t.rational(2, 52, 1, 31, 1, 1234, 100),
			t.ascii(3, "E"),
			t.rational(4, 13, 1, 24, 1, 3456, 100),
			t.bytes(5, 0),
			t.rational(6, 34, 1),
		}},
	})
}

// loopingExif says orientation 6, but its Exif directory and its next directory are the first one again.
func (t tiff) loopingExif() []byte {
	fields := []field{
		t.ascii(0x10f, "pix"),
		t.short(0x112, 6),
		t.long(0x8769, 8),
	}
	out := t.file(fields)
	t.PutUint32(out[8+2+12*len(fields):], 8)
	return out
}

// PutUint32 completes AppendByteOrder, which only appends.
func (t tiff) PutUint32(at []byte, v uint32) { copy(at[:4], t.AppendUint32(nil, v)) }

// lyingExif has an orientation of 8 between a text of 4 GB and one that lies behind the end of the block.
func (t tiff) lyingExif() []byte {
	return t.file([]field{
		{tag: 0x10f, kind: 2, count: 0xffffffff, data: t.AppendUint32(nil, 64)},
		{tag: 0x110, kind: 2, count: 4096, data: t.AppendUint32(nil, 0xfffffff0)},
		t.short(0x112, 8),
	})
}

// iccAPP2 is a JPEG's segment for an ICC profile that fits into one.
func iccAPP2(profile []byte) []byte {
	return segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), profile...))
}

// displayP3 is a version 4 matrix profile with the primaries of Display P3, adapted to D50, and sRGB's curve.
func displayP3() []byte {
	be := binary.BigEndian
	numbers := func(kind string, values ...float64) []byte { // s15Fixed16Number, ICC.1:2010 4.6
		out := append([]byte(kind), 0, 0, 0, 0)
		for _, v := range values {
			out = be.AppendUint32(out, uint32(int32(math.Round(v*65536))))
		}
		return out
	}
	mluc := func(s string) []byte { // multiLocalizedUnicodeType, 10.13, with one record
		out := append([]byte("mluc\x00\x00\x00\x00"), 0, 0, 0, 1, 0, 0, 0, 12, 'e', 'n', 'U', 'S')
		out = be.AppendUint32(out, uint32(2*len(s)))
		out = be.AppendUint32(out, 28)
		for _, c := range []byte(s) {
			out = append(out, 0, c)
		}
		return out
	}
	curve := numbers("para", 0, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
	be.PutUint16(curve[8:], 3) // the function type, over the first number
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", mluc("pixmill test P3")},
		{"cprt", mluc("no copyright")},
		{"wtpt", numbers("XYZ ", 0.9642, 1, 0.8249)},
		{"chad", numbers("sf32", 1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)},
		{"rXYZ", numbers("XYZ ", 0.51512, 0.2412, -0.00105)},
		{"gXYZ", numbers("XYZ ", 0.29198, 0.69225, 0.04189)},
		{"bXYZ", numbers("XYZ ", 0.1571, 0.06657, 0.78407)},
		{"rTRC", curve},
		{"gTRC", curve},
		{"bTRC", curve},
	}
	table := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	for _, t := range tags {
		table = append(table, t.name...)
		table = be.AppendUint32(table, uint32(128+4+12*len(tags)+len(data)))
		table = be.AppendUint32(table, uint32(len(t.data)))
		data = append(data, t.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	header := make([]byte, 128) // ICC.1:2010 7.2
	be.PutUint32(header, uint32(128+len(table)+len(data)))
	copy(header[8:], "\x04\x00\x00\x00mntrRGB XYZ ")
	copy(header[24:], []byte{0x07, 0xe8, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9}) // 2024-05-06 07:08:09
	copy(header[36:], "acsp")
	copy(header[68:], numbers("", 0.9642, 1, 0.8249)[4:])
	return slices.Concat(header, table, data)
}
