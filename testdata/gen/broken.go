package main

import "bytes"

// first keeps that many percent of a file.
func first(percent int, file []byte) []byte { return file[:len(file)*percent/100] }

// damagedMiddle flips bits in 64 bytes of the middle of a JPEG's entropy-coded data. It neither touches nor makes an
// 0xff, so that no marker comes or goes.
func damagedMiddle(file []byte) []byte {
	out := bytes.Clone(file)
	start := bytes.Index(file, []byte{0xff, 0xda})
	at := start + (len(file)-start)/2
	for i := 0; i < 64; at++ {
		flip := byte(hash(at, 0, 7)) | 1
		if out[at] != 0xff && out[at-1] != 0xff && out[at]^flip != 0xff {
			out[at] ^= flip
			i++
		}
	}
	return out
}

const svg = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><circle cx="50" cy="50" r="40" fill="#d33"/></svg>
`

const note = "Not a picture: a text that somebody gave the name of one.\n"
