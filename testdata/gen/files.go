package main

import (
	"image"
	"slices"
	"strconv"
)

// A file is one of testdata/images, as README.md lists it.
type file struct {
	name    string
	w, h    int // as the header states them, before any orientation; 0: no image
	frames  int // 0: one
	outcome outcome
	about   string
	make    func() ([]byte, error)
}

// An outcome is what pixmill is expected to do with a file under the default configuration.
type outcome string

const (
	variants    outcome = "variants"
	tooLarge    outcome = "rejected: too large"
	damaged     outcome = "rejected: damaged"
	unsupported outcome = "rejected: unsupported"
	notAnImage  outcome = "rejected: not an image"
	either      outcome = "variants or rejected: damaged"
)

// files lists every file, in the order of README.md.
func files() []file {
	return slices.Concat(jpegFiles(), metadataFiles(), pngFiles(), otherFiles(), brokenFiles(), bombFiles())
}

// done makes a file of bytes that are ready.
func done(data []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return data, nil }
}

// entry is a file of one frame whose bytes cannot fail to be made.
func entry(name string, w, h int, what outcome, about string, data []byte) file {
	return file{name: name, w: w, h: h, outcome: what, about: about, make: done(data)}
}

func jpegFiles() []file {
	medium := scene(400, 300)
	odd := scene(403, 301)
	jpeg := func(name, about string, f jpegFile) file { return entry(name, f.w, f.h, variants, about, f.bytes()) }
	with := func(f jpegFile, scans []scan, restart int) jpegFile {
		f.scans, f.restart = scans, restart
		return f
	}
	layered420 := with(colourJPEG(medium, 80, yuv420), progressive(), 7)
	return []file{
		jpeg("scene.jpg", "baseline 4:2:0: the usual photo, with gradients, edges, noise, lines and text", colourJPEG(scene(1600, 1200), 80, yuv420)),
		jpeg("portrait.jpg", "baseline 4:2:0, higher than wide, without an orientation tag", colourJPEG(scene(900, 1200), 75, yuv420)),
		jpeg("tiny-1x1.jpg", "the smallest picture: one pixel in a 16×16 MCU", colourJPEG(scene(1, 1), 90, yuv420)),
		jpeg("wide-2000x3.jpg", "the height of a small variant rounds to zero and has to stay 1", colourJPEG(scene(2000, 3), 80, yuv420)),
		jpeg("tall-3x2000.jpg", "the width of a small variant rounds to zero and has to stay 1", colourJPEG(scene(3, 2000), 80, yuv420)),
		jpeg("progressive.jpg", "ten scans: spectral selection and successive approximation of DC and AC, 4:2:0", with(colourJPEG(scene(803, 601), 80, yuv420), progressive(), 0)),
		jpeg("progressive-restart.jpg", "progressive 4:4:4 with a restart marker every seven MCUs", with(colourJPEG(medium, 80, yuv444), progressive(), 7)),
		entry("progressive-restart-420.jpg", 400, 300, either, "the same as 4:2:0: the restart interval of a scan of one component counts its blocks; libjpeg reads it, Go's image/jpeg counts MCUs and calls it damaged", layered420.bytes()),
		jpeg("grey.jpg", "one component", greyJPEG(medium, 80)),
		jpeg("cmyk.jpg", "four components, Adobe transform 0, inverted as Photoshop writes them", cmykJPEG(medium, 85)),
		jpeg("ycck.jpg", "four components, Adobe transform 2, inverted; the same picture as cmyk.jpg", ycckJPEG(medium, 85)),
		jpeg("rgb-components.jpg", "three components that are RGB, as Adobe transform 0 and the ids R, G, B say", rgbJPEG(medium, 85)),
		jpeg("restart-markers.jpg", "4:2:0 with a restart marker every five MCUs", with(colourJPEG(medium, 80, yuv420), nil, 5)),
		jpeg("subsampling-444.jpg", "4:4:4, odd size", colourJPEG(odd, 80, yuv444)),
		jpeg("subsampling-422.jpg", "4:2:2, odd size", colourJPEG(odd, 80, yuv422)),
		jpeg("subsampling-440.jpg", "4:4:0, odd size: what a 4:2:2 picture becomes when it is turned without loss", colourJPEG(odd, 80, image.Pt(1, 2))),
		jpeg("subsampling-411.jpg", "4:1:1, odd size: chrominance at a quarter of the width", colourJPEG(odd, 80, image.Pt(4, 1))),
	}
}

