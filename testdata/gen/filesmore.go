package main

import (
	"bytes"
	"image"

	"golang.org/x/image/bmp"
)

// otherFiles are GIF, WebP, AVIF, TIFF and BMP.
func otherFiles() []file {
	m, alpha, frames := scene(320, 240), seeThrough(320, 240), bouncing()
	turned := upright(480, 320, "orientation 6")
	return []file{
		{name: "still.gif", w: 320, h: 240, outcome: variants, about: "252 colours", make: func() ([]byte, error) { return opaqueGIF(m) }},
		{name: "transparent.gif", w: 320, h: 240, outcome: variants, about: "252 colours and a transparent one", make: func() ([]byte, error) { return stillGIF(alpha) }},
		{name: "animated.gif", w: 96, h: 64, frames: len(frames), outcome: variants, about: "five frames with offsets, kept, cleared and taken back in turn", make: func() ([]byte, error) { return animatedGIF(frames) }},
		{name: "lossy.webp", w: 320, h: 240, outcome: variants, about: "VP8; its YCbCr is limited-range (16 to 235), which golang.org/x/image/webp does not say", make: func() ([]byte, error) { return encodeWebP(m, 80) }},
		{name: "lossless.webp", w: 320, h: 240, outcome: variants, about: "VP8L", make: func() ([]byte, error) { return encodeWebP(m, 0) }},
		{name: "alpha.webp", w: 320, h: 240, outcome: variants, about: "VP8 with an ALPH chunk; magenta under what is transparent", make: func() ([]byte, error) { return encodeWebP(alpha, 80) }},
		{name: "alpha-lossless.webp", w: 320, h: 240, outcome: variants, about: "VP8L with alpha; magenta under what is transparent", make: func() ([]byte, error) { return encodeWebP(alpha, 0) }},
		{name: "animated.webp", w: 96, h: 64, frames: len(frames), outcome: variants, about: "five frames with offsets, lossy and lossless, blended, left and cleared in turn; golang.org/x/image/webp reads no animation", make: func() ([]byte, error) { return animatedWebP(frames) }},
		{name: "orientation-6.webp", w: 320, h: 480, outcome: variants, about: "EXIF chunk with orientation 6: oriented, it is 480×320 with an upright F", make: func() ([]byte, error) { return orientedWebP(turned, 6) }},
		{name: "lossy.avif", w: 320, h: 240, outcome: variants, about: "AV1, 8 bits, 4:2:0", make: func() ([]byte, error) { return encodeAVIF(m, 70) }},
		{name: "alpha.avif", w: 320, h: 240, outcome: variants, about: "the same with an auxiliary picture for alpha", make: func() ([]byte, error) { return encodeAVIF(alpha, 70) }},
		{name: "hdr-pq.avif", w: 320, h: 240, outcome: unsupported, about: "its nclx box says PQ: shown as it is, it would be much too dark", make: func() ([]byte, error) { return perceptualQuantizer(encodeAVIF(m, 40)) }},
		entry("rgb.tiff", 320, 240, variants, "8-bit RGB, deflate, little-endian", intel.rgb(m, deflated)),
		entry("uncompressed.tiff", 160, 120, variants, "8-bit RGB, uncompressed, big-endian", motorola.rgb(scene(160, 120), uncompressed)),
		entry("orientation-6.tiff", 320, 480, variants, "orientation 6 in the first directory: oriented, it is 480×320 with an upright F", intel.rgb(stored(turned, 6), deflated, intel.short(0x112, 6))),
		{name: "rgb24.bmp", w: 161, h: 120, outcome: variants, about: "24 bits, rows padded to four bytes", make: func() ([]byte, error) { return encodeBMP(scene(161, 120)) }},
		{name: "palette8.bmp", w: 161, h: 120, outcome: variants, about: "8-bit palette", make: func() ([]byte, error) { return encodeBMP(dithered(scene(161, 120), cube(), -1)) }},
	}
}

func encodeBMP(m image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := bmp.Encode(&out, m)
	return out.Bytes(), err
}

