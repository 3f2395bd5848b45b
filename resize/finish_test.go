package resize

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"pixmill/resize/finish"
)

// spotted is a grey wall with one red, detailed thing on it.
func spotted(w, h int, thing image.Rectangle) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{128, 128, 128, 255}
			if image.Pt(x, y).In(thing) {
				c = color.NRGBA{uint8(150 + 100*(x/4%2)), uint8(20 + 60*(y/4%2)), 30, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func reddest(m image.Image) (share float64) {
	b, red := m.Bounds(), 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if c := nrgba(m, x, y); int(c.R) > int(c.G)+50 {
				red++
			}
		}
	}
	return float64(red) / float64(b.Dx()*b.Dy())
}

func TestCutsWhereSomethingIs(t *testing.T) {
	m := spotted(900, 300, image.Rect(700, 100, 860, 220))
	square := Variant{Width: 150, Height: 150, Fit: Cover}
	for name, src := range map[string][]byte{"jpeg": asJPEG(t, m), "png": asPNG(t, m), "jpeg, turned": withExif(asJPEG(t, turnedToBeStored(m, 6)), exif(6, little))} {
		centre := reddest(processed(t, src, square))
		for _, position := range []string{"entropy", "attention"} {
			v := square
			v.Position = position
			got := processed(t, src, v)
			if size := got.Bounds().Size(); size != image.Pt(150, 150) {
				t.Errorf("%s, %s: %v", name, position, size)
			}
			if share := reddest(got); share < 0.15 || centre > 0.01 {
				t.Errorf("%s, %s: %.0f%% of the cut is the thing to see; of the middle it is %.0f%%", name, position, 100*share, 100*centre)
			}
		}
	}
}

func TestFocusIsKept(t *testing.T) {
	m := spotted(900, 300, image.Rect(700, 100, 860, 220))
	for _, c := range []struct {
		name  string
		focus Focus
		want  int // pixels from the left, of 450 − 150
	}{
		{"on it", Focus{0.5, 0.5}, 150}, {"at the right", Focus{1, 0}, 300}, {"at the left", Focus{0, 1}, 0}, {"between", Focus{0.3, 0.5}, 60},
	} {
		v := Variant{Width: 150, Height: 150, Fit: Cover, Position: "attention"}.withDefaults()
		if at := place(900, 300, v, &c.focus); at.view.Min != image.Pt(c.want, 0) {
			t.Errorf("%s: the view begins at %v, want %d", c.name, at.view.Min, c.want)
		}
	}
	r := Recipe{Variants: []Variant{{Width: 150, Height: 150, Fit: Cover}}, Focus: &Focus{0.86, 0.5}}
	made, err := Process(context.Background(), asPNG(t, m), r, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if share := reddest(decoded(t, made.Outputs[0].Data)); share < 0.15 {
		t.Errorf("%.0f%% of a cut around the thing is the thing", 100*share)
	}
}

func TestFinishes(t *testing.T) {
	m := scene(300, 200)
	border := &finish.Finish{Border: 5, Color: color.NRGBA{255, 0, 0, 255}}
	for name, src := range map[string][]byte{"jpeg": asJPEG(t, m), "png": asPNG(t, m)} {
		out := processed(t, src, Variant{Width: 150, Finish: border})
		if out.Bounds().Size() != image.Pt(160, 110) {
			t.Errorf("%s: with a border of 5, 150×100 becomes %v", name, out.Bounds().Size())
		}
		near(t, out, 2, 50, color.NRGBA{255, 0, 0, 255}, 12)
		plain := processed(t, src, Variant{Width: 150})
		for _, at := range []image.Point{{30, 30}, {75, 50}, {120, 80}} {
			near(t, out, at.X+5, at.Y+5, nrgba(plain, at.X, at.Y), 24)
		}
	}
	gray := processed(t, asJPEG(t, m), Variant{Width: 150, Finish: &finish.Finish{Tone: finish.Grayscale}})
	if _, ok := gray.(*image.Gray); !ok {
		t.Errorf("grayscale is written as %T", gray)
	}
	round := processed(t, asPNG(t, m), Variant{Width: 150, Finish: &finish.Finish{Corners: 30}})
	if c := nrgba(round, 0, 0); c.A != 0 {
		t.Errorf("in a rounded corner there is %v", c)
	}
	onWhite := processed(t, asPNG(t, m), Variant{Width: 150, Formats: []string{"jpeg"}, Finish: &finish.Finish{Corners: 30}})
	near(t, onWhite, 1, 1, color.NRGBA{255, 255, 255, 255}, 4)
}

// A picture that goes from planes to RGBA and back for its finish loses nothing that can be seen.
func TestFinishOfPlanes(t *testing.T) {
	src := asJPEG(t, scene(800, 600))
	plain := processed(t, src, Variant{Width: 400})
	nothing := processed(t, src, Variant{Width: 400, Finish: &finish.Finish{}})
	if db := psnr(t, plain, nothing); db < 45 {
		t.Errorf("a finish of nothing is %.1f dB from no finish", db)
	}
}

func TestAnimationsAreFinished(t *testing.T) {
	src := testImage(t, "animated.gif")
	still, moving := Variant{Width: 40, Formats: []string{"gif"}}, Variant{Name: "b", Width: 40, Formats: []string{"gif"}, Finish: &finish.Finish{Tone: finish.Sepia, Border: 2}}
	outs := process(t, src, still, moving)
	a, b := mustProbe(t, outs[0].Data), mustProbe(t, outs[1].Data)
	if a.Frames < 2 || a.Frames != b.Frames || b.Width != a.Width+4 {
		t.Errorf("finished, an animation of %d frames, %d wide, has %d, %d wide", a.Frames, a.Width, b.Frames, b.Width)
	}
}

// xmpFaces is an XMP packet that marks faces, each of a tenth of the picture, by their middles (Metadata Working Group 2.0, section 5.9).
func xmpFaces(middles ...Focus) []byte {
	text := "http://ns.adobe.com/xap/1.0/\x00" + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>`
	for _, m := range middles {
		text += fmt.Sprintf(`<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Face</mwg-rs:Type>
<mwg-rs:Area stArea:x="%g" stArea:y="%g" stArea:w="0.1" stArea:h="0.1" stArea:unit="normalized"/></rdf:li>`, m.X, m.Y)
	}
	return []byte(text + `</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`)
}

func TestAttentionGoesToFaces(t *testing.T) {
	m := spotted(900, 300, image.Rect(700, 100, 860, 220))
	bare := asJPEG(t, m)
	src := withSegment(bare, 0xe1, xmpFaces(Focus{0.1, 0.5}, Focus{0.3, 0.5}))
	v := Variant{Width: 150, Height: 150, Fit: Cover, Position: "attention"}
	if share := reddest(processed(t, bare, v)); share < 0.15 {
		t.Errorf("without faces %.0f%% of the cut is the thing to see", 100*share)
	}
	if share := reddest(processed(t, src, v)); share > 0.01 {
		t.Errorf("with faces elsewhere %.0f%% of the cut is the thing beside them", 100*share)
	}
	v.Position = "entropy"
	if share := reddest(processed(t, src, v)); share < 0.15 {
		t.Errorf("by entropy, faces or not, %.0f%% of the cut is what has detail", 100*share)
	}
	if got := faces(mustProbe(t, src)); got == nil || math.Abs(got.X-0.2) > 1e-9 || math.Abs(got.Y-0.5) > 1e-9 {
		t.Errorf("between faces at 0.1 and 0.3 is %v", got)
	}
}