func metadataFiles() []file {
	var list []file
	for o := 1; o <= 8; o++ {
		t := intel
		if o%2 == 0 {
			t = motorola
		}
		m := stored(upright(480, 320, "orientation "+strconv.Itoa(o)), o)
		f := colourJPEG(m, 85, yuv420, exifAPP1(t.orientationExif(o)))
		list = append(list, entry("orientation-"+strconv.Itoa(o)+".jpg", f.w, f.h, variants,
			"EXIF orientation "+strconv.Itoa(o)+" ("+map[tiff]string{intel: "II", motorola: "MM"}[t]+"): oriented, it is 480×320 with an upright F; corners red, green / blue, yellow", f.bytes()))
	}
	camera := colourJPEG(scene(640, 480), 80, yuv420, exifAPP1(motorola.cameraExif()), iccAPP2(displayP3()))
	turned := stored(upright(480, 320, "looping EXIF"), 6)
	lying := stored(upright(480, 320, "lying EXIF"), 8)
	return append(list,
		entry("gps-icc-p3.jpg", 640, 480, variants, "EXIF with camera, author and GPS position (52°31′12.34″ N, 13°24′34.56″ E), and a Display P3 profile", camera.bytes()),
		entry("exif-loop.jpg", 320, 480, variants, "the Exif directory and the next directory are the first one again; orientation 6 counts all the same", colourJPEG(turned, 85, yuv420, exifAPP1(motorola.loopingExif())).bytes()),
		entry("exif-lying.jpg", 320, 480, variants, "EXIF texts of 4 GB and behind the end, before an orientation of 8", colourJPEG(lying, 85, yuv420, exifAPP1(intel.lyingExif())).bytes()),
	)
}

func pngFiles() []file {
	m, alpha := scene(320, 240), seeThrough(320, 240)
	deep, deepAlpha := ramp16(256, 192, false), ramp16(256, 192, true)
	png := func(name, about string, p pngFile) file { return entry(name, p.w, p.h, variants, about, p.bytes()) }
	with := func(p pngFile, before ...[]byte) pngFile {
		p.before = append(p.before, before...)
		return p
	}
	interlaced := func(p pngFile) pngFile {
		p.interlaced = true
		return p
	}
	turned := stored(upright(480, 320, "orientation 6"), 6)
	frames := bouncing()
	return []file{
		png("rgb.png", "8-bit RGB, rows filtered by Sub, Up, Average and Paeth", rgbPNG(m)),
		png("rgba.png", "8-bit RGBA: a disc with a soft and one with a hard edge; what is transparent is magenta underneath, which must not show as a fringe", rgbaPNG(alpha)),
		png("rgb16.png", "16-bit RGB: gradients finer than 8 bits", deepPNG(deep, pngRGB)),
		png("rgba16.png", "16-bit RGBA: the same, alpha rising along the diagonal", deepPNG(deepAlpha, pngRGBA)),
		png("grey.png", "8-bit grey", greyPNG(m, 8)),
		png("grey16.png", "16-bit grey", deepPNG(deep, pngGrey)),
		png("grey-alpha.png", "8-bit grey with alpha", greyAlphaPNG(alpha)),
		png("palette.png", "8-bit palette of 252 colours", palettePNG(dithered(m, cube(), -1))),
		png("palette-trns.png", "8-bit palette of 253 colours with tRNS: the last is transparent", palettePNG(dithered(alpha, clearCube(), clearIndex))),
		png("rgb-trns.png", "8-bit RGB where one colour, magenta, is transparent (tRNS of colour type 2)", with(rgbPNG(alpha), chunk("tRNS", []byte{0, 255, 0, 0, 0, 255}))),
		png("one-bit.png", "1-bit grey", greyPNG(scene(203, 151), 1)),
		png("interlaced.png", "8-bit RGB, Adam7, odd size", interlaced(rgbPNG(scene(203, 151)))),
		png("interlaced-one-bit.png", "1-bit grey, Adam7, odd size", interlaced(greyPNG(scene(203, 151), 1))),
		png("interlaced-3x1.png", "Adam7 with passes that have no pixels", interlaced(rgbPNG(scene(3, 1)))),
		png("orientation-6.png", "eXIf chunk with orientation 6: oriented, it is 480×320 with an upright F", with(rgbPNG(turned), chunk("eXIf", motorola.orientationExif(6)))),
		png("icc-p3.png", "iCCP chunk with a Display P3 profile", with(rgbPNG(m), chunk("iCCP", append([]byte("p3\x00\x00"), deflate(displayP3())...)))),
		{name: "animated.png", w: 96, h: 64, frames: len(frames), outcome: variants, about: "APNG: five frames with offsets, kept, cleared and taken back in turn; other readers see the first", make: done(animatedPNG(frames))},
	}
}