func brokenFiles() []file {
	photo := colourJPEG(scene(640, 480), 80, yuv420)
	jpeg := photo.bytes()
	layered := photo
	layered.scans = progressive()
	small := scene(320, 240)
	cut := func(data []byte, err error) ([]byte, error) { return first(50, data), err }
	return []file{
		entry("png-inside.jpg", 160, 120, variants, "a PNG under a JPEG's name: the content counts", rgbPNG(scene(160, 120)).bytes()),
		entry("jpeg-inside.png", 640, 480, variants, "a JPEG under a PNG's name: the content counts", jpeg),
		entry("trailing-bytes.jpg", 640, 480, variants, "4 KB behind EOI, as phones append films: the file does not end with the end marker", append(bytes.Clone(jpeg), make([]byte, 4096)...)),
		entry("missing-eoi.jpg", 640, 480, either, "whole but for the end marker: all pixels are there", jpeg[:len(jpeg)-2]),
		entry("damaged-middle.jpg", 640, 480, either, "64 wrong bytes in the middle of the entropy-coded data, no marker touched", damagedMiddle(jpeg)),
		entry("truncated-50.jpg", 640, 480, damaged, "the first half of a baseline file", first(50, jpeg)),
		entry("truncated-progressive.jpg", 640, 480, damaged, "the first half of a progressive file: several scans are whole", first(50, layered.bytes())),
		entry("truncated.png", 320, 240, damaged, "the first half", first(50, rgbPNG(small).bytes())),
		{name: "truncated.gif", w: 320, h: 240, outcome: damaged, about: "the first half", make: func() ([]byte, error) { return cut(opaqueGIF(small)) }},
		{name: "truncated.webp", w: 320, h: 240, outcome: damaged, about: "the first half", make: func() ([]byte, error) { return cut(encodeWebP(small, 80)) }},
		{name: "truncated.avif", w: 320, h: 240, outcome: damaged, about: "the first half", make: func() ([]byte, error) { return cut(encodeAVIF(small, 70)) }},
		entry("palette-out-of-range.tiff", 63, 40, damaged, "two colours, pixels up to 251: the panic of CVE-2023-36308", intel.paletteOutOfRange(63, 40)),
		entry("zero-bytes.jpg", 0, 0, notAnImage, "empty", nil),
		entry("text-inside.jpg", 0, 0, notAnImage, "a text", []byte(note)),
		entry("svg-inside.jpg", 0, 0, notAnImage, "an SVG", []byte(svg)),
	}
}

func bombFiles() []file {
	scans := colourJPEG(scene(160, 120), 50, yuv420)
	scans.scans = thousandScans()
	return []file{
		entry("bomb-50000x50000.png", 50000, 50000, tooLarge, "limits.width, limits.height, limits.pixels: 7.5 GB of RGB", bombPNG(50000, 50000)),
		entry("bomb.jpg", 65535, 65535, tooLarge, "limits.width, limits.height, limits.pixels: the largest size a JPEG can state", bombJPEG(65535, 65535)),
		entry("bomb.gif", 65535, 65535, tooLarge, "limits.width, limits.height, limits.pixels: the largest size a GIF can state", bombGIF(65535, 65535)),
		entry("bomb.bmp", 50000, 50000, tooLarge, "limits.width, limits.height, limits.pixels", bombBMP(50000, 50000)),
		entry("bomb.tiff", 100000, 100000, tooLarge, "limits.width, limits.height, limits.pixels", bombTIFF(100000, 100000)),
		entry("bomb.webp", 16384, 16384, tooLarge, "limits.pixels alone; a whole file, which decodes to 268 megapixels of one colour", bombWebP(16384, 16384)),
		entry("many-scans.jpg", 160, 120, tooLarge, "limits.scans: 1000 lawful scans", scans.bytes()),
		{name: "many-frames.gif", w: 64, h: 64, frames: 1200, outcome: tooLarge, about: "limits.frames: 1200 frames of one pixel", make: func() ([]byte, error) { return framesGIF(1200, 64, 64) }},
		{name: "frame-area.gif", w: 4096, h: 4096, frames: 100, outcome: tooLarge, about: "frames × width × height against limits.pixels × 4: 100 frames of one pixel on 16.8 megapixels", make: func() ([]byte, error) { return framesGIF(100, 4096, 4096) }},
	}
}
