package config

import (
	"image/color"
	"math"
	"path/filepath"
	"strconv"
	"strings"
)

// Tones are what a picture's colours may become.
var Tones = []string{"natural", "grayscale", "sepia"}

// Finish is what is done to a variant when it has its size.
type Finish struct {
	Blur, Sharpen   float64 // pixels; 0: none
	Tone            string
	Border, Corners int // pixels
	Watermark       Watermark
}

// Watermark is an image file or a text over every output; with neither there is none.
type Watermark struct {
	Image         string // absolute
	Text          string
	Color         color.NRGBA
	Position      string
	Opacity, Size float64 // 0 to 1; Size of the output's width
	Margin        float64 // of the output's shorter side
}

const (
	maxSigma = 100  // pixels
	maxFrame = 4096 // pixels
)

var plainFinish = Finish{Tone: "natural", Watermark: Watermark{Color: white, Position: "right bottom", Opacity: 0.6, Size: 0.2, Margin: 0.03}}

func readFinish(t *table, def Finish) Finish {
	return Finish{
		Blur:      t.number("blur", def.Blur, 0, maxSigma),
		Sharpen:   t.number("sharpen", def.Sharpen, 0, maxSigma),
		Tone:      t.word("tone", def.Tone, Tones),
		Border:    int(t.whole("border", int64(def.Border), 0, maxFrame)),
		Corners:   int(t.whole("corners", int64(def.Corners), 0, maxFrame)),
		Watermark: readWatermark(t, def.Watermark),
	}
}

// readWatermark takes a table, or false for a variant that has none although the others have.
func readWatermark(t *table, def Watermark) Watermark {
	if off, isFlag := t.m["watermark"].(bool); isFlag && !off {
		t.known = append(t.known, "watermark")
		return plainFinish.Watermark
	}
	if on, isFlag := t.m["watermark"].(bool); isFlag && on {
		t.known = append(t.known, "watermark")
		t.fail("watermark", "true says too little: write [watermark] on a line of its own with an image or a text, and false only in a [[variant]] without it")
		return def
	}
	sub := t.sub("watermark")
	if sub.m == nil {
		return def
	}
	defer sub.done()
	w := Watermark{
		Text:     sub.text("text", ""),
		Color:    sub.colour("color", def.Color),
		Position: sub.word("position", def.Position, Places),
		Opacity:  sub.share("opacity", def.Opacity),
		Size:     sub.share("size", def.Size),
		Margin:   sub.share("margin", def.Margin),
	}
	if sub.text("image", "") != "" {
		base, err := filepath.Abs(filepath.Dir(t.doc.file))
		if err != nil {
			sub.fail("image", "%s", err)
		}
		w.Image = sub.folder("image", "", base)
	}
	switch {
	case (w.Image == "") == (w.Text == ""):
		t.fail("watermark", "has either an image or a text: write image = \"logo.png\" or text = \"© Jane Doe\"")
	case w.Size < 0.001:
		sub.fail("size", "is too small to be seen: write at least \"0.1%%\" of the output's width")
	case w.Margin > 0.5:
		sub.fail("margin", "is more than half of the output: write at most \"50%%\"")
	}
	return w
}

// number is one with a decimal point or without.
func (t *table) number(key string, def, least, most float64) float64 {
	v, ok := t.get(key)
	if !ok {
		return def
	}
	n, isFloat := v.(float64)
	if whole, isWhole := v.(int64); isWhole {
		n, isFloat = float64(whole), true
	}
	switch {
	case !isFloat || math.IsNaN(n):
		t.fail(key, "%s is not a number: write %s = %g, without quotes", show(v), key, def)
	case n < least || n > most:
		t.fail(key, "%g is out of range: write a number from %g to %g", n, least, most)
	default:
		return n
	}
	return def
}

// share is a part of a whole, written "20%", or as a number from 0 to 1.
func (t *table) share(key string, def float64) float64 {
	v, ok := t.m[key]
	s, isText := v.(string)
	if n, isWhole := v.(int64); isWhole && n > 1 {
		s, isText = strconv.FormatInt(n, 10), true
	}
	if !ok || !isText {
		return t.number(key, def, 0, 1)
	}
	t.known = append(t.known, key)
	digits, isPercent := strings.CutSuffix(strings.TrimSpace(s), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !isPercent || err != nil || !(n >= 0 && n <= 100) {
		t.fail(key, "%s is not a share: write a percentage in quotes, as in %s = \"20%%\"", show(v), key)
		return def
	}
	return n / 100
}
