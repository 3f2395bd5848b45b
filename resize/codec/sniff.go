package codec

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// foreign are the formats that are told apart from things that are no images, and not read.
var foreign = []struct {
	name, title string
	sniff       func(head []byte) bool
}{
	{"cr3", "Canon raw (CR3)", brands("crx ")},
	{"jxl", "JPEG XL", prefixes("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n")},
	{"jp2", "JPEG 2000", prefixes("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")},
	{"bigtiff", "BigTIFF", prefixes("II+\x00\x08\x00", "MM\x00+\x00\x08")},
	{"psd", "Photoshop's PSD", prefixes("8BPS\x00\x01", "8BPS\x00\x02")},
	{"raf", "Fujifilm raw (RAF)", prefixes("FUJIFILMCCD-RAW ")},
	{"orf", "Olympus raw (ORF)", prefixes("IIRO", "IIRS", "MMOR")},
	{"rw2", "Panasonic raw (RW2)", prefixes("IIU\x00")},
	{"exr", "OpenEXR", prefixes("v/1\x01")},
	{"qoi", "QOI", prefixes("qoif")},
}

// Foreign is the error for an image whose format Sniff names and Find does not know.
func Foreign(name string) error {
	for _, f := range foreign {
		if f.name == name {
			return &UnsupportedError{Format: name, Feature: f.title, Remedy: "convert it to JPEG"}
		}
	}
	return &FormatError{Reason: "its first bytes are none of an image's"}
}

func prefixes(all ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(all, func(p string) bool { return bytes.HasPrefix(head, []byte(p)) })
	}
}

// brands looks at the major brand of an ISO base media file (ISO/IEC 14496-12, section 4.3).
func brands(all ...string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[4:8]) == "ftyp" && slices.Contains(all, string(head[8:12]))
	}
}

// compatible looks at the brands behind the major one, as far as head has them.
func compatible(head []byte, brand string) bool {
	if len(head) < 16 {
		return false
	}
	end := min(int64(binary.BigEndian.Uint32(head)), int64(len(head)))
	for at := int64(16); at+4 <= end; at += 4 {
		if string(head[at:at+4]) == brand {
			return true
		}
	}
	return false
}
